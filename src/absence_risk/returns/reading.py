"""A CSV is read as text, whole and strictly; what it holds is decided later, with counted failures."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..store import engine_error

if TYPE_CHECKING:
    import duckdb

_CHUNK = 1 << 22
_HEADER_LIMIT = 1 << 16
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class CsvFile:
    """A CSV found in the folder of returns.

    ``read_from`` is the UTF-8 text to read: the file itself, or a temporary copy where it came in another encoding.
    """

    name: str
    path: Path
    read_from: Path
    columns: tuple[str, ...]
    delimiter: str = ","


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(path: Path) -> str | None:
    """The encoding a file is written in, or None if no accepted one fits.

    A byte order mark decides; otherwise strict UTF-8; otherwise Windows-1252 if it decodes without loss.
    Nothing is ever replaced silently.
    """
    with path.open("rb") as handle:
        start = handle.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(path, "utf-16") else None
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    return "cp1252" if _decodes(path, "cp1252") else None


def _copy_as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    target = scratch / f"{len(list(scratch.iterdir()))}.csv"
    with (
        path.open(encoding=encoding, newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
    return target


def as_utf8(path: Path, scratch: Path) -> tuple[Path, str]:
    """A path to the file's text in UTF-8, and the encoding it was found in.

    Raises
    ------
    InputError
        If the file is empty or in none of the accepted encodings.
    """
    if path.stat().st_size == 0:
        raise InputError("the file is empty; export it again")
    encoding = encoding_of(path)
    if encoding is None:
        raise InputError(
            "the text is neither UTF-8, UTF-16 with a byte order mark, nor Windows-1252; export it as UTF-8"
        )
    if encoding == "utf-8-sig":
        return path, "UTF-8"
    return _copy_as_utf8(path, encoding, scratch), {"utf-16": "UTF-16", "cp1252": "Windows-1252"}[encoding]


def header_of(read_from: Path, encoding: str = "utf-8-sig") -> tuple[tuple[str, ...], str]:
    """The column names in lower case without blanks around them, and the delimiter between them.

    Raises
    ------
    InputError
        If the header is empty, far too long, or names a column twice.
    """
    with read_from.open(encoding=encoding, newline="") as handle:
        line = handle.readline(_HEADER_LIMIT)
    if len(line) >= _HEADER_LIMIT or "\0" in line:
        raise InputError("the first line is not a header of column names; expected a CSV file")
    delimiter = max(_DELIMITERS, key=line.count)
    cells = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    columns = tuple(cell.strip().lower() for cell in cells)
    if not any(columns):
        raise InputError("the first line holds no column names")
    if len(set(columns)) != len(columns):
        raise InputError("a column is named twice in the header; every column must have its own name")
    return columns, delimiter


def scan_sql(source: CsvFile) -> str:
    """The table function that reads every cell of ``source`` as text; blanks are missing, ``NA`` stays text."""
    columns = ", ".join(f"{quoted(c)}: 'VARCHAR'" for c in source.columns)
    return (
        f"read_csv({quoted(source.read_from.as_posix())}, auto_detect=false, header=true, "
        f"delim={quoted(source.delimiter)}, "
        f"quote='\"', escape='\"', nullstr='', null_padding=false, strict_mode=true, ignore_errors=false, "
        f"columns={{{columns}}})"
    )


def cell(source: CsvFile, *names: str) -> str:
    """SQL for the first of ``names`` that the file has, trimmed, blank as missing; NULL if it has none."""
    for name in names:
        if name in source.columns:
            return f"nullif(trim(\"{name}\"), '')"
    return "CAST(NULL AS VARCHAR)"


def read_rows(con: duckdb.DuckDBPyConnection, source: CsvFile, sql: str) -> None:
    """Run ``sql``, which scans ``source``; a broken line becomes a fault that names the line and no cell.

    Raises
    ------
    InputError
        If a line has too many or too few cells, or a quotation mark is never closed.
    """
    try:
        con.execute(sql)
    except engine_error() as fault:
        if "CSV Error" not in str(fault):
            raise
        line = re.search(r"on Line: (\d+)", str(fault))
        where = f"line {line[1]}" if line else "a line"
        raise InputError(
            f"{where} does not have the {len(source.columns)} cells of the header, or its quotation marks do not "
            "close; export the file again without editing it"
        ) from None
