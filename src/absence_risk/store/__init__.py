"""The authority store: canonical tables in one DuckDB file, or in a folder of Parquet. The only room that opens them.

Dates leave this room as day numbers (days since 1 January 1970), so that pandas, DuckDB and Spark frames subtract
them alike. No UPN is in a store: the lookup from pupil_id to UPN stands beside it, in a file of its own.
"""

from __future__ import annotations

from pathlib import Path

from .creating import create_store, fill_store, validate
from .engine import bytes_of, connect, engine_error, no_cell_quoted, within_memory, writing_faults
from .export import export_tables
from .layout import RANGES, check_number
from .opened import Store

__all__ = [
    "RANGES",
    "Store",
    "bytes_of",
    "check_number",
    "connect",
    "create_store",
    "engine_error",
    "export_tables",
    "fill_store",
    "lookup_path",
    "no_cell_quoted",
    "validate",
    "within_memory",
    "writing_faults",
]


def lookup_path(store: Path) -> Path:
    """The file that turns a pupil_id back into a UPN, for ``support_list`` alone; keep it as you keep UPNs."""
    return store.with_name(f"{store.stem}.upn-lookup.parquet")
