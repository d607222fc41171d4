"""Children named by UPN in small files of the authority's own: those to leave out, those with early help, siblings.

UPNs are turned into pupil_ids here, at the door where UPNs enter, and stay here. Reasons for leaving a child out are
said coarsely from here on: the users' reference (section 5.2) and the governance reference, section 3.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..domain.pupil import UpnState, normalise_upn, upn_state
from ..errors import InputError
from .lookup import upn_of_each_pupil
from .small_files import DATE_WORDS, date_in, read_small_file, refuse_faults

#: Every reason for leaving a child out, and how coarsely it is said anywhere outside the file itself.
COARSE_REASONS = {
    "withdrawn": "on request",
    "objected": "on request",
    "protected_address": "for protection",
    "adoption": "for protection",
    "court_order": "for protection",
    "deceased": "other",
    "out_of_scope": "other",
}
#: Coarse reasons in the order in which they are said.
COARSE = tuple(dict.fromkeys(COARSE_REASONS.values()))

_NO_UPN = "not the form of a UPN, or a wrong check letter, and no such UPN is in the store"
_TWICE = "the same UPN in an earlier row that says something else"

Said = TypeVar("Said", bound=Hashable)


@dataclass(frozen=True)
class Exclusions:
    """The children that nothing may be worked out for.

    Attributes
    ----------
    pupils : frozenset of str
        Their pupil_ids; never printed.
    by_reason : mapping of str to int
        How many, by coarse reason, in the order of ``COARSE``. Exact, so for the store's folder alone: whatever is
        printed goes through ``reports.exclusion_words``.
    not_found : int
        Rows whose UPN no pupil of the store has: told, never dropped in silence.
    expired : int
        Rows whose last day has passed: no longer left out.
    sha256 : str
        Hash of the pupil_ids and coarse reasons. The file's own hash could be undone by trying every UPN; this
        cannot without the key, and it stays the same however the file is laid out. Empty if there was no file.
    """

    pupils: frozenset[str] = field(repr=False)
    by_reason: Mapping[str, int]
    not_found: int
    expired: int
    sha256: str

    def notes(self) -> tuple[str, ...]:
        """What the keeper of the file should look at."""
        named = len(self.pupils) + self.not_found
        ended = f"{self.expired:,} of the exclusions have ended: those children are no longer left out"
        return (*_not_in_store(self.not_found, named, "exclusions"), *((ended,) if self.expired else ()))


#: Nobody is left out: no file was given.
NOBODY = Exclusions(frozenset(), {}, 0, 0, "")


class OfPupils(dict[str, Said]):
    """What a small file says of each pupil of the store, by pupil_id; ``not_found`` of its children are not there."""

    def __init__(self, said: Mapping[str, Said], not_found: int, what: str) -> None:
        super().__init__(said)
        self.not_found = not_found
        self._what = what

    def notes(self) -> tuple[str, ...]:
        """What the keeper of the file should look at."""
        return _not_in_store(self.not_found, len(self) + self.not_found, self._what)


def _not_in_store(not_found: int, named: int, what: str) -> tuple[str, ...]:
    if not not_found:
        return ()
    are = "is" if not_found == 1 else "are"
    return (
        f"{not_found:,} of {named:,} children in the file of {what} {are} not in this store: check the UPNs "
        "(give each child's latest)",
    )


class _Row(NamedTuple):
    number: int
    upn: str
    cells: dict[str, str]


class _Named(NamedTuple):
    """Rows by UPN, and the pupil_id behind each UPN that the store has."""

    rows: list[_Row]
    pupil_of: dict[str, str]
    faults: dict[str, list[int]]


def _named(path: Path, store: Path, what: str, needed: tuple[str, ...], optional: tuple[str, ...]) -> _Named:
    rows = [
        _Row(number, normalise_upn(cells["upn"]), cells)
        for number, cells in read_small_file(path, what, needed, optional)
    ]
    pupil_of = {upn: pupil for pupil, upn in upn_of_each_pupil(store).items()}
    # A wrong number that the returns carry too names that child; one that they do not carry is a slip of the pen.
    wrong = [row.number for row in rows if row.upn not in pupil_of and upn_state(row.upn) != UpnState.VALID]
    return _Named(rows, pupil_of, {_NO_UPN: wrong})


def _one_each(rows: Mapping[int, tuple[str, Said]], faults: dict[str, list[int]]) -> dict[str, Said]:
    """What is said of each UPN; a UPN of which two rows say different things is a fault."""
    said: dict[str, Said] = {}
    faults[_TWICE] = []
    for number, (upn, value) in rows.items():
        if said.setdefault(upn, value) != value:
            faults[_TWICE].append(number)
    return said


def read_exclusions(path: Path, store: Path, today: date) -> Exclusions:
    """The children to leave out, from a CSV with the columns ``upn``, ``reason`` and, if wanted, ``until``.

    Parameters
    ----------
    path : Path
        The file. Reasons are those of ``COARSE_REASONS``, in any case, with blanks or underscores.
    store : Path
        The authority store; its lookup stands beside it.
    today : date
        A row whose ``until`` (the last day) lies before it is counted as expired.

    Raises
    ------
    UsageError
        If there is no such file.
    InputError
        If it cannot be read as such a file, or the lookup cannot be read. Every bad row is named at once, by number.
    """
    named = _named(path, store, "exclusions", ("upn", "reason"), ("until",))
    reasons = {row.number: "_".join(row.cells["reason"].casefold().split()) for row in named.rows}
    ends = {row.number: date_in(row.cells["until"]) for row in named.rows}
    faults = named.faults | {
        f"a reason other than {', '.join(COARSE_REASONS)}": [
            number for number, reason in reasons.items() if reason not in COARSE_REASONS
        ],
        f"`until` is not {DATE_WORDS}": [
            row.number for row in named.rows if row.cells["until"] and ends[row.number] is None
        ],
    }
    said = _one_each(
        {row.number: (row.upn, (reasons[row.number], ends[row.number])) for row in named.rows}, faults
    )
    refuse_faults(path, faults)
    standing = {upn: reason for upn, (reason, end) in said.items() if end is None or end >= today}
    coarse = {
        named.pupil_of[upn]: COARSE_REASONS[reason]
        for upn, reason in standing.items()
        if upn in named.pupil_of
    }
    return Exclusions(
        pupils=frozenset(coarse),
        by_reason={reason: list(coarse.values()).count(reason) for reason in COARSE},
        not_found=len(standing) - len(coarse),
        expired=len(said) - len(standing),
        sha256=hashlib.sha256("\n".join(map("|".join, sorted(coarse.items()))).encode("utf-8")).hexdigest(),
    )


def read_early_help(path: Path, store: Path) -> OfPupils[date]:
    """Children with early help open and the day it opened, from a CSV with the columns ``upn`` and ``opened``.

    Returns
    -------
    OfPupils
        A dict of dates by pupil_id, sorted. UPNs that the store does not have are left out and counted.

    Raises
    ------
    UsageError, InputError
        As ``read_exclusions``; also if no UPN of the file is in the store.
    """
    named = _named(path, store, "open early help", ("upn", "opened"), ())
    days = {row.number: date_in(row.cells["opened"]) for row in named.rows}
    faults = named.faults | {
        f"`opened` is not {DATE_WORDS}": [number for number, day in days.items() if day is None]
    }
    said = _one_each({row.number: (row.upn, days[row.number]) for row in named.rows}, faults)
    refuse_faults(path, faults)
    opened = {upn: day for upn, day in said.items() if day is not None}
    return _in_store(path, "open early help", opened, named.pupil_of)


def read_siblings(path: Path, store: Path) -> OfPupils[str]:
    """Which children belong to one family, from a CSV with the columns ``upn`` and ``family``.

    Returns
    -------
    OfPupils
        A dict of the family's key by pupil_id, sorted; equal keys, one family. The key is the file's own and is
        never printed.

    Raises
    ------
    UsageError, InputError
        As ``read_exclusions``; also if no UPN of the file is in the store.
    """
    named = _named(path, store, "siblings", ("upn", "family"), ())
    faults = named.faults | {
        "no `family`": [row.number for row in named.rows if not row.cells["family"]],
    }
    said = _one_each({row.number: (row.upn, row.cells["family"]) for row in named.rows}, faults)
    refuse_faults(path, faults)
    return _in_store(path, "siblings", said, named.pupil_of)


def _in_store(path: Path, what: str, said: Mapping[str, Said], pupil_of: Mapping[str, str]) -> OfPupils[Said]:
    found = {pupil_of[upn]: value for upn, value in said.items() if upn in pupil_of}
    if said and not found:
        raise InputError(
            f"{path}: none of its {len(said):,} UPNs is in this store; check that both are of the same authority"
        )
    return OfPupils(dict(sorted(found.items())), len(said) - len(found), what)
