"""What stands on a list, as values: a card per pupil, rows of the further lists, what changed. Text only, no estimate.

The page, the workbook, the tables and the statement all read these; none of them works anything out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .plan import Route

#: The parts of a list that have cards, in their order, with the letter of their references.
#: main: the team's places. lead: met on the way down the list, but somebody already leads, so no place is taken.
#: onset: not yet persistently absent. reserve: only if a place becomes free.
PARTS = {"main": "A", "lead": "L", "onset": "C", "reserve": "R"}
Part = Literal["main", "lead", "onset", "reserve"]

#: Letters of rows without a card: missed half or more, virtual school, could not be looked at.
SEVERE, VIRTUAL_SCHOOL, OFF_ROLL = "B", "V", "N"


class Event(NamedTuple):
    """One dated thing on record: its day as 2026-05-04 for sorting, that day in words, and what happened."""

    on: str
    day: str
    said: str


class Period(NamedTuple):
    """Sessions of one period of attendance as returned (a term; summer comes in two halves), summed over schools.

    ``unauthorised`` leaves out ``late`` (arrived after registers closed), so that the parts add up to what was missed.
    None where the return does not say.
    """

    year: str  #: 2025/26
    words: str  #: Autumn, Spring, Summer to half-term, Summer after half-term
    possible: int | None
    unauthorised: int | None
    late: int | None
    illness: int | None
    other: int | None


class Missed(NamedTuple):
    """What was missed in one academic year, in words: days, or "none", or "not held"."""

    year: str
    unauthorised: str
    late: str
    illness: str


@dataclass(frozen=True)
class Card:
    """One pupil as reviewers see them. No identifier, no estimate, no rank; every field is fit to be read aloud."""

    review_ref: str
    part: Part
    school_id: str
    school: str
    locality: str
    year_group: str
    missed: tuple[Missed, ...]  #: this year and the year before
    not_yet_persistent: bool
    why_listed: tuple[str, ...]
    other_way: tuple[str, ...]
    how_sure: str  #: the natural frequency
    standing: str  #: ``firm``, ``borderline`` or empty where that is not known
    standing_words: str
    involved: tuple[str, ...]
    context: tuple[str, ...]  #: what else to have in mind when offering: needs, meals, caring
    is_involved: bool  #: somebody is involved now, as far as the records show
    route: Route
    route_words: str  #: why this lead, in words: the situation that decided
    prompts: tuple[
        str, ...
    ]  #: rules that hold for this pupil, such as the medical pathway; never called an estimate
    checks: tuple[str, ...]
    siblings: tuple[str, ...]  #: references of brothers and sisters on this list; empty unless configured
    moved: tuple[str, ...]  #: what moved them since the last list; empty on a first list
    is_new: bool | None  #: new since the last list; None on a first list
    events: tuple[Event, ...]  #: latest first
    periods: tuple[Period, ...]  #: oldest first


class SevereRow(NamedTuple):
    """One pupil who missed half or more of possible sessions, listed whatever the model says."""

    review_ref: str
    school: str
    year_group: str
    days_missed: str
    days_possible: str
    on_the_list: bool


class VirtualSchoolRow(NamedTuple):
    """One looked-after pupil, or one with a social worker, whom the virtual school may want to look at."""

    review_ref: str  #: the card's reference where the pupil has one
    school: str
    year_group: str
    status: str  #: looked after, child protection plan, child in need plan, child in need
    suspended: str  #: suspensions this year, in words, or "none recorded" or "not held"
    has_card: bool


class OffRollRow(NamedTuple):
    """One pupil who could not be looked at: off every roll here, so another route sees them, or nobody does."""

    review_ref: str
    last_school: str
    year_group: str
    last_on_roll: str
    reason: str


class Changes(NamedTuple):
    """What changed since the last list of the same team and purpose."""

    earlier_list: str  #: its list_id
    earlier_day: str  #: its as-of date, in words
    new: tuple[str, ...]  #: references on this list
    left: tuple[str, ...]  #: references on the earlier list
    left_words: Mapping[str, str]  #: why each left, in words, by that earlier reference
    stayed: int
    same_model: bool


class Listed(NamedTuple):
    """The pupil behind a reference, for the register and the key to who is who; never printed."""

    review_ref: str
    pupil_id: str
    part: str  #: one of PARTS, or severe, virtual_school, off_roll
    situation: str  #: of the route; empty without a card
    must_decide: bool


@dataclass(frozen=True)
class ListContents:
    """Everything that stands on a list, in its order: by school and year group within each part.

    ``refits`` is the number of models that firmness rests on, 0 where no evidence was at hand. ``next_in_line`` are as
    many pupils again below the line, kept for comparison when impact is judged; nobody sees them.
    """

    cards: tuple[Card, ...]
    severe: tuple[SevereRow, ...]
    severe_total: int
    virtual_school: tuple[VirtualSchoolRow, ...]
    virtual_school_total: int
    off_roll: tuple[OffRollRow, ...]
    off_roll_total: int
    changes: Changes | None
    excluded: Mapping[str, str]  #: how many were left out on request or for protection, small counts hidden
    refits: int
    listed: tuple[Listed, ...] = field(repr=False)
    next_in_line: tuple[str, ...] = field(repr=False)

    def of_part(self, part: str) -> tuple[Card, ...]:
        """The cards of one part, in order."""
        return tuple(card for card in self.cards if card.part == part)
