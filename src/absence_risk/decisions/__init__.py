"""What people decided about the pupils of a list: declared once, read back, kept and never changed."""
