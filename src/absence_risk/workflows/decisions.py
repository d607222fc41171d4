"""A returned copy of the workbook -> the register of decisions; or, without one, where a list stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from .list_at_hand import known_list, read_list_manifest, register_of, who

if TYPE_CHECKING:
    from ..decisions.entries import ListEntry, Record
    from ..decisions.kept import Conflict, Recorded
    from ..decisions.register import Register
    from ..decisions.returned import Returned

_REFERENCE = re.compile(r"[A-Z]-\d{1,5}", re.ASCII)


@dataclass(frozen=True)
class DecisionsResult:
    """What became of a returned copy, and where the list stands now.

    Attributes
    ----------
    recorded : Recorded or None
        By reference; None where no copy was given.
    incomplete : mapping of str to tuple of str
        Rows that were begun, by reference, with what they lack; nothing of them is recorded.
    conflicts : tuple of Conflict
        Every conflict of the list that nobody has settled yet.
    undecided : tuple of str
        References to be decided that have no record yet.
    to_decide, decided : int
        Rows that must be decided, and how many of them are.
    notes : tuple of str
        What of the copy was passed over.
    """

    list_id: str
    register: Path
    recorded: Recorded | None
    incomplete: Mapping[str, tuple[str, ...]]
    conflicts: tuple[Conflict, ...]
    undecided: tuple[str, ...]
    to_decide: int
    decided: int
    notes: tuple[str, ...]

    def in_words(self) -> str:
        """Everything a person needs to go on: what was recorded, what lacks, what differs, what is still to do."""
        from ..decisions.in_words import conflicts_words, incomplete_words, recorded_words, undecided_words

        return "\n".join(
            [
                *self.notes,
                *incomplete_words(self.incomplete),
                *conflicts_words(self.conflicts),
                *undecided_words(self.undecided),
                *recorded_words(self.recorded),
                f"List {self.list_id}: {self.decided:,} of {self.to_decide:,} rows are decided ({self.register})",
            ]
        )


def run_decisions(
    list_folder: Path | str,
    returned: Path | str | None = None,
    *,
    register: Path | str | None = None,
    by: str | None = None,
    settle: Collection[str] = (),
    today: date,
    now: datetime,
) -> DecisionsResult:
    """Read a returned copy into the register; complete rows are recorded, the rest is shown with what it lacks.

    Parameters
    ----------
    list_folder : Path
        The folder of the list the copy belongs to.
    returned : Path, optional
        The workbook; without it, nothing is recorded and the result shows where the list stands.
    register : Path, optional
        By default ``decisions.sqlite`` beside the list's folder.
    by : str, optional
        Who reads it in; by default the name under which they are logged in.
    settle : collection of str
        References whose row in this copy shall stand, in place of what was recorded earlier.
    today, now : date, datetime
        The day and the moment of reading.

    Raises
    ------
    InputError
        If the folder, the copy or the register is not what it should be, or they do not belong together.
    UsageError
        If ``settle`` names a row in which the copy says nothing, or ``by`` is no name.
    OutputError
        If the register cannot be written; nothing is recorded then.
    """
    from ..decisions.register import Register
    from ..decisions.returned import read_returned

    list_id = str(read_list_manifest(Path(list_folder))["list_id"])
    with Register(register_of(Path(list_folder), register), must_exist=True) as opened:
        entry = known_list(opened, list_id)
        if returned is None:
            if settle:
                raise UsageError(
                    "expected a returned copy to settle rows from, found none; name the workbook"
                )
            return _standing(opened, entry, None, {}, ())
        copy = read_returned(Path(returned))
        return _take_in(
            opened, entry, copy, who(by), frozenset(ref.strip().upper() for ref in settle), today, now
        )


def _take_in(
    register: Register,
    entry: ListEntry,
    copy: Returned,
    by: str,
    settle: frozenset[str],
    today: date,
    now: datetime,
) -> DecisionsResult:
    from ..decisions.checks import check_belongs

    notes = (*copy.notes, *check_belongs(copy, entry))
    unsaid = sorted(settle - {record.review_ref for record in copy.records})
    if unsaid:
        raise UsageError(
            f"the copy says nothing about {_as_references(unsaid)}, so it cannot be settled by it; name rows that are "
            "filled in"
        )
    complete, incomplete = _sorted_out(register, entry, copy, settle, today)
    recorded = register.record(
        entry.list_id,
        complete,
        copy_sha256=copy.sha256,
        by=by,
        at=now,
        settle=settle - set(incomplete),
    )
    return _standing(register, entry, recorded, incomplete, notes)


def _as_references(named: Sequence[str]) -> str:
    # A child's number may have been typed in the place of a reference; it is not repeated.
    return ", ".join(ref if _REFERENCE.fullmatch(ref) else "a name that is no reference" for ref in named)


def _sorted_out(
    register: Register, entry: ListEntry, copy: Returned, settle: frozenset[str], today: date
) -> tuple[list[Record], dict[str, tuple[str, ...]]]:
    """Rows that count as decided, and what the others lack."""
    from ..decisions.checks import check_record
    from ..decisions.kept import differing, merged

    standing = register.standing(entry.list_id)
    complete: list[Record] = []
    incomplete: dict[str, tuple[str, ...]] = {}
    for record in copy.records:
        before = standing.get(record.review_ref)
        values = record.values
        # A copy may only add to what another one said: then the two together are what must be complete.
        adds = record.review_ref not in settle
        if before is not None and adds and not differing(before.record.values, values):
            values = merged(before.record.values, values)
        lacks = check_record(values, made_on=entry.made_on, today=today)
        if lacks:
            incomplete[record.review_ref] = lacks
        else:
            complete.append(record)
    return complete, incomplete


def _standing(
    register: Register,
    entry: ListEntry,
    recorded: Recorded | None,
    incomplete: Mapping[str, tuple[str, ...]],
    notes: tuple[str, ...],
) -> DecisionsResult:
    undecided = register.undecided(entry.list_id)
    to_decide = sum(pupil.must_decide for pupil in entry.pupils)
    return DecisionsResult(
        list_id=entry.list_id,
        register=register.path,
        recorded=recorded,
        incomplete=incomplete,
        conflicts=register.conflicts(entry.list_id),
        undecided=undecided,
        to_decide=to_decide,
        decided=to_decide - len(undecided),
        notes=notes,
    )
