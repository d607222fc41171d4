"""A Parquet file is read if it is the table that was asked for, and refused without a value of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from absence_risk.tables.parquet_in import NotTheTable, read_table

SCHEMA = pa.schema([("pupil_id", pa.string()), ("band", pa.int64()), ("said", pa.list_(pa.string()))])
PUPIL = "pupil 1234"


def _written(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_narrower_numbers_and_longer_texts_are_taken_for_those_asked_for(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "a.parquet",
        pupil_id=pa.array([PUPIL], pa.large_string()),
        band=pa.array([3], pa.int8()),
        said=pa.array([["a sentence"]], pa.large_list(pa.string())),
    )
    table = read_table(path, SCHEMA, most_rows=1)
    assert table.schema.equals(SCHEMA)
    assert table.to_pylist() == [{"pupil_id": PUPIL, "band": 3, "said": ["a sentence"]}]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"band": pa.array(["3"])}, "the column band is of another type than int64"),
        ({"said": pa.array(["a sentence"])}, "the column said is of another type than list"),
        ({"more": pa.array([1])}, "expected 3 columns, found 4 or other names"),
    ],
)
def test_another_table_is_refused_by_its_columns(
    tmp_path: Path, columns: dict[str, pa.Array], words: str
) -> None:
    sound = {"pupil_id": pa.array([PUPIL]), "band": pa.array([3]), "said": pa.array([["a sentence"]])}
    path = _written(tmp_path / "a.parquet", **{**sound, **columns})
    with pytest.raises(NotTheTable, match=words) as fault:
        read_table(path, SCHEMA, most_rows=10)
    assert PUPIL not in str(fault.value) and "sentence" not in str(fault.value)


def test_more_rows_than_there_can_be_are_refused_unread(tmp_path: Path) -> None:
    schema = pa.schema([("pupil_id", pa.string())])
    path = _written(tmp_path / "a.parquet", pupil_id=pa.array([PUPIL] * 3))
    with pytest.raises(NotTheTable, match="expected at most 2 rows, found 3"):
        read_table(path, schema, most_rows=2)


def test_what_is_no_parquet_is_refused_without_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text(f"pupil_id\n{PUPIL}\n", encoding="utf-8")
    with pytest.raises(NotTheTable, match="cannot be read as Parquet") as fault:
        read_table(tmp_path / "a.parquet", SCHEMA, most_rows=2)
    assert PUPIL not in str(fault.value)
