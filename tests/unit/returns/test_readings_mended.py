"""Files that were once read otherwise than they say, each a silent misreading that is now read rightly or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_returns import Census, ingested, rows, write_text

from absence_risk.errors import InputError
from absence_risk.returns.cin_census import parse
from absence_risk.returns.reading import column_name, encoding_of
from absence_risk.returns.recognise import said_name
from absence_risk.returns.small_files import read_small_file

CODES = "SELECT reason_code, sum(sessions) FROM attendance GROUP BY ALL ORDER BY ALL"


def _census(folder: Path) -> Path:
    census = Census("spring", 2025)
    census.reasons(census.pupil(1, termlysessionspossible=140), {"I": 5, "O": 9})
    return census.write(folder)


def test_a_name_in_brackets_is_a_name_and_no_pattern_for_another_file(tmp_path: Path) -> None:
    folder = _census(tmp_path / "r")
    reasons = folder / "2025_spring_termlysessiondetailsonroll.csv"
    shutil.move(reasons, folder / "2025_spring_reasons[1].csv")
    write_text(folder / "2025_spring_reasons1.csv", "CHILD,DOB,REVIEW\n")
    assert rows(ingested(folder), CODES) == [("I", 5), ("O", 9)]


def test_a_folder_called_like_a_column_does_not_take_its_place(tmp_path: Path) -> None:
    folder = _census(tmp_path / "r" / "attendancereason=U")
    assert rows(ingested(folder.parent, tmp_path / "s.duckdb"), CODES) == [("I", 5), ("O", 9)]


def test_a_table_of_reasons_given_twice_counts_once(tmp_path: Path) -> None:
    folder = _census(tmp_path / "r")
    reasons = folder / "2025_spring_termlysessiondetailsonroll.csv"
    shutil.copy(reasons, folder / "2025_spring_termlysessiondetailsonroll - Copy.csv")
    result = ingested(folder)
    assert rows(result, CODES) == [("I", 5), ("O", 9)]
    assert not result.ledger.unbalanced
    write_text(reasons, reasons.read_text(encoding="utf-8").replace(",O,9", ",O,8"))
    with pytest.raises(InputError, match="leave only one of the two"):
        ingested(folder)


@pytest.mark.parametrize(
    "written",
    [
        "TermlySessionsPossible",
        "termly sessions possible",
        "termly_sessions_possible\u200b",
        "\ufeffＴermlySessionsPossible",
    ],
)
def test_a_column_is_known_by_its_letters_whatever_stands_unseen_in_its_name(written: str) -> None:
    assert column_name(written) == "termlysessionspossible"


@given(st.text(max_size=30))
def test_the_name_of_a_column_is_settled_at_once(text: str) -> None:
    assert column_name(column_name(text)) == column_name(text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("École".encode(), "utf-8-sig"),
        ("École".encode("cp1252"), "cp1252"),
        ("STÉ’S é".encode("cp1252"), "cp1252"),
        ("École".encode() + "École".encode("cp1252"), None),
        ("Saint’s".encode() + b"\xe9", None),
        (b"a\0b", None),
        ("École".encode("utf-16"), "utf-16"),
        ("École".encode("utf-16-le"), None),
    ],
)
def test_text_of_two_encodings_or_with_nul_is_of_none(
    tmp_path: Path, content: bytes, expected: str | None
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert encoding_of(path) == expected


def test_a_small_file_beyond_all_measure_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as handle:
        handle.truncate(65 << 20)
    with pytest.raises(InputError, match="larger than 64 MB"):
        list(read_small_file(path, "exclusions", ("upn",)))


def test_a_name_that_cannot_be_printed_is_said_with_question_marks() -> None:
    folder = Path("returns")
    assert said_name(folder / "a\nb\udcff\u202e.csv", folder) == "a?b??.csv"


def test_elements_that_no_census_has_leave_nothing_in_memory(tmp_path: Path) -> None:
    path = write_text(tmp_path / "c.xml", f"<Message><Children>{'<a/>' * 3_000}<Child/></Children></Message>")
    assert len(parse(path).children) == 1
