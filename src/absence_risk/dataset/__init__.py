"""The one place where features meet outcomes: rows of X and y, with an account of every pupil who is not among them.

Features are built once (``gather_years``), and meet outcomes as often as needed: a backtest asks, for each test year,
for the outcomes as they were known on that year's as-of date (``PupilYears.with_outcomes``).
"""

from .build import build_dataset, gather_years
from .rows import Dataset, PupilYears
from .years import YearsFound, usable_years

__all__ = ["Dataset", "PupilYears", "YearsFound", "build_dataset", "gather_years", "usable_years"]
