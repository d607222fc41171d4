"""How a reading is told: what was recorded, what lacks, what differs, what is still to do; never what a text says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .checks import some
from .kept import Conflict, Recorded

_BECAME = {
    "added": "newly recorded",
    "completed": "completed",
    "settled": "settled as this copy has it",
    "unchanged": "as recorded before",
}
_MOST = 30


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def recorded_words(recorded: Recorded | None) -> list[str]:
    """How many rows of the copy became what; empty where no copy was read."""
    if recorded is None:
        return []
    counts = [f"{len(getattr(recorded, name)):,} {words}" for name, words in _BECAME.items()]
    return [f"Rows of this copy: {', '.join(counts)}"]


def incomplete_words(incomplete: Mapping[str, Sequence[str]]) -> list[str]:
    """Rows that were begun and not recorded, each with what it lacks."""
    if not incomplete:
        return []
    return [
        f"{_rows(len(incomplete))} begun and not recorded yet:",
        *_at_most([f"  {ref}: {'; '.join(lacks)}" for ref, lacks in incomplete.items()]),
    ]


def conflicts_words(conflicts: Sequence[Conflict]) -> list[str]:
    """Rows that returned copies fill in differently, and what to do about them."""
    if not conflicts:
        return []
    return [
        f"{_rows(len(conflicts))} filled in differently in another copy; what was recorded first stands:",
        *_at_most([f"  {conflict.in_words()} (came on {conflict.read_at[:10]})" for conflict in conflicts]),
        "  Agree which is right, and read that copy back with --settle and the references",
    ]


def undecided_words(undecided: Sequence[str]) -> list[str]:
    """Which rows have no decision yet."""
    if not undecided:
        return []
    return [f"{_rows(len(undecided))} to be decided still: {some(undecided)}"]


def _at_most(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - _MOST:,} more"] if len(lines) > _MOST else []
    return [*lines[:_MOST], *more]
