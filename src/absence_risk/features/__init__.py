"""Facts known on the as-of date, one function per kind of table; never sees next year."""
