"""Why this lead: the situation that decided, in words, and what is not held that might have decided otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from ...domain.academic_year import day_number, written_year
from ...features.phrasing import counted, days_of
from ...tables.canonical import AP_KINDS, SOCIAL_CARE_KINDS
from ..circumstances import SOCIAL_WORKER_KINDS, months_before
from ..plan import SITUATIONS, Plan
from .involvement import early_help_words, open_spells, sen_words, spell_lines
from .periods import summed, year_rows
from .records import Gathered, Records, Spell

_NOBODY = "Nothing in the records held names another lead"

#: The return a situation rests on, and what is said where it is not held. "Not held" never reads as "no".
_NOT_HELD = {
    "looked_after": ("ssda903", "Looked-after records are not held: ask whether the child is looked after"),
    "social_worker": (
        "cin_census",
        "Child in need and child protection records are not held: ask whether there is a social worker",
    ),
    "alternative_provision": (
        "ap_census",
        "Placements funded by the authority are not held: ask whether there is one",
    ),
}
_EARLY_HELP_NOT_HELD = "Early help is not held: ask whether there is a lead practitioner"


def stepped_down(records: Records, gathered: Gathered, plan: Plan) -> Spell | None:
    """The social care spell that closed last, if it closed lately and none is open."""
    lately = day_number(months_before(gathered.as_of.date, plan.stepped_down_months))
    closed = [
        spell for spell in records.spells if spell.kind in SOCIAL_CARE_KINDS and (spell.end or 0) >= lately
    ]
    if open_spells(records, SOCIAL_CARE_KINDS) or not closed:
        return None
    return max(closed, key=lambda spell: (spell.end or 0, spell.kind))


def route_words(situation: str, records: Records, gathered: Gathered, plan: Plan) -> str:
    """Why this lead: what is on record, and which records are not held that the plan asks for before it.

    Parameters
    ----------
    situation : str
        The key of ``plan.SITUATIONS`` that decided.
    """
    asked = [route.when for route in plan.routes]
    before = asked[: asked.index(situation)]
    said = [_why(situation, records, gathered, plan), *_gaps(before, gathered)]
    return " ".join(f"{sentence}." for sentence in said)


def _why(situation: str, records: Records, gathered: Gathered, plan: Plan) -> str:
    if situation == "none":
        return _NOBODY
    year = gathered.as_of.feature_year
    if situation == "illness" and (sessions := summed(year_rows(records, year)).illness):
        return f"Missed {days_of(sessions)} through illness or medical appointments in {written_year(year)}"
    if situation == "stepped_down" and (closed := stepped_down(records, gathered, plan)):
        line = spell_lines(Records(spells=(closed,)), gathered, SOCIAL_CARE_KINDS)[0]
        return f"{line}, within the last {counted(plan.stepped_down_months, 'month')}"
    opened = Records(spells=tuple(spell for spell in records.spells if spell.end is None))
    lines = {
        "looked_after": spell_lines(opened, gathered, ("looked_after",)),
        "social_worker": spell_lines(opened, gathered, SOCIAL_WORKER_KINDS),
        "early_help": [early_help_words(records)],
        "ehc_plan": [sen_words(records)],
        "alternative_provision": spell_lines(opened, gathered, AP_KINDS),
    }.get(situation)
    return lines[0] if lines else f"On record: {SITUATIONS[situation]}"


def _gaps(before: list[str], gathered: Gathered) -> Iterable[str]:
    for situation in before:
        source, words = _NOT_HELD.get(situation, ("", ""))
        if source and not gathered.held(source):
            yield words
        elif situation == "early_help" and not gathered.early_help_held:
            yield _EARLY_HELP_NOT_HELD
