"""Register codes, drawn session by session within each spell on roll and term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parameters as par
from .attendance import YearRates
from .movement import Rolls
from .population import PRU, SECONDARY, Pupils, Schools
from .streams import streams
from .terms import YearCalendar

#: Codes the synthetic registers use, in the order of the count columns. Y and H give way to new codes in 2024/25.
CODES = (
    "/", "\\", "L", "B", "D", "J", "K", "P", "V", "W", "C", "C1", "C2", "E", "H", "I", "J1", "M", "R", "S", "T",
    "G", "N", "O", "U", "Q", "Y", "Y1", "Y2", "Y3", "Y6", "Y7",
)  # fmt: skip
INDEX = {code: place for place, code in enumerate(CODES)}
UNAUTHORISED = [INDEX[c] for c in "GNOU"]
AUTHORISED = [INDEX[c] for c in ("C", "C1", "C2", "E", "H", "I", "J1", "M", "R", "S", "T")]
NOT_POSSIBLE = [INDEX[c] for c in ("D", "Q", "Y", "Y1", "Y2", "Y3", "Y6", "Y7")]


@dataclass
class Register:
    """Counts of sessions by code: one row per spell on roll and term of a year. ``spell`` points into ``Rolls``."""

    year: int
    spell: np.ndarray
    pupil: np.ndarray
    school: np.ndarray
    term: np.ndarray
    counts: np.ndarray

    @property
    def possible(self) -> np.ndarray:
        """Possible sessions: those attended and those missed; codes that are not possible stand outside."""
        return self.counts.sum(axis=1) - self.counts[:, NOT_POSSIBLE].sum(axis=1)


def _sessions_open(
    calendar: YearCalendar, rolls: Rolls, spells: np.ndarray, term: int, last_day: np.ndarray
) -> np.ndarray:
    begins, ends = calendar.terms[term]
    first = np.maximum(rolls.start[spells], begins)
    last = np.minimum(np.minimum(rolls.end[spells], ends), last_day)
    days = calendar.days_before(last + 1) - calendar.days_before(first)
    return 2 * np.maximum(days, 0)


def _rows(
    calendar: YearCalendar, rolls: Rolls, pupils: Pupils, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    spells = np.flatnonzero((rolls.start <= calendar.last) & (rolls.end >= calendar.first))
    group = pupils.year_group(calendar.start_year)[rolls.pupil[spells]]
    spells = spells[(group >= 1) & (group <= 11)]
    group = pupils.year_group(calendar.start_year)[rolls.pupil[spells]]
    # Year 11 stays until the middle of June, when most examinations are over.
    last_day = np.where(group == 11, calendar.terms[3][0] + 18, calendar.last)
    closed = streams(seed, calendar.start_year, 12).integers(1, 4, (int(rolls.school.max()) + 1, 4))
    parts = []
    for term in range(4):
        open_sessions = _sessions_open(calendar, rolls, spells, term, last_day)
        # Training days and polling days: one to three school days a term, a school's own.
        open_sessions = np.maximum(
            open_sessions - 2 * np.where(open_sessions > 40, closed[rolls.school[spells], term], 0), 0
        )
        parts.append((spells, np.full(len(spells), term), open_sessions))
    spell, term_of, sessions = (np.concatenate(column) for column in zip(*parts, strict=True))
    keep = sessions > 0
    return spell[keep], term_of[keep], sessions[keep]


def _dual_share(rolls: Rolls, spell: np.ndarray, term: np.ndarray, calendar: YearCalendar) -> np.ndarray:
    """Share of a main place's sessions that are spent at a subsidiary place in the same term."""
    share = np.zeros(len(spell))
    duals = np.flatnonzero(rolls.dual & (rolls.start <= calendar.last) & (rolls.end >= calendar.first))
    begins, ends = (np.array(side)[term] for side in zip(*calendar.terms, strict=True))
    for dual in duals:
        rows = np.flatnonzero((rolls.pupil[spell] == rolls.pupil[dual]) & ~rolls.dual[spell])
        first = np.maximum(begins[rows], rolls.start[spell[rows]])
        last = np.minimum(ends[rows], rolls.end[spell[rows]])
        common = np.minimum(last, rolls.end[dual]) - np.maximum(first, rolls.start[dual]) + 1
        share[rows] += 0.8 * np.clip(common / np.maximum(last - first + 1, 1), 0, 1)
    return np.minimum(share, 0.9)


def _term_profile(rng: np.random.Generator, pupil: np.ndarray, sessions: np.ndarray, sd: float) -> np.ndarray:
    """Multipliers by row that leave each pupil's yearly mean as it was: absence falls unevenly on the terms."""
    raw = np.exp(sd * rng.normal(size=len(pupil)))
    total = np.bincount(pupil, sessions * raw)
    possible = np.bincount(pupil, sessions)
    return raw * possible[pupil] / np.maximum(total[pupil], 1e-9)


def _excluded_sessions(
    rolls: Rolls,
    spell: np.ndarray,
    term: np.ndarray,
    calendar: YearCalendar,
    suspended: tuple[np.ndarray, ...],
) -> np.ndarray:
    pupil, day, sessions = suspended
    bounds = np.array([begins for begins, _ in calendar.terms])
    in_term = np.clip(np.searchsorted(bounds, day, side="right") - 1, 0, 3)
    key = pupil * 4 + in_term
    totals = np.bincount(key, np.maximum(sessions, 0), minlength=int(rolls.pupil.max() + 1) * 4)
    first_row = np.zeros(len(spell), bool)
    row_key = rolls.pupil[spell] * 4 + term
    _, first = np.unique(row_key, return_index=True)
    first_row[first] = True
    return np.where(first_row, totals[row_key], 0).astype(np.int64)


