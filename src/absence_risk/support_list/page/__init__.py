"""The list as one self-contained page."""
