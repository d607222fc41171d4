"""Spark, for those who have outgrown one computer: the same cohort, features and estimates on Spark frames."""
