"""Social care: child in need spells, plans and looked-after spells, and how each comes about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parameters as par
from .population import Pupils
from .spells import Spells, banded_lengths, drawn_by_score
from .streams import streams


def cin_length(rng: np.random.Generator, n: int) -> np.ndarray:
    """Days of a child in need spell: almost half end within three months (children in need, 2024)."""
    return banded_lengths(rng, n, (5, 91, 182, 365, 730, 2200), (0.46, 0.16, 0.16, 0.12, 0.10))


def cp_length(rng: np.random.Generator, n: int) -> np.ndarray:
    """Days of a child protection plan (year to March 2025: 31.5, 25.5, 26.3, 14.4, 2.3%)."""
    return banded_lengths(rng, n, (10, 91, 182, 365, 730, 1100), (0.315, 0.255, 0.263, 0.144, 0.023))


def care_length(rng: np.random.Generator, n: int) -> np.ndarray:
    """Days looked after: some weeks to the rest of childhood."""
    return banded_lengths(rng, n, (10, 182, 365, 1095, 4000), (0.20, 0.12, 0.28, 0.40))


@dataclass
class Care:
    """Social care spells, kept apart by kind; ``cin`` holds every child in need spell, also those around the others.

    ``cin.mark``: 1 the end is recorded only a year late; ``plan`` child in need plans; ``looked_after.mark``: 1 for
    short-break agreements, which are not counted as looked after.
    """

    cin: Spells
    plan: Spells
    cp: Spells
    looked_after: Spells

    @classmethod
    def empty(cls) -> Care:
        return cls(Spells.empty(), Spells.empty(), Spells.empty(), Spells.empty())


def start_care(care: Care, pupils: Pupils, who: np.ndarray, first_day: int, seed: tuple[int, ...]) -> None:
    """The spells that are open when the simulation begins; they began up to two years before."""
    rng = streams(*seed)
    score = par.CIN_FSM * pupils.poverty[who] + 0.6 * pupils.persistent[who]
    for target, share, length in (
        (care.cin, par.CIN_AT_START, cin_length),
        (care.looked_after, par.CARE_AT_START, care_length),
    ):
        chosen = who[drawn_by_score(rng, score, share, 1.0)]
        start = first_day - rng.integers(10, 600, len(chosen))
        target.add(chosen, start, first_day + length(rng, len(chosen)))
    care.cin.end = _protect(care, care.cin.pupil, care.cin.start, care.cin.end, par.CP_SHARE_OF_CIN, rng)
    looked = care.looked_after
    care.cin.add(looked.pupil, looked.start - 30, looked.end)
    end_at_eighteen(care, pupils)


def _protect(
    care: Care,
    pupil: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    chance: np.ndarray | float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Some child in need spells come to hold a child protection plan; gives the spells' ends, stretched round it."""
    has_plan = rng.random(len(pupil)) < chance
    begins = start + rng.integers(18, 60, len(pupil))
    ends = begins + cp_length(rng, len(pupil))
    care.cp.add(pupil[has_plan], begins[has_plan], ends[has_plan])
    return np.where(has_plan, np.maximum(end, ends + rng.integers(20, 90, len(pupil))), end)


def add_care(
    care: Care,
    pupils: Pupils,
    who: np.ndarray,
    absence: np.ndarray,
    fsm: np.ndarray,
    older: np.ndarray,
    first_day: int,
    seed: tuple[int, ...],
) -> None:
    """A year of new spells, likelier the more a pupil was absent without leave in it and the poorer the family."""
    rng = streams(*seed)
    # Absence runs higher in secondary schools, need does not: older pupils are brought back to the same footing.
    score = par.CIN_ON_ABSENCE * (absence + 6) + par.CIN_FSM * fsm + 0.25 * pupils.poverty[who] - 0.35 * older
    picked = drawn_by_score(rng, score, par.CIN_STARTS_PER_YEAR, 1.0)
    chosen = who[picked]
    protected = (
        par.CP_SHARE_OF_CIN * np.exp(0.02 * (absence[picked] - absence[picked].mean()))
        if len(chosen)
        else 0.0
    )
    start = first_day + rng.integers(0, 365, len(chosen))
    end = _protect(care, chosen, start, start + cin_length(rng, len(chosen)), protected, rng)
    care.cin.add(
        chosen, start, end, (rng.random(len(chosen)) < par.RETROSPECTIVE_CLOSURE_SHARE).astype(np.int64)
    )
    planned = rng.random(len(chosen)) < 0.6
    begins = start + 25
    care.plan.add(chosen[planned], begins[planned], np.maximum(begins, end - 5)[planned])
    taken = who[drawn_by_score(rng, 0.5 * fsm + par.CARE_ON_ABSENCE * absence, par.CARE_STARTS_PER_YEAR, 1.0)]
    start = first_day + rng.integers(0, 365, len(taken))
    end = start + care_length(rng, len(taken))
    care.looked_after.add(taken, start, end, (rng.random(len(taken)) < 0.06).astype(np.int64))
    care.cin.add(taken, start - rng.integers(5, 90, len(taken)), end + 30)
    end_at_eighteen(care, pupils)


def end_at_eighteen(care: Care, pupils: Pupils) -> None:
    """No spell outlasts childhood."""
    for spells in (care.cin, care.plan, care.cp, care.looked_after):
        spells.end = np.minimum(spells.end, pupils.birth[spells.pupil] + 6_570)
