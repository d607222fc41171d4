"""The simple rules in use today, the two models, their calibration, and the saved bundle."""
