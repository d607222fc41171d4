"""The sheets of a returned copy become records: columns found by their headers, every fault told with its place.

Nothing here opens a file; a sheet comes as plain cells.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .cell_values import NotFit, value_of
from .declaration import DECISION, FIELD_BY_HEADER, FIELDS, REFERENCE, Field
from .entries import Record

_REFERENCE_FORM = re.compile(r"[A-Z]-\d{3,5}", re.ASCII)
#: So many columns of the decision record make a sheet one for decisions, though its two main headers are not there.
_FEW = 3


class Formula(NamedTuple):
    """A cell that holds a formula; it is never worked out."""


class Broken(NamedTuple):
    """A cell in which the spreadsheet itself shows an error."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as plain cells, its header first; rows may differ in length."""

    title: str
    rows: Sequence[Sequence[Any]]


@dataclass
class Rows:
    """What the sheets of a copy hold, and everything wrong with them.

    ``offered`` are the authority's own choices by field; where one has none, any line of text may stand.
    ``places`` says where each reference stands first. ``notes`` tell what was passed over.
    """

    list_id: str
    offered: Mapping[str, Sequence[str]]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sheets_read: int = 0

    def take(self, sheet: Sheet) -> None:
        """Read one sheet, if it is one for decisions."""
        header = [_header(cell) for cell in (sheet.rows[0] if sheet.rows else ())]
        columns = self._columns(sheet.title, header)
        if columns is None:
            return
        self.sheets_read += 1
        place = header.index(REFERENCE)
        for number, row in enumerate(sheet.rows[1:], start=2):
            self._row(f"sheet “{sheet.title}”, row {number}", row, place, columns)

    def _columns(self, title: str, header: Sequence[str]) -> dict[int, Field] | None:
        declared = [name for name in header if name in FIELD_BY_HEADER]
        wanted = (REFERENCE, DECISION.header)
        absent = [name for name in wanted if name not in header]
        if absent:
            if len(declared) >= _FEW:
                self.faults.append(
                    f"sheet “{title}” has no column {_listed(absent)}{_renamed(absent[0], header)}; put the header back"
                )
            return None
        twice = sorted({name for name in (REFERENCE, *declared) if header.count(name) > 1})
        if twice:
            self.faults.append(f"sheet “{title}” has the column {_listed(twice)} twice; take one away")
            return None
        self._tell_columns(title, header, declared)
        return {n: FIELD_BY_HEADER[name] for n, name in enumerate(header) if name in FIELD_BY_HEADER}

    def _tell_columns(self, title: str, header: Sequence[str], declared: Sequence[str]) -> None:
        for absent in (f for f in FIELDS if f.header not in declared):
            said = (
                f"sheet “{title}” has no column {_listed([absent.header])}{_renamed(absent.header, header)}"
            )
            if absent.required:
                self.faults.append(f"{said}; put the header back")
            else:
                self.notes.append(f"{said}; nothing was read for it")

    def _row(self, place: str, row: Sequence[Any], at: int, columns: Mapping[int, Field]) -> None:
        ref = self._reference(place, row[at] if at < len(row) else None)
        filled: dict[str, str] = {}
        for n, declared in columns.items():
            try:
                said = self._value(row[n] if n < len(row) else None, declared)
            except NotFit as fault:
                self.faults.append(f"{place}, column “{declared.header}”: {fault}")
                continue
            if said:
                filled[declared.name] = said
        if ref is None:
            return
        if not ref:
            if filled:
                self.faults.append(f"{place}: something is filled in, but there is no reference; put it back")
            return
        self._keep(ref, place, filled)

    def _reference(self, place: str, cell: Any) -> str | None:
        """The reference, empty on an empty row, None if it has not the form of one."""
        said = cell.strip().upper() if isinstance(cell, str) else cell
        if said is None or said == "":
            return ""
        if isinstance(said, str) and _REFERENCE_FORM.fullmatch(said):
            return said
        self.faults.append(
            f"{place}, column “{REFERENCE}”: expected a reference such as A-014; put back the one sent out"
        )
        return None

    def _value(self, cell: Any, declared: Field) -> str:
        if isinstance(cell, Formula):
            raise NotFit("found a formula, which is never worked out; type the value itself")
        if isinstance(cell, Broken):
            raise NotFit("found an error of the spreadsheet; type the value itself")
        choices = declared.choices or tuple(self.offered.get(declared.name, ()))
        return value_of(cell, declared, choices)

    def _keep(self, ref: str, place: str, filled: dict[str, str]) -> None:
        known = self.values.get(ref)
        if known and filled and known != filled:
            self.faults.append(
                f"{ref} is filled in twice and differently: {self.places[ref]}, and {place}; leave one of them"
            )
        elif not known:
            self.values[ref], self.places[ref] = filled, place

    def records(self) -> tuple[Record, ...]:
        """The rows in which something is filled in, in the order of the copy."""
        return tuple(Record(self.list_id, ref, filled) for ref, filled in self.values.items() if filled)


def is_for_decisions(header: Sequence[Any]) -> bool:
    """Whether a first row may be that of a sheet for decisions: it has any column of the record."""
    return any(_header(cell) in FIELD_BY_HEADER for cell in header)


def _header(cell: Any) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)


def _renamed(absent: str, header: Sequence[str]) -> str:
    """The place of a header that may be the missing one under another name; what it says now is not repeated."""
    known = {REFERENCE, *FIELD_BY_HEADER}
    others = {name.casefold(): n for n, name in enumerate(header, start=1) if name and name not in known}
    near = difflib.get_close_matches(absent.casefold(), list(others), n=1, cutoff=0.75)
    return f" (column {others[near[0]]} has a header much like it)" if near else ""