def keep_register(
    rolls: Rolls,
    pupils: Pupils,
    schools: Schools,
    rates: YearRates,
    calendar: YearCalendar,
    suspended: tuple[np.ndarray, ...],
    seed: int,
) -> Register:
    """Draw the registers of a year: counts by code for each spell on roll and term."""
    year, rng = calendar.start_year, streams(seed, calendar.start_year, 13)
    spell, term, sessions = _rows(calendar, rolls, pupils, seed)
    pupil, school = rolls.pupil[spell], rolls.school[spell]
    counts = np.zeros((len(spell), len(CODES)), np.int16)
    left = sessions.astype(np.int64)
    away = np.floor(left * _dual_share(rolls, spell, term, calendar)).astype(np.int64)
    away = np.where(rolls.dual[spell], np.floor(left * 0.2).astype(np.int64), away)
    left -= _put(counts, "D", away, left)
    left -= _put(counts, "E", _excluded_sessions(rolls, spell, term, calendar, suspended), left)
    left -= _put(counts, "G", _holidays(rng, rates.holiday_chance[pupil], pupil), left)
    missed = _missed_rates(rng, rates, pupil, sessions, schools.phase[school], year)
    _draw(rng, counts, left, missed)
    return Register(year, spell, pupil, school, term, counts)


def _put(counts: np.ndarray, code: str, wanted: np.ndarray, left: np.ndarray) -> np.ndarray:
    placed = np.minimum(wanted, left)
    counts[:, INDEX[code]] = placed
    return placed


def _holidays(rng: np.random.Generator, chance: np.ndarray, pupil: np.ndarray) -> np.ndarray:
    """At most one unagreed holiday a year and row: most last a week (ten sessions), some two."""
    # The chance is the year's; a row is about a quarter of it.
    takes = rng.random(len(pupil)) < chance / 4.0
    return np.where(takes, 2 * rng.choice([2, 4, 5, 7, 10], len(pupil), p=[0.25, 0.25, 0.30, 0.10, 0.10]), 0)


def _missed_rates(
    rng: np.random.Generator,
    rates: YearRates,
    pupil: np.ndarray,
    sessions: np.ndarray,
    phase: np.ndarray,
    year: int,
) -> dict[str, np.ndarray]:
    profile = _term_profile(rng, pupil, sessions, 0.45)
    ill = _term_profile(rng, pupil, sessions, 0.40)
    other = {code: np.full(len(pupil), rate) for code, rate in par.OTHER_AUTHORISED.items()}
    # Appointments and leave go with illness: the same pupils have more of each.
    other |= {
        code: np.clip(share * rates.usual_illness[pupil] * ill, 0, 0.2)
        for code, share in par.WITH_ILLNESS.items()
    }
    late, none = rates.late[pupil] * profile, rates.no_reason[pupil] * profile
    missed = {
        "O": np.clip(rates.core[pupil] * profile, 0, 0.96),
        "U": late,
        "N": none,
        "I": np.clip(rates.illness[pupil] * ill, 0, 0.9),
        "C2": rates.part_time[pupil],
        **other,
        "L": np.where(phase == SECONDARY, 0.016, 0.011) + 3.0 * late,
        "B": np.where(phase == PRU, 0.06, 0.004) + np.zeros(len(pupil)),
        "K": np.where(phase == PRU, 0.02, 0.0003) + np.zeros(len(pupil)),
        "P": np.full(len(pupil), 0.0012), "V": np.full(len(pupil), 0.007),
        "W": np.where(phase == SECONDARY, 0.001, 0.0),
        "J": np.full(len(pupil), 0.0002), "Y": np.full(len(pupil), 0.004),
    }  # fmt: skip
    return _under_the_codes_of(year, missed)


def _under_the_codes_of(year: int, missed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Codes in force: from August 2024 H, J and the single Y are gone, and K, C1, C2, J1, Q and Y1 to Y7 have come."""
    codes = dict(missed)
    if year >= 2024:
        lost, split = codes.pop("Y"), {"Y1": 0.1, "Y2": 0.3, "Y3": 0.3, "Y6": 0.05, "Y7": 0.2}
        codes.update({code: lost * share for code, share in split.items()})
        codes["Q"] = lost * 0.02
        codes["G"] = codes.pop("H")  # an agreed holiday is no longer agreed
        codes.pop("J")
        return codes
    codes["C"] = codes["C"] + codes.pop("C2") + codes.pop("C1")
    codes["B"] = codes["B"] + codes.pop("K")
    codes.pop("J1")
    return codes


def _draw(
    rng: np.random.Generator, counts: np.ndarray, left: np.ndarray, rates: dict[str, np.ndarray]
) -> None:
    """Draw each code from the sessions that are left; what remains is present, half of it mornings.

    The share of a code among the sessions left is its rate over what earlier codes have not taken, so that the
    order of codes does not matter on average.
    """
    room = np.ones(len(left))
    for code, rate in rates.items():
        share = np.clip(rate / np.maximum(room, 1e-6), 0, 1)
        drawn = rng.binomial(left, share)
        counts[:, INDEX[code]] += drawn.astype(np.int16)
        left -= drawn
        room = np.maximum(room - rate, 0.0)
    morning = (left + 1) // 2
    counts[:, INDEX["/"]] = morning
    counts[:, INDEX["\\"]] = left - morning
