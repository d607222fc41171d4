"""The list as an Excel workbook to work in: filters, drop-downs for the decision record, text that stays text.

Everything is written as text or as a date; nothing of the data can become a formula, a number or a link. The same
input gives the same bytes: the workbook bears the as-of date, never the time at which it was made.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ...decisions.declaration import ABOUT_SHEET, CHOICES_SHEET, SHEET_FORMAT
from ...domain.academic_year import AcademicYear
from ...features.phrasing import day_words
from ...spreadsheet import looks_like_formula, utf16_cut, workbook_text
from .further_sheets import further_sheets
from .how_to_use import Line, how_to_use
from .looks import FORMATS, HEADING_HEIGHT, TYPEFACE, row_height
from .rules import Choices, choices_of, choices_rows, rule_of
from .sheets import (
    ALL,
    CHANGES,
    CHRONOLOGY,
    HOW_TO_USE,
    NOT_LOOKED_AT,
    VIRTUAL_SCHOOL,
    Cell,
    Sheet,
    working_sheets,
)

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from ...reports.gate_statement import GateStatement
    from ..card import ListContents
    from ..plan import Plan
    from ..terms import Terms

_OWN_SHEETS = (
    HOW_TO_USE,
    ALL,
    VIRTUAL_SCHOOL,
    NOT_LOOKED_AT,
    CHANGES,
    CHRONOLOGY,
    ABOUT_SHEET,
    CHOICES_SHEET,
)
_PURPOSE = (
    "For offers of support only. Not for penalty notices, prosecution or any sanction, nor as evidence."
)
_A4 = 9
#: Longest text of a page's header or footer (Microsoft, Excel specifications and limits), less room for its commands.
_LONGEST_FOOTER = 255 - 40
_LABEL_WIDTH, _SAID_WIDTH = 28.0, 108.0


def workbook_bytes(
    manifest: Mapping[str, Any],
    terms: Terms,
    plan: Plan,
    contents: ListContents,
    *,
    list_id: str,
    gates: GateStatement,
    past: Sequence[str] = (),
) -> bytes:
    """The workbook of a list, the same bytes for the same input.

    Parameters
    ----------
    manifest : mapping
        The scored table's manifest: as-of date, outcome, sources, counts, model.
    terms : Terms
        Purpose, length, owner and last day of use.
    plan : Plan
        The authority's choices: sheets by school or locality, and its words for the drop-downs.
    contents : ListContents
        What stands on the list, in order.
    list_id : str
        Written on a hidden sheet, so that a returned copy says which list it belongs to.
    gates : GateStatement
        What is said of the gates of the model, in the first lines if it did not pass them.
    past : sequence of str
        How often lists like this were right in past years.
    """
    year = AcademicYear.parse(manifest["feature_year"])
    sheets = [
        *working_sheets(plan, contents, (str(year), str(year.previous)), _OWN_SHEETS),
        *further_sheets(manifest, contents),
    ]
    first = how_to_use(manifest, terms, plan, contents, sheets, list_id=list_id, gates=gates, past=past)
    held = io.BytesIO()
    with _workbook(held) as book:
        _name_properties(book, manifest, terms, list_id)
        writer = _Writer(book, _footer(terms, list_id), _in_header(gates.running), choices_of(plan))
        writer.first_sheet(first)
        for sheet in sheets:
            writer.sheet(sheet)
        writer.hidden(CHOICES_SHEET, choices_rows(choices_of(plan)))
        rows = sum(len(sheet.rows) for sheet in sheets if sheet.decides)
        about = (("list_id", list_id), ("format", str(SHEET_FORMAT)), ("rows", str(rows)))
        writer.hidden(ABOUT_SHEET, about)
    return held.getvalue()


def _workbook(held: io.BytesIO) -> xlsxwriter.Workbook:
    import xlsxwriter

    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    return xlsxwriter.Workbook(
        held, {"in_memory": True, "default_format_properties": dict(TYPEFACE), **options}
    )


def _name_properties(
    book: xlsxwriter.Workbook, manifest: Mapping[str, Any], terms: Terms, list_id: str
) -> None:
    book.set_properties(
        {
            "title": f"Support-offer list {list_id}",
            "company": workbook_text(terms.owner),
            "comments": _PURPOSE,
            "created": datetime.combine(date.fromisoformat(manifest["as_of"]), datetime.min.time()),
        }
    )


def _footer(terms: Terms, list_id: str) -> str:
    said = f"{_PURPOSE} List {list_id}; last day of use {day_words(terms.expires)}."
    return f"&L&8 {_in_header(said)}&R&8 Page &P of &N"


def _in_header(text: str) -> str:
    """Text fit for a page's header or footer, where an ampersand begins a command."""
    return utf16_cut(workbook_text(text).replace("&", "and"), _LONGEST_FOOTER)


