"""How the sheets look: weight and fill that need no colour to be understood, and rows high enough for their text.

Fills tell columns apart for those who see them; the header of a column to fill in is named on the first sheet too.
Contrast of text and fill is at least 7 to 1 (WCAG 2.2, 1.4.6). No colour stands for a child.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from ...decisions.declaration import DATE_FORM

_INK, _LINE, _SHADE = "#1F2A33", "#B9C4CA", "#EEF3F4"
_HEAD, _HEAD_TO_FILL_IN = "#1D5A6B", "#33344F"
#: A typeface with the same widths on every system, so that columns and rows are everywhere as they are reckoned here.
TYPEFACE = {"font_name": "Arial", "font_size": 10}
_FONT = {**TYPEFACE, "font_color": _INK, "valign": "top"}
_TEXT = {**_FONT, "text_wrap": True}
_BOX = {**_TEXT, "border": 1, "border_color": _LINE}
_HEADER = {**_BOX, "bold": True, "font_color": "#FFFFFF"}
_TO_FILL_IN = {**_BOX, "bg_color": _SHADE}

FORMATS: dict[str, dict[str, Any]] = {
    "cell": _BOX,
    "date": {**_BOX, "num_format": DATE_FORM, "align": "left"},
    "line": _FONT,
    "head": {**_HEADER, "bg_color": _HEAD},
    "head to fill in": {**_HEADER, "bg_color": _HEAD_TO_FILL_IN},
    # Typed text stays text: a reason that begins with a dash must not turn into a formula that fails.
    "fill in text": {**_TO_FILL_IN, "num_format": "@"},
    "fill in date": {**_TO_FILL_IN, "num_format": DATE_FORM, "align": "left"},
    "fill in number": {**_TO_FILL_IN, "num_format": "0", "align": "left"},
    "title": {**_FONT, "bold": True, "font_size": 18},
    "heading": {**_FONT, "bold": True, "font_size": 13, "font_color": _HEAD, "valign": "bottom",
                "bottom": 1, "bottom_color": _HEAD},
    "label": {**_TEXT, "bold": True},
    "plain": _TEXT,
    "notice": {**_TEXT, "bold": True, "border": 1, "border_color": _INK},
}  # fmt: skip

HEADING_HEIGHT = 28.0
#: Points of one line, and the highest row there can be (Microsoft, Excel specifications and limits).
_LINE_HEIGHT, _HIGHEST = 13.0, 409.0
#: Letters of running text to the unit of a column's width, which is one figure wide; measured on Arial.
_LETTERS, _BOLD_LETTERS = 1.12, 1.04


def row_height(cells: Iterable[tuple[str, float]], *, bold: bool = False) -> float | None:
    """Points that the longest of the cells needs, from text and width; None for one line, which then grows by itself.

    Programs differ in whether they fit rows to their text on opening; LibreOffice shows one line of many.
    """
    needed = max(
        (_lines(text, width * (_BOLD_LETTERS if bold else _LETTERS)) for text, width in cells), default=1
    )
    return min(needed * _LINE_HEIGHT + 3, _HIGHEST) if needed > 1 else None


def _lines(text: str, width: float) -> int:
    characters = max(int(width), 1)
    if len(text) > 200 * characters:
        return 200
    return sum(max(len(textwrap.wrap(line, characters)), 1) for line in text.split("\n"))
