"""Who is on which school's roll from when to when: intake, transfer, moves, referral units, leaving."""

from __future__ import annotations

import numpy as np

from . import parameters as par
from .population import PRIMARY, PRU, SECONDARY, SPECIAL, Pupils, Schools, day_number_of
from .streams import streams


class Rolls:
    """Spells on roll, growing year by year. ``end`` is the last day on roll; ``dual`` marks a subsidiary place."""

    def __init__(self, pupils: int) -> None:
        self.pupil = np.empty(0, np.int64)
        self.school = np.empty(0, np.int64)
        self.start = np.empty(0, np.int64)
        self.end = np.empty(0, np.int64)
        self.dual = np.empty(0, bool)
        self.current = np.full(pupils, -1)  #: index of the main spell that is open, or -1

    def open(self, pupil: np.ndarray, school: np.ndarray, start: np.ndarray) -> None:
        """Open a main place for each pupil; the earlier one must have been closed."""
        self.current[pupil] = len(self.pupil) + np.arange(len(pupil))
        self._append(pupil, school, start, np.full(len(pupil), par.OPEN), np.zeros(len(pupil), bool))

    def open_dual(self, pupil: np.ndarray, school: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
        """Open a subsidiary place that ends on a day already fixed."""
        self._append(pupil, school, start, end, np.ones(len(pupil), bool))

    def close(self, pupil: np.ndarray, end: np.ndarray) -> None:
        """Close the main place, and any subsidiary place that would outlast it is closed by ``trim``."""
        spell = self.current[pupil]
        self.end[spell] = np.maximum(end, self.start[spell])
        self.current[pupil] = -1

    def trim(self) -> None:
        """No subsidiary place outlasts the last day of the pupil's main place that was open when it began."""
        duals = np.flatnonzero(self.dual)
        main = self.main_spell_on(self.pupil[duals], self.start[duals])
        self.end[duals] = np.maximum(self.start[duals], np.minimum(self.end[duals], self.end[main]))

    def main_spell_on(self, pupil: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The latest main spell that each pupil had begun by a day; the caller judges whether it had ended."""
        main = np.flatnonzero(~self.dual)
        order = main[np.lexsort((self.start[main], self.pupil[main]))]
        # Day numbers stay below 100,000, so one number orders by pupil and then by day.
        key = self.pupil[order] * 100_000 + self.start[order]
        at = np.searchsorted(key, pupil * 100_000 + day, side="right") - 1
        return order[np.maximum(at, 0)]

    def school_of(self, pupil: np.ndarray) -> np.ndarray:
        """School of the open main place, or -1."""
        spell = self.current[pupil]
        return np.where(spell >= 0, self.school[spell], -1)

    def _append(
        self, pupil: np.ndarray, school: np.ndarray, start: np.ndarray, end: np.ndarray, dual: np.ndarray
    ) -> None:
        self.pupil = np.concatenate([self.pupil, pupil])
        self.school = np.concatenate([self.school, school])
        self.start = np.concatenate([self.start, start])
        self.end = np.concatenate([self.end, end])
        self.dual = np.concatenate([self.dual, dual])


def _choose(rng: np.random.Generator, schools: Schools, phase: int, n: int) -> np.ndarray:
    options = schools.of_phase(phase)
    weight = schools.weight[options]
    return rng.choice(options, n, p=weight / weight.sum())


def _usual_phase(pupils: Pupils, who: np.ndarray, year_group: np.ndarray) -> np.ndarray:
    return np.where(pupils.special[who], SPECIAL, np.where(year_group[who] >= 7, SECONDARY, PRIMARY))


def _place(rng: np.random.Generator, schools: Schools, phase: np.ndarray) -> np.ndarray:
    chosen = np.empty(len(phase), np.int64)
    for kind in (PRIMARY, SECONDARY, SPECIAL):
        mask = phase == kind
        chosen[mask] = _choose(rng, schools, kind, int(mask.sum()))
    return chosen


def _began(pupils: Pupils, who: np.ndarray, group: np.ndarray) -> np.ndarray:
    late = (group[who] >= 7) & ~pupils.special[who]
    years = pupils.cohort[who] + np.where(late, 7, 0)
    days = {int(year): day_number_of(int(year)) + 1 for year in np.unique(years)}
    return np.array([days[int(year)] for year in years], dtype=np.int64)


def start_year(
    rolls: Rolls, pupils: Pupils, schools: Schools, year: int, seed: int, *, opening: bool = False
) -> None:
    """1 September: Year 11 has left, Year 7 transfers, Reception and the year's newcomers join, some come back."""
    rng, september = streams(seed, year, 1), day_number_of(year)
    group = pupils.year_group(year)
    on_roll = np.flatnonzero(rolls.current >= 0)
    leaving = on_roll[(group[on_roll] > 11)]
    rolls.close(leaving, np.full(len(leaving), september - 1))
    primary = schools.phase[rolls.school_of(on_roll)] == PRIMARY
    transfer = on_roll[(group[on_roll] == 7) & primary]
    rolls.close(transfer, np.full(len(transfer), september - 1))
    rolls.open(
        transfer,
        _place(rng, schools, _usual_phase(pupils, transfer, group)),
        np.full(len(transfer), september + 1),
    )
    _reintegrate(rolls, pupils, schools, group, september, rng)
    joining = np.flatnonzero(
        (pupils.arrive >= september) & (pupils.arrive < september + 365) & (group >= 0) & (group <= 11)
    )
    first = pupils.arrive[joining] + (pupils.arrive[joining] == september)
    if opening:
        # The simulation opens with full schools: those places began with Reception or with Year 7.
        first = _began(pupils, joining, group)
    rolls.open(joining, _place(rng, schools, _usual_phase(pupils, joining, group)), first)


def _reintegrate(
    rolls: Rolls,
    pupils: Pupils,
    schools: Schools,
    group: np.ndarray,
    september: int,
    rng: np.random.Generator,
) -> None:
    on_roll = np.flatnonzero(rolls.current >= 0)
    at_unit = on_roll[schools.phase[rolls.school_of(on_roll)] == PRU]
    back = at_unit[(rng.random(len(at_unit)) < par.REINTEGRATION_PER_YEAR) & (group[at_unit] <= 11)]
    rolls.close(back, np.full(len(back), september - 1))
    rolls.open(
        back, _place(rng, schools, _usual_phase(pupils, back, group)), np.full(len(back), september + 1)
    )


def move_during_year(
    rolls: Rolls,
    pupils: Pupils,
    schools: Schools,
    year: int,
    excluded: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> None:
    """Leavers, moves between schools, and the places of pupils permanently excluded, in the order of their days."""
    rng, september = streams(seed, year, 2), day_number_of(year)
    who, day = excluded
    _to_referral_unit(rolls, schools, who, day + 20, rng)
    on_roll = np.flatnonzero(rolls.current >= 0)
    settled = on_roll[(rolls.start[rolls.current[on_roll]] <= september + 1)]
    movable = settled[~np.isin(schools.phase[rolls.school_of(settled)], (PRU, SPECIAL))]
    moving = movable[
        rng.random(len(movable)) < par.MOVE_SCHOOL_PER_YEAR * np.exp(0.2 * pupils.persistent[movable])
    ]
    _move(rolls, schools, moving, september + rng.integers(65, 300, len(moving)), rng)
    gone = np.flatnonzero((rolls.current >= 0) & (pupils.depart < september + 365))
    rolls.close(gone, pupils.depart[gone])


def _to_referral_unit(
    rolls: Rolls, schools: Schools, who: np.ndarray, day: np.ndarray, rng: np.random.Generator
) -> None:
    on_roll = rolls.current[who] >= 0
    who, day = who[on_roll], day[on_roll]
    rolls.close(who, day)
    rolls.open(who, _choose(rng, schools, PRU, len(who)), day + 1)


def _move(rolls: Rolls, schools: Schools, who: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> None:
    old = rolls.school_of(who)
    new = _place(rng, schools, schools.phase[old])
    changed = new != old
    who, day, new = who[changed], day[changed], new[changed]
    rolls.close(who, day - 1)
    rolls.open(who, new, day)
