"""What was done with a list and what happened next, in counts and words; nothing here claims that help did anything."""
