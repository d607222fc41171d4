"""The account of rows: it balances, or nothing is ingested."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_returns import Census, ingested

from absence_risk.errors import InputError
from absence_risk.returns.ledger import Ledger


def test_rows_used_and_not_used_come_to_the_rows_that_came_in() -> None:
    ledger = Ledger()
    file = ledger.open_file("a.csv", "pupils")
    ledger.came_in(file, 5)
    ledger.kept(file, 3)
    ledger.not_used(file, "a reason", 2)
    ledger.not_used(file, "another reason", 0)
    assert ledger.files[file].balances and not ledger.unbalanced
    assert dict(ledger.files[file].not_used) == {"a reason": 2}
    ledger.refuse_unbalanced()


def test_a_row_that_is_in_no_account_refuses_the_whole_by_its_file() -> None:
    ledger = Ledger()
    for name in ("a.csv", "b.csv"):
        ledger.came_in(ledger.open_file(name, "pupils"), 1)
    ledger.kept(0, 1)
    with pytest.raises(InputError, match=r"b\.csv \(pupils\)") as refused:
        ledger.refuse_unbalanced()
    assert "a.csv" not in str(refused.value)


def test_a_remark_is_kept_once_and_a_count_of_nought_is_no_finding() -> None:
    ledger = Ledger()
    ledger.note("said")
    ledger.note("said")
    ledger.found("nothing", "a.csv", 0)
    assert ledger.notes == ["said"] and not ledger.findings


def test_a_code_given_twice_whose_counts_cannot_be_read_is_in_the_account(tmp_path: Path) -> None:
    census = Census("autumn", 2024)
    record = census.pupil(1, termlysessionspossible="100")
    for _ in range(2):
        census.reasons(record, {"O": "many"})
    census.reasons(record, {"I": 3})
    ledger = ingested(census.write(tmp_path / "returns" / "2024_autumn").parent, tmp_path / "a.duckdb").ledger
    (file,) = [file for file in ledger.files if file.table == "attendance by reason"]
    assert (file.rows_in, file.kept, dict(file.not_used)) == (
        3,
        2,
        {"the same reason twice for one pupil": 1},
    )
