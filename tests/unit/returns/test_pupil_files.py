"""Small files of children named by UPN: whatever a spreadsheet saves is read, whatever is unclear is refused by row."""

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.domain.pupil import check_letter
from absence_risk.errors import InputError, UsageError
from absence_risk.returns.identity import Key
from absence_risk.returns.lookup import under_another_key
from absence_risk.returns.pupil_files import (
    COARSE_REASONS,
    NOBODY,
    read_early_help,
    read_exclusions,
    read_siblings,
)
from absence_risk.returns.small_files import date_in, rows_in_words
from absence_risk.store import lookup_path

TODAY = date(2026, 11, 2)


def upn(number: int) -> str:
    tail = f"2070000{number:05d}"
    return check_letter(tail) + tail


def pupil(number: int) -> str:
    return f"{number:032x}"


HELD = 6
LOCAL_ID = "SCH-0001"
A, B, C, D, E, F = (upn(number) for number in range(HELD))
STRANGER = upn(77)
WRONG_LETTER = ("A" if STRANGER[0] != "A" else "B") + STRANGER[1:]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store would stand: only its lookup is read. One child has a number of the school's own."""
    path = tmp_path / "authority.duckdb"
    upns = [*(upn(number) for number in range(HELD)), LOCAL_ID]
    frame = pd.DataFrame({"pupil_id": [pupil(number) for number in range(len(upns))], "upn": upns})
    frame.to_parquet(lookup_path(path), index=False)
    return path


def write(store: Path, text: str, encoding: str = "utf-8") -> Path:
    path = store.with_name("children.csv")
    path.write_bytes(text.encode(encoding))
    return path


def refused(store: Path, text: str, *, encoding: str = "utf-8") -> str:
    path = write(store, text, encoding)
    with pytest.raises(InputError) as found:
        read_exclusions(path, store, TODAY)
    said = str(found.value)
    for row in text.splitlines()[1:]:
        for cell in row.replace('"', "").replace(";", ",").split(","):
            known = cell.strip() in ("", *COARSE_REASONS)
            assert known or cell.strip() not in said.removeprefix(str(path)), "a cell is quoted"
    return said


PLAIN = f"upn,reason\n{A},withdrawn\n{B},court_order\n"
HOSTILE = {
    "plain": (PLAIN, "utf-8"),
    "byte order mark": (PLAIN, "utf-8-sig"),
    "UTF-16": (PLAIN, "utf-16"),
    "Windows-1252, with a name": (
        f"upn,reason,name\n{A},withdrawn,Zoë O’Neill\n{B},court_order,José\n",
        "cp1252",
    ),
    "semicolons": (PLAIN.replace(",", ";"), "utf-8"),
    "tabs": (PLAIN.replace(",", "\t"), "utf-8"),
    "Windows line ends": (PLAIN.replace("\n", "\r\n"), "utf-8"),
    "no line end": (PLAIN.rstrip(), "utf-8"),
    "upper case header, blanks": (f" UPN , Reason \n {A.lower()} , Withdrawn\n{B},COURT ORDER\n", "utf-8"),
    "quoted": (f'"upn","reason"\n"{A}","withdrawn"\n"{B}","court_order"\n', "utf-8"),
    "a note over two lines": (
        f'upn,reason,note\n{A},withdrawn,"asked, twice\nby letter"\n{B},court_order,\n',
        "utf-8",
    ),
    "columns in another order": (f"reason,upn\nwithdrawn,{A}\ncourt_order,{B}\n", "utf-8"),
    "empty rows and cells": (f"upn,reason\n,\n{A},withdrawn\n\n{B},court_order,,\n,,,\n", "utf-8"),
    "the same row twice": (PLAIN + f"{A},withdrawn\n", "utf-8"),
    "UPN in groups": (f"upn,reason\n{A[:4]} {A[4:]},withdrawn\n{B},court_order\n", "utf-8"),
}


