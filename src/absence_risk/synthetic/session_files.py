"""Session rows of a School Census: one row per pupil and register code, with the half-days counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parameters as par
from .census_rows import Census, RollRows
from .columns import coded, hexes, numbers
from .life import Authority
from .population import PRIMARY
from .registers import CODES, Register


def write_sessions(
    tables: dict[str, dict[str, Any]],
    authority: Authority,
    census: Census,
    register: Register,
    rolls: tuple[RollRows, RollRows],
    salt: int,
) -> None:
    """Add the session tables of a census to ``tables``: the term's, and in autumn the second half of summer's."""
    names = ("termlysessiondetails", "summerhalfterm2sessiondetails")
    for name, term in zip(names, census.absence_terms, strict=False):
        for rows, suffix, key in zip(
            rolls, ("onroll", "offroll"), ("pupilonroll", "pupilnolongeronroll"), strict=True
        ):
            tables[name + suffix] = _session_rows(
                name + suffix, key, authority, census, register, rows, term, salt
            )


def _session_rows(
    table: str,
    key: str,
    authority: Authority,
    census: Census,
    register: Register,
    rows: RollRows,
    term: int,
    salt: int,
) -> dict[str, Any]:
    at = np.flatnonzero(register.term == term)
    place = rows.place_of(len(authority.rolls.pupil))[register.spell[at]]
    keep = (place >= 0) & ~_totals_only(authority, census, register.school[at])
    at, place = at[keep], place[keep]
    order = np.argsort(place, kind="stable")
    at, place = at[order], place[order]
    row, code = np.nonzero(register.counts[at])
    spells = rows.spell[place[row]]
    return {
        f"{key}tableid": hexes(spells, salt),
        "NativeId": coded([f"{par.LA}{estab}" for estab in authority.schools.estab], rows.school[place[row]]),
        f"{table}tableid": hexes(np.arange(len(row)), salt + 11 * (term + 1)),
        f"{table}orderseqcolumn": coded([str(k + 1) for k in range(len(CODES))], code),
        "sourceid": hexes(rows.school[place[row]] + 1, 7),
        "sessions": numbers(register.counts[at][row, code]),
        "attendancereason": coded(CODES, code),
    }


def _totals_only(authority: Authority, census: Census, school: np.ndarray) -> np.ndarray:
    """In 2021/22 one primary still returned totals and no reasons, as some systems then did."""
    if census.absence_year > 2021:
        return np.zeros(len(school), bool)
    first_primary = int(np.flatnonzero(authority.schools.phase == PRIMARY)[0])
    return school == first_primary
