"""Trees turned into tables, so that every pupil's exact contributions cost a few hundred look-ups. See ``tables``."""
