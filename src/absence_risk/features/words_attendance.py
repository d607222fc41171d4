"""Sentences about attendance: days first, never a percentage; unauthorised, late and illness kept apart.

Arrivals after registers closed have a line of their own, since the help differs (users' reference: the start of
the day is when school meets the child's needs).
"""

from __future__ import annotations

from .phrasing import FULL_YEAR_SESSIONS, Facts, counted, not_covered

#: A change of rate smaller than this between terms is "about as often": under a day in a term of 60 days.
_SAME_RATE = 0.015


def _missed(facts: Facts, rate: str, how: str, *, count: str = "", earlier: bool = False) -> str:
    """Days missed in one way in one year: some, none recorded, or not covered."""
    year = facts.period.year_before if earlier else facts.period.year
    possible = "sessions_possible_previous_year" if earlier else "sessions_possible"
    days = facts.days_missed(rate, count, possible)
    if days is None:
        return not_covered(f"days missed {how} in {year}")
    return f"Missed {days} {how} in {year}" if days else f"No days missed {how} in {year}"


def unauthorised(facts: Facts) -> str:
    """Days missed without authorisation in the feature year, and how many of them under code O.

    A card shows late arrivals apart; the sentence says that it holds them, so that the two are not read as a fault.
    """
    said = _missed(facts, "unauthorised_rate", "without authorisation", count="sessions_unauthorised")
    if facts.number("late_after_close_rate"):
        said += ", late arrivals among them"
    other = facts.days_missed("other_unauthorised_rate")
    return f"{said}; for other reasons not authorised (code O): {other}" if other else said


def unauthorised_trend(facts: Facts) -> str:
    """Whether missed without authorisation more often in summer than in autumn."""
    year, trend = facts.period.year, facts.number("unauthorised_trend")
    if trend is None:
        return not_covered(f"both the autumn and the summer term of {year}")
    if abs(trend) < _SAME_RATE:
        return f"Missed school without authorisation about as often in summer as in autumn {year}"
    often = "more" if trend > 0 else "less"
    return f"Missed school without authorisation {often} often in summer than in autumn {year}"


def unauthorised_earlier(facts: Facts) -> str:
    """Days missed without authorisation in the year before, and a year over three years."""
    before = facts.number("unauthorised_rate_previous_year")
    share, span = facts.number("unauthorised_rate_earlier_years"), facts.period.three_before
    if before is None and share is None:
        return not_covered(f"days missed without authorisation in {span}")
    last_year = _missed(
        facts,
        "unauthorised_rate_previous_year",
        "without authorisation",
        count="sessions_unauthorised_previous_year",
        earlier=True,
    )
    if share is None:
        return last_year
    a_year = f"{_full_year_days(share)} a year without authorisation over {span}"
    return f"Missed {a_year}" if before is None else f"{last_year}; {a_year}"


def _full_year_days(share: float) -> str:
    days = round(share * FULL_YEAR_SESSIONS / 2)
    return f"about {counted(days, 'day')}" if days else "less than a day"


def holiday(facts: Facts) -> str:
    """Days missed under code G."""
    return _missed(facts, "holiday_rate", "on holidays the school had not agreed")


def no_reason(facts: Facts) -> str:
    """Days missed under code N: a reason may still come."""
    return _missed(facts, "no_reason_rate", "with no reason given yet")


def _late(facts: Facts, rate: str, how: str, none: str, *, count: str = "") -> str:
    year, found = facts.period.year, facts.sessions(rate, count)
    if found is None:
        return not_covered(f"{none} in {year}")
    sessions, exact = found
    if sessions == 0:
        return f"No {none} recorded in {year}"
    about = "" if exact else "about "
    return f"Arrived {how} on {about}{counted(sessions, 'session')}{'' if exact else ' in 380'} in {year}"


def late_after_close(facts: Facts) -> str:
    """Sessions under code U; the whole session counts as missed, yet the child came."""
    none = "arrivals after registers closed"
    return _late(
        facts, "late_after_close_rate", "after registers closed", none, count="sessions_late_after_close"
    )


def late_before_close(facts: Facts) -> str:
    """Sessions under code L; they count as attended."""
    return _late(
        facts,
        "late_before_close_rate",
        "late, before registers closed,",
        "late arrivals before registers closed",
    )


def illness(facts: Facts) -> str:
    """Days missed under codes I and M; they never count towards the outcome."""
    return _missed(facts, "illness_rate", "through illness or medical appointments", count="sessions_illness")


def other_authorised(facts: Facts) -> str:
    """Authorised days missed, illness apart; suspension is among them."""
    return _missed(facts, "other_authorised_rate", "for authorised reasons other than illness")


def absence_earlier(facts: Facts) -> str:
    """Days missed for any reason in the year before."""
    return _missed(facts, "absence_rate_previous_year", "for any reason", earlier=True)


def school(facts: Facts) -> str:
    """Days a year the school's other pupils missed without authorisation."""
    year, share = facts.period.year, facts.number("school_unauthorised_rate")
    if share is None:
        return not_covered(f"the other pupils of the pupil's school in {year}")
    return f"At the pupil's school, other pupils missed {_full_year_days(share)} each without authorisation in {year}"
