"""The register's tables: declared once, append-only, and sealed row by row with a hash over itself and the row before.

A row that was changed, taken out or put in by other means is found on reading. The seal is no lock: somebody who sets
out to forge a register can seal it anew, so keep copies where you keep your records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

#: Written into the file's header, so that another program's database is never taken for a register.
APPLICATION_ID = 0x41524452
#: Raised whenever a table changes; a register of another format is refused.
REGISTER_FORMAT = 1

_STAMP = ("copy_sha256 TEXT NOT NULL", "recorded_at TEXT NOT NULL", "recorded_by TEXT NOT NULL")

#: Columns of every table, beside ``number`` (1, 2, 3 ...) and ``seal``.
TABLES: dict[str, tuple[str, ...]] = {
    "format": ("format INTEGER NOT NULL",),
    "lists": (
        "list_id TEXT NOT NULL UNIQUE", "made_on TEXT NOT NULL", "as_of TEXT NOT NULL", "purpose TEXT NOT NULL",
        "owner TEXT NOT NULL", "capacity INTEGER NOT NULL", "expires TEXT NOT NULL", "outcome TEXT NOT NULL",
        "model TEXT NOT NULL", "scores_sha256 TEXT NOT NULL", "store_fingerprint TEXT NOT NULL",
        "next_in_line TEXT NOT NULL",
    ),
    "listed": (
        "list_id TEXT NOT NULL", "review_ref TEXT NOT NULL", "pupil_id TEXT NOT NULL", "part TEXT NOT NULL",
        "situation TEXT NOT NULL", "must_decide INTEGER NOT NULL", "log_odds REAL", "base REAL",
        "contributions TEXT NOT NULL",
    ),
    "copies": (
        "list_id TEXT NOT NULL", "added INTEGER NOT NULL", "completed INTEGER NOT NULL",
        "unchanged INTEGER NOT NULL", "settled INTEGER NOT NULL", "conflicts INTEGER NOT NULL", *_STAMP,
    ),
    "decisions": (
        "list_id TEXT NOT NULL", "review_ref TEXT NOT NULL", "version INTEGER NOT NULL", "filled TEXT NOT NULL",
        "settled INTEGER NOT NULL", *_STAMP,
    ),
    "conflicts": (
        "list_id TEXT NOT NULL", "review_ref TEXT NOT NULL", "version INTEGER NOT NULL", "offered TEXT NOT NULL",
        *_STAMP,
    ),
    "contact_exports": (
        "list_id TEXT NOT NULL", "rows INTEGER NOT NULL", "recorded_at TEXT NOT NULL", "recorded_by TEXT NOT NULL",
    ),
}  # fmt: skip

#: Names of each table's columns, in order, without ``seal``.
COLUMNS = {table: ("number", *(c.split()[0] for c in columns)) for table, columns in TABLES.items()}

Row = dict[str, Any]


def statements() -> tuple[str, ...]:
    """The statements that make the tables and the triggers by which no row is ever changed or taken out.

    REPLACE takes a row out without a delete trigger, so a row may not be put in under a number that is taken either.
    """
    made: list[str] = []
    for table, columns in TABLES.items():
        body = ", ".join(("number INTEGER PRIMARY KEY AUTOINCREMENT", *columns, "seal TEXT NOT NULL"))
        said = f"SELECT RAISE(ABORT, 'nothing in {table} is ever changed or taken out')"
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)"
        made += [
            f"CREATE TABLE {table} ({body}) STRICT",
            f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} BEGIN {said}; END",
            f"CREATE TRIGGER {table}_never_taken_out BEFORE DELETE ON {table} BEGIN {said}; END",
            f"CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table} WHEN {taken} BEGIN {said}; END",
        ]
    return tuple(made)


def plain_json(value: Any) -> str:
    """JSON on one line with sorted keys: the same value, the same text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def seal_of(table: str, row: Mapping[str, Any], before: str) -> str:
    """SHA-256 over the seal of the row before (empty for the first), the table's name and every column of the row."""
    said = plain_json([table, *(row[name] for name in COLUMNS[table])])
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def first_broken(table: str, rows: Sequence[Row], last_number: int) -> int | None:
    """The number of the first row that is not as it was written, or is missing; None if all are.

    Parameters
    ----------
    rows : sequence of dict
        Every row in order, with ``seal``.
    last_number : int
        The highest number ever given, as the database itself counts; rows taken off the end are found by it.
    """
    before = ""
    for place, row in enumerate(rows, start=1):
        if row["number"] != place or row["seal"] != seal_of(table, row, before):
            return place
        before = row["seal"]
    return None if last_number == len(rows) else len(rows) + 1
