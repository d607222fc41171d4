"""An authority store opened for reading: one DuckDB file, or a folder of tables in buckets of pupils."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..files import settled
from ..tables.canonical import CANONICAL_TABLES
from ..tables.schema import Table, Type
from .engine import META, connect, connect_within, engine_error, quoted
from .layout import RANGES, Layout, by_pupil, check_version, prefixes, read_layout

if TYPE_CHECKING:
    import duckdb

#: Bytes that one row of any pupils' table costs at the height of the work, features and sentences included: measured
#: with benchmarks/growth.py and rounded up.
BYTES_A_ROW = 250


class Store:
    """An authority store opened for reading.

    Parameters
    ----------
    path : Path
        A file made by ``absence-risk ingest``, or a folder made by ``absence-risk export-tables``.
    memory : int, optional
        Bytes that the engine may hold; it spills nothing to disk then (``engine.connect_within``).
    threads : int, optional
        With ``memory``: threads that the engine may use; by default one for each core.
    verify : bool
        Check the hash of every file of a folder, however large.

    Raises
    ------
    StoreError
        If the file or folder is absent, is not a store, is altered, or was written by another version.
    """

    def __init__(
        self, path: Path, *, memory: int | None = None, threads: int | None = None, verify: bool = False
    ) -> None:
        self.path = settled(Path(path))
        self.layout: Layout | None = None
        if self.path.is_dir():
            self.layout = read_layout(self.path, verify=verify)
            self.meta = self.layout.meta
            check_version(self.meta, self.path)
            self.connection = connect() if memory is None else connect_within(memory, threads=threads)
            self._check_columns(self.layout)
        elif self.path.is_file():
            self._open_file(memory, threads)
        else:
            raise StoreError(
                f"no authority store at {self.path}; make one with: absence-risk ingest RETURNS --store {self.path}"
            )

    def _open_file(self, memory: int | None, threads: int | None) -> None:
        try:
            self.connection = (
                connect(self.path, read_only=True)
                if memory is None
                else connect_within(memory, self.path, threads=threads)
            )
            self.meta = dict(self.connection.execute(f"SELECT name, value FROM {META}").fetchall())
        except engine_error():
            raise StoreError(
                f"{self.path} is not an authority store (or is damaged); ingest the returns again"
            ) from None
        try:
            check_version(self.meta, self.path)
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    @property
    def fingerprint(self) -> str:
        """Hash of the content of every table: equal for the same returns, key and version of DuckDB."""
        return self.meta["fingerprint"]

    def rows(self) -> dict[str, int]:
        """How many rows each table holds."""
        if self.layout is not None:
            return dict(self.layout.rows)
        counts = (f'(SELECT count(*) FROM "{name}")' for name in CANONICAL_TABLES)
        (found,) = self.connection.execute(f"SELECT {', '.join(counts)}").fetchall()
        return dict(zip(CANONICAL_TABLES, found, strict=True))

    def suggested_parts(self, memory: int) -> int:
        """In how many parts the pupils are best worked through, so that a part fits into some bytes of memory."""
        rows = sum(n for name, n in self.rows().items() if by_pupil(CANONICAL_TABLES[name]))
        return min(RANGES, max(1, -(-rows * BYTES_A_ROW // memory)))

    def table(self, name: str, part: int | None = None, parts: int = 1) -> duckdb.DuckDBPyRelation:
        """One canonical table as a DuckDB relation, dates as day numbers; see :meth:`tables` for parts."""
        first, after = (0, RANGES) if part is None else prefixes(part, parts)
        return self.connection.sql(self._as_read(CANONICAL_TABLES[name], first, after))

    def tables(self, part: int | None = None, parts: int = 1) -> dict[str, duckdb.DuckDBPyRelation]:
        """Every canonical table, dates as day numbers: what ``cohort``, ``features`` and ``labels`` read.

        Parameters
        ----------
        part : int, optional
            One range of pupils, 0 to ``parts - 1``; parts in order are pupils in the order of pupil_id. Without it,
            every pupil. Tables without pupils are whole in every part.
        parts : int
            1 to 256.
        """
        return {name: self.table(name, part, parts) for name in CANONICAL_TABLES}

    def stored(self, table: Table, first: int = 0, after: int = RANGES) -> str:
        """SQL that gives a table as it is stored (dates are dates), for prefixes from ``first`` up to ``after``."""
        source, cut = f'"{table.name}"', True
        if self.layout is not None:
            source, cut = (
                _read_parquet(self.layout.files(table, first, after)),
                self.layout.cuts(first, after),
            )
        limits = _limits(first, after) if by_pupil(table) and cut else ""
        return f"FROM {source}{limits}"

    def _as_read(self, table: Table, first: int, after: int) -> str:
        columns = [
            f"CAST(date_diff('day', DATE '1970-01-01', \"{c.name}\") AS INTEGER) AS \"{c.name}\""
            if c.type is Type.DATE
            else f'"{c.name}"'
            for c in table.columns
        ]
        return f"SELECT {', '.join(columns)} {self.stored(table, first, after)}"

    def _check_columns(self, layout: Layout) -> None:
        """Refuse a folder whose first file of a table does not hold the declared columns and types."""
        for table in CANONICAL_TABLES.values():
            first = layout.files(table)[:1]
            try:
                relation = self.connection.sql(f"SELECT * FROM {_read_parquet(first)}")
            except engine_error():
                raise StoreError(f"{first[0]} cannot be read as Parquet; export the tables again") from None
            found = dict(zip(relation.columns, map(str, relation.types), strict=True))
            wrong = [c.name for c in table.columns if found.get(c.name) != c.type.value]
            if wrong:
                raise StoreError(
                    f"{first[0]}: {', '.join(wrong)} absent or of another type than {table.name} declares; "
                    "export the tables again"
                )


def _limits(first: int, after: int) -> str:
    limits = [f"pupil_id >= '{first:02x}'"] if first else []
    limits += [f"pupil_id < '{after:02x}'"] if after < RANGES else []
    return f" WHERE {' AND '.join(limits)}" if limits else ""


def _read_parquet(files: Sequence[Path]) -> str:
    listed = ", ".join(f"'{_literal(path)}'" for path in files)
    # A folder called `academic_year=2025` would take the place of the column.
    return f"read_parquet([{listed}], hive_partitioning=false)"


def _literal(path: Path) -> str:
    """A path as the engine reads it: quotes doubled, and marks that it would take for a pattern taken plainly."""
    return quoted("".join(f"[{mark}]" if mark in "*?[" else mark for mark in path.as_posix()))
