"""The AP census in our own layout: placements the authority funds."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import ingested, pupil_id, rows, upn, write_csv

from absence_risk.errors import InputError

_COLUMNS = (
    "upn", "uniquelearnernumber", "surname", "forename", "dob", "sex", "ethnicity", "senprovision", "fsm",
    "urn", "ukprn",
    "apsettingtype", "placementreason", "apattendancepattern", "apsessionsperweek", "entrydate",
    "leavingdate", "la", "year",
    "referencedate",
)  # fmt: skip


def _row(number: int, **more: str) -> dict[str, str]:
    return {
        "upn": upn(number), "dob": "2013-03-05", "apsettingtype": "NFE", "apattendancepattern": "PT",
        "apsessionsperweek": "6",
        "entrydate": "2024-09-10", "leavingdate": "", "year": "2025", "referencedate": "2025-01-16", **more,
    }  # fmt: skip


def test_a_placement_is_known_from_the_january_day(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "returns" / "AP.csv",
        _COLUMNS,
        [_row(1), _row(2, urn="123456", apsettingtype="", leavingdate="2024-12-01")],
    )
    result = ingested(tmp_path / "returns")
    found = rows(
        result,
        "SELECT pupil_id, kind, setting, pattern, sessions_per_week, start_date, end_date, known_from FROM "
        "alternative_provision",
    )
    assert sorted(found, key=lambda r: str(r[2])) == [
        (pupil_id(2), "la_funded", "123456", "PT", 6, "2024-09-10", "2024-12-01", "2025-01-16"),
        (pupil_id(1), "la_funded", "NFE", "PT", 6, "2024-09-10", None, "2025-01-16"),
    ]
    assert rows(result, "SELECT kind, year, records FROM returns") == [("ap_census", 2025, 2)]


def test_impossible_weeks_are_missing_and_reported(tmp_path: Path) -> None:
    write_csv(tmp_path / "returns" / "AP.csv", _COLUMNS, [_row(1, apsessionsperweek="25")])
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT sessions_per_week FROM alternative_provision") == [(None,)]
    assert result.ledger.findings["apsessionsperweek: more than 14, treated as missing", "AP.csv"] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"year": "2024"}, "not in January 2024"),
        ({"referencedate": "2025-06-01"}, "not in January 2025"),
        ({"entrydate": "2025-09-10"}, "later year's return"),
        ({"entrydate": "10/09/24"}, "no accepted form"),
    ],
)
def test_another_years_rows_are_refused(tmp_path: Path, change: dict[str, str], words: str) -> None:
    write_csv(tmp_path / "returns" / "AP.csv", _COLUMNS, [_row(1, **change)])
    with pytest.raises(InputError, match=words):
        ingested(tmp_path / "returns")


def test_a_file_without_a_row_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "returns" / "AP.csv", _COLUMNS, [])
    with pytest.raises(InputError, match=r"AP\.csv: the file has a header but no row"):
        ingested(tmp_path / "returns")


@pytest.mark.parametrize("change", [{"year": "2024", "referencedate": "2024-01-18"}, {"year": ""}])
def test_rows_of_two_years_or_of_none_are_refused(tmp_path: Path, change: dict[str, str]) -> None:
    write_csv(tmp_path / "returns" / "AP.csv", _COLUMNS, [_row(1), _row(2, **change)])
    with pytest.raises(
        InputError, match="one year and one reference date in every row, found 2 pairs"
    ) as fault:
        ingested(tmp_path / "returns")
    assert upn(2) not in str(fault.value)
