"""A cell of the decision record as people fill it in, turned into the text the register keeps; nothing is guessed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from ..logbook.entries import NAMES_A_PUPIL
from .declaration import DATE_FORM, Field

#: Longest free text: a reason, not a case note.
LONGEST_TEXT = 2_000
#: Dates outside these years are slips of the hand.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_MOST_NUMBER = 100_000

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
#: Marks that turn the direction of writing, by which a text can be made to look like another.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")


class NotFit(Exception):
    """A cell does not hold what its column asks for; says what was expected, never what was found."""


def value_of(cell: Any, field: Field, choices: Sequence[str] = ()) -> str:
    """The text of one cell, empty where nothing is filled in.

    Parameters
    ----------
    cell : None, str, int, float, bool, date, datetime or other
        As the workbook holds it.
    field : Field
        The column.
    choices : sequence of str
        What may be chosen; empty where the authority's own words are not at hand, and then any line of text may.

    Raises
    ------
    NotFit
        If it is not of the column's kind.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return ""
    if field.kind == "date":
        return _date(cell)
    if field.kind == "number":
        return _whole(cell)
    if field.kind == "text":
        return _text(cell)
    return _choice(cell, choices)


def _date(cell: Any) -> str:
    found = _written_date(cell) if isinstance(cell, str) else _true_date(cell)
    if not EARLIEST <= found <= LATEST:
        raise NotFit(f"expected a day between {EARLIEST.year} and {LATEST.year}")
    return found.isoformat()


def _true_date(cell: Any) -> date:
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise NotFit("expected a date, found a date with a time of day")
        return cell.date()
    if isinstance(cell, date):
        return cell
    raise NotFit(f"expected a date, found a plain number; type it as {DATE_FORM}")


def _written_date(cell: str) -> date:
    found = _DATE.fullmatch(cell.strip())
    if found is None:
        raise NotFit(f"expected a date as {DATE_FORM}, with four figures for the year")
    day, month, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise NotFit(f"no such day: expected {DATE_FORM}, the day first") from None


def _whole(cell: Any) -> str:
    if isinstance(cell, str) and (typed := _WHOLE.fullmatch(cell.strip())):
        cell = int(typed.group())
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if not number or not 0 <= cell <= _MOST_NUMBER or cell != int(cell):
        raise NotFit("expected a whole number, nought or more")
    return str(int(cell))


def _text(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        cell = f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    said = unicodedata.normalize("NFC", str(cell)).replace("\r\n", "\n").replace("\r", "\n")
    said = "".join(
        c for c in _TURNS.sub("", said) if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    said = said.strip()
    if len(said) > LONGEST_TEXT:
        raise NotFit(f"expected at most {LONGEST_TEXT:,} characters, found {len(said):,}; shorten it")
    if NAMES_A_PUPIL.search(said):
        raise NotFit(
            "the text holds what has the form of a pupil's number; use the reference of the row instead"
        )
    return said


def _choice(cell: Any, choices: Sequence[str]) -> str:
    said = " ".join(_text(cell).split())
    if not choices:
        return said
    known = {choice.casefold(): choice for choice in choices}
    if said.casefold() in known:
        return known[said.casefold()]
    # The nearest choice is told, never what was found: somebody may have typed a name into the cell.
    near = difflib.get_close_matches(said.casefold(), list(known), n=1)
    hint = f"did you mean “{known[near[0]]}”?" if near else f"the choices are: {', '.join(choices)}"
    raise NotFit(f"expected one of the choices of the drop-down; {hint}")
