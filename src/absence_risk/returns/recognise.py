"""Which file is what: by its header or XML root, whatever its name, byte order mark or encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from .cin_census import root_of
from .layouts import OTHERS, Role, collect_layout, collect_table, nearest
from .reading import CsvFile, as_utf8, header_of, refuse_second_header


@dataclass(frozen=True)
class Found:
    """One recognised CSV: its role, and for COLLECT its table name."""

    role: Role
    source: CsvFile
    table: str


@dataclass
class Recognised:
    """Everything a folder of returns holds, in a fixed order, with what was set aside and what is faulty."""

    csv: list[Found] = field(default_factory=list)
    cin: list[tuple[str, Path]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def of(self, *roles: Role) -> list[Found]:
        return [found for found in self.csv if found.role in roles]


def files_below(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Every path that is no folder, and every folder that cannot be walked through, so that none is passed over."""
    here = (*above, folder.resolve())
    try:
        # A fixed order for reports; the content of the store does not depend on it.
        inside = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError:
        yield folder
        return
    for path in inside:
        if path.name.startswith(("_", ".")):
            continue
        if path.is_dir() and path.resolve() not in here:
            yield from files_below(path, here)
        else:
            yield path


def said_name(path: Path, folder: Path) -> str:
    """A file's place in its folder as a report can print it: a name may hold line breaks, or bytes that are no text."""
    return "".join(c if c.isprintable() else "?" for c in path.relative_to(folder).as_posix())


def recognise_csv(name: str, path: Path, scratch: Path) -> tuple[Found, str | None]:
    """What a CSV is, by its columns alone, with a note if it was set aside or re-encoded.

    Raises
    ------
    InputError
        If its header fits no known file; the message names the nearest and the columns missing from it.
    """
    read_from, encoding = as_utf8(path, scratch)
    columns, delimiter = header_of(read_from)
    refuse_second_header(read_from)
    source = CsvFile(name, path, read_from, columns, delimiter)
    note = None if encoding == "UTF-8" else f"{name}: written in {encoding}; read through a UTF-8 copy"
    found = _collect(source) or _other(source)
    if found.role is Role.SET_ASIDE:
        note = f"{name}: recognised as {found.table}, which the package does not use; set aside"
    return found, note


def _collect(source: CsvFile) -> Found | None:
    columns = frozenset(source.columns)
    table = collect_table(columns)
    if table is None:
        return None
    layout = collect_layout(table)
    if layout is None:
        return Found(Role.SET_ASIDE, source, f"the School Census table {table}")
    missing = layout.missing(columns)
    if missing:
        raise InputError(
            f"a School Census table {table} without the column(s) {', '.join(missing)}; export the whole table"
        )
    return Found(layout.role, source, table)


def _other(source: CsvFile) -> Found:
    columns = frozenset(source.columns)
    for layout in OTHERS:
        if not layout.missing(columns):
            return Found(layout.role, source, layout.role.value)
    if {"child", "dob"} <= columns and not columns & {"ethnic", "decom"}:
        return Found(Role.SET_ASIDE, source, "another SSDA903 file")
    name, missing = nearest(columns)
    raise InputError(
        "the header fits no return; expected a School Census table as exported from COLLECT, an SSDA903 "
        "header or episodes "
        f"file, or an AP census file. Nearest: {name}, but missing {', '.join(missing)}"
    )


def _recognise_xml(path: Path) -> None:
    root = root_of(path)
    if root != "Message":
        raise InputError(
            f"expected the root element Message of a CIN census, found {root[:40]}; SSDA903 and the School "
            f"Census are read as CSV"
        )


def recognise(folder: Path, scratch: Path) -> Recognised:
    """Every file under ``folder``, recognised, set aside with a note, or named in a fault.

    Parameters
    ----------
    folder : Path
        The folder of returns; folders and files whose names start with ``_`` or ``.`` are skipped.
    scratch : Path
        An empty private folder for copies of files that came in another encoding.

    Raises
    ------
    InputError
        If ``folder`` is not a folder, or holds no CSV or XML at all.
    """
    if not folder.is_dir():
        raise InputError(f"expected a folder of statutory returns at {folder}; there is none")
    result = Recognised()
    for path in files_below(folder):
        name = said_name(path, folder)
        try:
            _recognise_one(name, path, scratch, result)
        except InputError as fault:
            result.faults.append(f"{name}: {fault}")
        except OSError as fault:
            result.faults.append(f"{name}: cannot be read ({fault.strerror}); check your rights to it")
    if not (result.csv or result.cin or result.faults):
        raise InputError(
            f"{folder} holds no statutory return; expected CSV files exported from COLLECT, SSDA903 CSV files, "
            "CIN census XML or AP census CSV, in any sub-folders"
        )
    return result


def _recognise_one(name: str, path: Path, scratch: Path, result: Recognised) -> None:
    if not path.is_file():
        raise InputError(
            "no file that can be opened: a broken link, a folder closed or leading back, or a device; take it away"
        )
    kind = path.suffix.lower()
    if kind == ".csv":
        found, note = recognise_csv(name, path, scratch)
        if found.role is not Role.SET_ASIDE:
            result.csv.append(found)
        if note:
            result.notes.append(note)
    elif kind == ".xml":
        _recognise_xml(path)
        result.cin.append((name, path))
    else:
        result.notes.append(f"{name}: neither CSV nor XML; ignored")
