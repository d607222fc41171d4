"""The list as a workbook, to decide in and to send back."""
