"""Sentences about suspensions, social care, alternative provision, free school meals and school history.

Each function says one topic of the catalogue from one pupil's values: recorded, none recorded, or not known.
A closed spell is said with the month it closed: closed is not the same as resolved.
"""

from __future__ import annotations

from datetime import date

from .phrasing import Facts, counted, days_of, month_of, not_covered, times


def suspensions(facts: Facts) -> str:
    """Suspensions in the feature year, days lost, and the month of the latest."""
    year, number = facts.period.year, facts.whole("suspensions_this_year")
    if number is None:
        return not_covered(f"suspensions in {year}")
    latest = facts.date_ago("days_since_suspension")
    if number == 0:
        known = f"; the latest known in {month_of(latest)}" if latest is not None else ""
        return f"No suspensions recorded in {year}{known}"
    lost = facts.whole("suspension_sessions_this_year")
    in_all = f", {days_of(lost)} lost{' in all' if number > 1 else ''}" if lost else ""
    return f"{counted(number, 'suspension')} in {year}{in_all}{_latest(facts, number, latest)}"


def _latest(facts: Facts, number: int, latest: date | None) -> str:
    if latest is None:
        return ""
    if latest > facts.period.feature_year.last_day:
        return f"; another began in {month_of(latest)}"
    return f", {'the latest ' if number > 1 else ''}in {month_of(latest)}"


def suspensions_earlier(facts: Facts) -> str:
    """Suspensions in the three years before the feature year."""
    year, number = facts.period.year, facts.whole("suspensions_earlier_years")
    if number is None:
        return not_covered(f"suspensions in the three years before {year}")
    if number == 0:
        return f"No suspensions recorded in the three years before {year}"
    return f"{counted(number, 'suspension')} in the three years before {year}"


def permanent_exclusion(facts: Facts) -> str:
    """Permanent exclusions known."""
    number = facts.whole("permanent_exclusions")
    if number is None:
        return not_covered("permanent exclusions")
    return (
        f"{counted(number, 'permanent exclusion')} on record" if number else "No permanent exclusion recorded"
    )


def _spell(facts: Facts, kind: str, name: str, subject: str) -> str:
    current, previous = facts.whole(f"{kind}_current"), facts.whole(f"{kind}_previous")
    if current is None and previous is None:
        return not_covered(subject)
    ended = facts.date_ago(f"{kind}_days_since_end")
    when = f" in {month_of(ended)}" if ended is not None else " more than three years ago"
    if current:
        return f"{name}, open when last reported" + (f"; an earlier one closed{when}" if previous else "")
    if not previous:
        return f"No {name[0].lower()}{name[1:]} recorded"
    spells = facts.whole(f"{kind}_spells") or 1
    return f"{name}, closed{when}" if spells <= 1 else f"{name}, the latest of {spells} closed{when}"


def cin(facts: Facts) -> str:
    """Child in need spells: open, or closed and when."""
    return _spell(facts, "cin", "Child in need spell", "child in need")


def cp_plan(facts: Facts) -> str:
    """Child protection plans: open, or closed and when."""
    return _spell(facts, "cp_plan", "Child protection plan", "child protection plans")


def looked_after(facts: Facts) -> str:
    """Looked-after spells: open, or closed and when."""
    return _spell(facts, "looked_after", "Looked-after spell", "looked-after children")


def _yes_no(facts: Facts, name: str, *, yes: str, no: str, subject: str) -> str:
    value = facts.whole(name)
    if value is None:
        return not_covered(subject)
    return yes if value else no


def ap_school(facts: Facts) -> str:
    """Whether on the roll of an alternative provision school now."""
    return _yes_no(
        facts,
        "ap_school_current",
        yes="On the roll of an alternative provision school or pupil referral unit",
        no="Not on the roll of an alternative provision school or pupil referral unit",
        subject="alternative provision schools",
    )


def school_arranged_ap(facts: Facts) -> str:
    """Whether in a placement arranged by a school now."""
    return _yes_no(
        facts,
        "school_arranged_ap_current",
        yes="In alternative provision arranged by a school",
        no="No alternative provision arranged by a school is recorded now",
        subject="alternative provision arranged by schools",
    )


def la_funded_ap(facts: Facts) -> str:
    """Whether in a placement funded by the authority now."""
    return _yes_no(
        facts,
        "la_funded_ap_current",
        yes="In alternative provision funded by the authority",
        no="No alternative provision funded by the authority is recorded now",
        subject="alternative provision funded by the authority",
    )


def ap_earlier(facts: Facts) -> str:
    """Earlier alternative provision, and when the latest ended."""
    previous, ended = facts.whole("ap_previous"), facts.date_ago("ap_days_since_end")
    if previous is None:
        return not_covered("earlier alternative provision")
    if not previous:
        return "No earlier alternative provision recorded"
    return "Earlier alternative provision, ended" + (
        f" in {month_of(ended)}" if ended is not None else " more than three years ago"
    )


def ap_days(facts: Facts) -> str:
    """Calendar days that placements covered in the feature year."""
    year, number = facts.period.year, facts.whole("ap_days_this_year")
    if number is None:
        return not_covered(f"alternative provision in {year}")
    if number == 0:
        return f"No alternative provision recorded in {year}"
    return f"Alternative provision placements covered {counted(number, 'calendar day')} of {year}"


def fsm(facts: Facts) -> str:
    """Free school meals: now, or at some time in the last six years."""
    now, ever = facts.whole("fsm_now"), facts.whole("fsm_ever_six")
    if now is None and ever is None:
        return not_covered("free school meals")
    if now:
        share = facts.number("fsm_share_of_time")
        most = share is not None and share > 0.5
        return "Free school meals now" + (", and for most of the last six years at school" if most else "")
    if ever:
        return "Free school meals at some time in the last six years, not now"
    return (
        "No free school meals recorded in the last six years"
        if ever is not None
        else "No free school meals recorded now"
    )


def year_group(facts: Facts) -> str:
    """The year group on the as-of date."""
    number = facts.whole("year_group")
    if number is None:
        return not_covered("the year group")
    return f"In Year {number}" if number > 0 else "In Reception"


def school_moves(facts: Facts) -> str:
    """Changes of school in three years, and those of the feature year."""
    moves, recent = facts.whole("school_moves_three_years"), facts.whole("school_moves_this_year")
    year = facts.period.year
    if moves is None and recent is None:
        return not_covered("changes of school")
    if not moves:
        return (
            f"Changed school {times(recent)} in {year}"
            if recent
            else "No change of school recorded in the last three years"
        )
    if recent == moves:
        return f"Changed school {times(moves)} in {year}"
    both = f", {times(recent)} in {year}" if recent else ""
    return f"Changed school {times(moves)} in the last three years{both}"