@pytest.mark.parametrize(("text", "encoding"), HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_spreadsheet_saves_says_the_same(store: Path, text: str, encoding: str) -> None:
    found = read_exclusions(write(store, text, encoding), store, TODAY)
    assert found.pupils == {pupil(0), pupil(1)}
    assert found.by_reason == {"on request": 1, "for protection": 1, "other": 0}
    assert (found.not_found, found.expired) == (0, 0) and found.notes() == ()
    assert found.sha256 == read_exclusions(write(store, PLAIN), store, TODAY).sha256 != ""


def test_every_reason_is_said_coarsely_from_here_on(store: Path) -> None:
    rows = "".join(f"{upn(n)},{reason}\n" for n, reason in enumerate(COARSE_REASONS) if n < HELD)
    text = "upn,reason\n" + rows + f"{LOCAL_ID},out of scope\n"
    found = read_exclusions(write(store, text), store, TODAY)
    assert found.by_reason == {"on request": 2, "for protection": 3, "other": 2}
    assert len(found.pupils) == sum(found.by_reason.values()) == len(COARSE_REASONS)
    assert pupil(0) not in repr(found)


@pytest.mark.parametrize(
    ("until", "left_out"),
    [
        ("", True),
        ("02/11/2026", True),
        ("2026-11-01", False),
        ("1/9/2027", True),
        ("2026-11-01 00:00:00", False),
    ],
)
def test_an_exclusion_stands_to_its_last_day_and_no_longer(store: Path, until: str, left_out: bool) -> None:
    found = read_exclusions(write(store, f"upn,reason,until\n{A},objected,{until}\n"), store, TODAY)
    assert (pupil(0) in found.pupils) is left_out
    assert found.expired == (not left_out)
    assert bool(found.notes()) is not left_out


def test_children_who_are_not_in_the_store_are_counted_and_told(store: Path) -> None:
    text = f"upn,reason\n{A},objected\n{STRANGER},objected\n{upn(78)},adoption\n"
    found = read_exclusions(write(store, text), store, TODAY)
    assert found.pupils == {pupil(0)} and found.not_found == 2
    assert (
        "2 of 3 children in the file of exclusions are not in this store: check the UPNs" in found.notes()[0]
    )


def test_a_number_that_the_returns_carry_names_its_child_whatever_its_form(store: Path) -> None:
    found = read_exclusions(write(store, f"upn,reason\n{LOCAL_ID.lower()},objected\n"), store, TODAY)
    assert found.pupils == {pupil(HELD)}


def test_every_bad_row_is_named_at_once_and_no_cell_is_quoted(store: Path) -> None:
    text = (
        f"upn,reason,until\n{WRONG_LETTER},objected,\nSmith,objected,\n,objected,\n{A},a secret reason,\n"
        f"{B},,\n{C},objected,10/31/2026\n{D},objected,31/10/26\n{E},objected,\n{E},adoption,\n{F},deceased,soon\n"
    )
    said = refused(store, text)
    assert "3 rows (rows 2, 3, 4)" in said
    assert "a reason other than withdrawn, objected" in said and "2 rows (rows 5, 6)" in said
    assert "`until` is not a date as 31/10/2026 (day first)" in said and "3 rows (rows 7, 8, 11)" in said
    assert "an earlier row that says something else: 1 row (row 10)" in said


SHAPES = {
    "no rows at all": ("", "empty"),
    "no reason": (f"upn,until\n{A},\n", "no column `reason`"),
    "a misspelt limit": (f"upn,reason,untill\n{A},objected,\n", "one called `untill`: rename it to `until`"),
    "a cell too many": (f"upn,reason\n{A},objected,yes,x\n{B},objected\n{C}\n", "2 rows (rows 2, 4) without the 2"),
    "an open quotation": (f'upn,reason\n{A},"objected\n{B},objected\n', "quotation marks do not close"),
    "a column twice": (f"upn,upn,reason\n{A},{A},objected\n", "named twice in the header"),
    "another kind of file": ("PK\x03\x04\x00\x00", "or holds NUL bytes"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), SHAPES.values(), ids=SHAPES)
def test_a_file_that_is_no_such_table_is_refused(store: Path, text: str, words: str) -> None:
    assert words in refused(store, text)


def test_text_in_no_accepted_encoding_is_refused_and_an_absent_file_is_the_callers_fault(store: Path) -> None:
    path = store.with_name("children.csv")
    path.write_bytes(b"upn,reason\n\x81\x8d,objected\n")
    with pytest.raises(InputError, match="nor Windows-1252"):
        read_exclusions(path, store, TODAY)
    with pytest.raises(UsageError, match="no file of exclusions"):
        read_exclusions(store.with_name("none.csv"), store, TODAY)


def test_a_file_with_a_header_alone_leaves_nobody_out_and_is_not_the_same_as_no_file(store: Path) -> None:
    found = read_exclusions(write(store, "upn,reason\n"), store, TODAY)
    assert found.pupils == NOBODY.pupils == frozenset()
    assert found.sha256 and not NOBODY.sha256


def test_without_a_lookup_nobody_is_left_out_by_mistake(store: Path) -> None:
    lookup_path(store).write_bytes(b"not parquet")
    with pytest.raises(InputError, match="expected the lookup of UPNs"):
        read_exclusions(write(store, PLAIN), store, TODAY)


def test_early_help_gives_the_day_it_opened(store: Path) -> None:
    text = f"UPN;Opened;Team\n{B};01/09/2026;x\n{A};2026-10-05;y\n{STRANGER};2026-10-05;\n"
    found = read_early_help(write(store, text), store)
    assert found == {pupil(0): date(2026, 10, 5), pupil(1): date(2026, 9, 1)}
    assert list(found) == sorted(found)
    assert "1 of 3 children in the file of open early help is not in this store" in found.notes()[0]


def test_early_help_without_a_day_is_refused_by_row(store: Path) -> None:
    with pytest.raises(InputError, match=r"`opened` is not a date .*: 2 rows \(rows 2, 4\)"):
        read_early_help(write(store, f"upn,opened\n{A},\n{B},2026-10-05\n{C},09/2026\n"), store)


def test_siblings_share_the_key_of_their_family(store: Path) -> None:
    found = read_siblings(write(store, f"upn,family\n{A},17\n{B},17\n{C},18\n"), store)
    assert found == {pupil(0): "17", pupil(1): "17", pupil(2): "18"} and found.notes() == ()
    with pytest.raises(InputError, match=r"no `family`: 1 row \(row 3\)"):
        read_siblings(write(store, f"upn,family\n{A},17\n{B},\n"), store)
    with pytest.raises(InputError, match=r"says something else: 1 row \(row 3\)"):
        read_siblings(write(store, f"upn,family\n{A},17\n{A},18\n"), store)


def test_a_file_of_another_authority_is_refused(store: Path) -> None:
    with pytest.raises(InputError, match="none of its 1 UPNs is in this store"):
        read_siblings(write(store, f"upn,family\n{STRANGER},17\n"), store)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_date_is_read_back_from_both_forms_and_never_month_first(day: date) -> None:
    assert date_in(day.isoformat()) == date_in(f"{day.day}/{day.month}/{day.year}") == day
    if day.day > 12:
        assert date_in(f"{day.month:02d}/{day.day:02d}/{day.year}") is None


@pytest.mark.parametrize(
    "text",
    ["", "31/02/2026", "2026-13-01", "1949-12-31", "3.4.2026", "٣/4/2026", "2026-10-31 09:00", "31/10/26"],
)
def test_what_is_no_date_of_the_two_forms_is_none(text: str) -> None:
    assert date_in(text) is None


def test_many_rows_are_counted_and_the_first_ten_named() -> None:
    assert rows_in_words(range(2, 25)) == "23 rows (rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 13 more)"


def test_a_row_that_says_nothing_in_the_columns_asked_for_names_nobody(store: Path) -> None:
    text = f"upn,reason,note\n{A},withdrawn,\n,,to be looked up\n"
    found = read_exclusions(write(store, text), store, TODAY)
    assert found.pupils == {pupil(0)} and found.not_found == 0


@pytest.mark.parametrize("upns", [[A, B], [A, None]])
def test_a_lookup_that_names_a_pupil_twice_or_without_a_upn_leaves_nobody_out_by_mistake(
    store: Path, upns: list[str | None]
) -> None:
    pd.DataFrame({"pupil_id": [pupil(0)] * 2, "upn": upns}).to_parquet(lookup_path(store), index=False)
    with pytest.raises(InputError, match="rows without a pupil or UPN, or a pupil twice") as fault:
        read_exclusions(write(store, PLAIN), store, TODAY)
    assert A not in str(fault.value) and pupil(0) not in str(fault.value)


def test_under_another_key_every_pupil_has_another_pseudonym_of_the_same_upn(store: Path) -> None:
    key = Key(hashlib.sha256(b"another").digest())
    found = under_another_key(store, key)
    assert found[pupil(0)] == key.pupil_id(A) and len(set(found.values())) == HELD + 1
    assert not set(found) & set(found.values())
