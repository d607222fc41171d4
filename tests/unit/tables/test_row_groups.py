"""The bytes of a file written in parts do not depend on the parts."""

from __future__ import annotations

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from absence_risk.tables.row_groups import RowGroups

ROWS = 37
SCHEMA = pa.schema(
    [("name", pa.string()), ("value", pa.float64()), ("said", pa.list_(pa.string())), ("year", pa.int64())]
)


def _table() -> pa.Table:
    numbers = range(ROWS)
    return pa.table(
        [
            pa.array([f"pupil {n % 5}" for n in numbers], pa.string()),
            pa.array([n / 3 for n in numbers], pa.float64()),
            pa.array([["a sentence"] * (n % 3) for n in numbers], pa.list_(pa.string())),
            pa.array([None if n % 4 else n for n in numbers], pa.int64()),
        ],
        schema=SCHEMA,
    )


def _written(path: Path, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cuts), ROWS]
    with RowGroups(path, SCHEMA, size=10) as file:
        for start, end in itertools.pairwise(edges):
            file.append(_table().slice(start, end - start))
    assert file.rows == ROWS
    return path.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(cuts=st.lists(st.integers(0, ROWS), max_size=8))
def test_the_same_rows_give_the_same_bytes_however_they_are_parted(tmp_path: Path, cuts: list[int]) -> None:
    assert _written(tmp_path / "parted.parquet", cuts) == _written(tmp_path / "whole.parquet", [])


def test_row_groups_have_the_stated_number_of_rows_and_the_rows_stay_as_they_were(tmp_path: Path) -> None:
    _written(tmp_path / "a.parquet", [3, 4, 30])
    file = pq.ParquetFile(tmp_path / "a.parquet")
    groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    assert groups == [10, 10, 10, 7]
    assert file.read().equals(_table())


def test_a_file_without_rows_has_its_columns(tmp_path: Path) -> None:
    with RowGroups(tmp_path / "a.parquet", SCHEMA):
        pass
    assert pq.read_table(tmp_path / "a.parquet").schema.equals(SCHEMA)


def test_a_fault_on_the_way_ends_the_file_without_the_rows_that_waited(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), RowGroups(tmp_path / "a.parquet", SCHEMA, size=10) as file:
        file.append(_table().slice(0, 14))
        raise RuntimeError
    assert pq.read_table(tmp_path / "a.parquet").equals(_table().slice(0, 10))
