"""Writes one SSDA903 return: its header and its episodes (looked-after children)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from ..domain.academic_year import day_number
from ..files import write_text
from . import parameters as par
from .columns import one_date
from .identity import Identities
from .life import Authority
from .social_care_rows import in_year, unjoinable
from .spells import Spells

_PLACEMENTS = ("U1", "U4", "U6", "K2", "P1", "H5")


def _day_first(day: int) -> str:
    return one_date(int(day), "day_first") if day < par.OPEN else ""


def write_ssda903(folder: Path, authority: Authority, identities: Identities, year: int) -> int:
    """Write the return of the year to 31 March; gives the number of episodes."""
    first, last = day_number(date(year - 1, 4, 1)), day_number(date(year, 3, 31))
    spells = authority.care.looked_after
    at = in_year(authority, Spells(spells.pupil, spells.start, spells.end, np.zeros_like(spells.mark)), year)
    episodes = [
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
    ]
    for place in at:
        episodes += _episodes(spells, int(place), first, last)
    children = np.unique(spells.pupil[at])
    header = ["CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"]
    upn = np.where(unjoinable(children), "UN4", identities.upn_on(last, children))
    for pupil, number in zip(children, upn, strict=True):
        boy = bool(authority.pupils.boy[pupil])
        sex = ("M" if boy else "F") if year >= 2024 else ("1" if boy else "2")
        header.append(f"{300_000 + pupil},{sex},{_day_first(authority.pupils.birth[pupil])},NOBT,{number},,")
    for name, lines in (("header", header), ("episodes", episodes)):
        write_text(folder / f"SSDA903_{year}_{name}.csv", "\n".join(lines) + "\n")
    return len(episodes) - 1


def _episodes(spells: Spells, place: int, first: int, last: int) -> list[str]:
    """The episodes of one spell that a year's return holds; each new placement continues the one before (X1)."""
    start, end, child = int(spells.start[place]), int(spells.end[place]), 300_000 + int(spells.pupil[place])
    parts = 1 + min((end - start) // 150, 2)
    cuts = [start + (end - start) * k // parts for k in range(parts)] + [end]
    lines = []
    for k in range(parts):
        begins, ends = cuts[k], cuts[k + 1]
        if begins > last or ends < first:
            continue
        known = ends <= last
        closing = ("X1" if k + 1 < parts else "E4A") if known else ""
        status = "V4" if spells.mark[place] == 1 else ("C2", "E1", "V2")[child % 3]
        reason = "S" if k == 0 else "P"
        lines.append(
            f"{child},{_day_first(begins)},{reason},{status},N1,{_PLACEMENTS[(child + k) % 6]},PR1,"
            f"{_day_first(ends) if known else ''},{closing},,,,"
        )
    return lines
