"""A list whose every row is decided -> the rows in which somebody goes to the family, as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UsageError
from ..files import sha256_of, whole_file
from ..spreadsheet import unguarded
from .list_at_hand import known_list, read_list_manifest, register_of, who

if TYPE_CHECKING:
    from ..decisions.contact_list import Whereabouts

#: Tables of a list's folder that say where a child goes to school; the first one is always there.
_TABLES = ("support_list.csv", "missed_half_or_more.csv")


@dataclass(frozen=True)
class ContactsResult:
    """Where the contact list stands and how many rows it has."""

    out: Path
    list_id: str
    rows: int

    def in_words(self) -> str:
        """What was written, and what it is not."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return (
            "No letter or message was made: a person goes to the family\n"
            f"Wrote the contact list of list {self.list_id} ({rows}) to {self.out}"
        )


def run_contacts(
    list_folder: Path | str,
    out: Path | str,
    *,
    register: Path | str | None = None,
    by: str | None = None,
    today: date,
    now: datetime,
) -> ContactsResult:
    """Write the rows whose decision offers contact, once every row is decided; noted in the register.

    Parameters
    ----------
    list_folder : Path
        The folder of the list.
    out : Path
        A name ending in ``.csv``.
    register : Path, optional
        By default ``decisions.sqlite`` beside the list's folder.
    by : str, optional
        Who takes it out; by default the name under which they are logged in.
    today, now : date, datetime
        The day and the moment.

    Raises
    ------
    RefusedError
        If a row is undecided, copies differ, or the list has expired.
    InputError
        If the folder or the register is not what it should be, or they do not belong together.
    UsageError
        If ``out`` ends otherwise, or ``by`` is no name.
    OutputError
        If it cannot be written; an earlier file stays.
    """
    from ..decisions.contact_list import check_may_be_made, contact_bytes, contact_rows
    from ..decisions.register import Register
    from ..support_list.words import PURPOSE_WALL

    out, folder = Path(out), Path(list_folder)
    if out.suffix.lower() != ".csv":
        raise UsageError(f"expected a name ending in .csv, found {out.name}; rename the output")
    name, manifest = who(by), read_list_manifest(folder)
    list_id = str(manifest["list_id"])
    with Register(register_of(folder, register), must_exist=True) as opened:
        entry = known_list(opened, list_id)
        check_may_be_made(entry, opened.undecided(list_id), opened.conflicts(list_id), today)
        rows = contact_rows(entry, opened.standing(list_id), _whereabouts(folder, manifest), PURPOSE_WALL)
        with whole_file(out) as partial:
            partial.write_bytes(contact_bytes(rows))
            # Noted before it takes its place: no contact list is ever out that the register does not know of.
            opened.note_contacts(list_id, rows=len(rows), by=name, at=now)
    return ContactsResult(out, list_id, len(rows))


def _whereabouts(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Whereabouts]:
    """School and year group by reference, from the folder's own tables; the first that names a reference counts."""
    found: dict[str, Whereabouts] = {}
    for name in _TABLES:
        path = folder / name
        if name != _TABLES[0] and name not in manifest.get("files", {}):
            continue
        if not path.is_file() or sha256_of(path) != manifest.get("files", {}).get(name):
            raise InputError(
                f"{path} is missing, or is not the file its manifest describes; use the folder as it was made"
            )
        for ref, where in _read_table(path):
            found.setdefault(ref, where)
    return found


def _read_table(path: Path) -> Iterator[tuple[str, Whereabouts]]:
    from ..decisions.contact_list import Whereabouts

    with path.open(encoding="utf-8-sig", newline="") as handle:
        try:
            for row in csv.DictReader(handle):
                yield row["review_ref"], Whereabouts(unguarded(row["school"]), unguarded(row["year_group"]))
        except (KeyError, csv.Error, UnicodeDecodeError):
            raise InputError(
                f"{path} has not the columns review_ref, school and year_group; make the list again"
            ) from None
