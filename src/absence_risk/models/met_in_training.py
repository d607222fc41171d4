"""What a model met in the years it was made from, column by column and year by year: enough to see that a cohort is
not like those, and nothing of a single child.

Percentiles are rounded, the outermost leave a twentieth of the pupils beyond them, and every share and number comes
from counts rounded to the nearest ten pupils.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.academic_year import AcademicYear
from ..features.catalogue import CATALOGUE, FEATURES, Feature
from ..features.data_flags import SOURCE_WORDS, Source
from ..tables.canonical import CENSUS_TERMS

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Numbers of pupils are kept to the nearest so many.
ROUNDED_TO = 10

#: Where the known values of a column are cut, beside at 0; a year group is cut at every year.
CUT_AT = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Sessions possible are nearly the same for everybody and move by some days with the calendar, which means nothing. A
#: term that is absent, or counted twice, moves them by a quarter.
_OF_CALENDAR = ("sessions_possible", "sessions_possible_previous_year")
_PARTS_OF_CALENDAR = (0.75, 1.25)


@dataclass(frozen=True)
class ColumnMet:
    """How one column of the catalogue lay.

    Attributes
    ----------
    name : str
    missing : float
        Share of pupils of whom it is not known.
    cuts, at_most : tuple of float
        Some values, and the share of pupils at or below each, of those of whom it is known.
    spread : tuple of float
        Design effect of ``missing`` and of each of ``at_most``: the variance of the share among pupils who are
        clustered in schools, over that among as many pupils drawn one by one; at least 1 (Kish, Survey Sampling, 1965).
    """

    name: str
    missing: float
    cuts: tuple[float, ...]
    at_most: tuple[float, ...]
    spread: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what was not learnt from rows (ValueError): a bundle is read from a file."""
        shares, numbers = (self.missing, *self.at_most), (*self.cuts, *self.spread)
        if self.name not in CATALOGUE or not len(self.cuts) == len(self.at_most) == len(self.spread) - 1:
            raise ValueError("the parts of a column")
        if not all(0 <= share <= 1 for share in shares) or not all(map(math.isfinite, numbers)):
            raise ValueError("the shares of a column")
        if list(self.cuts) != sorted(set(self.cuts)) or list(self.at_most) != sorted(self.at_most):
            raise ValueError("the order of a column")
        if not all(effect >= 1 for effect in self.spread):
            raise ValueError("the spread of a column")


@dataclass(frozen=True)
class YearMet:
    """One feature year: pupils seen and eligible, schools, and the returns known on its as-of date.

    ``returns`` holds by name (``school_census summer``) the ``age`` in days on the as-of date and the ``records``.
    """

    year: str
    seen: int
    eligible: int
    schools: int
    returns: Mapping[str, Mapping[str, int]]

    def __post_init__(self) -> None:
        """Refuse what is no year (ValueError): a bundle is read from a file."""
        AcademicYear.parse(self.year)
        numbers = [self.seen, self.eligible, self.schools]
        for name, found in self.returns.items():
            kind, _, term = name.partition(" ")
            if kind not in SOURCE_WORDS or term not in (*CENSUS_TERMS, "year"):
                raise ValueError("a return")
            numbers += [found["age"], found["records"]]
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("the numbers of a year")


@dataclass(frozen=True)
class Training:
    """What was met: ``rows`` pupil-years of the ``years``, in these ``columns``; empty if nothing was recorded."""

    rows: int = 0
    columns: tuple[ColumnMet, ...] = ()
    years: tuple[YearMet, ...] = ()

    @property
    def latest(self) -> YearMet | None:
        """The latest year, which a cohort is compared with in size."""
        return max(self.years, key=lambda met: met.year, default=None)

    @property
    def comparisons(self) -> int:
        """How many shares of columns are compared."""
        return sum(1 + len(met.cuts) for met in self.columns)

    @property
    def usual_spread(self) -> float:
        """The median design effect of all shares: that of one alone is known badly where there are few schools."""
        return median([effect for met in self.columns for effect in met.spread] or [1.0])

    @classmethod
    def of_plain(cls, said: Mapping[str, Any]) -> Training:
        """What ``dataclasses.asdict`` made of one, as a bundle keeps it."""
        columns = [
            ColumnMet(
                str(one["name"]),
                float(one["missing"]),
                *(tuple(map(float, one[part])) for part in ("cuts", "at_most", "spread")),
            )
            for one in said["columns"]
        ]
        return cls(int(said["rows"]), tuple(columns), tuple(YearMet(**one) for one in said["years"]))


def returns_known(sources: Iterable[Source], as_of: date) -> dict[str, dict[str, int]]:
    """``YearMet.returns`` of an as-of date, records as they are."""
    return {
        f"{source.kind} {term}": {
            "age": (as_of - date.fromisoformat(found["day"])).days,
            "records": int(found["records"]),
        }
        for source in sources
        for term, found in source.returns.items()
    }


