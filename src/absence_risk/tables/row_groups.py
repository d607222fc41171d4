"""A Parquet file written in parts, whose bytes do not depend on how the rows were parted."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of every row group but the last.
ROW_GROUP = 100_000


class RowGroups:
    """Tables go in as they come; row groups of a fixed number of rows come out.

    Parameters
    ----------
    path : Path
        Where to write; the caller gives a temporary name (``files.whole_file``).
    schema : pyarrow.Schema
        Of every table that is appended.
    size : int
        Rows of a row group.
    how : keyword arguments
        As pyarrow's writer takes them, as ``compression`` and ``use_dictionary`` by column.

    Attributes
    ----------
    rows : int
        Rows appended so far.
    """

    def __init__(self, path: Path, schema: pa.Schema, size: int = ROW_GROUP, **how: Any) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetWriter(path, schema, version="2.6", **{"compression": "zstd", **how})
        self._schema, self._size = schema, size
        self._waiting: list[pa.Table] = []
        self.rows = self._written = 0

    def __enter__(self) -> RowGroups:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write(self.rows - self._written)
        self._file.close()

    def append(self, table: pa.Table) -> None:
        """Add rows; those that fill a row group are written."""
        self._waiting.append(table)
        self.rows += len(table)
        while self.rows - self._written >= self._size:
            self._write(self._size)

    def _write(self, rows: int) -> None:
        import pyarrow as pa

        if not rows:
            return
        waiting = pa.concat_tables(self._waiting)
        self._waiting = [waiting.slice(rows)]
        # Taken by number, the rows are new arrays of one piece: a slice remembers where it was cut.
        group = waiting.slice(0, rows)
        self._file.write_table(pa.table(_whole(group), schema=self._schema), row_group_size=rows)
        self._written += rows


def _whole(table: pa.Table) -> list[pa.Array]:
    import pyarrow as pa

    return [
        pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
        for column in table.columns
    ]
