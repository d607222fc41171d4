"""A store written out as a folder of tables in buckets of pupils: for large stores, and for other engines."""

from __future__ import annotations

from pathlib import Path

from ..errors import OutputError, UsageError
from ..files import private_folder, whole_folder
from ..tables.canonical import CANONICAL_TABLES
from ..tables.schema import Table
from .engine import engine_error, quoted
from .layout import RANGES, bucket_file, by_pupil, check_number, prefixes, write_layout_manifest
from .opened import Store

#: Rows of a row group. A part of a bucket is read by whole row groups.
ROW_GROUP = 122_880


def export_tables(store: Store, out: Path, buckets: int, *, made_of: str = "") -> None:
    """Write every canonical table of a store into a folder, whole or not at all; the same store, the same bytes.

    The UPN lookup is not copied: a folder that leaves the authority's own computer must not hold it.

    Parameters
    ----------
    store : Store
        A file, or a folder with another number of buckets.
    out : Path
        The folder; an earlier one is replaced once the new one is whole.
    buckets : int
        1 to 256; some 500,000 pupils a bucket are handy.
    made_of : str
        What the caller calls the store, the buckets and the code together; the manifest keeps it.

    Raises
    ------
    UsageError
        If the number is another, or ``out`` is the store itself or a folder that is not one of tables.
    OutputError
        If a file cannot be written; an earlier folder stays.
    """
    check_number(buckets, "buckets")
    _check_target(store, out)
    with whole_folder(out) as partial:
        for table in CANONICAL_TABLES.values():
            private_folder(partial / table.name)
            if not by_pupil(table):
                _copy(store, table, (0, RANGES), partial / table.name / "all.parquet")
                continue
            for bucket in range(buckets):
                _copy(store, table, prefixes(bucket, buckets), partial / table.name / bucket_file(bucket))
        write_layout_manifest(partial, store.meta, buckets, store.rows(), made_of=made_of)


def _check_target(store: Store, out: Path) -> None:
    if out.resolve() == store.path.resolve():
        raise UsageError(f"{out} is the store that is read; give another --out")
    if out.is_dir() and any(out.iterdir()) and not (out / "pupils").is_dir():
        raise UsageError(f"{out} holds other things than tables; give an empty or a new folder as --out")


def _copy(store: Store, table: Table, prefix: tuple[int, int], target: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    try:
        # Ordered by every column: the order of rows in the store depends on the order in which returns were read.
        store.connection.execute(
            f"COPY (SELECT {columns} {store.stored(table, *prefix)} ORDER BY {columns}) "
            f"TO '{quoted(target.as_posix())}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
    except engine_error() as fault:
        raise OutputError(
            f"the table {table.name} could not be written ({type(fault).__name__}); nothing was published and an "
            "earlier folder stays. Is there room on the disk?"
        ) from None
