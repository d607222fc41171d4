"""The contact list: rows whose decision sends somebody to the family, once every row of the list is decided.

It holds no letter and no message; a person goes to the family, and their name for the child stands in their own
records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ..errors import RefusedError
from ..spreadsheet import spreadsheet_bytes
from .checks import some
from .declaration import DECISION_BY_WORDS
from .entries import ListEntry, StandingRecord
from .kept import Conflict

HEADER = (
    "review_ref", "school", "year_group", "decision", "passed_to", "action", "who_does_it", "review_on", "use",
)  # fmt: skip
_FROM_RECORD = ("final_decision", "route", "action", "owner", "review_date")


class Whereabouts(NamedTuple):
    """Where the list says a child goes to school."""

    school: str
    year_group: str


def check_may_be_made(
    entry: ListEntry, undecided: Sequence[str], conflicts: Sequence[Conflict], today: date
) -> None:
    """Refuse a contact list while a row is undecided or in conflict, or once the list has expired.

    Raises
    ------
    RefusedError
        Naming the references.
    """
    if today > entry.expires:
        raise RefusedError(
            f"list {entry.list_id} was for use until {entry.expires.isoformat()}; no contact list is made from it "
            "now. Make a new list"
        )
    if undecided:
        raise RefusedError(
            f"no contact list is made while {len(undecided):,} of the rows to be decided of list {entry.list_id} "
            f"have no decision: {some(undecided)}. Decide them, with no action if need be, and read the copy back"
        )
    if conflicts:
        refs = list(dict.fromkeys(conflict.review_ref for conflict in conflicts))
        raise RefusedError(
            f"no contact list is made while returned copies of list {entry.list_id} differ: {some(refs)}. Settle "
            "which one stands, and read that copy back with --settle and the references"
        )


def contact_rows(
    entry: ListEntry,
    standing: Mapping[str, StandingRecord],
    whereabouts: Mapping[str, Whereabouts],
    use: str,
) -> list[tuple[str, ...]]:
    """One row of text per reference whose decision offers contact, in the list's order.

    Parameters
    ----------
    standing : mapping of str to StandingRecord
        By reference.
    whereabouts : mapping of str to Whereabouts
        By reference; one that is not there has "not held".
    use : str
        What the list is for and what not, on every row, so that it goes wherever a row goes.
    """
    rows = []
    for pupil in entry.pupils:
        found = standing.get(pupil.review_ref)
        if found is None or not _offers_contact(found):
            continue
        where = whereabouts.get(pupil.review_ref, Whereabouts("not held", "not held"))
        said = (found.record.values.get(name, "") for name in _FROM_RECORD)
        rows.append((pupil.review_ref, *where, *said, use))
    return rows


def _offers_contact(found: StandingRecord) -> bool:
    decision = DECISION_BY_WORDS.get(found.record.values.get("final_decision", ""))
    return decision is not None and decision.offers_contact


def contact_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as CSV for spreadsheets, every cell guarded."""
    return spreadsheet_bytes(HEADER, rows)
