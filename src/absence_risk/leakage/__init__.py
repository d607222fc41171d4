"""Leakage: has anything that could be known only later taught the model? Poison, plants and detectors."""
