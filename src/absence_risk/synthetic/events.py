"""Free school meal periods and suspensions; ``life.py`` puts them in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parameters as par
from .population import Pupils
from .spells import Spells, drawn_by_score
from .streams import streams


def start_fsm(
    spells: Spells,
    pupils: Pupils,
    who: np.ndarray,
    share: float,
    earliest: int,
    spread: int,
    seed: tuple[int, ...],
) -> None:
    """Some pupils are eligible from the first: likelier the poorer."""
    rng = streams(*seed)
    eligible = who[drawn_by_score(rng, pupils.poverty[who], share, 1.5)]
    start = earliest + rng.integers(0, spread, len(eligible))
    spells.add(eligible, start, np.full(len(eligible), par.OPEN))


def change_fsm(
    spells: Spells, pupils: Pupils, who: np.ndarray, older: np.ndarray, first_day: int, seed: tuple[int, ...]
) -> None:
    """A year of gains and (few) losses of free school meal eligibility."""
    rng = streams(*seed)
    open_now = spells.open_on(first_day, len(pupils))
    losing = (spells.end == par.OPEN) & (rng.random(len(spells.end)) < par.FSM_LOSS_PER_YEAR)
    spells.end = np.where(
        losing, np.maximum(spells.start, first_day + rng.integers(0, 364, len(losing))), spells.end
    )
    rest = who[~open_now[who]]
    # Younger families gain it more often: the share rises through primary school and falls after it.
    score = 1.1 * pupils.poverty[rest] - 0.5 * older[rest]
    gaining = rest[drawn_by_score(rng, score, par.FSM_GAIN_PER_YEAR, 1.0)]
    spells.add(gaining, first_day + rng.integers(0, 364, len(gaining)), np.full(len(gaining), par.OPEN))


@dataclass
class Suspensions:
    """Dated suspensions and exclusions. ``category`` 0 SUSP, 1 LNCH, 2 PERM; ``sessions`` -1 where not stated."""

    pupil: np.ndarray
    start: np.ndarray
    sessions: np.ndarray
    category: np.ndarray
    reason: np.ndarray


def suspension_rate(
    pupils: Pupils, who: np.ndarray, year: int, absence: np.ndarray, fsm: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Expected suspensions of each pupil in a year, never above 12."""
    group = np.clip(pupils.year_group(year)[who], 0, 11)
    score = (
        par.SUSPENSION_BASE[group]
        + par.in_year(par.SUSPENSION_TREND, year)
        + par.SUSPENSION_BEHAVIOUR_SD * pupils.behaviour[who]
        + par.SUSPENSION_ON_ABSENCE * absence
        + par.SUSPENSION_FSM * fsm
        + np.array(par.SUSPENSION_SEN)[pupils.sen[who]]
        + par.SUSPENSION_BOYS * pupils.boy[who]
        + par.SUSPENSION_YEAR_SD * rng.normal(size=len(who))
    )
    return np.minimum(np.exp(score), 12.0)


def make_suspensions(
    who: np.ndarray, expected: np.ndarray, school_days: np.ndarray, seed: tuple[int, ...]
) -> Suspensions:
    """A year's suspensions: one row each, no two of a pupil on one day; some end in a permanent exclusion."""
    rng = streams(*seed)
    number = rng.poisson(expected)
    # A first suspension makes more of them likely: the published counts have a longer tail than chance alone.
    again = (number > 0) & (rng.random(len(who)) < par.SUSPENSION_REPEAT_CHANCE)
    number += np.where(again, rng.geometric(par.SUSPENSION_REPEAT_STOP, len(who)), 0)
    pupil = np.repeat(who, np.minimum(number, 40))
    start = rng.choice(school_days, len(pupil))
    order = np.lexsort((start, pupil))
    pupil, start = pupil[order], start[order]
    fresh = np.ones(len(pupil), bool)
    fresh[1:] = (pupil[1:] != pupil[:-1]) | (start[1:] != start[:-1])
    pupil, start = pupil[fresh], start[fresh]
    days = 1 + rng.choice(6, len(pupil), p=par.SUSPENSION_DAYS)
    half = rng.random(len(pupil)) < 0.15
    lunch = rng.random(len(pupil)) < par.LUNCHTIME_SHARE
    permanent = (rng.random(len(pupil)) < par.PERMANENT_PER_SUSPENSION) & _is_last(pupil)
    category = np.where(permanent, 2, np.where(lunch, 1, 0))
    sessions = np.where(permanent, -1, np.where(lunch, 1, 2 * days - half))
    return Suspensions(pupil, start, sessions, category, rng.integers(0, 16, len(pupil)))


def _is_last(pupil: np.ndarray) -> np.ndarray:
    last = np.ones(len(pupil), bool)
    last[:-1] = pupil[1:] != pupil[:-1]
    return last
