"""What must hold between the features of one pupil, whatever the pupil: so two columns that changed places are seen.

Each law follows from how the features are built (``attendance``, ``events``, ``spells``, ``school_meals``,
``school_history``), so a row that breaks one was not built by them. A model takes such rows without a word: swapped
columns keep their names, their type and their unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Array]

#: Sums of the same shares in another order may differ in their last bits.
_NEAR = 1e-9


@dataclass(frozen=True)
class Law:
    """One law: the columns it needs, what it says, and which rows break it; what is not known breaks nothing."""

    columns: tuple[str, ...]
    words: str
    broken: Callable[[Columns], Array]


def _implies(one: str, other: str, words: str) -> Law:
    """Where the first is above 0, the second is too."""
    return Law((one, other), words, lambda c: (c[one] > 0) & (c[other] <= 0))


def _at_most(one: str, other: str, words: str) -> Law:
    return Law((one, other), words, lambda c: c[one] > c[other] + _NEAR)


def _only_where(since: str, ended: str) -> Law:
    """A time since an end is known exactly where something has ended."""
    words = f"{since} is known exactly where {ended} is 1"
    return Law((since, ended), words, lambda c: np.where(np.isnan(c[since]), c[ended] > 0, c[ended] <= 0))


def _trend(c: Columns) -> Array:
    expected = c["unauthorised_rate_summer"] - c["unauthorised_rate_autumn"]
    return np.abs(c["unauthorised_trend"] - expected) > _NEAR


_TERMS = tuple(f"unauthorised_rate_{term}" for term in ("autumn", "spring", "summer"))


def _year_between_terms(c: Columns) -> Array:
    terms = np.array([c[name] for name in _TERMS])
    known = ~np.isnan(terms).any(axis=0)
    year = c["unauthorised_rate"]
    return known & ((year > terms.max(axis=0) + _NEAR) | (year < terms.min(axis=0) - _NEAR))


LAWS: tuple[Law, ...] = (
    _implies(
        "suspension_sessions_this_year",
        "suspensions_this_year",
        "sessions are lost to suspension only where there is a suspension",
    ),
    *(
        law
        for kind in ("cin", "cp_plan", "looked_after")
        for law in (
            _implies(f"{kind}_current", f"{kind}_spells", f"{kind}_current is 1 only where there is a spell"),
            _implies(f"{kind}_previous", f"{kind}_spells", f"{kind}_previous is 1 only where there is a spell"),
            _only_where(f"{kind}_days_since_end", f"{kind}_previous"),
        )
    ),
    _only_where("ap_days_since_end", "ap_previous"),
    _implies("fsm_now", "fsm_ever_six", "who is eligible now was eligible in the last six years"),
    _implies("fsm_share_of_time", "fsm_ever_six", "a share of time is above 0 only where there was any"),
    _at_most(
        "school_moves_this_year", "school_moves_three_years", "moves of the year are among those of three years"
    ),
    Law(
        ("unauthorised_trend", "unauthorised_rate_summer", "unauthorised_rate_autumn"),
        "unauthorised_trend is the summer's rate less the autumn's",
        _trend,
    ),
    Law(
        ("unauthorised_rate", *_TERMS),
        "the year's unauthorised rate lies between those of its terms",
        _year_between_terms,
    ),
)  # fmt: skip


def broken_laws(columns: Columns | pd.DataFrame) -> list[tuple[Law, int]]:
    """Each law whose columns are all there and that some row breaks, with the number of rows that do.

    Parameters
    ----------
    columns : mapping of str to array of float64, shape (n,)
        A frame will do. Features by name, NaN where not known; those that no law speaks of may be absent.
    """
    found = []
    with np.errstate(invalid="ignore"):
        for law in LAWS:
            if all(name in columns for name in law.columns):
                own = {name: np.asarray(columns[name], dtype=np.float64) for name in law.columns}
                rows = int(np.count_nonzero(law.broken(own)))
                found += [(law, rows)] if rows else []
    return found
