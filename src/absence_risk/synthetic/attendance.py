"""The hidden process of absence: each pupil's log-odds in a year, and the rates of every kind of absence.

Each pupil has a year's log-odds of unauthorised absence: a persistent part, a slowly drifting part, the school,
what has happened to the pupil (``drivers``), and a part that nothing foretells (``surprise``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parameters as par
from .population import PRU, SPECIAL, Pupils, Schools
from .streams import streams


@dataclass
class Drivers:
    """What has happened to each pupil by 31 October of a year, as the process sees it (arrays over all pupils)."""

    group: np.ndarray
    school: np.ndarray
    fsm: np.ndarray
    cin: np.ndarray
    cp: np.ndarray
    looked_after: np.ndarray
    care_before: np.ndarray
    suspensions: np.ndarray
    suspensions_earlier: np.ndarray
    arranged: np.ndarray
    dual: np.ndarray


def expected_log_odds(
    pupils: Pupils, schools: Schools, drivers: Drivers, year: int, drift: np.ndarray
) -> np.ndarray:
    """Log-odds of unauthorised absence (holidays apart) in a year before its surprise; ``drift`` already carried."""
    group = np.clip(drivers.group, 0, 11)
    phase = schools.phase[np.maximum(drivers.school, 0)]
    looked = np.where(group >= 7, par.EFFECT_LOOKED_AFTER_SECONDARY, par.EFFECT_LOOKED_AFTER_PRIMARY)
    older = (group >= 7).astype(np.int64)
    cin, cp = np.array(par.EFFECT_CIN)[older], np.array(par.EFFECT_CP)[older]
    social_care = np.where(
        drivers.looked_after, looked, np.where(drivers.cp, cp, np.where(drivers.cin, cin, 0.0))
    )
    return (
        par.BASE_BY_YEAR_GROUP[group]
        + par.in_year(par.TREND, year)
        + par.SPREAD_BY_YEAR_GROUP[group] * (par.PERSISTENT_SD * pupils.persistent + drift)
        + schools.effect[np.maximum(drivers.school, 0)]
        + par.EFFECT_PRU * ((phase == PRU) | drivers.dual)
        + par.EFFECT_SPECIAL * (phase == SPECIAL)
        + par.EFFECT_FSM * drivers.fsm
        + np.array(par.EFFECT_SEN)[pupils.sen]
        + social_care
        + par.EFFECT_CARE_BEFORE * (drivers.care_before & ~drivers.cin & ~drivers.cp)
        + par.EFFECT_SUSPENSION * np.log2(1 + drivers.suspensions)
        + par.EFFECT_SUSPENSION_EARLIER * np.log2(1 + drivers.suspensions_earlier)
        + par.EFFECT_ARRANGED_AP * drivers.arranged
    )


@dataclass
class Surprise:
    """What a year brings that nothing foretells: the part of it that lasts (``drift``), and the part that does not."""

    drift: np.ndarray
    passing: np.ndarray


def draw_surprise(n: int, year: int, seed: int) -> Surprise:
    """Draw the year's surprise for every pupil."""
    rng = streams(seed, year, 10)
    lasting = par.DRIFT_SD * np.sqrt(1 - par.DRIFT_CARRY**2) * rng.normal(size=n)
    shock = np.where(rng.random(n) < par.SHOCK_CHANCE, par.SHOCK_SIZE, 0.0)
    # Half of a bad year lasts into the next one's starting point.
    return Surprise(lasting + 0.5 * shock, par.YEAR_NOISE_SD * rng.normal(size=n) + 0.5 * shock)


