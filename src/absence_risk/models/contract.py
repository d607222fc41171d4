"""What a model may be given: names, order, type, units, and what must hold between the features of a pupil.

LightGBM takes swapped columns, percentages for shares and a column gone missing without a word, and scores on. So
this is checked before every prediction. What is possible but unlike the training years is found by ``drift``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, all_at_once
from ..features.between import broken_laws
from ..features.catalogue import Feature

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class UnitLimit:
    """The values a unit allows: between ``low`` and ``high``, whole numbers only if ``whole``."""

    low: float
    high: float
    whole: bool
    words: str


UNIT_LIMITS: dict[str, UnitLimit] = {
    "0 or 1": UnitLimit(0, 1, True, "0 or 1"),
    "count": UnitLimit(0, 1_000, True, "a count, 0 to 1,000"),
    "sessions": UnitLimit(0, 2_000, True, "sessions (half-days), 0 to 2,000"),
    "days": UnitLimit(0, 8_000, True, "days, 0 to 8,000"),
    "share 0-1": UnitLimit(0, 1, False, "a share between 0 and 1, not a percentage"),
    "difference": UnitLimit(-1, 1, False, "a difference of two shares, -1 to 1, not percentage points"),
    "year": UnitLimit(0, 14, True, "a year group, 0 to 14"),
}


@dataclass(frozen=True)
class FeatureRange:
    """Where one feature lay in training: its 1st and 99th percentile, and the share not known.

    Percentiles, since a lowest or highest value is one child's. Both 0 if no value was known.
    """

    name: str
    low: float
    high: float
    missing: float


def learn_ranges(X: pd.DataFrame, features: tuple[Feature, ...]) -> tuple[FeatureRange, ...]:
    """The training range of each feature, in order."""
    found = []
    for feature in features:
        values = X[feature.name].to_numpy(dtype=np.float64)
        known = values[~np.isnan(values)]
        ends = np.quantile(known, (0.01, 0.99), method="nearest") if known.size else (0.0, 0.0)
        found.append(FeatureRange(feature.name, *_rounded(ends), round(float(np.isnan(values).mean()), 3)))
    return tuple(found)


def _rounded(ends: Iterable[float]) -> tuple[float, float]:
    # A percentile is one child's value, and a share to the last digit tells the sessions it was made of.
    low, high = (round(float(end), 3) for end in ends)
    return low, high


_NOT_OURS = "the features do not match the model; build them with this package:"


def check_matrix(X: pd.DataFrame, features: tuple[Feature, ...]) -> Array:
    """The values of ``X`` as an array (n, p), once everything about them is as the features declare.

    Raises
    ------
    InputError
        With every fault at once: columns absent, unknown or in another order; a type other than float64; values
        outside the unit's limits (a percentage for a share) or infinite, with the number of rows.
    """
    faults = _name_faults(list(X.columns), [f.name for f in features])
    if not faults:
        faults = [
            f"{f.name}: expected float64, found {X[f.name].dtype}"
            for f in features
            if X[f.name].dtype != np.float64
        ]
    if not faults:
        values = X.to_numpy(dtype=np.float64)
        faults = _unit_faults(values.T, features)
    if faults:
        raise InputError(all_at_once(_NOT_OURS, faults))
    return values


def check_columns(columns: Array, features: tuple[Feature, ...]) -> None:
    """The same of values that are at hand as an array, one feature per row of it: shape (p, n).

    Raises
    ------
    InputError
        With every value fault at once, as :func:`check_matrix`.
    """
    faults = _unit_faults(columns, features)
    if faults:
        raise InputError(all_at_once(_NOT_OURS, faults))


def check_between(columns: Mapping[str, Array] | pd.DataFrame, rows: int) -> None:
    """Refuse rows whose features contradict each other: they were not built as the model's were.

    Parameters
    ----------
    columns : mapping of str to array of float64, shape (n,)
        Features by name, NaN where not known; a frame of facts will do.
    rows : int
        How many.

    Raises
    ------
    InputError
        With every law of ``features.between`` that some row breaks, and the number of rows.
    """
    faults = [
        f"expected that {law.words} ({', '.join(law.columns)}); {broken:,} of {rows:,} rows say otherwise: "
        "columns may have changed places"
        for law, broken in broken_laws(columns)
    ]
    if faults:
        raise InputError(all_at_once(_NOT_OURS, faults))


def _unit_faults(columns: Array, features: tuple[Feature, ...]) -> list[str]:
    return [words for place, f in enumerate(features) if (words := _unit_fault(columns[place], f))]


def _name_faults(found: list[Any], expected: list[str]) -> list[str]:
    if found == expected:
        return []
    absent = [name for name in expected if name not in found]
    # A column that is not the model's may be called anything, a pupil's number included, so it is only counted.
    surplus = len([name for name in found if name not in expected])
    faults = [f"{name}: the model needs this column and it is absent" for name in absent]
    if surplus:
        faults.append(f"{surplus} columns are not features of this model; leave them out")
    if len(found) != len(set(map(str, found))):
        faults.append("a column occurs twice")
    return faults or ["the columns stand in another order than the model's"]


def _unit_fault(values: Array, feature: Feature) -> str | None:
    limit = UNIT_LIMITS[feature.unit]
    known = values[~np.isnan(values)]
    wrong = (known < limit.low) | (known > limit.high)
    if limit.whole:
        with np.errstate(invalid="ignore"):
            wrong |= known != np.floor(known)
    count = int(wrong.sum())
    return (
        f"{feature.name}: expected {limit.words}; {count:,} of {len(values):,} rows are not"
        if count
        else None
    )
