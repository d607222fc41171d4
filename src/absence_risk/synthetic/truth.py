"""The true risk of each pupil under the process, for judging models against what could be known at best.

Given everything the process had settled by 31 October (the pupil's hidden persistence and drift, school, suspensions
of earlier years, social care, alternative provision and free school meals), the year's surprise is still to come. The
chance that unauthorised sessions reach a tenth is integrated over that surprise: Gauss-Hermite nodes for its normal
part, both cases of a shock, each length of holiday, and the normal approximation to the last draw of sessions.
"""

from __future__ import annotations

import numpy as np

from . import parameters as par
from .attendance import holiday_chance, late_and_no_reason, sigmoid
from .life import Authority

_SESSIONS = 366  #: possible sessions of an ordinary year
_HOLIDAYS = ((0, None), (4, 0.25), (8, 0.25), (10, 0.30), (14, 0.10), (20, 0.10))
_NODES = 40


def true_risk(authority: Authority, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Pupils of Years 1 to 11 on roll on 31 October of ``year``, and the chance of the default outcome in that year.

    Returns
    -------
    pupil : ndarray of int
        Places in ``authority.pupils``.
    risk : ndarray of float
        Probability, 0 to 1.
    """
    drivers = authority.drivers[year]
    pupil = np.flatnonzero((drivers.school >= 0) & (drivers.group >= 1) & (drivers.group <= 11))
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    lasting = par.DRIFT_SD**2 * (1 - par.DRIFT_CARRY**2)
    spread = np.sqrt(lasting + par.YEAR_NOISE_SD**2)
    expected = authority.expected[year][pupil]
    scale = par.SPREAD_BY_YEAR_GROUP[drivers.group[pupil]]
    risk = np.zeros(len(pupil))
    for shock, chance in ((0.0, 1 - par.SHOCK_CHANCE), (par.SHOCK_SIZE, par.SHOCK_CHANCE)):
        for node, weight in zip(nodes, weights, strict=True):
            risk += (
                chance * weight * _risk_at(authority, pupil, expected + scale * (shock + spread * node), year)
            )
    return pupil, risk


def _risk_at(authority: Authority, pupil: np.ndarray, log_odds: np.ndarray, year: int) -> np.ndarray:
    people, secondary = authority.pupils, authority.drivers[year].group >= 7
    core = np.zeros(len(people))
    core[pupil] = sigmoid(log_odds)
    late, none = late_and_no_reason(core, people, secondary)
    agreed_before = par.OTHER_AUTHORISED["H"] if year >= 2024 else 0.0
    rate = np.minimum(core + late + none + agreed_before, 0.97)[pupil]
    mean, spread = _SESSIONS * rate, np.sqrt(_SESSIONS * rate * (1 - rate)) + 1e-9
    never = (1 - holiday_chance(people, secondary, authority.drivers[year].looked_after)[pupil] / 4) ** 4
    needed = np.ceil(_SESSIONS / 10) - 0.5
    risk = np.zeros(len(pupil))
    for length, share in _HOLIDAYS:
        chance = never if share is None else (1 - never) * share
        risk += chance * _normal_above((needed - length - mean) / spread)
    return risk


def _normal_above(z: np.ndarray) -> np.ndarray:
    # Abramowitz and Stegun 26.2.17: absolute error below 1e-7, and numpy has no error function.
    t = 1 / (1 + 0.2316419 * np.abs(z))
    tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-0.5 * np.minimum(z * z, 1_400)) / np.sqrt(2 * np.pi) * tail
    return np.where(z >= 0, upper, 1 - upper)
