"""The canonical tables as declarations: every room that reads or writes a table reads it here first."""
