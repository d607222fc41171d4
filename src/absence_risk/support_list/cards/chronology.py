"""The dated events behind a card, as the records known on the as-of date show them, latest first.

A reviewer reads what happened when, and sees a wrong record; a referral can be written from it after checking (users'
reference, 1.1 rows 15 and 16). Nothing of a family's views stands here, and no free text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from ...domain.academic_year import AcademicYear, day_from_number, written_year
from ...features.coverage import LOOKBACK_YEARS
from ...features.events import PERMANENT
from ...features.phrasing import day_words, days_of, days_short, listed, month_of
from ...features.school_history import SUBSIDIARY
from ...features.sessions import TERMS_FELT
from ..card import Event
from .periods import Sums, summed, year_rows
from .records import YEARS_BEFORE, Enrolment, Gathered, Records, Suspension

#: More than this on one card is not read; the card says how many are left out.
MOST_EVENTS = 40

#: More suspensions than this in one half-term become one line with their number, their length and every day.
MOST_IN_HALF_TERM = 2

#: A term stands here if a tenth or more of possible sessions were missed without authorisation (the line of persistent
#: absence), or a quarter or more for any reason.
UNAUTHORISED_PART, ANY_REASON_PART = 10, 4

#: Days back over which suspensions are counted (users' reference, 1.1 row 16).
WINDOWS = (30, 90, 365)

_CATEGORY_WORDS = {"SUSP": "Suspension", "LNCH": "Lunchtime suspension", "PERM": "Permanent exclusion"}

#: What each kind of spell is called, and how it begins and ends.
_SPELL_WORDS = {
    "cp_plan": ("Child protection plan", "opened", "closed"),
    "cin_plan": ("Child in need plan", "opened", "closed"),
    "cin": ("Child in need spell", "opened", "closed"),
    "looked_after": ("Looked-after spell", "began", "ended"),
    "ap_school": ("Time at an alternative provision school", "began", "ended"),
    "school_arranged": ("Alternative provision arranged by a school", "began", "ended"),
    "la_funded": ("Alternative provision funded by the authority", "began", "ended"),
}

#: The calendar's last month and day of each term, in the year after the start of the academic year but for autumn.
_TERM_ENDS = {"autumn": (0, 12, 31), "spring": (1, 3, 31), "summer": (1, 7, 31)}

#: The last day of each half-term by the calendar, as month and day; schools' own dates differ by days.
_HALF_TERM_ENDS = ((2, 15), (3, 31), (5, 31), (8, 31), (10, 31), (12, 31))

Dated = tuple[int, str]


def events_of(records: Records, gathered: Gathered) -> tuple[Event, ...]:
    """A pupil's dated events, latest first, at most ``MOST_EVENTS`` and a line that says how many are left out.

    Where there were suspensions in the last year, a first line counts them over 30, 90 and 365 days. Early help opens
    on its own day where that is given. A term with many days missed is dated by the calendar's end of the term, since
    no return states the school's own; its line names the term and no day.
    """
    dated = [
        *_suspensions(records.suspensions),
        *_spells(records),
        *_meals(records),
        *_enrolments(records, gathered),
    ]
    events = [_event(day, said) for day, said in set(dated)]
    events += [*_early_help(records), *_terms(records, gathered.as_of.feature_year)]
    ordered = sorted(sorted(events, key=lambda event: event.said), key=lambda event: event.on, reverse=True)
    return (*_counts(records, gathered), *_capped(ordered))


def _event(day: int, said: str) -> Event:
    on = day_from_number(day)
    return Event(on.isoformat(), day_words(on), said)


def _capped(ordered: list[Event]) -> list[Event]:
    shown, left_out = ordered[:MOST_EVENTS], ordered[MOST_EVENTS:]
    if not left_out:
        return shown
    return [*shown, Event(left_out[0].on, "Before that", f"and {len(left_out)} earlier")]


def _counts(records: Records, gathered: Gathered) -> Iterator[Event]:
    """Suspensions over the windows that end on the as-of date; a count of none is said only of what has come in."""
    as_of = gathered.as_of
    starts = [event.start for event in records.suspensions if event.category != PERMANENT]
    if not any(start > as_of.day - max(WINDOWS) for start in starts):
        return
    reached = _reached(gathered)
    whole = reached is not None and reached >= as_of.date
    numbers = {days: sum(start > as_of.day - days for start in starts) for days in WINDOWS}
    empty = [str(days) for days, number in numbers.items() if not number]
    said = (
        [f"{'none' if whole else 'none returned yet'} in the last {' and '.join(empty)} days"]
        if empty
        else []
    )
    said += [f"{number} in the last {days} days" for days, number in numbers.items() if number]
    after = f"those after {day_words(reached)}" if reached else "some"
    lag = "" if whole else f"; {after} may not have come in"
    yield Event(as_of.date.isoformat(), day_words(as_of.date), f"Suspensions: {', '.join(said)}{lag}")


def _reached(gathered: Gathered) -> date | None:
    """The end of the latest academic year of which every term's suspensions have come in."""
    years = range(gathered.as_of.label_year, gathered.as_of.feature_year - LOOKBACK_YEARS - 1, -1)
    covered = next((year for year in years if gathered.coverage.suspensions(year)), None)
    return None if covered is None else AcademicYear(covered).last_day


