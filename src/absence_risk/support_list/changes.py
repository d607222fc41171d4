"""What changed since the last list of the same team and purpose, and which records moved those who stayed.

Both lists keep the exact parts of each estimate, so the difference of two estimates is the difference of their bases
plus the differences by family of records, with nothing left over. Reviewers read words, never the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ..decisions.entries import ListedPupil, ListEntry
from ..errors import InputError
from ..features.catalogue import Family
from ..features.phrasing import day_words
from .card import Changes

#: The parts that are compared; the reserve and the lists without cards say nothing about who is new.
COMPARED = ("main", "lead", "onset")
#: A family that moved the odds by less than a tenth is not said: at that size a list's edge is blurred too.
SMALLEST_MOVE = math.log(1.1)
MOST_FAMILIES = 3
#: How far the stored parts may be from their sum; beyond it they are not the parts of that estimate.
ADDS_UP = 1e-6

FAMILY_WORDS = {
    Family.SUSPENSIONS: "suspensions",
    Family.SOCIAL_CARE: "social care",
    Family.ALTERNATIVE_PROVISION: "alternative provision",
    Family.FREE_SCHOOL_MEALS: "free school meals",
    Family.CONTEXT: "year group and changes of school",
    Family.ATTENDANCE: "attendance",
}
MOVED = "Records of {family} moved this child {way} since the last list."
MOVED_OR_MODEL = (
    "Records of {family} moved this child {way} since the last list, or the change of model did: "
    "another model made this list."
)
LITTLE = "The records moved little since the last list."
LITTLE_OTHER_MODEL = "Little moved since the last list, though another model made this one."

#: One sentence for all who were not looked at: a reference must not tell that a family objected, or is protected.
NOT_LOOKED_AT = "Not looked at this time: off the rolls here, past the age for it, or left out."
NOT_AMONG_FIRST = "No longer among the first."


class Shift(NamedTuple):
    """The difference between two estimates of one pupil (log-odds): of the bases, and by family of records."""

    total: float
    base: float
    families: Mapping[str, float]


class Compared(NamedTuple):
    """What ``compare`` finds; ``changes`` is None on a first list, and the mappings (by pupil_id) are then empty."""

    changes: Changes | None
    moved: Mapping[str, tuple[str, ...]]
    is_new: Mapping[str, bool]


def compare(
    earlier: ListEntry | None,
    now: Sequence[ListedPupil],
    *,
    model: str,
    still_in_cohort: Collection[str],
) -> Compared:
    """Who is new, who left and why, and which records moved those who stayed, over the parts in ``COMPARED``.

    Parameters
    ----------
    earlier : ListEntry or None
        The last list of the same team and purpose (``Register.earlier_list``); None on a first list.
    now : sequence of ListedPupil
        The rows of this list, in its order.
    model : str
        Hash of the model behind this list.
    still_in_cohort : collection of str
        pupil_id of everybody who was looked at this time; nobody who was left out.

    Raises
    ------
    InputError
        If a pupil's stored contributions do not add up to the estimate.
    """
    if earlier is None:
        return Compared(None, {}, {})
    before, after = _compared(earlier.pupils), _compared(now)
    stayed = [pupil for pupil in after if pupil in before]
    left = [pupil for pupil in before if pupil not in after]
    same_model = earlier.model == model
    changes = Changes(
        earlier_list=earlier.list_id,
        earlier_day=day_words(earlier.as_of),
        new=tuple(row.review_ref for pupil, row in after.items() if pupil not in before),
        left=tuple(before[pupil].review_ref for pupil in left),
        left_words={before[pupil].review_ref: _why_left(pupil, still_in_cohort) for pupil in left},
        stayed=len(stayed),
        same_model=same_model,
    )
    moved = {pupil: moved_words(shift(before[pupil], after[pupil]), same_model) for pupil in stayed}
    return Compared(changes, moved, {pupil: pupil not in before for pupil in after})


def _compared(rows: Sequence[ListedPupil]) -> dict[str, ListedPupil]:
    return {row.pupil_id: row for row in rows if row.part in COMPARED}


def _why_left(pupil: str, still_in_cohort: Collection[str]) -> str:
    return NOT_AMONG_FIRST if pupil in still_in_cohort else NOT_LOOKED_AT


def shift(before: ListedPupil, after: ListedPupil) -> Shift:
    """The difference of two estimates, taken apart: ``total`` is ``base`` plus the sum of ``families``.

    A family that one of the two models does not use counts as zero there, in catalogue order.

    Raises
    ------
    InputError
        If the stored parts of either do not add up to its estimate.
    """
    for row in (before, after):
        _check_adds_up(row)
    families = {
        family.value: after.contributions.get(family.value, 0.0) - before.contributions.get(family.value, 0.0)
        for family in Family
    }
    return Shift(after.log_odds - before.log_odds, after.base - before.base, families)


def _check_adds_up(row: ListedPupil) -> None:
    unknown = set(row.contributions) - {family.value for family in Family}
    parts = row.base + math.fsum(row.contributions.values())
    # "not (a <= b)" and not "a > b": a part that is no number must not pass.
    if unknown or not abs(parts - row.log_odds) <= ADDS_UP:
        raise InputError(
            f"the stored parts of the estimate of {row.review_ref} do not add up to it; they were altered or come "
            "from another version of the package: make the scores and the list again"
        )


def moved_words(moved: Shift, same_model: bool) -> tuple[str, ...]:
    """At most three families of records that moved a pupil most, as sentences without numbers."""
    largest = sorted(moved.families.items(), key=lambda item: -abs(item[1]))[:MOST_FAMILIES]
    said = MOVED if same_model else MOVED_OR_MODEL
    lines = tuple(
        said.format(family=FAMILY_WORDS[Family(name)], way="up" if change > 0 else "down")
        for name, change in largest
        if abs(change) >= SMALLEST_MOVE
    )
    return lines or (LITTLE if same_model else LITTLE_OTHER_MODEL,)
