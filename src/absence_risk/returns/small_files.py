"""Small CSVs that people keep by hand, read strictly: every fault of a file at once, by row, and no value quoted."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from ..errors import InputError, UsageError, all_at_once
from .reading import NOT_TEXT, encoding_of, header_of

#: Forms of a date that can be read in one way alone; a month written first is refused. Midnight may follow.
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?", re.ASCII)
DATE_WORDS = "a date as 31/10/2026 (day first) or 2026-10-31"
_EARLIEST, _LATEST = date(1950, 1, 1), date(2100, 12, 31)
_ROWS_NAMED = 10
#: Every child of a large authority takes less.
LARGEST_SMALL_FILE = 64 << 20


def read_small_file(
    path: Path, what: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row that holds anything: its number in a spreadsheet (the header is row 1) and its cells, trimmed.

    UTF-8, UTF-16 with a byte order mark and Windows-1252 are read; commas, semicolons or tabs between cells; a header
    in any case. Columns other than those asked for are not looked at.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it holds, for the faults: "exclusions".
    needed, optional : sequence of str
        Columns in lower case. An optional column that is not there reads as empty cells.

    Raises
    ------
    UsageError
        If there is no such file.
    InputError
        If it is empty, in another encoding, lacks a needed column, has a column that looks like a misspelt one, or a
        row does not have the header's cells.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"no file of {what} at {path}; expected a CSV with the columns {', '.join(needed)}")
    size = path.stat().st_size
    if not size:
        raise InputError(f"{path}: empty; save it again as CSV UTF-8")
    if size > LARGEST_SMALL_FILE:
        raise InputError(f"{path}: larger than {LARGEST_SMALL_FILE >> 20} MB, which no file of {what} is")
    encoding = encoding_of(path)
    if encoding is None:
        raise InputError(f"{path}: {NOT_TEXT}; save it again as CSV UTF-8")
    try:
        columns, delimiter = header_of(path, encoding)
    except InputError as fault:
        raise InputError(f"{path}: {fault}") from None
    _check_columns(path, what, columns, needed, optional)
    rows = _rows(path, encoding, delimiter, len(columns))
    wanted = (*needed, *optional)
    for number, cells in rows:
        held = dict(zip(columns, cells, strict=True))
        if any(held.get(name) for name in wanted):
            yield number, {name: held.get(name, "") for name in wanted}


def _check_columns(
    path: Path, what: str, columns: tuple[str, ...], needed: Sequence[str], optional: Sequence[str]
) -> None:
    faults = [f"no column `{name}`" for name in needed if name not in columns]
    others = [column for column in columns if column not in (*needed, *optional)]
    # A limit that is misspelt would be read as no limit.
    faults += [
        f"no column `{name}`, but one called `{close[0]}`: rename it to `{name}`, or give it another name"
        for name in optional
        if name not in columns and (close := difflib.get_close_matches(name, others, n=1, cutoff=0.75))
    ]
    if faults:
        raise InputError(
            f"{path}: {'; '.join(faults)}. A file of {what} has the columns {', '.join(needed)}"
            + (f", and if wanted {', '.join(optional)}" if optional else "")
        )


def _rows(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    ragged: list[int] = []
    with path.open(encoding=encoding, newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter, strict=True)
        try:
            for number, row in enumerate(reader, start=1):
                cells = [cell.strip() for cell in row]
                if number == 1 or not any(cells):
                    continue
                if len(cells) < width or any(cells[width:]):
                    ragged.append(number)
                else:
                    found.append((number, cells[:width]))
        except csv.Error:
            raise InputError(
                f"{path}: quotation marks do not close or a cell is far too long, from line {reader.line_num}; save it "
                "again without editing it"
            ) from None
    if ragged:
        raise InputError(
            f"{path}: {rows_in_words(ragged)} without the {width} cells of the header; mend them"
        )
    yield from found


def date_in(text: str) -> date | None:
    """A date written in one of the two forms, between 1950 and 2100; anything else is None.

    >>> date_in("31/10/2026"), date_in("2026-10-31"), date_in("10/31/2026")
    (datetime.date(2026, 10, 31), datetime.date(2026, 10, 31), None)
    """
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    if day_first:
        day, month, year = map(int, day_first.groups())
    elif year_first:
        year, month, day = map(int, year_first.groups())
    else:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None


def rows_in_words(rows: Sequence[int]) -> str:
    """How many rows and which, the first ten of them by number.

    >>> rows_in_words([4]), rows_in_words([2, 3])
    ('1 row (row 4)', '2 rows (rows 2, 3)')
    """
    named = ", ".join(map(str, rows[:_ROWS_NAMED]))
    more = f" and {len(rows) - _ROWS_NAMED:,} more" if len(rows) > _ROWS_NAMED else ""
    one = len(rows) == 1
    return f"{len(rows):,} row{'' if one else 's'} (row{'' if one else 's'} {named}{more})"


def refuse_faults(path: Path, faults: dict[str, list[int]]) -> None:
    """Refuse a file with every kind of fault at once: how many rows and which.

    Raises
    ------
    InputError
        If any kind of fault has a row.
    """
    found = [f"{words}: {rows_in_words(rows)}" for words, rows in faults.items() if rows]
    if found:
        raise InputError(all_at_once(f"{path}: nothing of it was used; mend these rows:", found))
