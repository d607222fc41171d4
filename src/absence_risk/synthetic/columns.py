"""Columns of text for the files, made by looking values up in short tables: fast, and the same bytes each time."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.academic_year import day_from_number
from ..files import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST_DAY = 3_650  #: 30 December 1979
_LAST_DAY = 25_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _from_table(table: tuple[str, ...], places: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    import pyarrow as pa

    indices = pa.array(places.astype(np.int32), mask=missing)
    return _as_arrow(table).take(indices)


@lru_cache(maxsize=64)
def _as_arrow(table: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    return pa.array(table, pa.string())


@cache
def _days(style: str) -> tuple[str, ...]:
    days = [day_from_number(number) for number in range(_FIRST_DAY, _LAST_DAY)]
    if style == "collect":  # month names written out here, so that no locale can change them
        return tuple(f"{d.year}-{_MONTHS[d.month - 1]}-{d.day:02d} 00:00:00" for d in days)
    if style == "day_first":
        return tuple(f"{d.day:02d}/{d.month:02d}/{d.year}" for d in days)
    return tuple(d.isoformat() for d in days)


def dates(days: np.ndarray, style: str = "collect", *, blank: np.ndarray | None = None) -> pa.Array:
    """Day numbers as text: ``collect`` 2025-Jan-19 00:00:00, ``day_first`` 19/01/2025, ``iso`` 2025-01-19."""
    hidden = (days >= _LAST_DAY) if blank is None else (blank | (days >= _LAST_DAY))
    return _from_table(_days(style), np.where(hidden, 0, days - _FIRST_DAY), hidden)


def one_date(day: int, style: str) -> str:
    """One day number as text."""
    return _days(style)[day - _FIRST_DAY]


def numbers(values: np.ndarray, *, blank: np.ndarray | None = None) -> pa.Array:
    """Whole numbers below 10,000 as COLLECT writes them: 134.0."""
    missing = np.zeros(len(values), bool) if blank is None else blank
    return _from_table(_decimals(), np.where(missing, 0, values), missing)


@cache
def _decimals() -> tuple[str, ...]:
    return tuple(f"{number}.0" for number in range(10_000))


def coded(
    codes: tuple[str, ...] | list[str], places: np.ndarray, *, blank: np.ndarray | None = None
) -> pa.Array:
    """The code at each place."""
    return _from_table(tuple(codes), np.where(blank, 0, places) if blank is not None else places, blank)


def repeated(text: str, n: int) -> pa.Array:
    """The same text on every row."""
    return _from_table((text,), np.zeros(n, np.int32))


def blanks(n: int) -> pa.Array:
    """A column with nothing in it."""
    import pyarrow as pa

    return pa.nulls(n, pa.string())


def hexes(values: np.ndarray, salt: int = 0) -> pa.Array:
    """Eight hexadecimal characters for each value; different values below 2**32 give different text."""
    import pyarrow as pa

    # An odd multiplier is a bijection on 32 bits: identifiers look unordered and never collide.
    mixed = (values.astype(np.uint64) * np.uint64(2654435761) + np.uint64(salt * 7919)) & np.uint64(
        0xFFFFFFFF
    )
    octets = mixed.astype(">u4").view(np.uint8).reshape(-1, 4)
    pairs = np.frombuffer("".join(f"{b:02x}" for b in range(256)).encode(), np.uint8).reshape(256, 2)
    data = np.ascontiguousarray(pairs[octets].reshape(-1, 8))
    offsets = np.arange(0, 8 * len(values) + 1, 8, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def write_csv(path: Path, columns: dict[str, Any]) -> int:
    """Write columns as unquoted UTF-8 CSV, rows in the order given; gives the number of rows."""
    import pyarrow as pa
    from pyarrow import csv

    table = pa.table(columns)
    options = csv.WriteOptions(include_header=False, quoting_style="none", batch_size=65_536)
    with whole_file(path) as partial, partial.open("wb") as handle:
        handle.write((",".join(columns) + "\n").encode("utf-8"))
        csv.write_csv(table, handle, write_options=options)
    return int(table.num_rows)