def year_met(
    year: str, *, seen: int, eligible: int, schools: int, sources: Sequence[Source], as_of: date
) -> YearMet:
    """One year, its numbers of pupils and records rounded."""
    returns = {
        name: {"age": found["age"], "records": rounded(found["records"])}
        for name, found in returns_known(sources, as_of).items()
    }
    return YearMet(year, rounded(seen), rounded(eligible), schools, returns)


def rounded(pupils: float) -> int:
    """A number of pupils to the nearest ten.

    >>> rounded(4), rounded(12_347)
    (0, 12350)
    """
    return int(ROUNDED_TO * round(pupils / ROUNDED_TO))


def learn_training(
    X: pd.DataFrame, school_id: Array, academic_year: Array, years: Iterable[YearMet]
) -> Training:
    """What was met in some rows.

    Parameters
    ----------
    X : DataFrame
        Features as float64, NaN where not known, one row a pupil and year; columns of the catalogue that are absent
        are not watched.
    school_id, academic_year : array, shape (n,)
        The school and the year of each row, for the design effects.
    years : iterable of YearMet
    """
    groups = _Groups.of(np.asarray(school_id, dtype=str), np.asarray(academic_year))
    columns = [
        _column(feature, X[feature.name].to_numpy(dtype=np.float64), groups)
        for feature in FEATURES
        if feature.name in X.columns
    ]
    return Training(rounded(len(X)), tuple(columns), tuple(years))


def _column(feature: Feature, values: Array, groups: _Groups) -> ColumnMet:
    missing = np.isnan(values)
    known, of = values[~missing], groups.at(~missing)
    cuts = _cuts(known, feature)
    below = [known <= cut for cut in cuts]
    # The same schools hold the same year groups every year: nobody is drawn into one with a school.
    effects = [None if feature.unit == "year" else of.design_effect(found) for found in below]
    # Where everybody is on one side nothing shows how far schools differ: as much as at the column's other cuts.
    widest = max((effect for effect in effects if effect is not None), default=1.0)
    spread = [groups.design_effect(missing) or 1.0, *(effect or widest for effect in effects)]
    return ColumnMet(feature.name, _share(missing), cuts, tuple(map(_share, below)), tuple(spread))


def _share(holds: Array) -> float:
    # Of a rounded whole too, so that a share of everybody is 1.
    whole = rounded(len(holds))
    return round(min(1.0, rounded(int(np.count_nonzero(holds))) / whole), 6) if whole else 0.0


def _cuts(known: Array, feature: Feature) -> tuple[float, ...]:
    if not known.size:
        return ()
    if feature.unit == "0 or 1":
        return (0.0,)
    if feature.name in _OF_CALENDAR:
        return tuple(float(round(float(np.median(known)) * part)) for part in _PARTS_OF_CALENDAR)
    if feature.unit == "year":
        return tuple(float(year) for year in range(int(known.min()), int(known.max()) + 1))
    # Where few have any, those who have are cut too, as long as ten pupils lie beyond.
    some = known[known > 0]
    of_some = [at for at in (0.5, CUT_AT[-1]) if some.size * (1 - at) >= ROUNDED_TO]
    cut = [float(value) for value in np.quantile(known, CUT_AT, method="nearest")]
    cut += [float(np.quantile(some, at, method="nearest")) for at in of_some]
    return tuple(sorted({0.0, *(round(value, 3) for value in cut)}))


@dataclass(frozen=True)
class _Groups:
    """The school of each row by number, and its school and year together."""

    school: Array
    both: Array

    @classmethod
    def of(cls, school: Array, year: Array) -> _Groups:
        schools, number = np.unique(school, return_inverse=True)
        _, of_year = np.unique(year, return_inverse=True)
        return cls(number, of_year * len(schools) + number)

    def at(self, rows: Array) -> _Groups:
        """The groups of some rows."""
        return _Groups(self.school[rows], self.both[rows])

    def design_effect(self, holds: Array) -> float | None:
        """Variance of a share by the residuals of whole groups, over the binomial one (linearisation of a ratio).

        A later cohort is of the same schools. So with several years the groups are schools in a year, about the
        school's own mean: what a school always was is no chance. With one year they are schools about the mean of all.
        None if it holds for everybody or nobody, or there is one group.
        """
        n, share = len(holds), float(np.mean(holds)) if len(holds) else 0.0
        if not 0 < share < 1:
            return None
        groups, schools = len(np.unique(self.both)), len(np.unique(self.school))
        mean, free = np.full(n, share), groups - 1
        if groups > schools:
            size = np.maximum(np.bincount(self.school), 1)
            mean, free = (np.bincount(self.school, weights=holds) / size)[self.school], groups - schools
        if not free:
            return None
        residuals = np.bincount(self.both, weights=holds - mean)
        variance = groups / free * float(residuals @ residuals) / n**2
        return round(max(1.0, variance / (share * (1 - share) / n)), 2)
