"""What a logbook says: openings of a test year, gates, overrides, and where a model stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from ..errors import RefusedError, UsageError

#: Letters and digits that each part of an override needs: less says nothing.
_FEWEST = {"name": 2, "role": 2, "reason": 10}
_MOST = 1_000

#: The forms of the number a school gives a pupil and of our pseudonym: free text must hold neither.
NAMES_A_PUPIL = re.compile(r"\b(?:[A-Z]\d{11}[A-Z0-9]|[0-9A-F]{32})\b", re.IGNORECASE | re.ASCII)


class GateState(StrEnum):
    """What a gate came to. Only ``passed`` lets a model through: what cannot be judged has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT = "cannot be judged"


class Gate(NamedTuple):
    """One gate: its name in the settings, what it asks, its bar, what was found, and what it came to; all in words."""

    gate: str
    words: str
    bar: str
    found: str
    state: GateState


class Opening(NamedTuple):
    """How often a test year has been opened, with how many different settings, and whether the bars have moved since.

    ``gates_moved``: the gates of the latest opening are not those of the first, which were set before anybody could
    know the results.
    """

    number: int
    opened_with: int
    gates_moved: bool = False


@dataclass(frozen=True)
class Override:
    """Who decided that a model may be used although it did not pass its gates, in which role, and why.

    The name of a member of staff stands here on purpose: an override is an act somebody answers for, and it is printed
    on the model card and on every list. It never holds a pupil.

    Raises
    ------
    UsageError
        If a part says too little, holds more than one line, or is very long.
    RefusedError
        If a part holds what has the form of a pupil's number.
    """

    name: str
    role: str
    reason: str

    def __post_init__(self) -> None:
        for part, fewest in _FEWEST.items():
            said = str(getattr(self, part)).strip()
            object.__setattr__(self, part, said)
            _check_part(part, said, fewest)

    def in_words(self) -> str:
        """Who, in which role, and why, as one sentence."""
        return f"{self.name} ({self.role}) decided this. The reason given: {self.reason.rstrip('.')}."


def _check_part(part: str, said: str, fewest: int) -> None:
    if sum(character.isalnum() for character in said) < fewest:
        raise UsageError(
            f"an override needs a name, a role and a reason: expected a {part} of {fewest} or more letters, found "
            f"{sum(character.isalnum() for character in said)}; give --{part} in words"
        )
    if not said.isprintable() or len(said) > _MOST:
        raise UsageError(
            f"the {part} of an override must be one line of plain text, at most {_MOST:,} characters; shorten --{part}"
        )
    if NAMES_A_PUPIL.search(said):
        raise RefusedError(
            f"the {part} of an override names a pupil; it is printed on every list, so leave it out"
        )


@dataclass(frozen=True)
class Standing:
    """Where a model stands: its newest judgement, and the override that covers every gate it did not pass.

    Attributes
    ----------
    state : str
        ``passed``, ``failed``, ``overridden`` or ``not judged``.
    gates : tuple of Gate
        As judged; empty if no backtest has judged the model.
    override : Override, optional
        Only where it counts: a model that passed needs none.
    judged_on : date, optional
        The day of the judgement.
    capacity : int, optional
        Length of list it was judged at.
    overridden_on : date, optional
        The day of the override.
    """

    state: Literal["passed", "failed", "overridden", "not judged"]
    gates: tuple[Gate, ...] = ()
    override: Override | None = None
    judged_on: date | None = None
    capacity: int | None = None
    overridden_on: date | None = None

    @property
    def not_passed(self) -> tuple[Gate, ...]:
        """The gates that failed or cannot be judged."""
        return tuple(gate for gate in self.gates if gate.state is not GateState.PASSED)
