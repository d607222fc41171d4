"""Which social care spells a year to 31 March holds, as its returns state them."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..domain.academic_year import day_number
from . import parameters as par
from .life import Authority
from .spells import Spells


def unjoinable(pupil: np.ndarray) -> np.ndarray:
    """Children whose UPN social care does not hold; the same ones every year."""
    return (pupil * 104_729 + 17) % 10_007 < par.UNJOINABLE_SHARE * 10_007


def known_end(spells: Spells, at: np.ndarray, last: int) -> np.ndarray:
    """End days as a return of that day states them: some closures are recorded only a year late."""
    recorded = spells.end[at] + np.where(spells.mark[at] == 1, 365, 0)
    return np.where((spells.end[at] <= last) & (recorded <= last), spells.end[at], par.OPEN)


def in_year(authority: Authority, spells: Spells, year: int) -> np.ndarray:
    """Spells that a year to 31 March holds, in order of pupil and day; a late closure stays until it is recorded."""
    first, last = day_number(date(year - 1, 4, 1)), day_number(date(year, 3, 31))
    ends = spells.end + np.where(spells.mark == 1, 365, 0)
    people = authority.pupils
    here = (spells.start <= people.depart[spells.pupil]) | people.home_educated[spells.pupil]
    at = np.flatnonzero((spells.start <= last) & (ends >= first) & here & (spells.start <= spells.end))
    return at[np.lexsort((spells.start[at], spells.pupil[at]))]
