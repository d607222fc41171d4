"""Who is already involved with a pupil, as the records known on the as-of date show it.

An open plan means that a lead practitioner comes first: a list must not start a second approach to a family. A closed
spell is said with its month, since closed is not the same as resolved. Recorded, not recorded and not held are three
things (users' reference, 2.2); a young carer is recorded or not recorded, and never "no" (1.1 row 13).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from ...domain.academic_year import day_from_number, written_year
from ...features.phrasing import counted, day_words, days_of, month_of
from ...features.school_meals import EVER_YEARS
from ...tables.canonical import AP_KINDS, SOCIAL_CARE_KINDS
from ..circumstances import SOCIAL_WORKER_KINDS
from .records import Gathered, Records, Spell

#: Kinds in the order a reader needs them: table, kind, words, the return that carries it.
KINDS = (
    ("social_care", "cp_plan", "Child protection plan", "cin_census"),
    ("social_care", "cin_plan", "Child in need plan", "cin_census"),
    ("social_care", "cin", "Child in need spell", "cin_census"),
    ("social_care", "looked_after", "Looked after", "ssda903"),
    ("alternative_provision", "ap_school", "On roll at an alternative provision school", "school_census"),
    ("alternative_provision", "school_arranged", "Alternative provision arranged by a school", "school_census"),
    ("alternative_provision", "la_funded", "Alternative provision funded by the authority", "ap_census"),
)  # fmt: skip

LEAD_FIRST = "Speak first to the lead practitioner; this is not a new case."
VIRTUAL_SCHOOL_FIRST = "Speak first to the virtual school."

_PATTERNS = {"FT": "full time", "PT": "part time"}
_SEN_WORDS = {
    "N": "No special educational needs recorded",
    "K": "SEN support",
    "E": "Education, health and care plan",
}
#: Young carer as the School Census codes it: identified by the parent or guardian, or by the school.
_YOUNG_CARER = ("P", "S")


def involved_of(records: Records, gathered: Gathered) -> tuple[str, ...]:
    """The lines on who is involved and what is in place: services, early help, placements, an EHC plan.

    Open spells come with the month they opened and the date the return reaches to, closed ones with the month they
    closed; a return that is not held is said, and nothing is made of it.
    """
    return (
        *_care(records, gathered),
        *_early_help(records, gathered),
        *_placements(records, gathered),
        *_speak_first(records),
        *([sen_words(records)] if sen_of(records) == "E" else []),
        *_part_time(records, gathered),
    )


def context_of(records: Records, gathered: Gathered) -> tuple[str, ...]:
    """What else to have in mind when an offer is made: special educational needs, school meals, caring."""
    needs = [] if sen_of(records) == "E" else [sen_words(records)]
    return (*needs, _meals(records, gathered), _young_carer(records))


def is_involved(records: Records) -> bool:
    """Whether somebody is involved now: an open social care spell or plan, placement, early help, or EHC plan."""
    return (
        bool(open_spells(records, (*SOCIAL_CARE_KINDS, *AP_KINDS)))
        or records.early_help
        or sen_of(records) == "E"
    )


def open_spells(records: Records, kinds: Collection[str]) -> list[Spell]:
    """Spells of these kinds with no end known on the as-of date."""
    return [spell for spell in records.spells if spell.kind in kinds and spell.end is None]


def spell_lines(records: Records, gathered: Gathered, kinds: Collection[str]) -> list[str]:
    """A line for each of these kinds that is on record, open or closed, in the order of ``KINDS``."""
    lines = []
    for _, kind, words, source in KINDS:
        spells = [spell for spell in records.spells if spell.kind == kind]
        if kind in kinds and spells:
            lines.append(_line(words, spells, gathered.latest.get(source)))
    return lines


def _month(day: int) -> str:
    return month_of(day_from_number(day))


def _line(words: str, spells: list[Spell], latest: str | None) -> str:
    """One kind's line: open since, and an earlier one closed in; or closed in. A service closes, a placement ends."""
    service = spells[0].kind in SOCIAL_WORKER_KINDS
    since, closed = (", open since", "closed") if service else (" since", "ended")
    now = max((spell for spell in spells if spell.end is None), key=lambda spell: spell.start, default=None)
    ended = [spell.end for spell in spells if spell.end is not None]
    if now is None:
        which = f"the latest of {len(ended)} {closed}" if len(ended) > 1 else closed
        return f"{words}, {which} in {_month(max(ended))}"
    at = f" (as at {day_words(date.fromisoformat(latest))})" if latest else ""
    earlier = f"; an earlier one {closed} in {_month(max(ended))}" if ended else ""
    return f"{words}{_hours(now)}{since} {_month(now.start)}{at}{earlier}"


