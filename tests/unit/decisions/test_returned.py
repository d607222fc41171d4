"""A returned copy is read exactly or refused in words, every fault at once, and never with what a cell says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_copies import LIST_ID, NO_ACTION, OFFER, as_text, column_of, write_copy

from absence_risk.decisions import returned
from absence_risk.decisions.cell_values import NotFit, value_of
from absence_risk.decisions.declaration import FIELD_BY_NAME, FIELDS, REFERENCE
from absence_risk.decisions.returned import read_returned
from absence_risk.errors import InputError


def _refused(path: Path) -> str:
    with pytest.raises(InputError) as fault:
        read_returned(path)
    return str(fault.value)


def test_a_copy_is_read_as_it_was_filled_in(tmp_path: Path) -> None:
    offer = {**OFFER, "minutes_spent": 25, "reason_text": "Mother rang; =SUM is only text here"}
    path = write_copy(tmp_path / "back.xlsx", {"A-001": offer, "A-003": NO_ACTION})
    found = read_returned(path)
    assert found.list_id == LIST_ID and found.sha256 == sha256(path.read_bytes()).hexdigest()
    assert {r.review_ref: dict(r.values) for r in found.records} == {
        "A-001": as_text(offer),
        "A-003": as_text(NO_ACTION),
    }
    assert found.refs == ("A-001", "A-002", "A-003") and found.notes == ()


def test_rows_are_read_from_every_sheet_for_decisions_hidden_or_not(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        other = book.copy_worksheet(sheet)
        other.title, other.sheet_state = "Brook Lane", "hidden"
        for row in range(2, 5):
            other.cell(row, 1).value = f"A-01{row}"

    found = read_returned(write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, change=change))
    assert [r.review_ref for r in found.records] == ["A-001", "A-012"]


def test_other_sheets_may_be_long_and_rows_sorted_or_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returned, "MOST_ROWS", 30)

    def change(book: Any, sheet: Any) -> None:
        long = book.create_sheet("Chronology")
        long.append([REFERENCE, "Date", "What"])
        for _ in range(31):
            long.append(["A-001", "x", "y"])
        sheet.move_range(f"A2:{sheet.cell(4, sheet.max_column).coordinate}", rows=6)

    found = read_returned(write_copy(tmp_path / "b.xlsx", {"A-002": NO_ACTION}, change=change))
    assert [r.review_ref for r in found.records] == ["A-002"]


def _cell(name: str, value: Any) -> Callable[[Any, Any], None]:
    def change(_: Any, sheet: Any) -> None:
        sheet.cell(3, column_of(name)).value = value

    return change


_PLACE = "sheet “Support list”, row 3, column “{}”: {}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("final_decision", "Offer earlyhelp", "did you mean “Offer early help”?"),
        ("final_decision", "Zebra", "the choices are: Offer early help, Continue"),
        ("already_known", True, "expected one of the choices"),
        ("reason_code", "Already in plce", "did you mean “Already in place”?"),
        ("reviewed_on", "11/10/26", "expected a date as dd/mm/yyyy, with four figures for the year"),
        ("reviewed_on", "2026-11-10", "expected a date as dd/mm/yyyy"),
        ("reviewed_on", "31/11/2026", "no such day: expected dd/mm/yyyy, the day first"),
        ("reviewed_on", 46_336, "found a plain number; type it as dd/mm/yyyy"),
        ("reviewed_on", datetime(2026, 11, 10, 9, 30), "found a date with a time of day"),
        ("reviewed_on", date(1926, 11, 10), "expected a day between 2000 and 2100"),
        ("minutes_spent", "half an hour", "expected a whole number"),
        ("minutes_spent", 2.5, "expected a whole number"),
        ("minutes_spent", -5, "expected a whole number"),
        ("reason_text", "x" * 2_001, "at most 2,000 characters, found 2,001"),
        ("reason_text", "see A123456789012 too", "form of a pupil's number"),
        ("action", "=1+1", "found a formula, which is never worked out"),
        ("reviewed_on", "=TODAY()", "found a formula"),
        ("owner", "#REF!", "found an error of the spreadsheet"),
    ],
)
def test_a_cell_that_does_not_fit_is_named_by_its_place_and_not_by_what_it_says(
    tmp_path: Path, name: str, value: Any, said: str
) -> None:
    found = _refused(write_copy(tmp_path / "b.xlsx", {}, change=_cell(name, value)))
    assert found.startswith(f"1 fault in {tmp_path / 'b.xlsx'}; nothing was recorded. Mend them")
    place, told = _PLACE.format(FIELD_BY_NAME[name].header, "").rstrip(), found.splitlines()[1]
    assert place in told and said in told
    assert str(value) not in told.replace("31/11/2026", "")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("final_decision", "  offer EARLY help ", "Offer early help"),
        ("reviewed_on", "5/11/2026", "2026-11-05"),
        ("reviewed_on", datetime(2026, 11, 5), "2026-11-05"),
        ("minutes_spent", 30.0, "30"),
        ("minutes_spent", " 30 ", "30"),
        ("reason_text", "  Caf\u0065\u0301\r\nnext \u202eline ", "Café\nnext line"),
        ("route", "A team of our own", "A team of our own"),
        ("action", date(2026, 11, 5), "05/11/2026"),
        ("owner", 3, "3"),
        ("owner", "   ", None),
    ],
)
def test_what_is_meant_is_read(tmp_path: Path, name: str, value: Any, read: str | None) -> None:
    (found,) = read_returned(
        write_copy(tmp_path / "b.xlsx", {"A-001": {"measure": "x", name: value}})
    ).records
    assert found.values.get(name) == read


@settings(deadline=None)
@given(
    st.one_of(
        st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.timedeltas(), st.datetimes()
    )
)
def test_any_cell_is_read_or_refused_and_never_breaks(cell: Any) -> None:
    for declared in FIELDS:
        try:
            said = value_of(cell, declared, declared.choices)
        except NotFit:
            continue
        assert isinstance(said, str) and "\x00" not in said
        assert not declared.choices or said in ("", *declared.choices)


def test_all_faults_come_at_once_and_no_more_than_thirty(tmp_path: Path) -> None:
    refs = [f"A-{n:03d}" for n in range(1, 41)]
    filled = {ref: {"minutes_spent": "many"} for ref in refs}
    lines = _refused(write_copy(tmp_path / "b.xlsx", filled, refs=refs)).splitlines()
    assert lines[0].startswith("40 faults in") and len(lines) == 32 and lines[-1] == "  - and 10 more"


def test_a_reference_filled_in_twice_and_differently_is_named_with_both_places(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        other = book.copy_worksheet(sheet)
        other.title = "Copy"
        other.cell(2, column_of("action")).value = "another"
        sheet.cell(4, 1).value = "A-001"
        sheet.cell(4, column_of("action")).value = "a third"

    found = _refused(write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, change=change))
    assert (
        "A-001 is filled in twice and differently: sheet “Support list”, row 2, and sheet “Support list”, row 4"
        in found
    )
    assert "row 2, and sheet “Copy”, row 2; leave one of them" in found


def test_the_same_row_twice_or_once_blank_is_one_row(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        same, blank = book.copy_worksheet(sheet), book.copy_worksheet(sheet)
        same.title, blank.title = "Same", "Blank"
        for column in range(2, blank.max_column + 1):
            blank.cell(2, column).value = None

    found = read_returned(write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, change=change))
    assert [r.review_ref for r in found.records] == ["A-001"]


def test_references_must_be_there_and_have_their_form(tmp_path: Path) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet.cell(2, 1).value, sheet.cell(3, 1).value = None, "Jo Bloggs"

    found = _refused(write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, change=change))
    assert "row 2: something is filled in, but there is no reference" in found
    assert "row 3, column “Reference”: expected a reference such as A-014" in found and "Bloggs" not in found


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Decision": "Decisions"}, "has no column “Decision” (column 10 has a header much like it)"),
        ({"Reference": "Ref"}, "has no column “Reference”; put the header back"),
        ({"Looked at on": "Looked at"}, "has no column “Looked at on” (column 4 has a header much like it)"),
        ({"Action": "Decision"}, "has the column “Decision” twice; take one away"),
    ],
)
def test_changed_headers_are_told(tmp_path: Path, headers: dict[str, str], said: str) -> None:
    assert said in _refused(write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, headers=headers))


def test_a_column_that_need_not_be_filled_may_be_missing_and_that_is_said(tmp_path: Path) -> None:
    found = read_returned(
        write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION}, headers={"Minutes spent": "Time"})
    )
    assert found.notes == ("sheet “Support list” has no column “Minutes spent”; nothing was read for it",)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "does not say which list it belongs to"),
        ({"list_id": LIST_ID}, "does not say which list it belongs to"),
        ({"list_id": LIST_ID, "format": 2}, "is of another format than 1"),
    ],
)
def test_a_copy_that_does_not_say_what_it_is_is_refused(
    tmp_path: Path, about: dict[str, Any], said: str
) -> None:
    assert said in _refused(write_copy(tmp_path / "b.xlsx", {}, about=about))


def test_a_workbook_without_a_sheet_for_decisions_is_refused(tmp_path: Path) -> None:
    path = write_copy(tmp_path / "b.xlsx", {}, change=lambda book, sheet: book.remove(sheet))
    assert "no sheet has the columns “Reference” and “Decision”" in _refused(path)


def _zipped(**parts: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Reference,Decision\r\nA-001,No action\r\n", "is no workbook, or was cut short"),
        (b"", "is no workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old kind (.xls), or is locked with a password"),
        (_zipped(**{"mimetype": "x", "content.xml": "x"}), "OpenDocument spreadsheet (.ods); save it as .xlsx"),
        (_zipped(**{"word/document.xml": "x"}), "is not an .xlsx workbook"),
        (_zipped(**{"xl/workbook.xml": "<x/>"}), "is damaged: it cannot be read as a workbook"),
        (_zipped(**{"xl/workbook.xml": "0" * 100_000_001}), "unpacks to more than 100 MB"),
        (b"PK" + b"0" * 20_000_000, "is larger than 20 MB"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_of_ours_is_refused_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(data)
    assert said in _refused(path)


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in _refused(tmp_path / "none.xlsx")


def _rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


def test_entities_that_swell_are_not_unfolded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE b [<!ENTITY a "xxxxxxxxxx"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = write_copy(tmp_path / "b.xlsx", {"A-001": NO_ACTION})
    assert read_returned(path).records
    _rewritten(path, "xl/worksheets/sheet2.xml", lambda text: bomb + text.replace(">Reference<", ">&c;<"))
    assert "is damaged" in _refused(path)


def test_a_sheet_that_states_a_wrong_extent_is_read_whole(tmp_path: Path) -> None:
    path = write_copy(tmp_path / "b.xlsx", {"A-003": NO_ACTION})
    last = openpyxl.load_workbook(path)["Support list"].dimensions
    _rewritten(path, "xl/worksheets/sheet2.xml", lambda text: text.replace(f'ref="{last}"', 'ref="A1:C2"'))
    assert [r.review_ref for r in read_returned(path).records] == ["A-003"]


def test_a_sheet_with_far_too_many_rows_is_refused_and_empty_ones_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returned, "MOST_ROWS", 30)

    def far(value: Any) -> Callable[[Any, Any], None]:
        return lambda _, sheet: setattr(sheet.cell(40, 1), "value", value)

    assert "more than 30 rows" in _refused(write_copy(tmp_path / "a.xlsx", {}, change=far("A-001")))
    assert read_returned(write_copy(tmp_path / "b.xlsx", {}, change=far(None))).records == ()


def test_a_length_of_time_is_no_number(tmp_path: Path) -> None:
    path = write_copy(tmp_path / "b.xlsx", {}, change=_cell("minutes_spent", timedelta(minutes=30)))
    assert "expected a whole number" in _refused(path)
