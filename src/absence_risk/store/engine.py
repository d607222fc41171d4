"""Connections to DuckDB with the house's settings. The only module that imports it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, UsageError

if TYPE_CHECKING:
    import duckdb

#: The table of a store file that says what the store is.
META = "absence_risk_store"

#: Says how many threads the engine takes; without it, one for each core. Small stores are read faster by one.
THREADS_VARIABLE = "ABSENCE_RISK_THREADS"

_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}


def connect(path: Path | str = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the house's settings: fixed order, no extension fetched, no network, UTC.

    Raises
    ------
    UsageError
        If ``ABSENCE_RISK_THREADS`` is set to something else than a number of threads.
    """
    import duckdb

    return duckdb.connect(str(path), read_only=read_only, config=_house_settings())


def _house_settings() -> dict[str, Any]:
    return {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        **_threads(),
    }


def _threads() -> dict[str, int]:
    stated = os.environ.get(THREADS_VARIABLE, "")
    if not stated:
        return {}
    if not re.fullmatch(r"[1-9]\d{0,2}", stated):
        raise UsageError(
            f"{THREADS_VARIABLE}: expected a number of threads from 1 to 999, found something else"
        )
    return {"threads": int(stated)}


def connect_within(
    memory: int, path: Path | None = None, *, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that holds no more than some bytes of memory and writes no spill to disk.

    Work that does not fit is an error (see :func:`within_memory`), not a hidden file of records beside the store.

    Parameters
    ----------
    memory : int
        Bytes.
    path : Path, optional
        A database file to read; without it the connection begins empty.
    threads : int, optional
        By default a thread for each core.
    """
    import duckdb

    config = {**_house_settings(), "memory_limit": f"{memory}B", "temp_directory": ""}
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    if path is not None:
        # Attached, not opened: one process can open a file with one set of settings only.
        connection.execute(f"ATTACH '{quoted(path.as_posix())}' AS store (READ_ONLY)")
        connection.execute("USE store")
    return connection


def quoted(text: str) -> str:
    """Text as it stands between the quotes of an SQL literal."""
    return text.replace("'", "''")


def engine_error() -> type[Exception]:
    """The kind of exception the engine raises; its messages quote cells and must never be passed on."""
    import duckdb

    return duckdb.Error


@contextlib.contextmanager
def writing_faults(name: str) -> Iterator[None]:
    """Turn the engine's faults of writing into ours: a full disk, a quota, a file it may not write.

    Raises
    ------
    OutputError
        Naming what was being written; every other fault of the engine passes as it is.
    """
    import duckdb

    try:
        yield
    except (
        duckdb.IOException,
        duckdb.FatalException,
        duckdb.OutOfMemoryException,
        duckdb.TransactionException,  # a commit that found no room
    ) as fault:
        raise OutputError(
            f"{name} could not be written ({type(fault).__name__}); nothing was published and an earlier one stays. "
            "Is there room on the disk, and enough memory?"
        ) from None


def engine_version() -> str:
    """The engine's version: its hash of rows may change with it."""
    import duckdb

    return duckdb.__version__


def bytes_of(memory: str) -> int:
    """Bytes of an amount of memory in words; GB is a thousand million, GiB is 2 to the 30th.

    Raises
    ------
    UsageError
        If it is not a number above nought with MB, GB, TB, MiB, GiB or TiB.

    Examples
    --------
    >>> bytes_of("4GB")
    4000000000
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", memory)
    if found is None or found[2].upper() not in _UNITS or not float(found[1]):
        raise UsageError("expected an amount of memory like 4GB or 1500MiB, found something else")
    return int(float(found[1]) * _UNITS[found[2].upper()])


@contextlib.contextmanager
def no_cell_quoted(what: str) -> Iterator[None]:
    """Turn every fault of the engine but a want of memory into words: its own messages quote cells.

    Raises
    ------
    OutputError
        Naming what was to be written and the kind of fault.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as fault:
        kind = type(fault).__name__
        raise OutputError(f"{what} could not be written ({kind}); nothing was published") from None


@contextlib.contextmanager
def within_memory(parts: int) -> Iterator[None]:
    """Turn the engine's want of memory into words: the same work in more parts needs less of it.

    Raises
    ------
    UsageError
        If the engine needed more than its limit; the message says how many parts were used.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise UsageError(
            f"the work did not fit into the memory allowed in {parts} parts; nothing was written. Ask for more parts "
            f"(--parts {min(256, 2 * parts)}) or allow more memory (--memory-limit)"
        ) from None
