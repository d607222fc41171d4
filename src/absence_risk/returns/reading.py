"""A CSV is read as text, whole and strictly; what it holds is decided later, with counted failures."""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
import unicodedata
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
#: Capitals with accents and curly quotes as UTF-8 writes them; as Windows-1252 they would read as Ã or â€ and a sign.
_UTF8_INSIDE = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]")
NOT_TEXT = "the text is neither UTF-8, UTF-16 with a byte order mark, nor Windows-1252 throughout, or holds NUL bytes"
#: What stands unseen around the text of a cell: blanks of every width, marks of no width, the byte order mark.
_UNSEEN = "".join(
    map(
        chr,
        (
            *range(9, 14),
            32,
            0x85,
            0xA0,
            *range(0x2000, 0x2010),
            0x2028,
            0x2029,
            0x202F,
            0x205F,
            0x2060,
            0x3000,
            0xFEFF,
        ),
    )
)


@dataclass(frozen=True)
class CsvFile:
    """A CSV found in the folder of returns.

    ``read_from`` is the UTF-8 text to read, under a name of ours: a link to the file, or a copy where it came in
    another encoding.
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
                if "\0" in decoder.decode(chunk):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _holds(path: Path, sought: re.Pattern[bytes], longest: int, start: int = 0) -> bool:
    """Whether the bytes sought, at most ``longest`` of them, stand anywhere in a file from ``start`` on."""
    with path.open("rb") as handle:
        handle.seek(start)
        tail = b""
        while chunk := handle.read(_CHUNK):
            if sought.search(tail + chunk):
                return True
            tail = chunk[-longest:]
    return False


def encoding_of(path: Path) -> str | None:
    """The encoding a file is written in, or None if no accepted one fits.

    A byte order mark decides; otherwise strict UTF-8; otherwise Windows-1252 if it decodes without loss and holds
    nothing that only UTF-8 writes: files joined from two encodings fit neither. Nothing is ever replaced silently, and
    text that holds NUL is none.
    """
    with path.open("rb") as handle:
        start = handle.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(path, "utf-16") else None
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    return "cp1252" if _decodes(path, "cp1252") and not _holds(path, _UTF8_INSIDE, 3) else None


def _copy_as_utf8(path: Path, encoding: str, target: Path) -> None:
    with (
        path.open(encoding=encoding, newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        while chunk := source.read(_CHUNK):
            copy.write(chunk)


def as_utf8(path: Path, scratch: Path) -> tuple[Path, str]:
    """A path to the file's text in UTF-8, and the encoding it was found in.

    The path has a name of ours. The engine takes ``[1]`` and ``*`` in a name for a pattern and would read another
    file, and a folder called ``year=2025`` for a column of that name.

    Raises
    ------
    InputError
        If the file is empty or in none of the accepted encodings.
    """
    if path.stat().st_size == 0:
        raise InputError("the file is empty; export it again")
    encoding = encoding_of(path)
    if encoding is None:
        raise InputError(f"{NOT_TEXT}; export it as UTF-8")
    target = scratch / f"{len(list(scratch.iterdir()))}.csv"
    if encoding != "utf-8-sig":
        _copy_as_utf8(path, encoding, target)
        return target, {"utf-16": "UTF-16", "cp1252": "Windows-1252"}[encoding]
    try:
        target.symlink_to(path.resolve())
    except OSError:  # Windows grants links to few
        shutil.copyfile(path, target)
    return target, "UTF-8"


def column_name(cell: str) -> str:
    """The name of a column as its letters and digits alone, in lower case, whatever else stands between them, unseen.

    >>> column_name(" Termly Sessions_Possible"), column_name("UPN")
    ('termlysessionspossible', 'upn')
    """
    return "".join(c for c in unicodedata.normalize("NFKC", cell).lower() if c.isalnum())


def header_of(read_from: Path, encoding: str = "utf-8-sig") -> tuple[tuple[str, ...], str]:
    """The column names as :func:`column_name` has them, and the delimiter between them.

    Columns without a name are called by their place; no name of a return is like that.

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
    names = [column_name(cell) for cell in cells]
    if not any(names):
        raise InputError("the first line holds no column names")
    columns = tuple(name or f"column {number}" for number, name in enumerate(names, start=1))
    if len(set(columns)) != len(columns):
        raise InputError("a column is named twice in the header; every column must have its own name")
    return columns, delimiter


def refuse_second_header(path: Path) -> None:
    """Refuse a file in UTF-8 whose first line stands in it again: its second part would be read as pupils.

    Raises
    ------
    InputError
        If it does, as where files were joined one after another.
    """
    with path.open("rb") as handle:
        line = handle.readline(_HEADER_LIMIT).rstrip(b"\r\n").removeprefix(codecs.BOM_UTF8)
    line = line.split(b"\r", 1)[0]
    if _holds(path, re.compile(re.escape(line)), len(line), start=len(codecs.BOM_UTF8) + 1):
        raise InputError(
            "the header stands in it twice, so files were joined; put each file in as it was exported"
        )


def scan_sql(source: CsvFile) -> str:
    """The table function that reads every cell of ``source`` as text; blanks are missing, ``NA`` stays text."""
    columns = ", ".join(f"{quoted(c)}: 'VARCHAR'" for c in source.columns)
    return (
        f"read_csv({quoted(source.read_from.as_posix())}, auto_detect=false, header=true, "
        f"delim={quoted(source.delimiter)}, "
        f"quote='\"', escape='\"', nullstr='', null_padding=false, strict_mode=true, ignore_errors=false, "
        f"hive_partitioning=false, columns={{{columns}}})"
    )


def cell(source: CsvFile, *names: str) -> str:
    """SQL for the first of ``names`` that the file has, without what stands unseen around it; NULL if it has none.

    A cell that holds nothing is missing.
    """
    for name in names:
        if name in source.columns:
            return f"nullif(trim(\"{name}\", {quoted(_UNSEEN)}), '')"
    return "CAST(NULL AS VARCHAR)"


def read_rows(con: duckdb.DuckDBPyConnection, source: CsvFile, sql: str) -> int:
    """Run ``sql``, which makes a table of what it scans in ``source``; the number of rows.

    A broken line becomes a fault that names the line and no cell.

    Raises
    ------
    InputError
        If a line has too many or too few cells, a quotation mark never closes, or the file cannot be read to its end.
    """
    try:
        return int(con.execute(sql).fetchall()[0][0])
    except engine_error() as fault:
        if "CSV Error" not in str(fault):
            raise InputError(
                f"the file could not be read ({type(fault).__name__}); if its lines end in different ways or it was "
                "moved or changed meanwhile, export it again"
            ) from None
        line = re.search(r"on Line: (\d+)", str(fault))
        where = f"line {line[1]}" if line else "a line"
        raise InputError(
            f"{where} does not have the {len(source.columns)} cells of the header, or its quotation marks do not "
            "close; export the file again without editing it"
        ) from None
