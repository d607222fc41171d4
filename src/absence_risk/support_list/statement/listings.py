"""Where one child stood on lists, what people decided then, and who read it, for the child's statement.

Only rows of that child are taken from the register; of everybody else not even a number is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from ...decisions.declaration import DECISION, DECISION_BY_WORDS, FIELD_BY_NAME, FIELDS, Field
from ...decisions.entries import ListEntry, StandingRecord
from ...decisions.register import Register
from ...features.phrasing import counted, day_words, listed
from ..words import PURPOSES
from .words import NOBODY_ELSE, PART_WORDS, SEEN_BY_OWNER

NEXT_IN_LINE = "next_in_line"
#: Parts that rest on the estimate; the others are rules over records.
BY_ESTIMATE = ("main", "lead", "onset", "reserve")


class Answer(NamedTuple):
    """One field of a decision record: what was asked, what was answered, and whether a person wrote it freely."""

    header: str
    said: str
    free_text: bool


class Decided(NamedTuple):
    """One version of a decision record, with the day it was read in and by whom.

    Of an earlier version only the answers that were changed later stand here.
    """

    read_on: str
    read_by: str
    answers: tuple[Answer, ...]


class Listing(NamedTuple):
    """One list that names the child, in words. ``review_ref`` is empty for a note of who came next."""

    list_id: str
    review_ref: str
    made_on: str
    as_of: str
    purpose: str
    owner: str
    last_day: str
    meaning: str
    decided: tuple[Decided, ...]  #: latest first; the first one stands
    to_decide: bool
    differing: str  #: fields on which two people's records differ; empty if none
    seen: tuple[str, ...]

    @property
    def names_the_child(self) -> bool:
        """Whether the child stood on the list itself."""
        return bool(self.review_ref)


def listings_of(register: Register, pupil_id: str) -> tuple[Listing, ...]:
    """Every list of a register that names a pupil, latest first, with decisions and readers.

    Raises
    ------
    InputError
        If the register is damaged or was altered.
    """
    found = [_listing(register, entry, ref, part) for entry, ref, part in _places(register, pupil_id)]
    return tuple(reversed(found))


def _places(register: Register, pupil_id: str) -> Iterator[tuple[ListEntry, str, str]]:
    for entry in register.lists():
        own = [(row.review_ref, row.part) for row in entry.pupils if row.pupil_id == pupil_id]
        if not own and pupil_id in entry.next_in_line:
            own = [("", NEXT_IN_LINE)]
        yield from ((entry, ref, part) for ref, part in own)


def _listing(register: Register, entry: ListEntry, ref: str, part: str) -> Listing:
    versions = register.history(entry.list_id, ref) if ref else ()
    conflicts = [one for one in register.conflicts(entry.list_id) if ref and one.review_ref == ref]
    differing = dict.fromkeys(FIELD_BY_NAME[f.field].header for one in conflicts for f in one.fields)
    return Listing(
        list_id=entry.list_id,
        review_ref=ref,
        made_on=day_words(entry.made_on),
        as_of=day_words(entry.as_of),
        purpose=PURPOSES.get(entry.purpose, "to offer support"),
        owner=entry.owner,
        last_day=day_words(entry.expires),
        meaning=PART_WORDS[part],
        decided=tuple(
            _decided(version, later) for version, later in reversed(list(zip_longest(versions, versions[1:])))
        ),
        to_decide=any(row.must_decide for row in entry.pupils if row.review_ref == ref),
        differing=", ".join(differing),
        seen=tuple(_seen(register, entry, versions)) if ref else (),
    )


def _day(stamp: str) -> str:
    return day_words(date.fromisoformat(stamp[:10]))


def _decided(version: StandingRecord, later: StandingRecord | None) -> Decided:
    values, after = version.record.values, later.record.values if later else {}
    answers = tuple(
        Answer(field.header, _answer(field, values[field.name]), field.kind == "text")
        for field in FIELDS
        if values.get(field.name) and values[field.name] != after.get(field.name)
    )
    return Decided(_day(version.recorded_at), version.recorded_by, answers)


def _answer(field: Field, said: str) -> str:
    return _day(said) if field.kind == "date" else said


def _seen(register: Register, entry: ListEntry, versions: Iterable[StandingRecord]) -> Iterator[str]:
    """Who is known to have read the list: its team, who read decisions in, and who took a contact list out."""
    yield SEEN_BY_OWNER.format(owner=entry.owner)
    copies, exports = register.copies(entry.list_id), register.contact_exports(entry.list_id)
    for by, days in _by_reader((copy.read_by, copy.read_at) for copy in copies).items():
        copies_read = counted(len(days), "copy", "copies")
        yield f"{by} read in {copies_read} of it with decisions, on {listed(dict.fromkeys(days))}."
    for export in exports:
        if _offers_contact(versions, export.made_at):
            yield (
                f"{export.made_by} took out a contact list on {_day(export.made_at)}; your child was on it, "
                "so that the school or your family could be spoken to."
            )
    if not copies and not exports:
        yield NOBODY_ELSE


def _by_reader(read: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    days: dict[str, list[str]] = {}
    for by, at in read:
        days.setdefault(by, []).append(_day(at))
    return days


def _offers_contact(versions: Iterable[StandingRecord], at: str) -> bool:
    """Whether the record that stood at a time says that somebody goes to the family."""
    before = [version for version in versions if version.recorded_at <= at]
    decision = DECISION_BY_WORDS.get(before[-1].record.values.get(DECISION.name, "")) if before else None
    return decision is not None and decision.offers_contact
