"""What one School Census carries: which spells on roll, which terms, which events (DfE, in arrears)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parameters as par
from .events import Suspensions
from .life import Authority
from .population import day_number_of
from .registers import INDEX, Register
from .terms import calendar_of, census_day

_TERM_CODES = {"autumn": "AUT", "spring": "SPR", "summer": "SUM"}
#: Terms of absence (0 autumn, 1 spring, 2 and 3 the halves of summer) each census carries, all of the year before
#: for the autumn census. Suspensions arrive two terms in arrears, so each event comes twice (since autumn 2019).
_ABSENCE_TERMS = {"autumn": (2, 3), "spring": (0,), "summer": (1,)}


@dataclass(frozen=True)
class Census:
    """One School Census: its term and calendar year."""

    term: str
    year: int

    @property
    def name(self) -> str:
        return f"{self.year}_{self.term}"

    @property
    def code(self) -> str:
        return _TERM_CODES[self.term]

    @property
    def day(self) -> int:
        return census_day(self.term, self.year)

    @property
    def absence_year(self) -> int:
        """The academic year (by start) whose absence it carries."""
        return self.year - 1

    @property
    def roll_year(self) -> int:
        """The academic year of its census day."""
        return self.year if self.term == "autumn" else self.year - 1

    @property
    def absence_terms(self) -> tuple[int, ...]:
        return _ABSENCE_TERMS[self.term]

    def at_least(self, year: int, term: str = "spring") -> bool:
        """Whether this census is that one or a later one."""
        order = ("spring", "summer", "autumn")
        return (self.year, order.index(self.term)) >= (year, order.index(term))

    def suspension_window(self) -> tuple[int, int]:
        """First and last day of the two terms of suspensions it carries."""
        this = calendar_of(self.year - 1)
        spring, summer = this.terms[1][0], this.terms[2][0]
        if self.term == "autumn":
            return spring, this.last
        if self.term == "spring":
            return calendar_of(self.year - 2).terms[2][0], spring - 1
        return day_number_of(self.year - 1), summer - 1


def censuses(first: int, last: int) -> list[Census]:
    """Autumn of the first year, then spring, summer and autumn of every year: sixteen for five years."""
    found = [Census("autumn", first)]
    for year in range(first + 1, last + 2):
        found += [Census("spring", year), Census("summer", year), Census("autumn", year)]
    return found


@dataclass
class RollRows:
    """The pupil rows of one census table: spells on roll, sorted by school and pupil, and their sessions by term."""

    spell: np.ndarray
    pupil: np.ndarray
    school: np.ndarray
    status: np.ndarray
    group: np.ndarray

    def place_of(self, spells: int) -> np.ndarray:
        """Row of each spell of the authority, or -1."""
        place = np.full(spells, -1)
        place[self.spell] = np.arange(len(self.spell))
        return place


def roll_rows(authority: Authority, census: Census, schools: np.ndarray | None) -> tuple[RollRows, RollRows]:
    """Spells on roll on the census day, and spells that ended before it whose sessions or suspensions it carries."""
    rolls, day = authority.rolls, census.day
    on = (rolls.start <= day) & (rolls.end >= day)
    carried = np.zeros(len(rolls.pupil), bool)
    register = authority.registers.get(census.absence_year)
    if register is not None:
        carried[register.spell[np.isin(register.term, census.absence_terms)]] = True
    carried[suspended_spells(authority, suspensions_in(authority, census))] = True
    off = carried & (rolls.end < day)
    if schools is not None:
        on, off = on & np.isin(rolls.school, schools), off & np.isin(rolls.school, schools)
    return _sorted(authority, census, np.flatnonzero(on)), _sorted(authority, census, np.flatnonzero(off))


def _sorted(authority: Authority, census: Census, spells: np.ndarray) -> RollRows:
    rolls, day = authority.rolls, census.day
    spells = spells[np.lexsort((rolls.pupil[spells], rolls.school[spells]))]
    pupil = rolls.pupil[spells]
    dual = np.zeros(len(authority.pupils), bool)
    dual[rolls.pupil[rolls.dual & (rolls.start <= day) & (rolls.end >= day)]] = True
    status = np.where(rolls.dual[spells], 2, np.where(dual[pupil], 1, 0))
    group = authority.pupils.year_group(census.roll_year)[pupil]
    return RollRows(spells, pupil, rolls.school[spells], status, group)


def suspensions_in(authority: Authority, census: Census) -> Suspensions:
    """The suspensions a census carries, in order of pupil and day."""
    first, last = census.suspension_window()
    parts = [
        authority.suspensions[y] for y in (census.year - 2, census.year - 1) if y in authority.suspensions
    ]
    columns = [
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("pupil", "start", "sessions", "category", "reason")
    ]
    keep = (columns[1] >= first) & (columns[1] <= last)
    order = np.flatnonzero(keep)[np.lexsort((columns[1][keep], columns[0][keep]))]
    return Suspensions(*(column[order] for column in columns))


def suspended_spells(authority: Authority, events: Suspensions) -> np.ndarray:
    """The main spell on roll that holds each suspension."""
    return authority.rolls.main_spell_on(events.pupil, events.start)


def resubmitted(register: Register) -> Register:
    """The register as corrected later: most sessions without a reason yet have become other unauthorised absence."""
    counts = register.counts.copy()
    moved = (counts[:, INDEX["N"]] + 1) // 2
    counts[:, INDEX["N"]] -= moved
    counts[:, INDEX["O"]] += moved
    return Register(register.year, register.spell, register.pupil, register.school, register.term, counts)


def resubmitting_schools(authority: Authority, census: Census) -> np.ndarray:
    """A few schools that send the autumn term's absence again, corrected."""
    if census.term != "spring":
        return np.empty(0, np.int64)
    n = len(authority.schools)
    count = max(1, round(n * par.RESUBMITTING_SCHOOLS_SHARE))
    return np.sort((census.year * 5 + np.arange(count) * 7) % n)
