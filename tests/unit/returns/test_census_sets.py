"""Files of one School Census belong together, and its header says which census and which schools it is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import Census, ingested, rows, upn

from absence_risk.errors import InputError
from absence_risk.returns.layouts import collect_table


def _census(folder: Path, **named: object) -> Path:
    census = Census("spring", 2025)
    census.reasons(census.pupil(1, termlysessionspossible="100"), {"/": 90, "O": 10})
    return census.write(folder, **named)  # type: ignore[arg-type]


def _header(folder: Path, old: str, new: str) -> None:
    path = folder / "2025_spring_schoolcensus.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _refused(folder: Path, words: str) -> None:
    with pytest.raises(InputError, match=words) as fault:
        ingested(folder)
    assert upn(1) not in str(fault.value) and "Doe" not in str(fault.value)


def test_a_file_whose_name_says_nothing_belongs_to_the_one_census_of_its_folder(tmp_path: Path) -> None:
    folder = _census(tmp_path / "returns")
    (folder / "2025_spring_termlysessiondetailsonroll.csv").rename(folder / "reasons.csv")
    assert rows(ingested(folder), "SELECT sessions FROM attendance WHERE reason_code = 'O'") == [(10,)]


def test_the_header_is_followed_against_the_name_and_the_report_says_so(tmp_path: Path) -> None:
    result = ingested(_census(tmp_path / "returns", name="2024_spring_"))
    assert rows(result, "SELECT year, term FROM returns") == [(2025, "spring")]
    assert result.ledger.notes == [
        "2024_spring: its header says spring 2025, which is followed, and its name spring 2024"
    ]


@pytest.mark.parametrize(("urn", "number"), [("112001", "112001"), ("", "9012001")])
def test_a_school_without_authority_and_establishment_is_numbered_by_its_urn_or_native_id(
    tmp_path: Path, urn: str, number: str
) -> None:
    folder = _census(tmp_path / "returns")
    _header(folder, ",901,2001,112001,", f",,,{urn},")
    assert rows(ingested(folder), "SELECT school_id FROM schools") == [(number,)]


@pytest.mark.parametrize("numbers", [",9E+02,2001,112001,", ",901,#N/A,112001,", ",,,1E+05,"])
def test_a_school_number_that_a_spreadsheet_has_rewritten_is_refused(tmp_path: Path, numbers: str) -> None:
    folder = _census(tmp_path / "returns")
    _header(folder, ",901,2001,112001,", numbers)
    _refused(folder, r"1 of 1 schools have no number .* export it again")


def test_a_schoolcensus_table_without_a_row_is_refused(tmp_path: Path) -> None:
    folder = _census(tmp_path / "returns")
    path = folder / "2025_spring_schoolcensus.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    _refused(folder, "the schoolcensus table has no row")


def test_pupils_of_no_school_are_refused_where_no_header_names_one(tmp_path: Path) -> None:
    census = Census("spring", 2025)
    census.pupil(1, NativeId="")
    _refused(census.write(tmp_path / "returns", headers=False), "1 of 1 pupils have no schoolcensus row")


def test_a_table_of_schools_that_carries_the_order_of_its_census_is_still_of_schools() -> None:
    own = {"nativeid", "schoolcensustableid", "schoolcensusorderseqcolumn"}
    assert collect_table(frozenset({*own, "phase"})) == "school"
    assert collect_table(frozenset({*own, "phase", "referencedate"})) == "schoolcensus"
