"""Pure measures on arrays: this room knows no pupil, no model and no file."""
