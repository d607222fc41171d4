"""Text for people's spreadsheets: no cell can run as a formula, and Excel reads it as UTF-8.

Source: OWASP, CSV Injection (cells that start with = + - @ tab or carriage return), with the full-width forms
that East Asian editions of Excel also take for formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
# Beside control characters: halves of characters and those that XML forbids, which no file can hold, and marks that
# turn the direction of writing, with which a name can be made to read as another.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")

#: What one cell of a workbook can hold, in UTF-16 units (Microsoft, Excel specifications and limits).
CELL_LIMIT = 32_767
_CUT = " [cut short here]"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run this text, were it typed into a cell."""
    return _STARTS_A_FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """A cell that a spreadsheet shows as text; :func:`unguarded` gives the text back.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("Hill School")
    ("'=1+1", "''=1+1", 'Hill School')
    """
    clean = _CONTROL.sub(" ", text)
    return f"'{clean}" if looks_like_formula(clean.lstrip("'")) else clean


def unguarded(cell: str) -> str:
    """The text behind a guarded cell.

    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'s Hertogenbosch")
    ('=1+1', "'=1+1", "'s Hertogenbosch")
    """
    guard = cell.startswith("'") and looks_like_formula(cell.lstrip("'"))
    return cell[1:] if guard else cell


def workbook_text(text: str) -> str:
    r"""Text as a cell of a workbook can hold it: no control characters, plain line ends, cut with a mark if too long.

    >>> workbook_text("Hill\x00 Top\r\nSchool")
    'Hill  Top\nSchool'
    """
    clean = _CONTROL.sub(" ", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    if utf16_length(clean) <= CELL_LIMIT:
        return clean
    return utf16_cut(clean, CELL_LIMIT - len(_CUT)) + _CUT


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, in which Excel counts: an emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def utf16_cut(text: str, limit: int) -> str:
    """The longest beginning of at most ``limit`` UTF-16 units, with no character cut in half."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")


def _quoted(cell: str) -> str:
    return '"' + guarded(cell).replace('"', '""') + '"'


def spreadsheet_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of text as CSV: every cell guarded and quoted, byte-order mark, CRLF."""
    lines = [",".join(_quoted(cell) for cell in row) for row in (header, *rows)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8")
