"""The facts of a cohort as a file: the features themselves, sorted, narrow where they are whole numbers."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_authority import AS_OF

from absence_risk.cohort import select_cohort
from absence_risk.errors import InputError, OutputError
from absence_risk.features.attendance import school_sums
from absence_risk.features.build import build_features, collect_features
from absence_risk.features.catalogue import CATALOGUE, FEATURES
from absence_risk.features.written import write_features
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import beside, to_pandas


@pytest.fixture(scope="module")
def cohort(authority: Any) -> pd.DataFrame:
    return select_cohort(authority.store.tables(), AS_OF).frame


@pytest.fixture(scope="module")
def collected(authority: Any, cohort: pd.DataFrame) -> pd.DataFrame:
    return collect_features(authority.store.tables(), cohort, AS_OF)


def numbers(frame: pd.DataFrame) -> np.ndarray:
    return np.column_stack([frame[f.name].to_numpy("float64", na_value=np.nan) for f in FEATURES])


def test_the_file_holds_the_features_of_every_pupil_in_order(
    authority: Any, cohort: pd.DataFrame, collected: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "facts.parquet"
    assert write_features(authority.store.tables(), cohort, AS_OF, out) == len(cohort)
    found = pd.read_parquet(out)
    assert found.columns.tolist() == ["pupil_id", "school_id", "first_seen", *CATALOGUE]
    assert found["pupil_id"].tolist() == collected["pupil_id"].tolist()
    assert np.array_equal(numbers(found), numbers(collected), equal_nan=True)
    assert set(found["first_seen"]) == {2025, 2026}
    kinds = {
        str(pq.read_schema(out).field(f.name).type)
        for f in FEATURES
        if f.unit not in ("share 0-1", "difference")
    }
    assert kinds == {"int32"}
    if sys.platform != "win32":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_pandas_tables_give_the_same_file_of_values(
    authority: Any, cohort: pd.DataFrame, collected: pd.DataFrame, tmp_path: Path
) -> None:
    tables = {name: relation.df() for name, relation in authority.store.tables().items()}
    assert write_features(tables, cohort, AS_OF, tmp_path / "facts.parquet") == len(cohort)
    found = pd.read_parquet(tmp_path / "facts.parquet")
    assert found["pupil_id"].tolist() == collected["pupil_id"].tolist()
    assert np.array_equal(numbers(found), numbers(collected), equal_nan=True)


def test_a_lazy_cohort_gives_the_same_features(
    authority: Any, cohort: pd.DataFrame, collected: pd.DataFrame
) -> None:
    tables = authority.store.tables()
    lazy = beside(tables, cohort[["pupil_id", "school_id", "year_group"]])
    assert isinstance(lazy, nw.LazyFrame)
    found = to_pandas(build_features(tables, lazy, AS_OF)).sort_values("pupil_id", ignore_index=True)
    assert found["pupil_id"].tolist() == collected["pupil_id"].tolist()
    assert np.array_equal(numbers(found), numbers(collected), equal_nan=True)


def test_two_parts_with_the_sums_of_all_schools_give_the_features_of_the_whole(
    authority: Any, cohort: pd.DataFrame, collected: pd.DataFrame
) -> None:
    whole = authority.store.tables()
    by_pupil = {n for n, table in CANONICAL_TABLES.items() if "pupil_id" in table.column_names}
    parts = [
        {n: t.filter(f"pupil_id {side} '8'") if n in by_pupil else t for n, t in whole.items()}
        for side in ("<", ">=")
    ]
    sums = pd.concat([to_pandas(school_sums(part, AS_OF)) for part in parts])
    sums = sums.groupby("school_id", as_index=False).sum()
    given = to_pandas(school_sums(whole, AS_OF)).sort_values("school_id", ignore_index=True)
    assert sums.astype({"school_id": "str"}).equals(
        given.astype(sums.dtypes.to_dict()).astype({"school_id": "str"})
    )
    found = [
        collect_features(
            {**part, "school_sums": beside(part, sums).to_native()},
            cohort[cohort["pupil_id"].lt("8") if first else cohort["pupil_id"].ge("8")],
            AS_OF,
        )
        for part, first in zip(parts, (True, False), strict=True)
    ]
    assert np.array_equal(numbers(pd.concat(found)), numbers(collected), equal_nan=True)


def test_a_cohort_that_holds_a_pupil_twice_is_refused_and_an_earlier_file_stays(
    authority: Any, cohort: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "facts.parquet"
    out.write_bytes(b"earlier")
    with pytest.raises(InputError, match="each pupil once"):
        write_features(authority.store.tables(), pd.concat([cohort, cohort.head(1)]), AS_OF, out)
    assert out.read_bytes() == b"earlier"


def test_a_folder_in_the_place_of_the_file_is_refused(
    authority: Any, cohort: pd.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="expected a file name"):
        write_features(authority.store.tables(), cohort, AS_OF, tmp_path)


def test_a_cell_that_is_no_number_is_a_fault_that_does_not_quote_it_wherever_it_is_met(
    authority: Any, cohort: pd.DataFrame, tmp_path: Path
) -> None:
    # A lazy cohort is met while the features are worked out, before anything is copied into the file.
    tables = authority.store.tables()
    odd = beside(tables, cohort[["pupil_id", "school_id"]].assign(year_group="Year Seven of Sam"))
    with pytest.raises(OutputError, match=r"could not be written \(ConversionException\)") as fault:
        write_features(tables, odd, AS_OF, tmp_path / "facts.parquet")
    assert "Sam" not in str(fault.value) and fault.value.__suppress_context__
    assert not list(tmp_path.iterdir())


def test_a_value_that_the_file_cannot_hold_is_a_fault_that_does_not_quote_it(
    authority: Any, cohort: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "facts.parquet"
    out.write_bytes(b"earlier")
    tables = dict(authority.store.tables())
    # A year that no four bytes hold, in a relation that no store would have taken.
    tables["pupils"] = tables["pupils"].project(
        "* REPLACE (CAST(academic_year AS BIGINT) * 98765432 AS academic_year)"
    )
    with pytest.raises(OutputError, match=r"could not be written \(\w+\); nothing was published") as fault:
        write_features(tables, cohort, AS_OF, out)
    assert "98765432" not in str(fault.value) and str(2025 * 98765432) not in str(fault.value)
    assert out.read_bytes() == b"earlier"
