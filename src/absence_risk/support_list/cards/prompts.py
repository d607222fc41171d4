"""Rules that hold for a pupil, each of which anyone can check against the records. None of them is an estimate.

A rule asks for a look and says what the records show; it never says why, and it moves nobody up or down the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...domain.academic_year import TERMS, day_from_number, day_number, written_year
from ...features.phrasing import counted, days_of, month_of, times
from ...tables.canonical import AP_KINDS, SOCIAL_CARE_KINDS
from ..plan import Plan
from .involvement import open_spells
from .lead_words import stepped_down
from .periods import PERIOD_WORDS, summed, year_rows
from .records import Gathered, Records

#: A placement that has lasted longer is due a look: alternative provision may help in the short term and is not a
#: long-term solution (users' reference, 1.1 row 19). Twelve weeks are about a term.
LONG_PLACEMENT_WEEKS = 12

#: Attendance is returned from the year after the fifth birthday: a pupil in Year 1 has none of their Reception year.
FIRST_YEAR_WITH_A_YEAR_BEFORE = 2

#: Two days in each period between which schools are open whatever the year's calendar, but for a week of holiday: a
#: pupil on roll on both had school to go to. Each day as years after the start of the academic year, month, day.
_MIDDLE = {
    "autumn": ((0, 10, 1), (0, 11, 30)),
    "spring": ((1, 1, 15), (1, 3, 15)),
    "summer_1": ((1, 4, 25), (1, 5, 20)),
    "summer_2": ((1, 6, 10), (1, 7, 10)),
}
#: The census that carries each period, in the calendar year after the start of the academic year (summer comes whole
#: in the autumn census of the next year; DfE, pupil absence statistics: methodology).
_CARRIED_BY = {"autumn": "spring", "spring": "summer", "summer_1": "autumn", "summer_2": "autumn"}


def prompts_of(
    records: Records, gathered: Gathered, plan: Plan, *, not_yet_persistent: bool
) -> tuple[str, ...]:
    """The rules that hold for this pupil, each a sentence that begins with "Rule".

    Parameters
    ----------
    not_yet_persistent : bool
        Missed less than a tenth of possible sessions in the feature year, for any reason.
    """
    year = written_year(gathered.as_of.feature_year)
    found = [
        *_illness(records, gathered, plan),
        *_suspended(records, gathered),
        *_long_placement(records, gathered),
        *_stepped_down(records, gathered, plan),
        *_no_marks(records, gathered),
    ]
    if not_yet_persistent:
        found.append(f"missed less than a tenth of {year}, for any reason: not yet persistently absent")
    return tuple(f"Rule: {said}." for said in found)


def _illness(records: Records, gathered: Gathered, plan: Plan) -> Iterator[str]:
    # Fifteen days, together or apart, bring a duty to arrange suitable education (1.1 row 56); never called risk.
    year = gathered.as_of.feature_year
    sessions = summed(year_rows(records, year)).illness
    if sessions is not None and sessions >= 2 * plan.illness_days:
        yield (
            f"{plan.illness_days} or more days of illness or medical appointments ({days_of(sessions)} in "
            f"{written_year(year)}): check the medical needs pathway"
        )


def _suspended(records: Records, gathered: Gathered) -> Iterator[str]:
    # A child with a social worker should not have gaps when suspended (1.1 row 48).
    first, _ = gathered.as_of.year()
    number = sum(event.start >= first for event in records.suspensions)
    if number and open_spells(records, SOCIAL_CARE_KINDS):
        since = month_of(day_from_number(first))
        yield (
            f"has a social worker and was suspended or excluded {times(number)} since {since}: "
            "tell the virtual school and the social worker"
        )


def _long_placement(records: Records, gathered: Gathered) -> Iterator[str]:
    began = min((spell.start for spell in open_spells(records, AP_KINDS)), default=None)
    if began is not None and gathered.as_of.day - began > 7 * LONG_PLACEMENT_WEEKS:
        yield (
            f"in alternative provision since {month_of(day_from_number(began))}, longer than "
            f"{LONG_PLACEMENT_WEEKS} weeks: the placement is due a look"
        )


def _stepped_down(records: Records, gathered: Gathered, plan: Plan) -> Iterator[str]:
    closed = stepped_down(records, gathered, plan)
    if closed is not None and closed.end is not None:
        months = counted(plan.stepped_down_months, "month")
        yield (
            f"social care closed in {month_of(day_from_number(closed.end))}, within the last {months}: "
            "ask what support is still in place"
        )


def _no_marks(records: Records, gathered: Gathered) -> Iterator[str]:
    """Periods without any attendance though on roll and though the return came in: marks may be missing."""
    year = gathered.as_of.feature_year
    held = {row.term for row in year_rows(records, year)}
    group = max((entry.year_group or 0 for entry in records.entries), default=0)
    if not held or group < FIRST_YEAR_WITH_A_YEAR_BEFORE:
        return  # a whole year that is not held is said under "check first"
    missing = [term for term in TERMS if term not in held and _expected(records, gathered, year, term)]
    if missing:
        terms = " and ".join(PERIOD_WORDS[term].lower() for term in missing)
        yield (
            f"no possible sessions are returned for {terms} of {written_year(year)}, though on a school's roll then: "
            "ask the school where the child was"
        )


def _expected(records: Records, gathered: Gathered, year: int, term: str) -> bool:
    if (year + 1, _CARRIED_BY[term]) not in gathered.coverage.censuses:
        return False
    first, last = (day_number(date(year + later, month, day)) for later, month, day in _MIDDLE[term])
    return any(
        spell.start <= first and (spell.end is None or spell.end >= last) for spell in records.enrolments
    )
