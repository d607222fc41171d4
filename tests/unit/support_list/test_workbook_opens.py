"""The workbook in another program than ours: LibreOffice opens it, saves it, and nothing of it is lost or runs."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from made_contents import PLAN, made_contents
from returned_copies import LIST_ID, filled_workbook, made_workbook, through_office

from absence_risk.decisions.declaration import ABOUT_SHEET, CHOICES_SHEET, FIELD_BY_NAME, FIELDS, REFERENCE
from absence_risk.decisions.returned import read_returned

#: Names of schools, each of which is a sheet's name too; and texts that stand on cards.
SCHOOLS = ("=1+1", "＝1+1", "=cmd|' /C calc'!A0", "'=1+1", "History", "[a]:*?/\\b", "$A$1:B2")
SAID = (
    "+1+1",
    "-1",
    "@SUM(1,1)",
    "\t=1+1",
    "\n=1+1",
    "{=1+1}",
    '=HYPERLINK("http://example.invalid","x")',
    "R1C1",
)
FILLED: Mapping[str, Mapping[str, Any]] = {
    "A-003": {
        "reviewer_role": "Early Help manager",
        "reviewed_on": date(2026, 11, 9),
        "school_contacted": "Yes",
        "school_contacted_on": date(2026, 11, 6),
        "already_known": "No",
        "initial_view": "Offer help",
        "final_decision": "Offer early help",
        "reason_code": PLAN.reasons[0],
        "reason_text": "- rang twice; = spoken to both",
        "route": "Early Help",
        "review_date": date(2027, 1, 29),
        "minutes_spent": 25,
    },
    "R-001": {"final_decision": "No action"},
    "B-001": {"final_decision": "Data wrong", "reviewed_on": date(2026, 11, 9)},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two workbooks, and the same saved by LibreOffice as .xlsx; the hostile one as .ods too."""
    out = tmp_path_factory.mktemp("office")
    hostile = made_contents(len(SCHOOLS), tuple((f"850{n:04d}", name) for n, name in enumerate(SCHOOLS)))
    cards = tuple(
        replace(card, why_listed=(said,), involved=(said,), checks=SAID)
        for card, said in zip(hostile.cards, SAID * 2, strict=False)
    )
    made = {
        "filled.xlsx": filled_workbook(made_workbook(), FILLED),
        "hostile.xlsx": made_workbook(replace(hostile, cards=cards), replace(PLAN, sheets_by="school")),
    }
    for name, data in made.items():
        (out / name).write_bytes(data)
    through_office([out / name for name in made], out / "saved")
    through_office([out / "hostile.xlsx"], out / "saved", "ods")
    return out


def test_drop_downs_dates_and_hidden_sheets_are_still_there(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "saved" / "hostile.xlsx")
    assert book[ABOUT_SHEET].sheet_state == book[CHOICES_SHEET].sheet_state == "hidden"
    assert dict(book[ABOUT_SHEET].iter_rows(values_only=True))["list_id"] == LIST_ID
    sheet = book["$A$1 B2"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        for part in str(rule.sqref).split():
            rules[part] = rule
    for field in FIELDS:
        letter = letters[field.header]
        rule = rules[f"{letter}2:{letter}{sheet.max_row}" if sheet.max_row > 2 else f"{letter}2"]
        if field.kind in ("choice", "yes_no"):
            assert rule.type == "list" and CHOICES_SHEET in rule.formula1
        elif field.kind in ("date", "number"):
            assert rule.type == {"date": "date", "number": "whole"}[field.kind]
        assert rule.prompt.startswith(field.hint)
    assert sheet.auto_filter.ref.startswith("A1:")


@pytest.mark.parametrize("name", ["filled", "hostile"])
def test_no_cell_has_become_a_formula(folder: Path, name: str) -> None:
    book = openpyxl.load_workbook(folder / "saved" / f"{name}.xlsx")
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type in ("f", "e")]
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.hyperlink]
    if name == "hostile":
        with zipfile.ZipFile(folder / "saved" / f"{name}.ods") as packed:
            content = packed.read("content.xml").decode("utf-8")
        assert "table:formula=" not in content
        assert content.count("<table:content-validation ") >= len(FIELDS) - 8


def test_hostile_names_are_still_the_names_they_were(folder: Path) -> None:
    before = openpyxl.load_workbook(folder / "hostile.xlsx")
    after = openpyxl.load_workbook(folder / "saved" / "hostile.xlsx")
    assert after.sheetnames == before.sheetnames
    schools = [[row[1].value for row in book["Overview"].iter_rows(min_row=2)] for book in (before, after)]
    assert schools[0] == schools[1]
    assert set(SCHOOLS) <= set(schools[1])


def test_what_was_filled_in_is_read_back_as_it_was_typed(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "saved" / "filled.xlsx")["Support list"]
    headers = {cell.value: cell.column for cell in sheet[1]}
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, headers[REFERENCE]).value == "A-003")
    for name, value in FILLED["A-003"].items():
        found = sheet.cell(row, headers[FIELD_BY_NAME[name].header]).value
        assert (found.date() if isinstance(found, datetime) else found) == value, name


def test_the_saved_copy_is_read_for_decisions(folder: Path) -> None:
    returned = read_returned(folder / "saved" / "filled.xlsx")
    assert returned.list_id == LIST_ID
    assert len(returned.refs) == len(made_contents().cards) + 1
    read = {record.review_ref: dict(record.values) for record in returned.records}
    expected = {
        ref: {
            name: value.isoformat() if isinstance(value, date) else str(value) for name, value in of.items()
        }
        for ref, of in FILLED.items()
    }
    assert read == expected
    assert not re.search("passed over", " ".join(returned.notes))
