"""The simple rules in use today: the bar that a model has to beat at the same length of list.

A rule sees the counts kept for rules (``in_model`` False) as well, so that its thresholds are integers. A pupil for
whom a rule's values are not known ranks lowest, and ``not_known`` counts them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: The score of a pupil for whom the rule's values are not known: below every known score, which are 0 or more.
NOT_KNOWN = -1.0


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what it does in words, the columns it reads, and its raw score (NaN where not known)."""

    name: str
    words: str
    columns: tuple[str, ...]
    raw: Callable[[pd.DataFrame], Array]

    def score(self, X: pd.DataFrame) -> Array:
        """``y_score`` of each row, higher first; -1 where the rule's values are not known."""
        raw = self.raw(X)
        return np.where(np.isnan(raw), NOT_KNOWN, raw)

    def not_known(self, X: pd.DataFrame) -> int:
        """How many rows rank lowest only since the rule's values are not known."""
        return int(np.isnan(self.raw(X)).sum())


def _column(X: pd.DataFrame, name: str) -> Array:
    return X[name].to_numpy(dtype=np.float64)


def _share(counted: Array, possible: Array) -> Array:
    known = possible > 0
    return np.where(known, counted / np.where(known, possible, 1.0), np.nan)


def _unauthorised_rate(X: pd.DataFrame) -> Array:
    return _share(_column(X, "sessions_unauthorised"), _column(X, "sessions_possible"))


def _persistent(X: pd.DataFrame) -> Array:
    # Sessions are whole numbers, so the threshold is exact: a float rate of 0.1 would not be.
    absent, possible = _column(X, "sessions_absent"), _column(X, "sessions_possible")
    known = (possible > 0) & ~np.isnan(absent)
    return np.where(known, (absent * 10 >= possible).astype(float), np.nan)


def _persistent_by_days(X: pd.DataFrame) -> Array:
    absent = _column(X, "sessions_absent")
    return np.where(_persistent(X) == 1.0, absent, np.where(np.isnan(_persistent(X)), np.nan, 0.0))


_FACTOR_COLUMNS = (
    ("suspensions_this_year", "suspensions_earlier_years"),
    ("cin_current", "cin_previous", "cp_plan_current", "cp_plan_previous"),
    ("ap_school_current", "school_arranged_ap_current", "la_funded_ap_current", "ap_previous"),
    ("fsm_now",),
)


def _any_above_zero(X: pd.DataFrame, names: tuple[str, ...]) -> tuple[Array, Array]:
    values = X[list(names)].to_numpy(dtype=np.float64)
    return np.any(values > 0, axis=1), np.all(np.isnan(values), axis=1)


def _four_factors(X: pd.DataFrame) -> Array:
    # Count first; among equal counts the DfE study's order decides, as a fraction that never adds up to one.
    score, nothing_known = np.zeros(len(X)), np.ones(len(X), dtype=bool)
    for place, names in enumerate(_FACTOR_COLUMNS):
        present, unknown = _any_above_zero(X, names)
        score += present * (1.0 + 2.0 ** -(place + 1))
        nothing_known &= unknown
    # 1/2 + 1/4 + 1/8 + 1/16 is below one, so a higher count always outranks a better order.
    return np.where(nothing_known, np.nan, score)


def _school_rate(X: pd.DataFrame) -> Array:
    return _column(X, "school_unauthorised_rate")


def _by_lot(X: pd.DataFrame) -> Array:
    # Everybody shares one score, and places among equals are counted in expectation: exactly a draw by lot.
    return np.zeros(len(X))


#: Points of the items that are yes or no: any of the columns above nought. RONI tools give 1 or 2 points an item.
_RONI_ITEMS = (
    (1.0, ("suspensions_this_year", "suspensions_earlier_years")),
    (2.0, ("permanent_exclusions",)),
    (1.0, ("ap_school_current", "school_arranged_ap_current", "la_funded_ap_current", "ap_previous")),
    (2.0, ("looked_after_current",)),
    (1.0, ("cin_current", "cp_plan_current")),
)


def _attendance_points(X: pd.DataFrame) -> Array:
    """2 for attendance below 80%, 1 below 90%, else 0; NaN where not known. Whole sessions decide."""
    absent, possible = _column(X, "sessions_absent"), _column(X, "sessions_possible")
    known = (possible > 0) & ~np.isnan(absent)
    points = (absent * 10 > possible).astype(float) + (absent * 5 > possible)
    return np.where(known, points, np.nan)


def _roni_points(X: pd.DataFrame) -> Array:
    points = _attendance_points(X)
    nothing_known, score = np.isnan(points), np.nan_to_num(points)
    for worth, names in _RONI_ITEMS:
        present, unknown = _any_above_zero(X, names)
        score += worth * present
        nothing_known &= unknown
    return np.where(nothing_known, np.nan, score)


RULES: tuple[Rule, ...] = (
    Rule(
        "last_year_unauthorised",
        "share of sessions missed without authorisation in the feature year",
        ("sessions_unauthorised", "sessions_possible"),
        _unauthorised_rate,
    ),
    Rule(
        "persistent_last_year",
        "persistently absent in the feature year (a tenth or more of sessions, any reason), yes or no; "
        "places among equals are counted in expectation",
        ("sessions_absent", "sessions_possible"),
        _persistent,
    ),
    Rule(
        "persistent_by_days",
        "persistently absent in the feature year, most days missed first",
        ("sessions_absent", "sessions_possible"),
        _persistent_by_days,
    ),
    Rule(
        "four_factors",
        "how many of suspension, social care, alternative provision and free school meals apply, "
        "in the DfE study's order among equals",
        tuple(name for names in _FACTOR_COLUMNS for name in names),
        _four_factors,
    ),
    Rule(
        "school_rate",
        "unauthorised absence of the school's other pupils in the feature year, nothing about the pupil",
        ("school_unauthorised_rate",),
        _school_rate,
    ),
    Rule(
        "roni_points",
        "points in the manner of a Risk of NEET Indicator: attendance below 90% (1) or 80% (2), a suspension (1), a "
        "permanent exclusion (2), alternative provision now or before (1), looked after (2), child in need or on a "
        "protection plan (1); its items without an input here (special educational needs, language, pregnancy, young "
        "carers, custody, youth justice) are left out",
        ("sessions_absent", "sessions_possible", *(name for _, names in _RONI_ITEMS for name in names)),
        _roni_points,
    ),
    Rule(
        "random",
        "places drawn by lot, nothing about the pupil; counted in expectation, so no single draw decides",
        (),
        _by_lot,
    ),
)
