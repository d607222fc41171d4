"""Sessions missed by period and by year, for the bars and the first lines of a card: parts apart that add up.

The statutory returns carry terms, with summer in two halves, and no half-terms: a period is the nearest they allow to
the half-terms of a referral (users' reference, 1.1 row 16). Unknown is never zero: what no return says is None.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ...domain.academic_year import COVID_YEARS, TERMS, written_year
from ...features.known import AsOf
from ...features.phrasing import counted, days_of
from ..card import Missed, Period
from .records import YEARS_BEFORE, Records, TermSessions

PERIOD_WORDS = dict(
    zip(TERMS, ("Autumn", "Spring", "Summer to half-term", "Summer after half-term"), strict=True)
)
NONE, NOT_HELD = "none", "not held"


class Sums(NamedTuple):
    """Sessions over some rows; the last four add up to ``absent``. None where a return among them does not say.

    Where a return gave totals without codes, ``late`` and ``illness`` are None and stay within ``unauthorised`` and
    ``other``, so that what is known still adds up.
    """

    possible: int | None = None
    absent: int | None = None
    unauthorised: int | None = None
    late: int | None = None
    illness: int | None = None
    other: int | None = None

    @property
    def unauthorised_and_late(self) -> int | None:
        """Everything not authorised (G+N+O+U), which outcomes and reasons speak of."""
        return None if self.unauthorised is None else self.unauthorised + (self.late or 0)


def summed(rows: Collection[TermSessions]) -> Sums:
    """Sessions summed over rows of one pupil: all schools, any periods.

    All but ``possible`` is None if a row's absence exceeds its possible sessions, or lies in 2019/20 or 2020/21,
    whose absence is another measure.
    """
    if not rows:
        return Sums()
    possible = _sum(row.possible for row in rows)
    if any(row.exceeds or row.year in COVID_YEARS for row in rows):
        return Sums(possible)
    unauthorised, absent = _sum(row.unauthorised for row in rows), _sum(row.absent for row in rows)
    late, illness = _sum(row.late for row in rows), _sum(row.illness for row in rows)
    if unauthorised is None or absent is None:
        return Sums(possible, absent, unauthorised)
    if late is None or illness is None:
        return Sums(possible, absent, unauthorised, None, None, absent - unauthorised)
    return Sums(possible, absent, unauthorised - late, late, illness, absent - unauthorised - illness)


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def year_rows(records: Records, year: int) -> list[TermSessions]:
    """The pupil's rows of one academic year (by its start)."""
    return [row for row in records.sessions if row.year == year]


def whole_year(rows: Collection[TermSessions]) -> bool:
    """Whether every period of the year has come in for this pupil."""
    return {row.term for row in rows} == set(TERMS)


def periods_of(records: Records, as_of: AsOf) -> tuple[Period, ...]:
    """Every period of the feature year and the two years before it, oldest first; None where nothing is held."""
    return tuple(
        _period(year, term, summed([row for row in year_rows(records, year) if row.term == term]))
        for year in range(as_of.feature_year - YEARS_BEFORE, as_of.feature_year + 1)
        for term in TERMS
    )


def _period(year: int, term: str, sums: Sums) -> Period:
    return Period(
        year=written_year(year),
        words=PERIOD_WORDS[term],
        possible=sums.possible,
        unauthorised=sums.unauthorised,
        late=sums.late,
        illness=sums.illness,
        other=sums.other,
    )


def missed_of(records: Records, as_of: AsOf) -> tuple[Missed, Missed]:
    """What was missed in the feature year and in the year before, in words.

    Days missed without authorisation leave out late arrivals, which stand beside them as sessions and as the days
    they make, so that a reader can add them. "None" is said only of what a return says; where a period of the year
    has not come in for this pupil, the words say so.
    """
    return _missed(records, as_of.feature_year), _missed(records, as_of.feature_year - 1)


def _missed(records: Records, year: int) -> Missed:
    rows = year_rows(records, year)
    sums = summed(rows)
    held = "" if whole_year(rows) else " in the terms held"
    among = ", late arrivals among them" if sums.late is None else ""
    return Missed(
        year=written_year(year),
        unauthorised=_days(sums.unauthorised, among, held),
        late=_late(sums.late, held),
        illness=_days(sums.illness, "", held),
    )


def _days(sessions: int | None, among: str, held: str) -> str:
    if sessions is None:
        return NOT_HELD
    return f"{days_of(sessions)}{among}{held}" if sessions else f"{NONE}{held}"


def _late(sessions: int | None, held: str) -> str:
    if not sessions:
        return NOT_HELD if sessions is None else f"{NONE}{held}"
    return f"{counted(sessions, 'session')} ({days_of(sessions)}){held}"