class _Writer:
    """Puts sheets into a workbook, with one form for all of them."""

    def __init__(self, book: xlsxwriter.Workbook, footer: str, running: str, choices: Choices) -> None:
        self._book, self._footer, self._running, self._choices = book, footer, running, choices
        self._formats: dict[tuple[str, bool], Format] = {}

    def first_sheet(self, first: Sequence[Line]) -> None:
        """The sheet that explains the others: labels beside sentences."""
        page = self._book.add_worksheet(HOW_TO_USE)
        page.hide_gridlines(2)
        page.set_column(0, 0, _LABEL_WIDTH)
        page.set_column(1, 1, _SAID_WIDTH)
        for row, line in enumerate(first):
            if line.style in ("title", "heading"):
                self._put(page, row, 0, line.label, line.style)
                self._put(page, row, 1, "", line.style)
                page.set_row(row, HEADING_HEIGHT)
            else:
                self._put(page, row, 0, line.label, "label")
                self._put(page, row, 1, line.said, line.style)
                cells = [(workbook_text(line.label), _LABEL_WIDTH), (workbook_text(line.said), _SAID_WIDTH)]
                page.set_row(row, row_height(cells, bold=line.style == "notice"))
        self._printed(page, 1)

    def sheet(self, sheet: Sheet) -> None:
        """A sheet with a table: header and first columns in view, filters, and drop-downs where it is filled in."""
        page = self._book.add_worksheet(sheet.name)
        for row, said in enumerate(sheet.lines):
            self._put(page, row, 0, said, "line")
        head = len(sheet.lines)
        self._head(page, sheet, head)
        # A table without a row says so in its first cell, so that nobody takes it for one that failed to load.
        rows = sheet.rows or (("None", *[""] * (len(sheet.columns) - 1)),)
        for row, cells in enumerate(rows, start=head + 1):
            self._row(page, sheet, row, cells)
        last = head + len(rows)
        for place, column in enumerate(sheet.columns):
            if column.field is not None:
                page.data_validation(head + 1, place, last, place, rule_of(column.field, self._choices))
        page.autofilter(head, 0, last, len(sheet.columns) - 1)
        page.freeze_panes(head + 1, sheet.frozen)
        page.repeat_rows(head)
        page.repeat_columns(0, sheet.frozen - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
        self._printed(page, sheet.pages_wide)

    def hidden(self, name: str, rows: Sequence[Sequence[str]]) -> None:
        """A sheet that a reviewer need not see: its rows as they are."""
        page = self._book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if cell:
                    self._put(page, row, place, cell, "line")
        page.hide()

    def _head(self, page: Worksheet, sheet: Sheet, row: int) -> None:
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, column.width)
            self._put(page, row, place, column.header, "head to fill in" if column.field else "head")
        # Room for the arrow of the filter, beside or below the words.
        page.set_row(row, row_height([(c.header, c.width - 2) for c in sheet.columns], bold=True))

    def _row(self, page: Worksheet, sheet: Sheet, row: int, cells: Sequence[Cell]) -> None:
        given, texts = iter(cells), []
        for place, column in enumerate(sheet.columns):
            if column.field is None:
                cell = next(given)
                self._put(page, row, place, cell, "cell")
                texts.append((cell if isinstance(cell, str) else "", column.width))
            else:
                kind = column.field.kind if column.field.kind in ("date", "number") else "text"
                self._put(page, row, place, "", f"fill in {kind}")
        page.set_row(row, row_height(texts))

    def _put(self, page: Worksheet, row: int, place: int, cell: Cell, form: str) -> None:
        if isinstance(cell, date):
            page.write_datetime(row, place, datetime.combine(cell, datetime.min.time()), self._form("date"))
        elif text := workbook_text(cell):
            page.write_string(row, place, text, self._form(form, quoted=looks_like_formula(text)))
        else:
            page.write_blank(row, place, None, self._form(form))

    def _form(self, name: str, *, quoted: bool = False) -> Format:
        if (name, quoted) not in self._formats:
            # The quote prefix keeps a text that looks like a formula a text, even when somebody edits the cell.
            self._formats[name, quoted] = self._book.add_format({**FORMATS[name], "quote_prefix": quoted})
        return self._formats[name, quoted]

    def _printed(self, page: Worksheet, pages_wide: int) -> None:
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.4, right=0.4, top=0.6 if self._running else 0.4, bottom=0.7)
        page.fit_to_pages(pages_wide, 0)
        page.print_across()
        page.set_footer(self._footer, {"margin": 0.3})
        if self._running:
            page.set_header(f"&L&8 {self._running}", {"margin": 0.3})