def _half_term(day: date) -> tuple[int, int]:
    ends = enumerate(_HALF_TERM_ENDS)
    return day.year, next(place for place, end in ends if (day.month, day.day) <= end)


def _suspensions(events: tuple[Suspension, ...]) -> Iterator[Dated]:
    by_half_term: defaultdict[tuple[int, int], list[Suspension]] = defaultdict(list)
    for event in events:
        if event.category == PERMANENT:
            yield event.start, _CATEGORY_WORDS[PERMANENT]
        else:
            by_half_term[_half_term(day_from_number(event.start))].append(event)
    for group in by_half_term.values():
        yield from [_many(group)] if len(group) > MOST_IN_HALF_TERM else _one_by_one(group)


def _one_by_one(group: list[Suspension]) -> Iterator[Dated]:
    """A line for each; several of one kind on one day are one line, so that none is lost."""
    same: defaultdict[tuple[int, str], list[Suspension]] = defaultdict(list)
    for event in group:
        same[event.start, event.category].append(event)
    for (start, category), events in same.items():
        words = _CATEGORY_WORDS[category]
        many = f"{len(events)} {words.lower()}s" if len(events) > 1 else words
        yield start, f"{many}, {_length(events)}"


def _length(events: list[Suspension]) -> str:
    known = [event.sessions for event in events if event.sessions]
    if not known:
        return "length not stated"
    return f"{'at least ' if len(known) < len(events) else ''}{days_of(sum(known))}"


def _many(group: list[Suspension]) -> Dated:
    """One line for the suspensions of a half-term, dated by the latest of them, with the day of each."""
    lost = _length(group)
    in_all = lost if lost == "length not stated" else f"{lost} in all"
    days = sorted(day_from_number(event.start) for event in group)
    by_month = [
        f"{listed([str(day.day) for day in of_month])} {month}"
        for month, of_month in groupby(days, key=month_of)
    ]
    said = f"{len(group)} suspensions, {in_all}: {'; '.join(by_month)}"
    return max(event.start for event in group), said


def _spells(records: Records) -> Iterator[Dated]:
    joined = {enrolment.start for enrolment in records.enrolments}
    left = {enrolment.end for enrolment in records.enrolments}
    for spell in records.spells:
        words, began, ended = _SPELL_WORDS[spell.kind]
        named = spell.kind == "ap_school"  # the school's name says it, where the roll does
        if not (named and spell.start in joined):
            yield spell.start, f"{words} {began}"
        if spell.end is not None and not (named and spell.end in left):
            yield spell.end, f"{words} {ended}"


def _meals(records: Records) -> Iterator[Dated]:
    for period in records.meals:
        yield period.start, "Free school meals began"
        if period.end is not None:
            yield period.end, "Free school meals ended"


def _early_help(records: Records) -> Iterator[Event]:
    opened = records.early_help_since
    if opened is not None:
        yield Event(opened.isoformat(), day_words(opened), "Early help opened")


def _enrolments(records: Records, gathered: Gathered) -> Iterator[Dated]:
    for enrolment in records.enrolments:
        school = _registered(enrolment, gathered)
        yield enrolment.start, f"Joined {school}"
        if enrolment.end is not None:
            yield enrolment.end, f"Left {school}"


def _registered(enrolment: Enrolment, gathered: Gathered) -> str:
    second = " (registered at another school too)" if enrolment.status == SUBSIDIARY else ""
    return f"{gathered.school(enrolment.school_id)}{second}"


def _terms(records: Records, feature_year: int) -> Iterator[Event]:
    for year in range(feature_year - YEARS_BEFORE, feature_year + 1):
        rows = year_rows(records, year)
        for term, periods in TERMS_FELT.items():
            said = _much_missed(summed([row for row in rows if row.term in periods]))
            if said:
                later, month, day = _TERM_ENDS[term]
                on = date(year + later, month, day).isoformat()
                yield Event(on, f"{term.capitalize()} term {written_year(year)}", said)


def _much_missed(sums: Sums) -> str:
    """What was missed in a term, if it was much; integers decide."""
    possible, unauthorised, absent = sums.possible or 0, sums.unauthorised_and_late or 0, sums.absent or 0
    parts = []
    if unauthorised and unauthorised * UNAUTHORISED_PART >= possible:
        parts.append(f"{_days(unauthorised)} missed without authorisation")
    if absent and absent * ANY_REASON_PART >= possible:
        missed = days_short(absent) if parts else f"{_days(absent)} missed"
        parts.append(f"{missed} for any reason, of {days_short(possible)}")
    return "; ".join(parts)


def _days(sessions: int) -> str:
    return f"{days_short(sessions)} {'day' if sessions <= 2 else 'days'}"
