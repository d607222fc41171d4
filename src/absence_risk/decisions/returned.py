"""A returned copy of the workbook: opened with care, and read for decisions. The only module that opens workbooks.

Somebody outside sent it, so its size is bounded before it is unpacked, no formula is worked out, and nothing of it
runs. Whatever the library says of a damaged file stays here, because it quotes cells.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, all_at_once
from .copy_rows import Broken, Formula, Rows, Sheet, is_for_decisions
from .declaration import ABOUT_SHEET, CHOICES_SHEET, DECISION, REFERENCE, SHEET_FORMAT
from .entries import Record

#: A list of 500 pupils takes less than one megabyte.
LARGEST_FILE = 20_000_000
LARGEST_UNPACKED = 100_000_000
#: Workbooks shrink ten to thirty times; what shrinks far more was made to fill a memory.
_LIKELY_RATIO, _RATIO_FROM = 200, 10_000_000
#: More than any list has; a sheet that says it has more is not one of ours.
MOST_ROWS, MOST_COLUMNS = 20_000, 200
_MOST_CELLS = MOST_ROWS * MOST_COLUMNS
MOST_FAULTS = 30

_HIDDEN = (ABOUT_SHEET, CHOICES_SHEET)
_OLD_BINARY = b"\xd0\xcf\x11\xe0"
_SENT_OUT = "Expected the workbook that was sent out with the list (support_list.xlsx), filled in"


@dataclass(frozen=True)
class Returned:
    """What a returned copy says.

    Attributes
    ----------
    list_id, sha256 : str
        The list it belongs to, as the copy says, and the hash of the file.
    records : tuple of Record
        Rows in which something is filled in.
    refs : tuple of str
        Every reference the copy holds.
    notes : tuple of str
        What was passed over, in words.
    """

    path: Path
    list_id: str
    sha256: str
    records: tuple[Record, ...] = field(repr=False)
    refs: tuple[str, ...] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)


def read_returned(path: Path) -> Returned:
    """Read every sheet that has the columns ``Reference`` and ``Decision``, hidden or not.

    Parameters
    ----------
    path : Path
        An .xlsx workbook, whatever its name. The authority's own choices are those of its drop-downs.

    Raises
    ------
    InputError
        If it is no such workbook, belongs to another format, or any cell is not what its column asks for; every fault
        at once (at most 30, then their number), with sheet, row and column, and never what a cell says.
    """
    path = Path(path)
    data = _bytes_of(path)
    sheets = _sheets(path, data)
    rows = Rows(_list_id(path, sheets), _choices(sheets))
    for sheet in sheets:
        if sheet.title not in _HIDDEN:
            rows.take(sheet)
    if not rows.sheets_read and not rows.faults:
        rows.faults.append(f"no sheet has the columns “{REFERENCE}” and “{DECISION.header}” in its first row")
    if rows.faults:
        raise InputError(_all_faults(path, rows.faults))
    return Returned(
        path,
        rows.list_id,
        hashlib.sha256(data).hexdigest(),
        rows.records(),
        tuple(rows.values),
        tuple(rows.notes),
    )


def _all_faults(path: Path, faults: Sequence[str]) -> str:
    shown = list(faults[:MOST_FAULTS])
    if len(faults) > MOST_FAULTS:
        shown.append(f"and {len(faults) - MOST_FAULTS:,} more")
    number = f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}"
    return all_at_once(f"{number} in {path}; nothing was recorded. Mend them and read it again:", shown)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is no file that can be opened. {_SENT_OUT}")
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(
                f"{path} is larger than {LARGEST_FILE // 1_000_000} MB; a list takes less than one. {_SENT_OUT}"
            )
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(
            f"{path} cannot be read ({fault.strerror}); if it is open in a spreadsheet, save and close it there"
        ) from None
    _check_kind(path, data)
    return data


def _check_kind(path: Path, data: bytes) -> None:
    if data.startswith(_OLD_BINARY):
        raise InputError(
            f"{path} is a workbook of the old kind (.xls), or is locked with a password; save it as .xlsx without one"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names, unpacked = set(packed.namelist()), sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise InputError(f"{path} is no workbook, or was cut short. {_SENT_OUT}; save it as .xlsx") from None
    if "content.xml" in names:
        raise InputError(f"{path} is an OpenDocument spreadsheet (.ods); save it as .xlsx (File, Save as)")
    if "xl/workbook.xml" not in names:
        raise InputError(f"{path} is not an .xlsx workbook. {_SENT_OUT}; save it as .xlsx")
    if unpacked > LARGEST_UNPACKED or unpacked > max(_RATIO_FROM, _LIKELY_RATIO * len(data)):
        raise InputError(
            f"{path} unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB, or to more than {_LIKELY_RATIO} times "
            f"its size, which no list does; it was not opened. {_SENT_OUT}"
        )


def _sheets(path: Path, data: bytes) -> list[Sheet]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # The library remarks on drop-downs it does not keep; we only read.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                return [Sheet(sheet.title, list(_rows(path, sheet))) for sheet in book.worksheets]
            finally:
                book.close()
    except InputError:
        raise
    except Exception:  # a damaged workbook may raise anything, and every message may quote a cell
        raise InputError(f"{path} is damaged: it cannot be read as a workbook. {_SENT_OUT}") from None


def _rows(path: Path, sheet: Any) -> Iterator[list[Any]]:
    """The cells of a sheet, empty ones at the ends left off; of a sheet without our columns, its first row alone."""
    # A workbook may state a wrong extent, and rows beyond it would be passed over in silence.
    sheet.reset_dimensions()
    visited = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        visited += len(cells) + 1
        row = [_plain(cell) for cell in cells]
        while row and row[-1] is None:
            row.pop()
        beyond = row and (number > MOST_ROWS or len(row) > MOST_COLUMNS)
        # Empty rows and cells far below and to the right are read one by one, and can be made without number.
        if beyond or visited > _MOST_CELLS:
            raise InputError(
                f"a sheet of {path} has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns, which no list has; "
                "take away what was added below or beside the list"
            )
        if number <= MOST_ROWS:
            yield row
        if number == 1 and sheet.title not in _HIDDEN and not is_for_decisions(row):
            return


def _plain(cell: Any) -> Any:
    kind = getattr(cell, "data_type", "n")
    if kind == "f":
        return Formula()
    return Broken() if kind == "e" else cell.value


def _list_id(path: Path, sheets: Sequence[Sheet]) -> str:
    about = next((sheet for sheet in sheets if sheet.title == ABOUT_SHEET), None)
    said = {
        row[0]: row[1] for row in (about.rows if about else ()) if len(row) > 1 and isinstance(row[0], str)
    }
    if "list_id" not in said or "format" not in said:
        raise InputError(
            f"{path} does not say which list it belongs to: its sheet “{ABOUT_SHEET}” is missing or was changed. "
            f"{_SENT_OUT}; do not copy its rows into another workbook"
        )
    if str(said["format"]) != str(SHEET_FORMAT):
        raise InputError(
            f"{path} is of another format than {SHEET_FORMAT}, which this version reads; read it with the version "
            "that made the list"
        )
    return str(said["list_id"])


def _choices(sheets: Sequence[Sheet]) -> dict[str, tuple[str, ...]]:
    """The choices of each drop-down by the name of its field; none, where the sheet of choices is not there."""
    rows = next((sheet.rows for sheet in sheets if sheet.title == CHOICES_SHEET), ())
    return {
        str(name): tuple(row[n] for row in rows[1:] if n < len(row) and isinstance(row[n], str) and row[n])
        for n, name in enumerate(rows[0] if rows else ())
    }
