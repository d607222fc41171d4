"""Every step accounts for its rows: what came in is what went on and what was left out, each with a stated reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import made_up
import numpy as np
import pyarrow.parquet as pq
import pytest
from drawn_returns import drawn_returns, rows_in
from made_returns import KEY

from absence_risk.cohort import REASONS, Cohort, select_cohort
from absence_risk.dataset import Dataset, gather_years
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import InputError
from absence_risk.features.build import collect_features
from absence_risk.labels import UNKNOWN_REASONS
from absence_risk.reports.flow_words import flow_in_words
from absence_risk.returns.ingest import IngestResult, ingest
from absence_risk.splits import temporal_split
from absence_risk.store import Store
from absence_risk.tables.frames import to_pandas
from absence_risk.workflows.export_tables import run_export_tables

Counted = Callable[[str, int, int], None]
SUITE = "rows balance"
AS_OF = date(2025, 10, 31)
YEARS = [AcademicYear(year) for year in (2023, 2024, 2025)]


@pytest.mark.parametrize("cases", [1, pytest.param(60, marks=pytest.mark.slow)])
def test_every_row_of_drawn_returns_is_used_or_not_used_for_a_reason(
    tmp_path: Path, counted: Counted, cases: int
) -> None:
    held = 0
    for seed in range(cases):
        folder = drawn_returns(tmp_path / str(seed) / "returns", seed)
        held += _balances_from_returns_to_cohort(folder, folder.parent / "a.duckdb")
    counted(SUITE, cases, held)


def _balances_from_returns_to_cohort(returns: Path, path: Path) -> bool:
    result = ingest(returns, path, key=KEY)
    assert _files_balance(returns, result)
    with Store(path) as store:
        tables = store.tables()
        pupils = to_pandas_ids(tables)
        assert pupils <= set(pq.read_table(result.lookup)["pupil_id"].to_pylist())
        assert store.rows() == result.ledger.tables
        try:
            cohort = select_cohort(tables, AS_OF)
        except InputError:  # nobody was drawn for the autumn census
            return True
        assert _cohort_balances(cohort, pupils)
        assert len(collect_features(tables, cohort.frame, AS_OF)) == cohort.counts["eligible"]
    exported = run_export_tables(path, path.with_name("tables"), 2)
    return exported.rows == result.ledger.tables


def to_pandas_ids(tables: Mapping[str, Any]) -> set[str]:
    import narwhals as nw

    return set(to_pandas(nw.from_native(tables["pupils"]).lazy().select("pupil_id"))["pupil_id"])


def _files_balance(returns: Path, result: IngestResult) -> bool:
    """Every file stands in the account with as many rows as it has, used and not used."""
    accounts: Counter[str] = Counter()
    for file in result.ledger.files:
        assert file.rows_in == file.kept + sum(file.not_used.values()), (file.name, file.table)
        assert file.kept >= 0 and all(n > 0 and why for why, n in file.not_used.items())
        accounts[file.name] += file.rows_in
    expected = {p.relative_to(returns).as_posix(): rows_in(p) for p in returns.rglob("*.csv")}
    assert {name: accounts[name] for name in expected} == expected
    record = json.loads(result.quality_json.read_text(encoding="utf-8"))
    used, not_used = (
        sum(f["rows_used"] for f in record["files"]),
        sum(sum(f["rows_not_used"].values()) for f in record["files"]),
    )
    assert record["sums_balance"] is True
    return record["rows_in"] == used + not_used == sum(accounts.values())


def _cohort_balances(cohort: Cohort, pupils: set[str]) -> bool:
    here, out = cohort.frame["pupil_id"].tolist(), cohort.reasons["pupil_id"].tolist()
    by_reason = Counter(cohort.reasons["reason"])
    assert not set(here) & set(out) and len({*here, *out}) == len(here) + len(out)
    assert {*here, *out} <= pupils
    assert {name: cohort.counts[name] for name in REASONS} == {name: by_reason[name] for name in REASONS}
    return cohort.counts["seen"] == len(here) + len(out) and cohort.counts["eligible"] == len(here)


@pytest.mark.parametrize("cases", [1, pytest.param(15, marks=pytest.mark.slow)])
def test_every_pupil_seen_is_in_the_data_or_out_of_it_for_a_reason_and_in_one_part_of_the_split(
    counted: Counted, cases: int
) -> None:
    held = 0
    for seed in range(cases):
        tables = made_up.authority(pupils=30, seed=seed)
        excluded = set(tables["pupils"]["pupil_id"].unique()[: seed % 4])
        gathered = gather_years(tables, YEARS, excluded=excluded)
        assert len(gathered) == sum(step["eligible"] for step in gathered.counts)
        data = gathered.with_outcomes(tables, OUTCOMES["unauthorised"])
        held += _flow_balances(data) and _split_balances(data)
        assert not set(data.pupil_id) & excluded
    counted(SUITE, cases, held)


def _flow_balances(data: Dataset) -> bool:
    for step in data.flow:
        year = AcademicYear(step["academic_year"])
        assert step["seen"] == step["eligible"] + sum(step[reason] for reason in REASONS)
        assert step["eligible"] == step["used"] + sum(step[reason] for reason in UNKNOWN_REASONS)
        assert step["used"] == len(data.in_years([year]))
        assert step["outcome_met"] == data.in_years([year]).y.sum() <= step["used"]
    printed = {line.split("  ")[0]: line.split()[-len(data.flow) :] for line in flow_in_words(data.flow)[1:]}
    assert printed["seen"] == [f"{step['seen']:,}" for step in data.flow]
    return sum(step["used"] for step in data.flow) == len(data)


def _split_balances(data: Dataset) -> bool:
    split = temporal_split(YEARS)
    parts = [
        data.in_years(years) for years in (split.train_years, [split.calibration_year], [split.test_year])
    ]
    rows = [
        (year, pupil) for part in parts for year, pupil in zip(part.academic_year, part.pupil_id, strict=True)
    ]
    assert len(set(rows)) == len(rows)
    return sum(map(len, parts)) == len(data) and bool(
        np.isin(data.academic_year, [y.start_year for y in YEARS]).all()
    )
