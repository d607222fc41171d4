"""The support-offer list: who is on it, what their cards say, and the files that a team works with."""
