"""The plain page that a family may ask for."""
