"""What may be asked of a register and what may be added to it, whatever holds its rows.

What is in it can never become a feature or a label: an offer that helped would look like an error of the model, and
teach it to leave such children out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..errors import InputError
from .entries import ListEntry, Record, StandingRecord
from .kept import Conflict, ContactExport, CopyRead, Recorded
from .reading import Reading
from .rows import earlier_of, entries_of, list_row, listed_rows, open_conflicts, same_list, standing_of
from .sealing import Row


class Book(ABC):
    """Lists with the pupils behind their references, what was decided about them, and who took contact lists out."""

    path: Path

    @abstractmethod
    def _rows(self, table: str) -> list[Row]:
        """Every row of a table, oldest first."""

    @abstractmethod
    def _add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows at the end of a table."""

    @abstractmethod
    def _writing(self, *, make: bool = False) -> AbstractContextManager[None]:
        """All that is added while the block runs stands in the end, or nothing of it; nobody else adds meanwhile.

        ``make``: where there is no register yet, make one; otherwise nothing stands in it, and none is made.
        """

    # Lists

    def add_list(self, entry: ListEntry) -> None:
        """Note a list as it was made. The same list again adds nothing.

        Raises
        ------
        InputError
            If a list of the same name but with other rows stands in the register.
        OutputError
            If nothing can be written.
        """
        with self._writing(make=True):
            known = self.entry(entry.list_id)
            if known is None:
                self._add("lists", [list_row(entry)])
                self._add("listed", listed_rows(entry))
            elif not same_list(known, entry):
                raise InputError(
                    f"list {entry.list_id} stands in {self.path} with other rows; the same scores, terms and settings "
                    "give the same list, so the settings or the lists of pupils left out have changed since. Give "
                    "the new list another last day, which gives it another name"
                )

    def lists(self) -> tuple[ListEntry, ...]:
        """Every list, oldest first."""
        return entries_of(self._rows("lists"), self._rows("listed"))

    def entry(self, list_id: str) -> ListEntry | None:
        """One list, or None if it does not stand here."""
        return next(iter(entries_of(self._of("lists", list_id), self._of("listed", list_id))), None)

    def earlier_list(
        self,
        entry: ListEntry | str,
        owner: str | None = None,
        purpose: str | None = None,
        *,
        as_of: date | None = None,
    ) -> ListEntry | None:
        """The latest list of the same owner and purpose before this one; its as-of date is not later.

        Parameters
        ----------
        entry : ListEntry or str
            A list, whether it stands here yet or not, or its name.
        owner, purpose, as_of : optional
            Needed where only the name is given and that list does not stand here yet; no ``as_of``, no limit.
        """
        known = self.lists()
        name = entry if isinstance(entry, str) else entry.list_id
        this = entry if isinstance(entry, ListEntry) else next((e for e in known if e.list_id == name), None)
        if this is not None:
            owner, purpose, as_of = owner or this.owner, purpose or this.purpose, as_of or this.as_of
        return earlier_of(known, name, owner, purpose, as_of)

    # Decisions

    def record(
        self,
        list_id: str,
        records: Iterable[Record],
        *,
        copy_sha256: str,
        by: str,
        at: datetime,
        settle: Collection[str] = (),
    ) -> Recorded:
        """Take in the rows of one returned copy, all or none.

        Field by field: blank earlier and filled now completes the record (a new version); equal is nothing; blank now
        is no change. Where a field says otherwise than the record that stands, the whole row is kept as a conflict
        and nothing of it is recorded, because a record put together from two people's views would be nobody's.

        Parameters
        ----------
        records : iterable of Record
            Complete rows, one per reference; see ``checks.check_record``.
        copy_sha256, by, at : str, str, datetime
            Hash of the copy's file, who reads it in, and when.
        settle : collection of str
            References whose row in this copy shall stand as it is; what stood before stays in the history.

        Raises
        ------
        InputError
            If the list or a reference of it is not known here.
        OutputError
            If nothing can be written; nothing is recorded then.
        """
        records = list(records)
        with self._writing():
            self._check_known(list_id, [r.review_ref for r in records] + list(settle))
            stamp = _stamp(by, at) | {"copy_sha256": copy_sha256}
            reading = Reading(self._of("decisions", list_id), self._of("conflicts", list_id), stamp)
            for record in records:
                reading.take(record, settle=record.review_ref in settle)
            self._add("decisions", reading.decisions)
            self._add("conflicts", reading.conflicts)
            self._add("copies", [{"list_id": list_id, **reading.counts(), **stamp}])
            return reading.recorded()

    def standing(self, list_id: str) -> dict[str, StandingRecord]:
        """The record that stands for each reference that has one."""
        return {row["review_ref"]: standing_of(row) for row in self._of("decisions", list_id)}

    def history(self, list_id: str, ref: str) -> tuple[StandingRecord, ...]:
        """Every version of a reference's record, oldest first."""
        return tuple(standing_of(row) for row in self._of("decisions", list_id) if row["review_ref"] == ref)

    def conflicts(self, list_id: str) -> tuple[Conflict, ...]:
        """Conflicts between returned copies that nobody has settled yet."""
        return open_conflicts(self._of("decisions", list_id), self._of("conflicts", list_id))

    def undecided(self, list_id: str) -> tuple[str, ...]:
        """References that must be decided and have no record yet, in the list's order."""
        entry, decided = self.entry(list_id), self.standing(list_id)
        pupils = () if entry is None else entry.pupils
        return tuple(p.review_ref for p in pupils if p.must_decide and p.review_ref not in decided)

    def copies(self, list_id: str) -> tuple[CopyRead, ...]:
        """Every reading of a returned copy, oldest first."""
        names = ("copy_sha256", "recorded_at", "recorded_by", *CopyRead._fields[3:])
        return tuple(CopyRead(*(row[name] for name in names)) for row in self._of("copies", list_id))

    # Contact lists

    def note_contacts(self, list_id: str, *, rows: int, by: str, at: datetime) -> None:
        """Note that a contact list is taken out, before it is."""
        with self._writing():
            self._check_known(list_id, ())
            self._add("contact_exports", [{"list_id": list_id, "rows": int(rows), **_stamp(by, at)}])

    def contact_exports(self, list_id: str) -> tuple[ContactExport, ...]:
        """Every contact list taken out, oldest first."""
        found = self._of("contact_exports", list_id)
        return tuple(ContactExport(row["recorded_at"], row["recorded_by"], row["rows"]) for row in found)

    # What the calls share

    def _of(self, table: str, list_id: str) -> list[Row]:
        return [row for row in self._rows(table) if row["list_id"] == list_id]

    def _check_known(self, list_id: str, refs: Iterable[str]) -> None:
        entry = self.entry(list_id)
        if entry is None:
            raise InputError(
                f"list {list_id} does not stand in the register {self.path}; it is noted there when the list is made. "
                "Give the register that stood beside the folder then"
            )
        unknown = sorted(set(refs) - {pupil.review_ref for pupil in entry.pupils})
        if unknown:
            raise InputError(
                f"list {list_id} has no such reference: {', '.join(unknown[:30])}; nothing was recorded"
            )


def _stamp(by: str, at: datetime) -> dict[str, str]:
    return {"recorded_at": at.isoformat(timespec="seconds"), "recorded_by": by}
