"""A new authority store: filled by its maker, checked against every declaration, then published whole."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..files import whole_file
from ..tables.canonical import CANONICAL_TABLES, STORE_VERSION
from ..tables.schema import Table
from .engine import META, connect, engine_version, writing_faults

if TYPE_CHECKING:
    import duckdb


def _table_faults(con: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    checks: list[tuple[str, str]] = []
    for column in table.columns:
        if column.limit is not None:
            condition = column.limit.sql.replace("{column}", f'"{column.name}"')
            checks.append(
                (
                    f"{column.name} must be {column.limit.words}",
                    f'"{column.name}" IS NOT NULL AND NOT ({condition})',
                )
            )
    names = {c.name for c in table.columns}
    if "superseded_from" in names:
        checks.append(("superseded_from must follow known_from", "superseded_from <= known_from"))
    if not checks:
        return []
    counts = con.execute(
        f'SELECT {", ".join(f"count(*) FILTER (WHERE {where})" for _, where in checks)} FROM "{table.name}"'
    ).fetchone()
    assert counts is not None
    return [
        f"{table.name}: {words}, but {n:,} rows are not"
        for (words, _), n in zip(checks, counts, strict=True)
        if n
    ]


def _key_faults(con: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    key = ", ".join(f'"{k}"' for k in dict.fromkeys([*table.key, "known_from"]))
    row = con.execute(
        f'SELECT count(*) FROM (SELECT 1 FROM "{table.name}" GROUP BY {key} HAVING count(*) > 1)'
    ).fetchone()
    assert row is not None
    return [f"{table.name}: rows must be unique by {key}, but {row[0]:,} keys are not"] if row[0] else []


def validate(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Every fault of every canonical table at once, in words with counts; never a value, never a repair."""
    return [
        fault
        for table in CANONICAL_TABLES.values()
        for check in (_table_faults, _key_faults)
        for fault in check(con, table)
    ]


def _fingerprint(con: duckdb.DuckDBPyConnection) -> str:
    # A sum of row hashes does not depend on the order of rows, so shuffled files give the same fingerprint. DuckDB's
    # own hash is fifty times faster than a digest of text; it may change with DuckDB, so its version is taken in.
    digest = hashlib.sha256(f"duckdb {engine_version()}".encode())
    for table in CANONICAL_TABLES.values():
        row = ", ".join(f'"{c}"' for c in table.column_names)
        found = con.execute(
            f'SELECT count(*), sum(CAST(hash({row}) AS HUGEINT)) FROM "{table.name}"'
        ).fetchone()
        digest.update(f"{table.name}:{found}".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def create_store(path: Path, meta: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to an empty new store; it takes ``path``'s place only when whole and valid.

    As :func:`fill_store`, which see; the earlier store stays on any fault.
    """
    with whole_file(Path(path)) as partial, fill_store(partial, meta) as con:
        yield con


@contextlib.contextmanager
def fill_store(path: Path, meta: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to an empty new store at a place that the caller publishes (``files.whole_files``).

    The caller fills the canonical tables (already created) with INSERT and may add entries to ``meta`` while it works.

    Raises
    ------
    InputError
        If a table breaks its declaration.
    OutputError
        If the file cannot be written.
    """
    path.unlink(missing_ok=True)  # DuckDB makes its own file and refuses an empty one
    with writing_faults(path.name):
        con = connect(path)
        try:
            for table in CANONICAL_TABLES.values():
                con.execute(table.create_sql())
            yield con
            faults = validate(con)
            if faults:
                raise InputError(
                    "the canonical tables break their declarations (a fault of the reader):\n  - "
                    + "\n  - ".join(faults)
                )
            stamped = {**meta, "store_version": str(STORE_VERSION), "fingerprint": _fingerprint(con)}
            con.execute(f"CREATE TABLE {META} (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
            con.executemany(f"INSERT INTO {META} VALUES (?, ?)", sorted(stamped.items()))
            con.execute("CHECKPOINT")
        finally:
            con.close()
