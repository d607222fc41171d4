"""Made-up tables are sound, and the package's features on them are those of hand-written SQL."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import features
import hand_sql
import numpy as np
import pandas as pd
import pytest
from large_tables import AS_OF, buckets_for, made_tables, make_tables

from absence_risk.cohort import select_cohort
from absence_risk.features.build import collect_features
from absence_risk.features.catalogue import FEATURES
from absence_risk.files import sha256_of
from absence_risk.store import Store, connect, validate
from absence_risk.tables.canonical import CANONICAL_TABLES

NAMES = [feature.name for feature in FEATURES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tables(tmp_path_factory.mktemp("made") / "tables", 3000, 3, buckets=2)


def by_hand(
    files: Mapping[str, list[Path]], cohort: pd.DataFrame, scratch: Path, **more: Any
) -> pd.DataFrame:
    cohort[["pupil_id", "school_id", "year_group"]].to_parquet(scratch / "cohort.parquet")
    return connect().sql(hand_sql.features_sql(files, scratch / "cohort.parquet", AS_OF, **more)).df()


def assert_equal_features(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert found["pupil_id"].tolist() == expected["pupil_id"].tolist()
    for name in NAMES:
        ours, theirs = (frame[name].to_numpy("float64", na_value=math.nan) for frame in (found, expected))
        assert np.array_equal(np.isnan(ours), np.isnan(theirs)), name
        assert np.nanmax(np.abs(ours - theirs), initial=0.0) <= 1e-12, name


def test_made_tables_keep_every_declaration_of_the_canonical_tables(folder: Path) -> None:
    con = connect()
    for name, table in CANONICAL_TABLES.items():
        con.execute(table.create_sql())
        con.execute(f"""INSERT INTO "{name}" SELECT * FROM '{folder}/{name}/*.parquet'""")
    assert validate(con) == []


def test_made_rows_stand_in_buckets_in_the_order_of_pupils(folder: Path) -> None:
    for name in ("pupils", "attendance_terms", "attendance", "suspensions", "social_care"):
        for bucket in (0, 1):
            pupils = pd.read_parquet(folder / name / f"{bucket:03d}.parquet")["pupil_id"].tolist()
            assert pupils == sorted(pupils)
            assert {int(pupil[:2], 16) * 2 // 256 for pupil in pupils} == {bucket}


def test_made_pupils_have_every_term_and_are_nearly_all_in_the_cohort(folder: Path) -> None:
    with Store(folder) as store:
        assert store.meta["made_up"] == "yes"
        counts = select_cohort(store.tables(), AS_OF).counts
        standing = store.tables()["attendance_terms"].filter("superseded_from IS NULL")
        assert standing.aggregate("count(*)").fetchall()[0][0] == 3000 * 3 * 3
    assert counts["seen"] == 3000
    assert 0.95 < counts["eligible"] / 3000 < 0.995


def test_the_same_seed_makes_the_same_rows_and_another_seed_other_rows(folder: Path, tmp_path: Path) -> None:
    again = make_tables(tmp_path / "again", 3000, 3, buckets=2)
    other = make_tables(tmp_path / "other", 3000, 3, buckets=2, seed=2)
    name = "pupils/000.parquet"
    assert sha256_of(again / name) == sha256_of(folder / name) != sha256_of(other / name)


def test_made_tables_are_gone_after_use(tmp_path: Path) -> None:
    with made_tables(50, 1, beside=tmp_path) as tables:
        assert (tables / "manifest.json").is_file()
    assert not list(tmp_path.iterdir())


def test_buckets_grow_with_the_pupils_and_stop_at_256() -> None:
    assert [buckets_for(n) for n in (1, 300_000, 300_001, 9_000_000, 10**9)] == [1, 1, 2, 32, 256]


def test_features_of_made_tables_are_those_of_hand_written_sql(folder: Path, tmp_path: Path) -> None:
    files = {name: sorted((folder / name).glob("*.parquet")) for name in CANONICAL_TABLES}
    with Store(folder) as store:
        cohort = select_cohort(store.tables(), AS_OF).frame
        found = collect_features(store.tables(), cohort, AS_OF)
    assert_equal_features(found, by_hand(files, cohort, tmp_path))


def test_features_of_the_small_authority_are_those_of_hand_written_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "unit")
    from small_authority import write_store

    files = {name: [tmp_path / f"{name}.parquet"] for name in CANONICAL_TABLES}
    with write_store(tmp_path / "authority.duckdb") as store:
        for name, (path,) in files.items():
            store.connection.execute(f"""COPY "{name}" TO '{path}'""").fetchall()
        cohort = select_cohort(store.tables(), AS_OF).frame
        found = collect_features(store.tables(), cohort, AS_OF)
    assert_equal_features(found, by_hand(files, cohort, tmp_path))


def test_a_sum_that_differs_is_named() -> None:
    expected = {"sums": {"a": [3, 1.0], "b": [3, 2.0], "c": [3, 5.0]}}
    assert features.differing({"sums": {"a": [3, 1.0], "b": [2, 2.0], "c": [3, 5.1]}}, expected) == ["b", "c"]
