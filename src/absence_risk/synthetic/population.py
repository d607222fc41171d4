"""Schools and pupils of the made-up authority: who they are before anything happens to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.academic_year import day_number
from . import parameters as par
from .streams import streams

PRIMARY, SECONDARY, SPECIAL, PRU = 0, 1, 2, 3
PHASE_CODES = ("PS", "SS", "SP", "PR")
_PLACES = (
    "Ashcombe", "Birkdale Moor", "Coldharbour", "Dunsford", "Elmswick", "Fernhill", "Greystone", "Hollin Bank",
    "Inglebrook", "Jesmere", "Kingsley Fold", "Larkfield", "Millbeck", "Netherby", "Oakhanger", "Priorswood",
    "Quarry Hill", "Ravensmoor", "Saltersgate", "Thornley", "Underbank", "Vale Park", "Westerdale", "Yewtree",
)  # fmt: skip
_KINDS = (
    ("Primary School", "Church of England Primary School", "Community Primary School", "Academy"),
    ("High School", "Academy", "School", "Community College"),
    ("School", "School", "School", "School"),
    ("Pupil Referral Unit",) * 4,
)


@dataclass
class Schools:
    """The authority's schools, one array entry each; ``effect`` is the school's own log-odds."""

    phase: np.ndarray
    estab: np.ndarray
    urn: np.ndarray
    name: list[str]
    effect: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.phase)

    def of_phase(self, phase: int) -> np.ndarray:
        return np.flatnonzero(self.phase == phase)


def make_schools(pupils: int, seed: int) -> Schools:
    """Primaries, secondaries, one special school in a few thousand pupils, and one pupil referral unit."""
    counts = (
        max(3, round(pupils * 7 / 12 / par.PUPILS_PER_PRIMARY)),
        max(2, round(pupils * 5 / 12 / par.PUPILS_PER_SECONDARY)),
        max(1, round(pupils / 8_000)),
        max(1, round(pupils / 40_000)),
    )
    phase = np.repeat(np.arange(4), counts)
    order = np.concatenate([np.arange(count) for count in counts])
    first_estab = np.array([2_001, 4_001, 7_001, 1_101])
    rng = streams(seed, 0, 1)
    # The effect is ranked, not drawn free, so that a small authority has the same spread of schools as a large one.
    effect = np.concatenate([_spread(rng, count) for count in counts]) * par.SCHOOL_SD
    effect = np.where(phase == PRU, 0.0, effect)
    names = [_name(int(p), int(k), counts[int(p)]) for p, k in zip(phase, order, strict=True)]
    weight = rng.uniform(0.6, 1.4, len(phase))
    return Schools(phase, first_estab[phase] + order, 900_001 + np.arange(len(phase)), names, effect, weight)


def _spread(rng: np.random.Generator, count: int) -> np.ndarray:
    ranks = (np.arange(count) + 0.5) / count
    logits = np.log(ranks / (1 - ranks)) * 0.55
    return rng.permutation(logits)


def _name(phase: int, order: int, count: int) -> str:
    offset = (7 * phase + order) % len(_PLACES)
    kind = _KINDS[phase][(order // len(_PLACES) + order) % 4]
    number = "" if count <= len(_PLACES) or order < len(_PLACES) else f" {order // len(_PLACES) + 1}"
    return f"{_PLACES[offset]} {kind}{number}"


@dataclass
class Pupils:
    """Everyone ever on an authority school's roll, one array entry each.

    ``cohort`` is the year (by start) of Reception; ``arrive`` and ``depart`` are day numbers (``OPEN``: stays);
    ``home_educated`` pupils depart from school but not from the authority.
    ``persistent``, ``behaviour``, ``illness`` and ``poverty`` are what no return can carry.
    """

    cohort: np.ndarray
    birth: np.ndarray
    boy: np.ndarray
    sen: np.ndarray
    special: np.ndarray
    ethnicity: np.ndarray
    arrive: np.ndarray
    depart: np.ndarray
    home_educated: np.ndarray
    persistent: np.ndarray
    behaviour: np.ndarray
    illness: np.ndarray
    long_illness: np.ndarray
    poverty: np.ndarray
    lateness: np.ndarray
    holiday: np.ndarray

    def __len__(self) -> int:
        return len(self.cohort)

    def year_group(self, start_year: int) -> np.ndarray:
        """National curriculum year in an academic year: Reception 0; below 0 not yet at school."""
        return start_year - self.cohort


def _arrivals(pupils: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Cohort and year of arrival of each pupil: with the cohort in Reception, or later from elsewhere."""
    size = round(pupils / 12)
    newcomers = round(size * (par.LEAVE_AUTHORITY_PER_YEAR + par.HOME_EDUCATION_PER_YEAR))
    cohort, arrival = [], []
    for c in range(first - 11, last + 1):
        begins = max(c, first)
        cohort.append(np.full(size, c))
        arrival.append(np.full(size, begins))
        for year in range(max(c + 1, first + 1), min(c + 11, last) + 1):
            cohort.append(np.full(newcomers, c))
            arrival.append(np.full(newcomers, year))
    return np.concatenate(cohort), np.concatenate(arrival)


