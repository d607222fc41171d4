"""Vocabulary of English school attendance: values and rules only; no files, no frames, no settings."""
