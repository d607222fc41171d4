"""The authority store: one DuckDB file that holds the canonical tables. The only room that opens them.

Dates leave this room as day numbers (days since 1 January 1970), so that pandas, DuckDB and Spark frames subtract
them alike. No UPN is in the file: the lookup from pupil_id to UPN stands beside it, in a file of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, StoreError
from .files import whole_file
from .tables.canonical import CANONICAL_TABLES, STORE_VERSION
from .tables.schema import Table, Type

if TYPE_CHECKING:
    import duckdb

_META = "absence_risk_store"


def lookup_path(store: Path) -> Path:
    """The file that turns a pupil_id back into a UPN, for ``support_list`` alone; keep it as you keep UPNs."""
    return store.with_name(f"{store.stem}.upn-lookup.parquet")


def connect(path: Path | str = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the house's settings: fixed order, no extension fetched, no network, UTC."""
    import duckdb

    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
    }
    return duckdb.connect(str(path), read_only=read_only, config=config)


def engine_error() -> type[Exception]:
    """The kind of exception the engine raises; its messages quote cells and must never be passed on."""
    import duckdb

    return duckdb.Error


def _as_read(table: Table) -> str:
    columns = [
        f"CAST(date_diff('day', DATE '1970-01-01', \"{c.name}\") AS INTEGER) AS \"{c.name}\""
        if c.type is Type.DATE
        else f'"{c.name}"'
        for c in table.columns
    ]
    return f'SELECT {", ".join(columns)} FROM "{table.name}"'


class Store:
    """An authority store opened for reading.

    Parameters
    ----------
    path : Path
        A file made by ``absence-risk ingest``.

    Raises
    ------
    StoreError
        If the file is absent, is not a store, or was written by another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise StoreError(
                f"no authority store at {self.path}; make one with: absence-risk ingest RETURNS --store {self.path}"
            )
        import duckdb

        try:
            self.connection = connect(self.path, read_only=True)
            self.meta: dict[str, str] = dict(
                self.connection.execute(f"SELECT name, value FROM {_META}").fetchall()
            )
        except duckdb.Error:
            raise StoreError(
                f"{self.path} is not an authority store (or is damaged); ingest the returns again"
            ) from None
        found = self.meta.get("store_version")
        if found != str(STORE_VERSION):
            self.close()
            raise StoreError(
                f"{self.path} was written as store version {found}; this package reads version {STORE_VERSION}. "
                "Ingest the returns again."
            )

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

    def table(self, name: str) -> duckdb.DuckDBPyRelation:
        """One canonical table as a DuckDB relation, dates as day numbers."""
        return self.connection.sql(_as_read(CANONICAL_TABLES[name]))

    def tables(self) -> dict[str, duckdb.DuckDBPyRelation]:
        """Every canonical table, dates as day numbers: what ``cohort``, ``features`` and ``labels`` read."""
        return {name: self.table(name) for name in CANONICAL_TABLES}


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
    import hashlib

    import duckdb

    digest = hashlib.sha256(f"duckdb {duckdb.__version__}".encode())
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

    The caller fills the canonical tables (already created) with INSERT and may add entries to ``meta`` while it works.

    Raises
    ------
    InputError
        If a table breaks its declaration; the earlier store stays.
    OutputError
        If the file cannot be written; the earlier store stays.
    """
    with whole_file(Path(path)) as partial:
        partial.unlink()  # DuckDB makes its own file and refuses an empty one
        con = connect(partial)
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
            con.execute(f"CREATE TABLE {_META} (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
            con.executemany(f"INSERT INTO {_META} VALUES (?, ?)", sorted(stamped.items()))
            con.execute("CHECKPOINT")
        finally:
            con.close()
        partial.chmod(0o600)
