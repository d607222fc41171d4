"""CSV for people's spreadsheets: no cell can run as a formula, and Excel reads it as UTF-8.

Source: OWASP, CSV Injection (cells that start with = + - @ tab or carriage return), with the full-width forms
that East Asian editions of Excel also take for formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def guarded(text: str) -> str:
    """A cell that a spreadsheet shows as text.

    >>> guarded("=1+1"), guarded("Hill School")
    ("'=1+1", 'Hill School')
    """
    clean = _CONTROL.sub(" ", text)
    return f"'{clean}" if _STARTS_A_FORMULA.match(clean) else clean


def _quoted(cell: str) -> str:
    return '"' + guarded(cell).replace('"', '""') + '"'


def spreadsheet_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of text as CSV: every cell guarded and quoted, byte-order mark, CRLF."""
    lines = [",".join(_quoted(cell) for cell in row) for row in (header, *rows)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8")