def _hours(spell: Spell) -> str:
    pattern = _PATTERNS.get(spell.pattern or "")
    sessions = counted(spell.sessions_per_week, "session") if spell.sessions_per_week else None
    said = [part for part in (pattern, f"{sessions} a week" if sessions else None) if part]
    return f" ({', '.join(said)})" if said else ""


def _care(records: Records, gathered: Gathered) -> Iterable[str]:
    yield from spell_lines(records, gathered, SOCIAL_CARE_KINDS)
    known = {spell.kind for spell in records.spells} & set(SOCIAL_CARE_KINDS)
    cin, looked_after = gathered.held("cin_census"), gathered.held("ssda903")
    if cin and looked_after and not known:
        yield "No social care recorded, open or earlier"
    elif cin and not known & set(SOCIAL_WORKER_KINDS):
        yield "No child in need or child protection plan or spell recorded"
    elif looked_after and "looked_after" not in known:
        yield "Not recorded as looked after"
    if not cin:
        yield "Child in need and child protection: not held"
    if not looked_after:
        yield "Looked-after children: not held"


def _early_help(records: Records, gathered: Gathered) -> Iterable[str]:
    yield (
        early_help_words(records)
        if records.early_help
        else ("No open early help recorded" if gathered.early_help_held else "Early help: not held")
    )


def early_help_words(records: Records) -> str:
    """Early help that is open, since when as far as that is given."""
    opened = records.early_help_since
    return (
        f"Early help, open since {month_of(opened)}"
        if opened
        else "Early help, open; since when is not given"
    )


def _placements(records: Records, gathered: Gathered) -> Iterable[str]:
    yield from spell_lines(records, gathered, AP_KINDS)
    if not gathered.held("ap_census"):
        yield "Alternative provision funded by the authority: not held"


def _speak_first(records: Records) -> Iterable[str]:
    if open_spells(records, SOCIAL_WORKER_KINDS) or records.early_help:
        yield LEAD_FIRST
    if open_spells(records, ("looked_after",)):
        yield VIRTUAL_SCHOOL_FIRST


def _part_time(records: Records, gathered: Gathered) -> Iterable[str]:
    # Shown as support in place: an adapted timetable is not a sign of anything by itself (1.1 row 36).
    if records.part_time_sessions:
        days, year = days_of(records.part_time_sessions), written_year(gathered.as_of.feature_year)
        yield f"Part-time timetable (code C2) on {days} of {year}: support in place"


def sen_of(records: Records) -> str | None:
    """N, K or E from the autumn census; of two schools' entries the one with more support. None where not held."""
    return max((entry.sen for entry in records.entries if entry.sen), key="NKE".index, default=None)


def sen_words(records: Records) -> str:
    """Special educational needs as the autumn census says them."""
    return _SEN_WORDS.get(sen_of(records) or "", "Special educational needs: not held")


def _meals(records: Records, gathered: Gathered) -> str:
    if not gathered.held("school_census"):
        return "Free school meals: not held"
    since = gathered.as_of.years_ago(EVER_YEARS)
    if any(period.end is None for period in records.meals):
        return "Free school meals now"
    if any(period.end is not None and period.end >= since for period in records.meals):
        return "Free school meals at some time in the last six years, not now"
    return "No free school meals recorded in the last six years"


def _young_carer(records: Records) -> str:
    recorded = any(entry.young_carer in _YOUNG_CARER for entry in records.entries)
    return "Young carer: recorded" if recorded else "Young carer: not recorded, please ask"