def _first_of_september(year: np.ndarray) -> np.ndarray:
    table = {int(y): day_number_of(int(y)) for y in np.unique(year)}
    return np.array([table[int(y)] for y in year])


def day_number_of(year: int) -> int:
    """1 September of a year as a day number."""
    from datetime import date

    return day_number(date(year, 9, 1))


def _departures(
    rng: np.random.Generator, cohort: np.ndarray, arrive: np.ndarray, persistent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The day each pupil departs (``OPEN``: never), and whether to be educated at home: likelier the more absent."""
    away = rng.exponential(1 / par.LEAVE_AUTHORITY_PER_YEAR, len(cohort))
    home = rng.exponential(1 / (par.HOME_EDUCATION_PER_YEAR * np.exp(0.6 * persistent - 0.18)))
    depart = arrive + 30 + (np.minimum(away, home) * 365).astype(np.int64)
    early = depart < _first_of_september(cohort + 12)
    return np.where(early, depart, par.OPEN), early & (home < away)


def make_pupils(pupils: int, first: int, last: int, seed: int) -> Pupils:
    """Pupils of every cohort at school between two academic years (by start), about ``pupils`` at any time."""
    cohort, arrival = _arrivals(pupils, first, last)
    n, rng = len(cohort), streams(seed, 0, 2)
    newcomer = arrival > np.maximum(cohort, first)
    arrive = _first_of_september(arrival) + np.where(
        newcomer & (rng.random(n) < 0.6), rng.integers(10, 290, n), 0
    )
    poverty = rng.normal(size=n)
    behaviour = rng.normal(size=n)
    persistent = 0.30 * behaviour + 0.22 * poverty
    persistent += np.sqrt(1 - 0.30**2 - 0.22**2) * rng.normal(size=n)
    depart, home_educated = _departures(rng, cohort, arrive, persistent)
    sen_draw = rng.random(n) - 0.03 * (poverty > 0.5) - 0.03 * (behaviour > 0.8)
    sen = np.where(
        sen_draw < par.EHC_SHARE - 0.012,
        2,
        np.where(sen_draw < par.EHC_SHARE + par.SEN_SUPPORT_SHARE - 0.02, 1, 0),
    )
    boy = rng.random(n) < np.where(sen > 0, 0.62, 0.485)
    return Pupils(
        cohort=cohort,
        birth=_first_of_september(cohort - 5) + rng.integers(0, 365, n),
        boy=boy,
        sen=sen,
        special=(sen == 2) & (rng.random(n) < par.SPECIAL_SHARE),
        ethnicity=rng.choice(10, n, p=[0.62, 0.06, 0.05, 0.06, 0.04, 0.05, 0.04, 0.03, 0.03, 0.02]),
        arrive=arrive,
        depart=depart,
        home_educated=home_educated,
        persistent=persistent,
        behaviour=behaviour,
        illness=0.15 * persistent + 0.99 * rng.normal(size=n),
        long_illness=rng.normal(size=n),
        poverty=poverty,
        lateness=0.4 * persistent + 0.9 * rng.normal(size=n),
        holiday=rng.normal(size=n),
    )
