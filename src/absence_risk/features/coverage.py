"""Which periods the returns known on the as-of date cover. A gap in the returns is never a zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..tables.frames import flag, open_table, to_pandas
from .known import AsOf, known_on

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: How many years before the feature year the features look back.
LOOKBACK_YEARS = 3

#: Since autumn 2019 each census carries two terms of suspensions: the autumn census spring and summer, the spring
#: census summer and autumn, the summer census autumn and spring (DfE, School Census guides; formats.md 1.5). Each
#: entry: term of the academic year -> censuses that carry it, by calendar year after the year's start.
_CARRIES_SUSPENSIONS = {
    "autumn": ((1, "spring"), (1, "summer")),
    "spring": ((1, "summer"), (1, "autumn")),
    "summer": ((1, "autumn"), (2, "spring")),
}


@dataclass(frozen=True)
class Coverage:
    """The returns known on the as-of date.

    ``censuses`` holds (calendar year, census term) of each School Census; ``kinds`` the kinds of return.
    """

    censuses: frozenset[tuple[int, str]]
    kinds: frozenset[str]

    def has(self, kind: str) -> bool:
        """Whether any return of this kind is known."""
        return kind in self.kinds

    def suspensions(self, academic_year: int) -> bool:
        """Whether the suspensions of every term of an academic year have come in."""
        return all(
            any((academic_year + later, term) in self.censuses for later, term in carriers)
            for carriers in _CARRIES_SUSPENSIONS.values()
        )

    def suspension_years(self, as_of: AsOf) -> tuple[int, ...]:
        """How many years back (1 is the year before the feature year), for each covered earlier year."""
        return tuple(
            back for back in range(1, LOOKBACK_YEARS + 1) if self.suspensions(as_of.feature_year - back)
        )


def coverage_on(tables: Mapping[str, Any], as_of: AsOf) -> Coverage:
    """What the returns known on the as-of date cover, read from the ``returns`` table."""
    rows = to_pandas(open_table(tables, "returns").filter(nw.col("known_from") <= as_of.day))
    census = rows[rows["kind"] == "school_census"]
    pairs = zip(census["year"], census["term"], strict=True)
    return Coverage(frozenset((int(y), str(t)) for y, t in pairs), frozenset(map(str, rows["kind"])))


def shown(covered: bool, value: nw.Expr) -> nw.Expr:
    """The value as a number, or missing for everybody where its period is not covered."""
    return value.cast(nw.Float64) if covered else nw.lit(None, dtype=nw.Float64)


def on_roll_name(back: int) -> str:
    """Column that says whether the pupil was on roll ``back`` years before the feature year."""
    return f"on_roll_{back}"


def on_roll_in_any(backs: Iterable[int]) -> nw.Expr:
    """Whether the pupil was on roll in any of the years, each named by how many years back it lies."""
    # A sum and not a maximum: Spark's greatest() refuses a single column.
    return nw.sum_horizontal(*(nw.col(on_roll_name(back)) for back in backs)) > 0


def add_years_on_roll(frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """Adds ``on_roll_0`` (feature year) to ``on_roll_3``: 1 if on an authority school's roll in that year, else 0.

    On roll means a roll entry in one of the year's School Censuses, or an enrolment that touches the year. A pupil
    who came from elsewhere has no zero for the years before: they are not known.
    """
    backs = range(LOOKBACK_YEARS + 1)
    census = known_on(open_table(tables, "pupils"), as_of.day).filter(nw.col("on_roll"))
    by_census = census.select(
        "pupil_id",
        *(
            flag(nw.col("academic_year") == as_of.feature_year - back).alias(on_roll_name(back))
            for back in backs
        ),
    )
    spells = known_on(open_table(tables, "enrolments"), as_of.day)
    by_spell = spells.select(
        "pupil_id", *(_touches(*as_of.year(back)).alias(on_roll_name(back)) for back in backs)
    )
    names = [on_roll_name(back) for back in backs]
    either = (
        nw.concat([by_census, by_spell]).group_by("pupil_id").agg(*(nw.col(name).max() for name in names))
    )
    joined = frame.join(either, on="pupil_id", how="left")
    return joined.with_columns(*(nw.col(name).fill_null(0) for name in names))


def _touches(first: int, last: int) -> nw.Expr:
    start, end = nw.col("start_date"), nw.col("end_date")
    return flag((start <= last) & (end.is_null() | ((end >= first) & (end >= start))))
