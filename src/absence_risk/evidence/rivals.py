"""Models and rules on the same pupils of one test year, and what is known of those pupils beside their outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.rules import RULES

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

YES, NO, NOT_RECORDED = "yes", "no", "not recorded"

_SERVICES = ("cin_current", "cp_plan_current", "looked_after_current")


@dataclass(frozen=True)
class Rival:
    """One model or rule: its short name, what it is in words, and each pupil's score (a model's is a risk, 0-1)."""

    name: str
    words: str
    kind: str
    score: Array
    candidate: bool = False

    @property
    def is_probability(self) -> bool:
        """Whether the score is a probability; a rule's is only an order."""
        return self.kind == "model"

    def labels(self, year: str) -> dict[str, Any]:
        """The columns that name it in every table."""
        return {
            "year": year,
            "rival": self.name,
            "words": self.words,
            "kind": self.kind,
            "candidate": self.candidate,
        }


@dataclass(frozen=True)
class Contest:
    """One test year: the rivals (candidate first) and the pupils they are judged on, all arrays in the same order.

    Attributes
    ----------
    year : str
        Feature year, as 2024/25.
    y : array of int
        Whether the outcome was met in the year after.
    school : array of str
        School on the autumn census; whole schools are drawn again for intervals.
    persistent : array of float
        1 persistently absent in the feature year (a tenth or more of sessions, any reason), 0 not, NaN not known.
    in_service : array of bool
        Open to social care on the as-of date, or not known.
    groups : mapping of str to array of str
        Groups for audit; nothing of them is a feature.
    views : mapping of str to array of str
        Onset and continuing cases, pupils and schools seen in training or not.
    descriptions : mapping of str to array of str
        What missed pupils are described by.
    """

    year: str
    y: Array
    school: Array
    rivals: tuple[Rival, ...]
    persistent: Array
    in_service: Array
    groups: Mapping[str, Array]
    views: Mapping[str, Array]
    descriptions: Mapping[str, Array]

    @property
    def candidate(self) -> Rival:
        return self.rivals[0]


def rules_on(X: pd.DataFrame) -> tuple[Rival, ...]:
    """The simple rules in use today, each with its score of every row."""
    return tuple(Rival(rule.name, rule.words, "rule", rule.score(X)) for rule in RULES)


def persistent_in_feature_year(X: pd.DataFrame) -> Array:
    """1, 0 or NaN: persistently absent in the feature year, as the simple rule reads it."""
    rule = next(rule for rule in RULES if rule.name == "persistent_last_year")
    return rule.raw(X)


def in_service(X: pd.DataFrame) -> Array:
    """Whether a pupil is open to social care; a pupil of whom that is not known counts as open, so never as new."""
    values = X[list(_SERVICES)].to_numpy(dtype=np.float64)
    return np.any(values > 0, axis=1) | np.all(np.isnan(values), axis=1)


def in_words(known: Array) -> Array:
    """``yes``, ``no`` or ``not recorded`` for 1, 0 and NaN."""
    return np.where(np.isnan(known), NOT_RECORDED, np.where(known > 0, YES, NO)).astype(object)


def views_of(
    X: pd.DataFrame, pupil_id: Array, school_id: Array, *, pupils_trained: Array, schools_trained: Array
) -> dict[str, Array]:
    """How each row stands to the past: onset or continuing, its pupil and its school seen in training or not."""
    return {
        "persistently absent in the feature year": in_words(persistent_in_feature_year(X)),
        "pupil seen in training": _among(pupil_id, pupils_trained),
        "school seen in training": _among(school_id, schools_trained),
    }


def _among(found: Array, trained: Array) -> Array:
    # A set, since numpy compares text with text one pair at a time.
    seen = set(trained)
    return np.array([YES if one in seen else NO for one in found], dtype=object)


def descriptions_of(X: pd.DataFrame, audit: pd.DataFrame) -> dict[str, Array]:
    """What missed pupils are described by; unknown is a level of its own."""
    counted = X["suspensions_this_year"].to_numpy(dtype=np.float64)
    levels = np.select([counted >= 2, counted == 1, counted == 0], ["2 or more", "1", "none"], NOT_RECORDED)
    return {
        "persistently absent in the feature year": in_words(persistent_in_feature_year(X)),
        "missed a tenth without authorisation in the feature year": in_words(_unauthorised_tenth(X)),
        "suspensions in the feature year": levels.astype(object),
        "social care": audit["social_care"].to_numpy(dtype=object),
        "free school meals": audit["free_school_meals"].to_numpy(dtype=object),
        "year group": audit["year_group"].to_numpy(dtype=object),
        "school type": audit["school_type"].to_numpy(dtype=object),
    }


def _unauthorised_tenth(X: pd.DataFrame) -> Array:
    # Sessions are whole numbers, so the threshold is exact.
    counted = X["sessions_unauthorised"].to_numpy(dtype=np.float64)
    possible = X["sessions_possible"].to_numpy(dtype=np.float64)
    known = (possible > 0) & ~np.isnan(counted)
    return np.where(known, (counted * 10 >= possible).astype(float), np.nan)
