"""The list as plain tables, one CSV each, for whoever keeps lists in another program. No UPN, no estimate."""

from __future__ import annotations

from collections.abc import Iterator

from ..spreadsheet import spreadsheet_bytes
from .card import Card, ListContents, SevereRow

CARDS_FILE = "support_list.csv"

_MOST_SENTENCES = 5
_MISSED = ("missed_without_authorisation", "late_after_registers_closed", "missed_through_illness")
CARDS_HEADER = (
    "review_ref", "part", "school", "locality", "year_group",
    *(f"{missed}_{year}" for year in ("this_year", "last_year") for missed in _MISSED),
    *(f"why_listed_{n}" for n in range(1, _MOST_SENTENCES + 1)),
    *(f"pointing_the_other_way_{n}" for n in range(1, _MOST_SENTENCES + 1)),
    "how_sure", "firm_or_borderline", "who_is_already_involved", "also_on_record", "who_leads", "what_they_receive",
    "rules_that_hold", "check_first", "since_the_last_list",
)  # fmt: skip


def list_tables(contents: ListContents) -> dict[str, bytes]:
    """Every table of a list by its file name, as bytes that a spreadsheet shows as text."""
    tables = {
        CARDS_FILE: (CARDS_HEADER, map(_card_row, contents.cards)),
        "missed_half_or_more.csv": (SevereRow._fields, map(_severe_row, contents.severe)),
        "virtual_school.csv": (
            ("review_ref", "school", "year_group", "status", "suspended", "has_card"),
            ((*row[:5], _yes_no(row.has_card)) for row in contents.virtual_school),
        ),
        "not_looked_at.csv": (
            ("review_ref", "last_school", "year_group", "last_on_roll", "reason"),
            contents.off_roll,
        ),
    }
    return {name: spreadsheet_bytes(header, rows) for name, (header, rows) in tables.items()}


def _yes_no(held: bool) -> str:
    return "yes" if held else "no"


def _padded(sentences: tuple[str, ...]) -> Iterator[str]:
    yield from (*sentences, *[""] * (_MOST_SENTENCES - len(sentences)))


def _joined(sentences: tuple[str, ...]) -> str:
    return " | ".join(sentences)


def _card_row(card: Card) -> list[str]:
    years = [cell for missed in card.missed for cell in (missed.unauthorised, missed.late, missed.illness)]
    since = ("New on this list",) if card.is_new else card.moved
    return [
        card.review_ref, card.part, card.school, card.locality, card.year_group, *years,
        *_padded(card.why_listed), *_padded(card.other_way), card.how_sure, card.standing,
        _joined(card.involved), _joined(card.context), card.route.lead, card.route.receives,
        _joined(card.prompts), _joined(card.checks), _joined(since),
    ]  # fmt: skip


def _severe_row(row: SevereRow) -> list[str]:
    return [*row[:5], _yes_no(row.on_the_list)]
