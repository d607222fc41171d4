"""The years of the made-up authority, one after the other: what happens to its pupils, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..domain.academic_year import written_year
from . import parameters as par
from .attendance import Drivers, draw_surprise, expected_log_odds, realised, year_rates
from .care import Care, add_care, start_care
from .events import Suspensions, change_fsm, make_suspensions, start_fsm, suspension_rate
from .movement import Rolls, move_during_year, start_year
from .population import PRU, SPECIAL, Pupils, Schools, day_number_of, make_pupils, make_schools
from .registers import Register, keep_register
from .spells import Spells
from .streams import streams
from .terms import calendar_of

#: Years simulated before the first one, so that histories exist when the returns begin.
RUN_IN = 2


@dataclass
class Authority:
    """Everything that happened. ``expected`` holds, by year, the log-odds the process had reached by 31 October."""

    first: int
    last: int
    seed: int
    schools: Schools
    pupils: Pupils
    rolls: Rolls
    fsm: Spells = field(default_factory=Spells.empty)
    care: Care = field(default_factory=Care.empty)
    arranged: Spells = field(default_factory=Spells.empty)
    la_funded: Spells = field(default_factory=Spells.empty)
    suspensions: dict[int, Suspensions] = field(default_factory=dict)
    registers: dict[int, Register] = field(default_factory=dict)
    drivers: dict[int, Drivers] = field(default_factory=dict)
    expected: dict[int, np.ndarray] = field(default_factory=dict)


def live(
    pupils: int, first: int, last: int, seed: int, progress: Callable[[str], None] | None = None
) -> Authority:
    """Simulate the academic years ``first`` to ``last`` (by start), and the autumn that follows."""
    begin = first - RUN_IN
    people = make_pupils(pupils, begin, last + 1, seed)
    authority = Authority(first, last, seed, make_schools(pupils, seed), people, Rolls(len(people)))
    drift = par.DRIFT_SD * streams(seed, 0, 3).normal(size=len(people))
    for year in range(begin, last + 2):
        if progress:
            progress(f"academic year {written_year(year)}")
        drift = _one_year(authority, year, drift)
    return authority


def _one_year(a: Authority, year: int, drift: np.ndarray) -> np.ndarray:
    opening = year == a.first - RUN_IN
    start_year(a.rolls, a.pupils, a.schools, year, a.seed, opening=opening)
    _settle_places(a)
    _intake(a, year, opening)
    a.drivers[year] = drivers = _drivers(a, year)
    carried = par.DRIFT_CARRY * drift
    a.expected[year] = expected = expected_log_odds(a.pupils, a.schools, drivers, year, carried)
    if year > a.last:
        return carried
    surprise = draw_surprise(len(a.pupils), year, a.seed)
    log_odds = realised(expected, surprise, drivers.group)
    _events(a, year, log_odds)
    if year >= a.first - 1:
        rates = year_rates(a.pupils, a.schools, drivers, log_odds, year, a.seed)
        s = a.suspensions[year]
        a.registers[year] = keep_register(
            a.rolls, a.pupils, a.schools, rates, calendar_of(year), (s.pupil, s.start, s.sessions), a.seed
        )
    return carried + surprise.drift


def _intake(a: Authority, year: int, opening: bool) -> None:
    september, group = day_number_of(year), a.pupils.year_group(year)
    here = np.flatnonzero(a.rolls.current >= 0)
    if opening:
        start_fsm(a.fsm, a.pupils, here, par.FSM_FIRST_YEAR_SHARE, september - 1500, 1500, (a.seed, year, 20))
        start_care(a.care, a.pupils, here, september, (a.seed, year, 21))
        return
    new = here[(group[here] == 0) | (a.pupils.arrive[here] >= september)]
    start_fsm(a.fsm, a.pupils, new, par.FSM_AT_START, september, 60, (a.seed, year, 20))


def _drivers(a: Authority, year: int) -> Drivers:
    day, n = day_number_of(year) + 60, len(a.pupils)
    care, rolls = a.care, a.rolls
    real = care.looked_after.mark == 0
    looked = np.zeros(n, bool)
    looked[
        care.looked_after.pupil[real & (care.looked_after.start <= day) & (care.looked_after.end >= day)]
    ] = True
    dual = np.zeros(n, bool)
    dual[rolls.pupil[rolls.dual & (rolls.start <= day) & (rolls.end >= day)]] = True
    return Drivers(
        group=a.pupils.year_group(year),
        school=rolls.school_of(np.arange(n)),
        fsm=a.fsm.open_on(day, n),
        cin=care.cin.open_on(day, n),
        cp=care.cp.open_on(day, n),
        looked_after=looked,
        care_before=care.cin.ended_by(day, n) | care.cp.ended_by(day, n),
        suspensions=_count(a.suspensions.get(year - 1), n),
        suspensions_earlier=_count(a.suspensions.get(year - 2), n),
        arranged=a.arranged.open_on(day, n),
        dual=dual,
    )


def _count(suspensions: Suspensions | None, n: int) -> np.ndarray:
    return np.zeros(n) if suspensions is None else np.bincount(suspensions.pupil, minlength=n).astype(float)


def _events(a: Authority, year: int, log_odds: np.ndarray) -> None:
    september, d = day_number_of(year), a.drivers[year]
    here = np.flatnonzero((a.rolls.current >= 0) & (d.group <= 11))
    rate = suspension_rate(a.pupils, here, year, log_odds[here] + 5.5, d.fsm[here], streams(a.seed, year, 30))
    calendar = calendar_of(year)
    school_days = calendar.first + np.flatnonzero(np.diff(calendar.school_days))
    school_days = school_days[school_days < calendar.last - 50]
    suspended = make_suspensions(here, rate, school_days, (a.seed, year, 31))
    permanent = suspended.category == 2
    move_during_year(
        a.rolls, a.pupils, a.schools, year, (suspended.pupil[permanent], suspended.start[permanent]), a.seed
    )
    _settle_places(a)
    a.suspensions[year] = _on_roll_only(a.rolls, suspended)
    _alternative_provision(a, year, log_odds, rate, here)
    november = september + 61
    add_care(
        a.care, a.pupils, here, log_odds[here], d.fsm[here], d.group[here] >= 7, november, (a.seed, year, 32)
    )
    change_fsm(a.fsm, a.pupils, here, d.group >= 7, november, (a.seed, year, 33))


def _settle_places(a: Authority) -> None:
    """A subsidiary place, and a placement that a school arranged, end when the pupil leaves the school behind them."""
    a.rolls.trim()
    spell = a.rolls.main_spell_on(a.arranged.pupil, a.arranged.start)
    a.arranged.end = np.minimum(a.arranged.end, np.maximum(a.rolls.end[spell], a.arranged.start))


def _on_roll_only(rolls: Rolls, s: Suspensions) -> Suspensions:
    """Suspensions on days when the pupil was on a main roll; others could not have happened."""
    spell = rolls.main_spell_on(s.pupil, s.start)
    keep = (rolls.pupil[spell] == s.pupil) & (rolls.end[spell] >= s.start) & (rolls.start[spell] <= s.start)
    return Suspensions(s.pupil[keep], s.start[keep], s.sessions[keep], s.category[keep], s.reason[keep])


def _alternative_provision(
    a: Authority, year: int, log_odds: np.ndarray, rate: np.ndarray, here: np.ndarray
) -> None:
    rng, november = streams(a.seed, year, 34), day_number_of(year) + 61
    group = a.drivers[year].group[here]
    still = a.rolls.current[here] >= 0
    phase = np.where(still, a.schools.phase[np.maximum(a.rolls.school_of(here), 0)], -1)
    mainstream = still & (phase != PRU) & (phase != SPECIAL)
    weight = np.sqrt(rate) * np.exp(0.25 * log_odds[here]) * np.exp(0.45 * (group - 6)) * mainstream
    _dual_places(a, here, weight, november, rng)
    arranged = here[_draw_by_weight(rng, weight, par.ARRANGED_AP_PER_YEAR * len(here))]
    start = november + rng.integers(0, 280, len(arranged))
    length = rng.choice([40, 80, 160, 330], len(arranged), p=[0.2, 0.25, 0.30, 0.25]) + rng.integers(
        0, 30, len(arranged)
    )
    a.arranged.add(
        arranged,
        start,
        start + length,
        rng.choice(6, len(arranged), p=[0.558, 0.005, 0.010, 0.182, 0.222, 0.023]),
    )
    plans = here[
        (a.pupils.sen[here] == 2) & (group >= 3) & ~a.la_funded.open_on(november, len(a.pupils))[here]
    ]
    chosen = plans[rng.random(len(plans)) < par.LA_FUNDED_SHARE_OF_EHC / 2.5]
    start = november + rng.integers(0, 300, len(chosen))
    a.la_funded.add(
        chosen, start, start + rng.integers(120, 1_400, len(chosen)), rng.integers(0, 8, len(chosen))
    )


def _draw_by_weight(rng: np.random.Generator, weight: np.ndarray, wanted: float) -> np.ndarray:
    """Places of a weighted draw with about ``wanted`` successes."""
    return np.flatnonzero(
        rng.random(len(weight)) < np.minimum(weight * wanted / max(weight.sum(), 1e-9), 0.5)
    )


def _dual_places(
    a: Authority, here: np.ndarray, weight: np.ndarray, november: int, rng: np.random.Generator
) -> None:
    dual = here[_draw_by_weight(rng, weight, par.PRU_DUAL_PER_YEAR * len(here))]
    units = a.schools.of_phase(PRU)
    start = november + rng.integers(0, 250, len(dual))
    start = np.maximum(start, a.rolls.start[a.rolls.current[dual]] + 5)
    a.rolls.open_dual(dual, rng.choice(units, len(dual)), start, start + rng.integers(50, 330, len(dual)))
