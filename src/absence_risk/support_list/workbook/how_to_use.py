"""The first sheet of the workbook: what the list is for, how a row is filled in, and how it is sent back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...features.phrasing import counted, day_words
from ...reports.briefing.terms import capital
from ...reports.gate_statement import GateStatement
from .. import words
from ..card import ListContents
from ..page import words as page_words
from ..page.front import Source, from_manifest
from ..plan import Plan
from ..terms import Terms
from .filling_in import Line, deciding, filling_in, sending_back
from .sheets import (
    CHANGES,
    CHRONOLOGY,
    NOT_LOOKED_AT,
    OVERVIEW,
    RESERVE,
    SEVERE,
    VIRTUAL_SCHOOL,
    Sheet,
)


def how_to_use(
    manifest: Mapping[str, Any],
    terms: Terms,
    plan: Plan,
    contents: ListContents,
    sheets: Sequence[Sheet],
    *,
    list_id: str,
    gates: GateStatement,
    past: Sequence[str],
) -> list[Line]:  # fmt: skip
    """Every line of the first sheet, in order; what must be read first stands first."""
    front = from_manifest(manifest)
    return [
        Line("Support-offer list: the working copy", "", "title"),
        *_notices(front, gates),
        Line("What it is", front["header"]),
        Line("What it is for", _sentence(words.purpose_words(terms.purpose))),
        Line("What it is not for", words.PURPOSE_WALL, "notice"),
        *_about(front, terms, contents, list_id, gates),
        *_past(past),
        *_before(contents),
        *filling_in(),
        *deciding(),
        *sending_back(),
        *_sheets(sheets, contents),
        *_asking(plan),
    ]


def _notices(front: Mapping[str, Any], gates: GateStatement) -> Iterator[Line]:
    for said in (*gates.first, *gates.gates):
        yield Line("Read this first", said, "notice")
    for said in front["accepted"]:
        yield Line("Read this first", said, "notice")
    if front["rule_wins"]:
        yield Line("Read this first", words.RULE_WINS, "notice")
    if front["made_up"]:
        yield Line(
            "Made-up records",
            "The model was trained on a made-up authority. This list is for learning how it works; no family may be "
            "contacted from it.",
            "notice",
        )


def _about(
    front: Mapping[str, Any], terms: Terms, contents: ListContents, list_id: str, gates: GateStatement
) -> Iterator[Line]:
    main = len(contents.of_part("main"))
    yield Line("About this list", "", "heading")
    yield Line("Owner", terms.owner)
    yield Line("Last day of use", day_words(terms.expires))
    yield Line("List", f"{list_id}, from model {front['model_label']} {front['model']}")
    yield Line(
        "Places",
        f"{counted(terms.capacity, 'place')}; {counted(main, 'child', 'children')} on the list, of "
        f"{front['looked_at']} looked at.",
    )
    yield Line(
        "What is foreseen",
        f"Children who {front['outcome']} in a school year of 190 days; here for "
        f"{front['outcome_year']}, from records of {front['feature_year']} and earlier.",
    )
    yield Line("Known by", f"{front['as_of']}; nothing later was used.")
    for source in front["sources"]:
        yield Line(source.words, _reaches(source))
    for said in front["unlike"]:
        yield Line(words.UNLIKE, said)
    if gates.quiet:
        yield Line("Tests of the model", gates.quiet)


def _reaches(source: Source) -> str:
    if source.held == "not held":
        return "Not held."
    old = " Older than it should be; since then we know nothing." if source.stale else ""
    return f"Reaches to {source.held}.{old}"


def _past(past: Sequence[str]) -> Iterator[Line]:
    yield Line("How often lists like this were right", "", "heading")
    for said in past or (page_words.NO_PAST,):
        yield Line("", said)


def _before(contents: ListContents) -> Iterator[Line]:
    cards = contents.of_part("main")
    firm = sum(card.standing == "firm" for card in cards)
    yield Line("Before you use it", "", "heading")
    yield Line("Safety first", f"{words.SAFEGUARDING} Do not wait for this list.", "notice")
    for said in (words.HUMAN, words.NOT_CAUSE, words.UNKNOWN, words.NOT_LISTED):
        yield Line("", said)
    yield Line("", page_words.ORDER)
    yield Line("", words.LATE_APART)
    if contents.refits and cards:
        yield Line("Firm or borderline", words.firmness(firm, len(cards) - firm, contents.refits))


_SHEET_WORDS = {
    OVERVIEW: "Everybody on the list, and the sheet on which to decide.",
    RESERVE: "Only if a place becomes free. Decisions may be recorded here, and need not be.",
    SEVERE: "Children who missed half or more of school and are not on the list; shown whatever the model says. "
    "Decisions may be recorded here, and need not be.",
    VIRTUAL_SCHOOL: "Children in care and children with a social worker.",
    NOT_LOOKED_AT: "Children the records could not be looked at for, and how many for which reason.",
    CHANGES: "Who is new, who is no longer listed, and what moved those on both lists.",
    CHRONOLOGY: "Dated events, one to a row, to copy into a referral after checking.",
}


def _sheets(sheets: Sequence[Sheet], contents: ListContents) -> Iterator[Line]:
    yield Line("The sheets", "", "heading")
    for sheet in sheets:
        yield Line(
            sheet.name, _SHEET_WORDS.get(sheet.name, f"To fill in: {counted(len(sheet.rows), 'row')}.")
        )
    if contents.severe_total:
        yield Line("", _half_or_more(contents))


def _half_or_more(contents: ListContents) -> str:
    total, shown = contents.severe_total, len(contents.severe)
    on_list = sum(row.on_the_list for row in contents.severe)
    who = counted(total, "child", "children")
    shown_words = "" if shown == total else f" {shown:,} of them are in this workbook."
    return (
        f"{who} missed half or more of school.{shown_words} Where one stands on the list ({on_list:,}), the row "
        "says so under Rules that hold."
    )


def _asking(plan: Plan) -> Iterator[Line]:
    if plan.questions:
        yield Line("Questions to ask", "", "heading")
        for question in plan.questions:
            yield Line("", question)
    yield Line("Who to ask", "", "heading")
    yield Line("Ask", plan.contact)
    yield Line("A wrong record", page_words.CORRECT)
    yield Line("A child to add", page_words.ADD)
    yield Line("What to tell the family", words.FAMILY)


def _sentence(text: str) -> str:
    return f"{capital(text)}."
