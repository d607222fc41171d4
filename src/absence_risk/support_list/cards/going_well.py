"""What goes well, from data held and nothing else; strengths are named where records show them and never made up.

Source: the users' reference, 1.1 row 9 and 2.2 (protective side). Facts only: none of it says what protects a child.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from ...domain.academic_year import AcademicYear, day_from_number, written_year
from ...features.phrasing import counted, days_of, month_of
from ...features.school_history import SUBSIDIARY
from ...features.sessions import TERMS_FELT
from .periods import Sums, summed, whole_year, year_rows
from .records import Gathered, Records

#: Shorter times say little: half a year without a suspension, two years at a school.
FEWEST_MONTHS, FEWEST_YEARS = 6, 2

#: Words in a reason that already speak of the same thing, so that a card does not say it twice.
_SAID_BY = {
    "terms": ("term", "summer than in autumn"),
    "suspensions": ("suspension",),
    "school": ("changed school", "change of school"),
    "late": ("registers closed",),
}


def going_well(
    records: Records, gathered: Gathered, school_id: str, reasons: Collection[str]
) -> tuple[str, ...]:
    """What goes well as the records held show it, in a fixed order; empty if they show nothing.

    Parameters
    ----------
    school_id : str
        The school the pupil is at now.
    reasons : collection of str
        Reasons that stand on the card beside it; what they already speak of is left out.
    """
    found = {
        "terms": _fewer_each_term(records, gathered),
        "suspensions": _no_suspension_lately(records, gathered),
        "school": _same_school(records, gathered, school_id),
        "late": _no_longer_late(records, gathered),
    }
    beside = " ".join(reasons).lower()
    return tuple(
        line
        for what, lines in found.items()
        if not any(w in beside for w in _SAID_BY[what])
        for line in lines
    )


def _fewer_each_term(records: Records, gathered: Gathered) -> Iterator[str]:
    """Fewer days missed each term, and a smaller part of it too: terms are not of one length."""
    year = gathered.as_of.feature_year
    rows = year_rows(records, year)
    terms = [summed([row for row in rows if row.term in periods]) for periods in TERMS_FELT.values()]
    if whole_year(rows) and all(_fewer(before, after) for before, after in pairwise(terms)):
        autumn, spring, summer = (days_of(term.absent) if term.absent else "none" for term in terms)
        yield (
            f"Missed less, for any reason, each term of {written_year(year)}: {autumn} in autumn, {spring} in spring, "
            f"{summer} in summer"
        )


def _fewer(before: Sums, after: Sums) -> bool:
    if before.absent is None or after.absent is None:
        return False
    share = after.absent * (before.possible or 0) < before.absent * (after.possible or 0)
    return after.absent < before.absent and share


def _no_suspension_lately(records: Records, gathered: Gathered) -> Iterator[str]:
    """Months from the latest suspension or exclusion to the end of the feature year, if every return came in."""
    as_of = gathered.as_of
    latest = max((event.start for event in records.suspensions), default=None)
    if latest is None or not year_rows(records, as_of.feature_year):
        return  # never suspended is not a change for the better; and who was not here cannot have been suspended here
    since, until = day_from_number(latest), AcademicYear(as_of.feature_year).last_day
    years = range(AcademicYear.of(since).start_year, as_of.feature_year + 1)
    months = _whole_months(since, until)
    if months >= FEWEST_MONTHS and all(gathered.coverage.suspensions(year) for year in years):
        yield (
            f"No suspension recorded for {counted(months, 'month')} to the end of {written_year(as_of.feature_year)}; "
            f"the latest was in {month_of(since)}"
        )


def _whole_months(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)


def _same_school(records: Records, gathered: Gathered, school_id: str) -> Iterator[str]:
    """Whole years since the pupil joined the school they are still at."""
    joined = [
        enrolment.start
        for enrolment in records.enrolments
        if enrolment.school_id == school_id and enrolment.end is None and enrolment.status != SUBSIDIARY
    ]
    if joined:
        years = _whole_months(day_from_number(max(joined)), gathered.as_of.date) // 12
        if years >= FEWEST_YEARS:
            yield f"At the same school for {counted(years, 'year')}"


def _no_longer_late(records: Records, gathered: Gathered) -> Iterator[str]:
    year = gathered.as_of.feature_year
    rows = year_rows(records, year)
    before = summed(year_rows(records, year - 1)).late
    if before and whole_year(rows) and summed(rows).late == 0:
        yield (
            f"No arrival after registers closed recorded in {written_year(year)}; "
            f"{counted(before, 'session')} the year before"
        )
