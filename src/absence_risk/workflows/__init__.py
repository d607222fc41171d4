"""Each workflow reads as a recipe: one call per step, one line of progress per step."""
