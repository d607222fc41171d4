"""What stands on a card: what the records hold of each listed pupil, and how it is said."""
