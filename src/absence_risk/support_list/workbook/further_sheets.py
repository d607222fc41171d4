"""The sheets beside the working sheets: virtual school, not looked at, what changed, and the chronology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ...decisions.declaration import REFERENCE
from ...features.phrasing import counted, day_words
from ..card import Card, Changes, Event, ListContents
from ..page.front import from_manifest
from ..page.words import FIRST_LIST, said_of_model
from ..page.words import NOT_LOOKED_AT as NOT_LOOKED_AT_WORDS
from .sheets import CHANGES, CHRONOLOGY, NOT_LOOKED_AT, VIRTUAL_SCHOOL, Cell, Column, Sheet


def further_sheets(manifest: Mapping[str, Any], contents: ListContents) -> list[Sheet]:
    """The four sheets that are read, not filled in; each stands even where it has no row, and says so."""
    return [
        _virtual_school(contents),
        _not_looked_at(manifest, contents),
        _changes(contents.changes, contents.cards),
        _chronology(contents.cards),
    ]


def _shown(shown: int, total: int) -> str:
    return f"{counted(total, 'child', 'children')}; {'all' if shown == total else shown} shown here."


def _virtual_school(contents: ListContents) -> Sheet:
    rows = tuple(
        (
            row.review_ref,
            row.school,
            row.year_group,
            row.status,
            row.suspended,
            "Yes" if row.has_card else "No",
        )
        for row in contents.virtual_school
    )
    columns = (Column(REFERENCE, 11), Column("School", 28), Column("Year group", 8), Column("On record", 26),
               Column("Suspended this year", 22), Column("Has a card on this list", 14))  # fmt: skip
    said = (
        "Children in care and children with a social worker, for the virtual school. The order is by school.",
        _shown(len(rows), contents.virtual_school_total),
    )
    return Sheet(VIRTUAL_SCHOOL, columns, rows, said, frozen=2)


def _not_looked_at(manifest: Mapping[str, Any], contents: ListContents) -> Sheet:
    rows = tuple(tuple(row) for row in contents.off_roll)
    columns = (Column(REFERENCE, 11), Column("Last school", 28), Column("Year group then", 10),
               Column("Last on a roll here", 18), Column("Why not looked at", 50))  # fmt: skip
    said = (
        NOT_LOOKED_AT_WORDS,
        *(f"{reason.pupils}: {reason.words}" for reason in from_manifest(manifest)["out_of_cohort"]),
        *(f"{number}: left out {reason}" for reason, number in contents.excluded.items()),
        f"Off every roll here: {_shown(len(rows), contents.off_roll_total)}",
    )
    return Sheet(NOT_LOOKED_AT, columns, rows, said, frozen=2)


def _changes(changes: Changes | None, cards: tuple[Card, ...]) -> Sheet:
    columns = (Column(REFERENCE, 11), Column("Reference on", 16), Column("What", 20), Column("In words", 80))
    if changes is None:
        return Sheet(CHANGES, columns, (), (FIRST_LIST,))
    new, left = len(changes.new), len(changes.left)
    said = (
        f"Since list {changes.earlier_list}, made from what was known on {changes.earlier_day}:",
        f"{new} new, {left} no longer listed, {changes.stayed} on both lists.",
        said_of_model(changes.same_model),
        "No longer listed does not mean that help is no longer needed.",
    )  # fmt: skip
    earlier = f"list {changes.earlier_list}"
    rows = (
        *((ref, "this list", "New", "") for ref in changes.new),
        *(
            (card.review_ref, "this list", "On both lists", "\n".join(card.moved))
            for card in cards
            if card.moved
        ),
        *((ref, earlier, "No longer listed", changes.left_words.get(ref, "")) for ref in changes.left),
    )
    return Sheet(CHANGES, columns, rows, said)


def _chronology(cards: tuple[Card, ...]) -> Sheet:
    columns = (Column(REFERENCE, 11), Column("Date", 20), Column("What the records show", 90))
    rows = tuple(row for card in cards for row in _events(card))
    said = ("Check each entry with its keeper before you put it in a referral. The latest stands first.",)
    return Sheet(CHRONOLOGY, columns, rows, said)


def _events(card: Card) -> Iterator[tuple[Cell, ...]]:
    for event in card.events:
        yield card.review_ref, _date_of(event), event.said


def _date_of(event: Event) -> Cell:
    """A date that sorts, where the event has a whole one; otherwise its words, which claim no more than is known."""
    try:
        day = date.fromisoformat(event.on)
    except ValueError:
        return event.day
    return day if event.day == day_words(day) else event.day
