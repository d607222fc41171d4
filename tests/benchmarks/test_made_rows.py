"""Made-up feature rows: valid, skewed as returns are, and the same in blocks of any file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made_rows import blocks, rows_and_outcomes, write_features

from absence_risk.features.catalogue import CATALOGUE, FEATURES
from absence_risk.models.contract import check_matrix

ROWS = 4_000


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, np.ndarray], np.ndarray]:
    return rows_and_outcomes(ROWS)


def test_every_feature_keeps_its_units(made: tuple[dict[str, np.ndarray], np.ndarray]) -> None:
    X = pd.DataFrame({f.name: made[0][f.name].astype(np.float64) for f in FEATURES})
    assert check_matrix(X, FEATURES).shape == (ROWS, len(CATALOGUE))


def test_most_pupils_have_no_event_and_some_have_no_earlier_year(
    made: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    columns, outcome = made
    assert (columns["suspensions_this_year"] == 0).mean() > 0.95
    assert (columns["cin_current"] == 0).mean() > 0.97
    assert 0.01 < np.isnan(columns["unauthorised_rate_previous_year"]).mean() < 0.08
    assert 0.02 < outcome.mean() < 0.09


def test_the_same_seed_gives_the_same_rows_and_another_gives_others() -> None:
    def first(seed: int) -> np.ndarray:
        return next(blocks(500, seed=seed))["illness_rate"]

    assert np.array_equal(first(1), first(1))
    assert not np.array_equal(first(1), first(2))


def test_the_file_has_the_contract_s_columns_in_the_order_of_pupils(tmp_path: Path) -> None:
    table = pq.read_table(write_features(tmp_path / "f.parquet", 700))
    head = ["pupil_id", "school_id", "year_group", "first_seen"]
    assert table.column_names == head + [f.name for f in FEATURES if f.name != "year_group"]
    pupils = table["pupil_id"].to_pylist()
    assert pupils == sorted(pupils) and len(set(pupils)) == 700
    assert {len(pupil) for pupil in pupils} == {32}
    assert str(table.schema.field("year_group").type) == "int64"
    assert table["cin_days_since_end"].null_count > 500
