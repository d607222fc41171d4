"""Names of sheets that every spreadsheet program takes, whatever a school is called.

Source: Microsoft, Rename a worksheet: at most 31 characters; none of / \\ ? * : [ ]; no apostrophe first or last; not
empty; not History. Two sheets of one workbook may not differ in capitals alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ...spreadsheet import utf16_cut, utf16_length, workbook_text

LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\s]+")
_FALLBACK = "Sheet"


def sheet_name(wanted: str, taken: Collection[str]) -> str:
    """A name like ``wanted`` that is allowed and not yet ``taken``, capitals apart.

    >>> sheet_name("St Mary's: [Upper] School", ["How to use"])
    "St Mary's Upper School"
    >>> sheet_name("how to use", ["How to use"])
    'how to use (2)'
    """
    name = _trimmed(_FORBIDDEN.sub(" ", workbook_text(wanted)), LONGEST) or _FALLBACK
    used = {_folded(other) for other in taken} | {"history"}
    number, candidate = 1, name
    while _folded(candidate) in used:
        number += 1
        mark = f" ({number})"
        candidate = _trimmed(name, LONGEST - len(mark)) + mark
    return candidate


def _folded(name: str) -> str:
    # Programs differ in how they fold capitals: what any of them may take for equal counts as equal here.
    return name.casefold().lower()


def _trimmed(name: str, longest: int) -> str:
    cut = utf16_cut(name, longest) if utf16_length(name) > longest else name
    return cut.strip(" '\u2019\uff07")
