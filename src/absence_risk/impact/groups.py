"""One list beside what people recorded about it: who was offered help, who took it up, and who was never listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..decisions.entries import ListedPupil, ListEntry, StandingRecord

#: Parts that were met on the way down the list by the model alone, so the next in line can stand beside them.
RANKED_PARTS = ("main", "lead")

ACCEPTED, DECLINED, NOT_REACHED = "accepted", "declined", "not reached"
NO_ANSWER, NO_OFFER, UNDECIDED = "no answer recorded", "no offer recorded", "not decided yet"

#: What became of an offer, in the order of the tables. A blank date of offer is "no offer recorded", never "no".
HELP = (ACCEPTED, DECLINED, NOT_REACHED, NO_ANSWER, NO_OFFER, UNDECIDED)
_ANSWERS = {"Accepted": ACCEPTED, "Declined": DECLINED, "Not reached": NOT_REACHED}

#: The groups in which the next year is looked at; few families are told apart no further than this.
OFFERED_ACCEPTED = "offered help and accepted"
OFFERED_NOT_TAKEN = "offered help, declined or not reached"
OFFERED_NO_ANSWER = "offered help, no answer recorded"
NOT_OFFERED = "listed, no offer recorded"
NOT_DECIDED = "listed, not decided yet"
NEXT_IN_LINE = "next in line, never listed"
_NEXT_YEAR_GROUP = {
    ACCEPTED: OFFERED_ACCEPTED,
    DECLINED: OFFERED_NOT_TAKEN,
    NOT_REACHED: OFFERED_NOT_TAKEN,
    NO_ANSWER: OFFERED_NO_ANSWER,
    NO_OFFER: NOT_OFFERED,
    UNDECIDED: NOT_DECIDED,
}
LISTED_GROUPS = tuple(dict.fromkeys(_NEXT_YEAR_GROUP[help_] for help_ in HELP))


@dataclass(frozen=True)
class ListRecords:
    """One list and the records that stand for it.

    Attributes
    ----------
    entry : ListEntry
        The list as it was made.
    standing : mapping of str to StandingRecord
        By review reference.
    conflicts : int
        References on which two returned copies differ and nobody has settled it.
    listed_elsewhere : collection of str
        Pupils on any other list of the register that looks at the same school year.
    """

    entry: ListEntry
    standing: Mapping[str, StandingRecord] = field(repr=False)
    conflicts: int = 0
    listed_elsewhere: Collection[str] = field(default=(), repr=False)

    @property
    def to_decide(self) -> tuple[ListedPupil, ...]:
        """Rows that are to be decided, and rows that somebody decided all the same."""
        return tuple(p for p in self.entry.pupils if p.must_decide or p.review_ref in self.standing)

    def value(self, pupil: ListedPupil, name: str) -> str | None:
        """What was recorded in one field; empty where it was left blank, None where the row is not decided."""
        found = self.standing.get(pupil.review_ref)
        return None if found is None else found.record.values.get(name, "")

    def help_of(self, pupil: ListedPupil) -> str:
        """What became of an offer of help to one family: one of ``HELP``."""
        offered, answer = self.value(pupil, "help_offered_on"), self.value(pupil, "family_response")
        if offered is None or answer is None:
            return UNDECIDED
        if answer in _ANSWERS:
            return _ANSWERS[answer]
        return NO_ANSWER if offered else NO_OFFER

    def next_year_groups(self) -> dict[str, str]:
        """The group of each ranked pupil of the list, and of the next in line, by ``pupil_id``.

        A pupil next in line who is on this list under another part, or on another list of the same school year, may
        have been offered help after all: they are in no group.
        """
        ranked = {
            p.pupil_id: _NEXT_YEAR_GROUP[self.help_of(p)] for p in self.entry.pupils if p.part in RANKED_PARTS
        }
        listed = {p.pupil_id for p in self.entry.pupils} | set(self.listed_elsewhere)
        beside = {pupil: NEXT_IN_LINE for pupil in self.entry.next_in_line if pupil not in listed}
        return ranked | beside
