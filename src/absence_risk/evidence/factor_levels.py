"""The factors of the DfE study as levels: what each pupil-year has on record, with "not recorded" a level of its own.

The study of unauthorised persistent absence (DfE, 18 May 2023) names, in this order: number of suspensions, social care
(child in need and child protection, now or before), alternative provision, free school meals. Looked after is added
here and stands apart: social care is not one ladder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..features.catalogue import FOUR_FACTORS, Family

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

NOT_RECORDED = "not recorded"

_SUSPENSIONS, _SOCIAL_CARE, _ALTERNATIVE, _MEALS = FOUR_FACTORS
_AP_COLUMNS = ("ap_school_current", "school_arranged_ap_current", "la_funded_ap_current", "ap_previous")


@dataclass(frozen=True)
class Factor:
    """One factor in words: its family, its levels in order with the reference first, and how it is read.

    ``read`` gives the level of each row as its place in ``levels``; -1 where not recorded.
    """

    family: Family
    words: str
    levels: tuple[str, ...]
    read: Callable[[pd.DataFrame], Array]

    def codes(self, X: pd.DataFrame) -> Array:
        """The level of each row, shape (n,): a place in ``levels``, or -1 where not recorded."""
        return self.read(X)

    @property
    def reference(self) -> str:
        return self.levels[0]


def _column(X: pd.DataFrame, name: str) -> Array:
    return X[name].to_numpy(dtype=np.float64)


def _suspensions(X: pd.DataFrame) -> Array:
    counted = _column(X, "suspensions_this_year")
    return np.where(np.isnan(counted), -1, np.minimum(np.nan_to_num(counted), 2)).astype(np.int64)


def _now_or_before(kind: str) -> Callable[[pd.DataFrame], Array]:
    def read(X: pd.DataFrame) -> Array:
        now, before = _column(X, f"{kind}_current"), _column(X, f"{kind}_previous")
        unknown = np.isnan(now) | np.isnan(before)
        return np.select([now > 0, unknown, before > 0], [2, -1, 1], 0)

    return read


def _any_of(names: tuple[str, ...]) -> Callable[[pd.DataFrame], Array]:
    def read(X: pd.DataFrame) -> Array:
        values = X[list(names)].to_numpy(dtype=np.float64)
        # A return that the authority never held says nothing of anybody; one held in some years only is unknown in
        # the others.
        held = values[:, ~np.isnan(values).all(axis=0)]
        if not held.shape[1]:
            return np.full(len(X), -1)
        return np.select([(held > 0).any(axis=1), np.isnan(held).any(axis=1)], [1, -1], 0)

    return read


FACTORS: tuple[Factor, ...] = (
    Factor(_SUSPENSIONS, "suspensions in the feature year", ("none", "1", "2 or more"), _suspensions),
    Factor(_SOCIAL_CARE, "child in need", ("never", "before", "now"), _now_or_before("cin")),
    Factor(_SOCIAL_CARE, "child protection plan", ("never", "before", "now"), _now_or_before("cp_plan")),
    Factor(
        _SOCIAL_CARE,
        "looked after",
        ("never", "now or before"),
        _any_of(("looked_after_current", "looked_after_previous")),
    ),
    Factor(_ALTERNATIVE, "alternative provision", ("never", "now or before"), _any_of(_AP_COLUMNS)),
    Factor(
        _MEALS, "free school meals on the as-of date", ("not eligible", "eligible"), _any_of(("fsm_now",))
    ),
)


def any_of_family(X: pd.DataFrame, family: Family) -> Array:
    """Whether any factor of a family is on record: 1, 0, or -1 where one is not recorded and no other is present."""
    codes = np.column_stack([factor.codes(X) for factor in FACTORS if factor.family is family])
    return np.select([(codes > 0).any(axis=1), (codes < 0).any(axis=1)], [1, -1], 0)