def realised(expected: np.ndarray, surprise: Surprise, group: np.ndarray) -> np.ndarray:
    """The year's log-odds once its surprise has come."""
    return expected + par.SPREAD_BY_YEAR_GROUP[np.clip(group, 0, 11)] * (surprise.drift + surprise.passing)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The share whose log-odds are ``x``."""
    return 1 / (1 + np.exp(-x))


@dataclass
class YearRates:
    """Each pupil's expected rates in a year (shares of possible sessions) by kind of absence."""

    core: np.ndarray
    late: np.ndarray
    no_reason: np.ndarray
    holiday_chance: np.ndarray
    illness: np.ndarray
    usual_illness: np.ndarray
    part_time: np.ndarray


def holiday_chance(pupils: Pupils, secondary: np.ndarray, looked_after: np.ndarray) -> np.ndarray:
    """Chance of an unagreed holiday in a year; carers of looked-after children seldom take one."""
    base = np.where(secondary, par.HOLIDAY_CHANCE[1], par.HOLIDAY_CHANCE[0])
    base = np.where(looked_after, 0.3 * base, base)
    return np.minimum(base * np.exp(0.8 * pupils.holiday - 0.32), 0.8)


def late_and_no_reason(
    core: np.ndarray, pupils: Pupils, secondary: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rates of U and N: they rise with the rest of unauthorised absence, but far less than in proportion."""
    relative = np.power(np.maximum(core, 1e-4) / 0.02, 0.45)
    late = (
        np.where(secondary, par.LATE_RATE[1], par.LATE_RATE[0])
        * relative
        * np.exp(0.7 * pupils.lateness - 0.25)
    )
    none = np.where(secondary, par.NO_REASON_RATE[1], par.NO_REASON_RATE[0]) * relative
    return np.minimum(1.35 * late, 0.08), np.minimum(1.35 * none, 0.03)


def year_rates(
    pupils: Pupils, schools: Schools, drivers: Drivers, log_odds: np.ndarray, year: int, seed: int
) -> YearRates:
    """Turn the year's realised log-odds into expected rates of every kind of absence."""
    rng, n = streams(seed, year, 11), len(pupils)
    group = np.clip(drivers.group, 0, 11)
    phase = schools.phase[np.maximum(drivers.school, 0)]
    secondary = group >= 7
    core = sigmoid(log_odds)
    late, none = late_and_no_reason(core, pupils, secondary)
    score = np.clip((log_odds + 5.6) / 2.2, -3, 3.2)
    usual = (
        par.ILLNESS_RATE[group]
        * par.in_year(par.ILLNESS_TREND, year)
        * np.exp(
            par.ILLNESS_PERSISTENT_SD * pupils.illness
            + par.ILLNESS_YEAR_SD * rng.normal(size=n)
            - 0.35
            + 0.36 * drivers.fsm
            - 0.32 * drivers.looked_after
            + 0.25 * (drivers.cin | drivers.cp)
        )
    )
    usual = np.where(phase == PRU, 4.5 * usual, usual)
    mixed = 0.92 * pupils.long_illness + 0.39 * rng.normal(size=n)
    shared = par.LONG_ILLNESS_SHARED
    lengthy = np.where(
        secondary, par.LONG_ILLNESS_BASE[1], par.LONG_ILLNESS_BASE[0]
    ) + par.LONG_ILLNESS_SD * (shared * score + np.sqrt(1 - shared**2) * mixed)
    lengthy = lengthy + 1.6 * (phase == SPECIAL) + 5.0 * (phase == PRU) + 0.5 * (pupils.sen == 1)
    lengthy = (
        lengthy
        + 0.7 * (drivers.cin | drivers.cp)
        + 0.5 * drivers.fsm
        - 0.9 * (drivers.looked_after & ~secondary)
    )
    part_time = np.where(secondary, par.PART_TIME_RATE[1], par.PART_TIME_RATE[0]) * np.where(
        rng.random(n) < 0.03, 33.0, 0.0
    )
    return YearRates(
        core,
        late,
        none,
        holiday_chance(pupils, secondary, drivers.looked_after),
        usual + sigmoid(lengthy),
        usual,
        np.minimum(part_time, 0.4),
    )
