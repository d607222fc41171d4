"""What a list says of the gates of the model behind it, and the refusal where it did not pass them.

A gate that was overridden stands in the first lines of the page, on screen and on paper, with who decided that, in
which role and why: an override that nobody sees is no override but a hole.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import RefusedError, all_at_once
from ..features.phrasing import counted, day_words
from ..logbook import Gate, Logbook, Standing


class GateStatement(NamedTuple):
    """The first lines of the page, a quiet sentence further down, and a few words on every printed card."""

    first: tuple[str, ...]
    gates: tuple[str, ...]
    quiet: str
    running: str


def standing_for_list(store: Path, bundle_sha256: str) -> Standing:
    """Where the model of a list stands in the store's logbook.

    Raises
    ------
    RefusedError
        If it did not pass its gates and nobody has overridden that: no list is made from it.
    InputError
        If the logbook is damaged.
    """
    standing = Logbook(store).standing(bundle_sha256)
    if standing.state == "failed":
        raise RefusedError(
            all_at_once(
                "the model behind these scores did not pass its gates; no list is made from it:",
                map(gate_in_words, standing.not_passed),
            )
            + "\nList by the simple rule instead (train with configs/last_years_rate.yaml), or see how a gate is "
            "overridden: absence-risk promote --help"
        )
    return standing


def gate_in_words(gate: Gate) -> str:
    """A gate with what it came to, what was found and its bar."""
    return f"{gate.words} {gate.state.value.capitalize()}: {gate.found} (the bar: {gate.bar})"


def gate_statement(standing: Standing) -> GateStatement:
    """The words for a standing that may make a list."""
    if standing.state == "overridden":
        return _overridden(standing)
    if standing.state == "not judged":
        said = "No backtest has judged yet whether the model behind this list deserves to be used."
        return GateStatement((said,), (), "", "Model not yet judged by a backtest.")
    day = day_words(standing.judged_on) if standing.judged_on else "an unknown day"
    length = f", at {counted(standing.capacity, 'place')}" if standing.capacity else ""
    return GateStatement((), (), f"The model passed every gate (tests set in advance) on {day}{length}.", "")


def _overridden(standing: Standing) -> GateStatement:
    override, day = standing.override, standing.overridden_on
    assert override is not None and day is not None
    missed, of = len(standing.not_passed), len(standing.gates)
    what = (
        f"The model behind this list did not pass {missed} of its {counted(of, 'gate')} (tests set in advance), "
        "and is used all the same."
        if of
        else "No backtest has judged the model behind this list, and it is used all the same."
    )
    who = f"{override.name}, {override.role}, decided this on {day_words(day)}. The reason given: {override.reason}"
    running = f"Gates overridden by {override.name}, {override.role}."
    return GateStatement((what, who), tuple(map(gate_in_words, standing.not_passed)), "", running)
