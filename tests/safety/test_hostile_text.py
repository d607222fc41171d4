"""Hostile text in every place for other people's words: it is shown as text, in a page, a workbook, a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from hostile_strings import HALVES, HOSTILE
from made_contents import GATES, MANIFEST, PLAN, TERMS, made_contents
from returned_copies import made_workbook, through_office
from test_statement_page import made as made_statement

from absence_risk.decisions.cell_values import NotFit, value_of
from absence_risk.decisions.declaration import FIELD_BY_NAME
from absence_risk.errors import UsageError
from absence_risk.spreadsheet import guarded, looks_like_formula, spreadsheet_bytes, unguarded, workbook_text
from absence_risk.support_list.card import ListContents
from absence_risk.support_list.list_tables import list_tables
from absence_risk.support_list.page.page import page

Counted = Callable[[str, int, int], None]
#: Attributes whose values may differ with the words, as they carry them.
_CARRY_WORDS = frozenset({"value", "title", "aria-label", "data-is", "content"})


class Structure(HTMLParser):
    """Elements with their attributes, and the text, as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []
        self.remarks = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = ((name, None if name in _CARRY_WORDS else value) for name, value in attrs)
        self.elements.append((tag, tuple(kept)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.remarks += 1

    def unknown_decl(self, data: str) -> None:
        self.remarks += 1

    @property
    def read(self) -> str:
        return " ".join("".join(self.words).split())


def plain(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"Plain {number}" for number in range(len(texts)))


def contents_with(texts: Sequence[str]) -> ListContents:
    """A list in whose every place for other people's words stands one of the texts."""
    schools = tuple((f"850{number:04d}", text) for number, text in enumerate(texts))
    made = made_contents(len(texts), schools)
    cards = tuple(
        replace(
            card,
            locality="North",
            involved=(text,),
            why_listed=(text,),
            checks=(text,),
            moved=(text,),
            is_new=False,
            route=replace(card.route, lead="Early Help", receives=text),
        )
        for card, text in zip(made.cards, [*texts, *texts], strict=False)
    )
    return replace(made, cards=cards)


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_a_page_has_the_same_elements_whatever_the_words(counted: Counted, every: int) -> None:
    texts = HOSTILE[::every]

    def made(of: Sequence[str]) -> Structure:
        plan = replace(PLAN, contact=f"Ask {''.join(of)}", questions=tuple(of))
        return Structure(page(MANIFEST, TERMS, plan, contents_with(of), GATES, list_id="5c0ffee5"))

    # Filters and rows stand in the order of names, so only their number and kind can be compared.
    hostile, sound = made(texts), made(plain(texts))
    assert sorted(map(repr, hostile.elements)) == sorted(map(repr, sound.elements))
    assert hostile.remarks == sound.remarks == 0
    held = sum(squeezed(text) in hostile.read for text in texts)
    counted("hostile text: list page", len(texts), held)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_a_workbook_says_what_went_in_and_no_cell_is_a_formula_or_a_link(
    counted: Counted, every: int
) -> None:
    texts = HOSTILE[::every]
    book = openpyxl.load_workbook(
        io.BytesIO(made_workbook(contents_with(texts), replace(PLAN, sheets_by="school")))
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type in ("f", "e") or cell.hyperlink]
    found = {cell.value for cell in cells if isinstance(cell.value, str)}
    read = "\x1f".join(found)
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in book.sheetnames)
    counted("hostile text: workbook", len(texts), sum(workbook_text(text) in read for text in texts))


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_no_cell_of_a_table_starts_a_formula_and_the_words_can_be_had_back(
    counted: Counted, every: int
) -> None:
    texts = HOSTILE[::every]
    tables = list_tables(contents_with(texts))
    tables["contacts.csv"] = spreadsheet_bytes(("a", "b"), [(text, text) for text in texts])
    for name, data in tables.items():
        said = data.decode("utf-8-sig")
        for row in csv.reader(io.StringIO(said, newline="")):
            assert not any(looks_like_formula(cell) for cell in row), name
    rows = list(csv.reader(io.StringIO(tables["contacts.csv"].decode("utf-8-sig"), newline="")))[1:]
    # Control characters and marks that turn the writing become blanks; everything else comes back.
    held = sum(unguarded(row[0]) == guarded(f"x{text}")[1:] for row, text in zip(rows, texts, strict=True))
    counted("hostile text: tables", len(texts), held)


def test_a_statement_has_the_same_elements_whatever_the_words(counted: Counted) -> None:
    texts = HOSTILE[::5]
    sound = Structure(made_statement("Plain", "Plain"))
    held = 0
    for text in texts:
        found = Structure(made_statement(text, text))
        held += found.elements == sound.elements and squeezed(text) in found.read
    counted("hostile text: statement", len(texts), held)


def test_a_note_in_a_returned_cell_is_kept_as_text_or_refused_in_words(counted: Counted) -> None:
    held = 0
    note = FIELD_BY_NAME["reason_text"]
    for text in (*HOSTILE, *HALVES):
        try:
            kept = value_of(text, note)
        except NotFit as fault:
            held += text not in str(fault) or len(text) < 3
            continue
        kept.encode("utf-8")
        held += value_of(kept, note) == kept and not any(ord(c) < 32 and c != "\n" for c in kept)
    counted("hostile text: notes", len(HOSTILE) + len(HALVES), held)


@pytest.mark.parametrize("owner", [*HALVES, "a\x00b", "a\nb", "\u202eEarly Help"])
def test_an_owner_that_cannot_be_printed_is_refused_before_anything_is_made(owner: str) -> None:
    with pytest.raises(UsageError, match="cannot be printed"):
        replace(TERMS, owner=owner).check(TERMS.expires.replace(year=2020), TERMS.expires)


@pytest.mark.slow
def test_libreoffice_finds_no_formula_in_tables_and_workbooks(tmp_path: Path, counted: Counted) -> None:
    (tmp_path / "tables.csv").write_bytes(spreadsheet_bytes(("a",), [(text,) for text in HOSTILE]))
    (tmp_path / "book.xlsx").write_bytes(made_workbook(contents_with(HOSTILE)))
    (from_csv,) = through_office([tmp_path / "tables.csv"], tmp_path / "saved", "xlsx")
    (from_book,) = through_office([tmp_path / "book.xlsx"], tmp_path / "saved2", "xlsx")
    for path in (from_csv, from_book):
        book = openpyxl.load_workbook(path)
        assert not [
            c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink
        ]
    counted("hostile text: LibreOffice", 2 * len(HOSTILE), 2 * len(HOSTILE))
