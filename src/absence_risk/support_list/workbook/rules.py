"""What may be typed into the columns of the decision record: drop-downs, dates, whole numbers, and a hint for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...decisions.declaration import CHOICES_SHEET, DATE_FORM, FIELDS, Field
from ...spreadsheet import utf16_cut, workbook_text
from ..plan import Plan

Choices = Mapping[str, tuple[str, ...]]

#: A day before this is a slip of the hand.
EARLIEST = date(2020, 1, 1)
#: Longest texts that the format takes (Microsoft, Excel specifications and limits; input messages).
_LONGEST_TITLE, _LONGEST_MESSAGE = 32, 255


def choices_of(plan: Plan) -> Choices:
    """The choices of each drop-down by the name of its field; a column for which there are none is left open."""
    found = {
        field.name: field.choices or (tuple(getattr(plan, field.vocabulary)) if field.vocabulary else ())
        for field in FIELDS
    }
    return {name: tuple(map(workbook_text, choices)) for name, choices in found.items() if choices}


def choices_rows(choices: Choices) -> list[tuple[str, ...]]:
    """The sheet of choices: a column for each drop-down, with the name of its field above.

    The name and not the header: a sheet with the headers of the decision record would be read for decisions.
    """
    longest = max(map(len, choices.values()), default=0)
    columns = [(name, *of, *[""] * (longest - len(of))) for name, of in choices.items()]
    return list(zip(*columns, strict=True))


def rule_of(field: Field, choices: Choices) -> dict[str, Any]:
    """What may be typed for a field, as ``xlsxwriter`` takes it; free text has a hint alone.

    A wrong entry is stopped, not warned of: a choice spelt in another way would come back as another choice.
    """
    rule: dict[str, Any] = {"validate": "any"}
    hint, wrong = field.hint, ""
    if field.name in choices:
        rule = {"validate": "list", "source": _range_of(field.name, choices)}
        wrong = "Please choose one from the drop-down."
    elif field.kind == "date":
        rule = {"validate": "date", "criteria": ">=", "value": EARLIEST}
        hint = f"{hint} Day first: {DATE_FORM}, such as 03/11/2026."
        wrong = f"Please type a date, day first: {DATE_FORM}."
    elif field.kind == "number":
        rule = {"validate": "integer", "criteria": ">=", "value": 0}
        wrong = "Please type a whole number."
    said = f"{hint} Every row needs this." if field.required else hint
    rule |= {
        "input_title": utf16_cut(field.header, _LONGEST_TITLE),
        "input_message": utf16_cut(said, _LONGEST_MESSAGE),
    }
    return rule | ({"error_title": "Please check", "error_message": wrong} if wrong else {})


def _range_of(name: str, choices: Choices) -> str:
    # There are far fewer drop-downs than letters.
    letter = chr(ord("A") + list(choices).index(name))
    return f"='{CHOICES_SHEET}'!${letter}$2:${letter}${len(choices[name]) + 1}"
