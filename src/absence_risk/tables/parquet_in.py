"""A Parquet file read only if it is what it must be: its columns and rows are looked at before a page is unpacked.

A file of a few kilobytes can say that it holds a thousand million equal rows, and a column of text where numbers are
asked for is found late, in somebody's sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class NotTheTable(Exception):
    """The file is not the table that was asked for; says what was expected and found, never a value."""


def read_table(path: Path, schema: pa.Schema, *, most_rows: int) -> pa.Table:
    """The table in a file.

    Parameters
    ----------
    path : Path
    schema : pyarrow.Schema
        Columns in order; integers and floats of other widths, and long texts, are taken for those asked for.
    most_rows : int
        As many as the file may have.

    Raises
    ------
    NotTheTable
        If it cannot be opened or unpacked, is encrypted, or has other columns, other types or more rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _check(file.schema_arrow, schema)
            if file.metadata.num_rows > most_rows:
                raise NotTheTable(f"expected at most {most_rows:,} rows, found {file.metadata.num_rows:,}")
            return file.read().select(schema.names).cast(schema)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        raise NotTheTable("it cannot be read as Parquet") from None


def _check(found: pa.Schema, schema: pa.Schema) -> None:
    if len(found.names) != len(schema.names) or found.names != schema.names:
        raise NotTheTable(f"expected {len(schema.names)} columns, found {len(found.names)} or other names")
    for wanted, held in zip(schema, found, strict=True):
        if not _alike(wanted.type, held.type):
            raise NotTheTable(f"the column {wanted.name} is of another type than {wanted.type}")


def _alike(wanted: pa.DataType, held: pa.DataType) -> bool:
    import pyarrow.types as kinds

    if kinds.is_list(wanted):
        lists = kinds.is_list(held) or kinds.is_large_list(held)
        return lists and _alike(wanted.value_type, held.value_type)
    same = (
        (kinds.is_integer, kinds.is_integer),
        (kinds.is_floating, kinds.is_floating),
        (kinds.is_string, lambda kind: kinds.is_string(kind) or kinds.is_large_string(kind)),
    )
    return wanted == held or any(of(wanted) and takes(held) for of, takes in same)
