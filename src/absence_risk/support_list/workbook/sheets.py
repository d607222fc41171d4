"""The sheets of a workbook as values: their columns and rows, before any program's form is put to them.

Evidence comes first, then the reviewer's own view, then how sure the list is, then the decision: a person who has
read the records and taken a view leans less on a machine's (the users' reference, section 2.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from ...decisions.declaration import FIELD_NAMES, FIELDS, REFERENCE, Field
from ..card import Card, ListContents, SevereRow
from ..page.words import PART_WORDS
from ..plan import Plan
from .names import sheet_name

#: Parts of which every row needs a decision before a contact list can be made.
MUST_DECIDE = ("main", "lead", "onset")

HOW_TO_USE, ALL, OVERVIEW = "How to use", "Support list", "Overview"
RESERVE, SEVERE = "Reserve", "Missed half or more"
VIRTUAL_SCHOOL, NOT_LOOKED_AT, CHANGES, CHRONOLOGY = (
    "Virtual school",
    "Not looked at",
    "What changed",
    "Chronology",
)
NO_LOCALITY = "No locality"
NOT_HELD, NONE_RECORDED = "not held", "None recorded"

Cell = str | date

_BEFORE_HOW_SURE = FIELD_NAMES.index("initial_view") + 1
#: Widths of columns to fill in, in characters, by kind; free text needs room.
_WIDTHS = {"choice": 17.0, "yes_no": 10.0, "date": 12.0, "number": 9.0, "text": 21.0}


@dataclass(frozen=True)
class Column:
    """One column: its header, width in characters, and the field of the decision record that is filled in here."""

    header: str
    width: float
    field: Field | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines above the table, columns, rows of cells. A column with a field is left empty in every row.

    Attributes
    ----------
    frozen : int
        Columns on the left that stay in view.
    pages_wide : int
        Sheets of paper side by side when printed; a column of 2 mm can be read by nobody.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[str, ...] = ()
    frozen: int = 1
    pages_wide: int = 1
    decides: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decides", any(column.field is not None for column in self.columns))


def fields_of(names: Sequence[Field]) -> tuple[Column, ...]:
    """Columns to fill in."""
    return tuple(Column(each.header, _WIDTHS[each.kind], each) for each in names)


def working_sheets(
    plan: Plan, contents: ListContents, years: tuple[str, str], taken: Sequence[str]
) -> list[Sheet]:
    """The sheets on which decisions are recorded, with an overview before them where there are several.

    Parameters
    ----------
    plan : Plan
        Says whether there is one sheet, or one for each school or locality.
    contents : ListContents
        What stands on the list; its order is kept.
    years : tuple of str
        This year and the year before, as ``2025/26``.
    taken : sequence of str
        Names that other sheets of the workbook bear.
    """
    cards = tuple(card for card in contents.cards if card.part in MUST_DECIDE)
    severe = {row.review_ref: row for row in contents.severe if row.on_the_list}
    table = _CardTable(plan, years, severe)
    sheets = (
        [table.sheet(ALL, cards)] if plan.sheets_by == "none" else _divided(plan, cards, table, years, taken)
    )
    if reserve := contents.of_part("reserve"):
        sheets.append(table.sheet(RESERVE, reserve))
    if alone := tuple(row for row in contents.severe if not row.on_the_list):
        sheets.append(_severe_sheet(alone))
    return sheets


def _divided(
    plan: Plan, cards: Sequence[Card], table: _CardTable, years: tuple[str, str], taken: Sequence[str]
) -> list[Sheet]:
    # By number too: two schools may bear one name, and each has a sheet of its own.
    groups: dict[tuple[str, str], list[Card]] = {}
    for card in cards:
        key = (
            (card.school, card.school_id)
            if plan.sheets_by == "school"
            else (card.locality or NO_LOCALITY, "")
        )
        groups.setdefault(key, []).append(card)
    names = [*taken, OVERVIEW, RESERVE, SEVERE]
    sheets: list[Sheet] = []
    named: dict[str, str] = {}
    for key in sorted(groups):
        name = sheet_name(key[0], names)
        names.append(name)
        sheets.append(table.sheet(name, groups[key]))
        named |= {card.review_ref: name for card in groups[key]}
    return [_overview(plan, cards, named, years), *sheets]


def _overview(plan: Plan, cards: Sequence[Card], named: Mapping[str, str], years: tuple[str, str]) -> Sheet:
    columns = (*_who_columns(plan), Column(f"Missed without authorisation, {years[0]}", 18), Column("Who leads", 34),
               Column("Decide on sheet", 32))  # fmt: skip
    rows = tuple(
        (*_who(card, plan), _missed(card, years[0])[0], card.route.lead, named[card.review_ref])
        for card in cards
    )
    return Sheet(OVERVIEW, columns, rows)


def _who_columns(plan: Plan) -> tuple[Column, ...]:
    locality = (Column("Locality", 12),) if plan.localities else ()
    return (
        Column(REFERENCE, 11),
        Column("School", 22),
        Column("Part of the list", 13),
        *locality,
        Column("Year group", 8),
    )


def _who(card: Card, plan: Plan) -> tuple[str, ...]:
    locality = (card.locality or NO_LOCALITY,) if plan.localities else ()
    return (card.review_ref, card.school, PART_WORDS[card.part][0], *locality, card.year_group)


def _missed(card: Card, year: str) -> tuple[str, str, str]:
    for missed in card.missed:
        if missed.year == year:
            return missed.unauthorised, missed.late, missed.illness
    return NOT_HELD, NOT_HELD, NOT_HELD


@dataclass(frozen=True)
class _CardTable:
    """How cards stand as rows: the columns on what the records show, with those of the decision record between."""

    plan: Plan
    years: tuple[str, str]
    severe: Mapping[str, SevereRow]

    def sheet(self, name: str, cards: Sequence[Card]) -> Sheet:
        columns = (
            *self._evidence_columns(),
            *fields_of(FIELDS[:_BEFORE_HOW_SURE]),
            Column("Firm or borderline", 11.5),
            Column("How sure", 56),
            *fields_of(FIELDS[_BEFORE_HOW_SURE:]),
        )
        rows = tuple((*self._evidence(card), *_how_sure(card)) for card in cards)
        return Sheet(name, columns, rows, frozen=2, pages_wide=6)

    def _evidence_columns(self) -> tuple[Column, ...]:
        said = ("Missed without authorisation", "Arrived after registers closed", "Missed through illness")
        return (
            *_who_columns(self.plan),
            *(Column(f"{what}, {year}", 12.5) for year in self.years for what in said),
            Column("Why listed", 62),
            Column("What speaks the other way", 42),
            Column("Involved now?", 10),
            Column("Who is involved", 46),
            Column("Also on record", 30),
            Column("Who leads", 22),
            Column("Why this lead, and what they receive", 38),
            Column("Rules that hold", 44),
            *((Column("Brothers or sisters on this list", 12),) if self.plan.show_siblings else ()),
            Column("Check first", 24),
        )

    def _evidence(self, card: Card) -> Iterator[str]:
        yield from _who(card, self.plan)
        yield from chain.from_iterable(_missed(card, year) for year in self.years)
        yield from (
            lines(card.why_listed), lines(card.other_way), "Yes" if card.is_involved else NONE_RECORDED,
            lines(card.involved), lines(card.context), card.route.lead,
            lines((card.route_words, card.route.receives)), self._rules(card),
        )  # fmt: skip
        if self.plan.show_siblings:
            yield ", ".join(card.siblings) or NONE_RECORDED
        yield lines(card.checks)

    def _rules(self, card: Card) -> str:
        row = self.severe.get(card.review_ref)
        half = (f"Missed half or more of school: {row.days_missed} of {row.days_possible}.",) if row else ()
        return lines((*half, *card.prompts)) if half or card.prompts else "None"


def _how_sure(card: Card) -> tuple[str, str]:
    return card.standing.capitalize() or "Not known", lines((card.how_sure, card.standing_words))


def lines(sentences: Sequence[str]) -> str:
    """Several sentences in one cell, one to a line."""
    return "\n".join(sentence for sentence in sentences if sentence) or NONE_RECORDED


def _severe_sheet(severe: Sequence[SevereRow]) -> Sheet:
    columns = (Column(REFERENCE, 11), Column("School", 24), Column("Year group", 8),
               Column("Missed for any reason", 14), Column("Of", 12), *fields_of(FIELDS))  # fmt: skip
    return Sheet(SEVERE, columns, tuple(tuple(row[:5]) for row in severe), frozen=2, pages_wide=3)
