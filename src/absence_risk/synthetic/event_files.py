"""Suspensions, free school meal periods and alternative provision, as a School Census carries them."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parameters as par
from .census_rows import Census, RollRows, suspended_spells, suspensions_in
from .columns import blanks, coded, dates, hexes, numbers, repeated
from .life import Authority
from .population import PRU
from .spells import Spells
from .terms import calendar_of

_REASONS = ("PP", "PA", "VP", "VA", "OW", "BU", "RA", "LG", "DS", "SM", "DA", "DM", "TH", "DB", "MT", "PH")
_CATEGORIES = ("SUSP", "LNCH", "PERM")
_SEN = ("N", "K", "E")
_PLACEMENT_REASONS = ("BHS", "SUS", "EXR", "MHN", "OTH", "PHN")
_SETTINGS = ("NFE", "OOT", "OTH", "WBP")
_KEYS = ("pupilonroll", "pupilnolongeronroll")
_SIX_YEARS = 2_192
#: Longer than from any census to the next, so that each placement's end is carried once.
_SINCE_LAST_CENSUS = 150


def write_events(
    tables: dict[str, dict[str, Any]],
    authority: Authority,
    census: Census,
    rolls: tuple[RollRows, RollRows],
    salt: int,
) -> None:
    """Add the event tables of a census to ``tables``."""
    on = rolls[0]
    for rows, key, suffix in zip(rolls, _KEYS, ("onroll", "offroll"), strict=True):
        tables[f"termlyexclusions{suffix}"] = _suspensions(
            authority, census, rows, key, f"termlyexclusions{suffix}", salt
        )
        if census.at_least(2022):
            name = f"schoolarrangedapdetail{suffix}"
            tables[name] = _arranged(authority, census, rows, key, name, salt)
    meals = "fsmperiodsonroll" if census.term == "autumn" else "fsmperiod"
    tables[meals] = _meals(authority, census, on, meals, salt)
    tables["approvisiondetailonroll"] = _referral_unit_places(authority, on, salt)


def _child_keys(
    rows: RollRows, place: np.ndarray, key: str, table: str, authority: Authority, salt: int
) -> dict[str, Any]:
    return {
        f"{key}tableid": hexes(rows.spell[place], salt),
        "NativeId": coded([f"{par.LA}{estab}" for estab in authority.schools.estab], rows.school[place]),
        f"{table}tableid": hexes(np.arange(len(place)), salt + 5),
        f"{table}orderseqcolumn": repeated("1", len(place)),
        "sourceid": hexes(rows.school[place] + 1, 7),
    }


def _suspensions(
    authority: Authority, census: Census, rows: RollRows, key: str, table: str, salt: int
) -> dict[str, Any]:
    events = suspensions_in(authority, census)
    place = rows.place_of(len(authority.rolls.pupil))[suspended_spells(authority, events)]
    keep = np.flatnonzero(place >= 0)
    keep = keep[np.argsort(place[keep], kind="stable")]
    place = place[keep]
    sessions = events.sessions[keep] + _corrected(
        census, events.pupil[keep], events.start[keep], events.sessions[keep]
    )
    return {
        **_child_keys(rows, place, key, table, authority, salt),
        "startdate": dates(events.start[keep]),
        "sessions": numbers(sessions, blank=sessions < 0),
        "reason1": coded(_REASONS, events.reason[keep]),
        "reason2": blanks(len(keep)), "reason3": blanks(len(keep)),
        "category": coded(_CATEGORIES, events.category[keep]),
        "senprovision": coded(_SEN, authority.pupils.sen[rows.pupil[place]]),
    }  # fmt: skip


def _corrected(census: Census, pupil: np.ndarray, start: np.ndarray, sessions: np.ndarray) -> np.ndarray:
    """One more session in the second arrival of a few suspensions: a length put right afterwards."""
    second = start < _newest_term_starts(census)
    drawn = (pupil * 7919 + start * 31) % 1_000 < 1_000 * par.SUSPENSION_CORRECTED_SHARE
    return (second & drawn & (sessions > 1)).astype(np.int64)


def _newest_term_starts(census: Census) -> int:
    """First day of the later of the two terms a census carries."""
    calendar = calendar_of(census.year - 1)
    return {"autumn": calendar.terms[2][0], "spring": calendar.first, "summer": calendar.terms[1][0]}[
        census.term
    ]


def _spells_of(
    rows: RollRows, spells: Spells, ref: int, since: int, on_main: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and spells that a census carries: begun by its day, and not ended before ``since``."""
    at = np.flatnonzero((spells.start <= ref) & (spells.end >= since) & (spells.start <= spells.end))
    by_pupil = np.full(int(max(rows.pupil.max(initial=0), spells.pupil.max(initial=0))) + 1, -1)
    places = np.flatnonzero(on_main)
    by_pupil[rows.pupil[places]] = places
    place = by_pupil[spells.pupil[at]]
    at, place = at[place >= 0], place[place >= 0]
    order = np.lexsort((spells.start[at], place))
    return place[order], at[order]


def _meals(authority: Authority, census: Census, rows: RollRows, table: str, salt: int) -> dict[str, Any]:
    spells, day = authority.fsm, census.day
    place, at = _spells_of(rows, spells, day, day - _SIX_YEARS, rows.status != 2)
    return {
        **_child_keys(rows, place, "pupilonroll", table, authority, salt + 1),
        "fsmstartdate": dates(spells.start[at]),
        "fsmenddate": dates(spells.end[at], blank=spells.end[at] > day),
        "ukcountry": repeated("ENG", len(at)),
    } | {"pupilonrolltableid": hexes(rows.spell[place], salt)}


def _arranged(
    authority: Authority, census: Census, rows: RollRows, key: str, table: str, salt: int
) -> dict[str, Any]:
    spells, day = authority.arranged, census.day
    ended_here = authority.rolls.end[rows.spell]
    place, at = _spells_of(rows, spells, day, day - _SINCE_LAST_CENSUS, rows.status != 2)
    inside = (authority.rolls.start[rows.spell[place]] <= spells.start[at]) & (
        ended_here[place] >= spells.start[at]
    )
    # Before spring 2023 the item was not mandatory, and about half of placements were returned.
    asked = (spells.start[at] % 2 == 0) if not census.at_least(2023) else np.ones(len(at), bool)
    place, at = place[inside & asked], at[inside & asked]
    n, registered = len(at), spells.pupil[at] % 3 == 0
    columns = {
        **_child_keys(rows, place, key, table, authority, salt + 2), f"{key}tableid": hexes(rows.spell[place], salt),
        "urn": numbers_text(900_500 + spells.pupil[at] % 9, ~registered), "ukprn": blanks(n),
        "entrydate": dates(spells.start[at]), "leavingdate": dates(spells.end[at], blank=spells.end[at] > day),
        "apsessionsperweek": numbers(2 + 2 * (spells.pupil[at] % 5)),
        "apsettingtype": coded(_SETTINGS, spells.pupil[at] % 4, blank=registered),
        "placementreason": coded(_PLACEMENT_REASONS, spells.mark[at]),
        "apattendancepattern": coded(("PT", "FT"), (spells.pupil[at] % 5 == 4).astype(np.int64)),
        "senprovisionentry": coded(_SEN, authority.pupils.sen[rows.pupil[place]]), "senprovisionleaving": blanks(n),
        "companynumber": blanks(n),
    }  # fmt: skip
    if census.at_least(2023):
        columns["applacementpostcode"] = blanks(n)
    return columns


def numbers_text(values: np.ndarray, blank: np.ndarray) -> Any:
    """Whole numbers of any size as plain text, blank where told."""
    import pyarrow as pa

    return pa.array(values.astype(np.int64), mask=blank).cast(pa.string())


def _referral_unit_places(authority: Authority, rows: RollRows, salt: int) -> dict[str, Any]:
    table = "approvisiondetailonroll"
    place = np.flatnonzero((authority.schools.phase[rows.school] == PRU) & (rows.status != 2))
    secondary = int(np.flatnonzero(authority.schools.phase == 1)[0])
    return {
        **_child_keys(rows, place, "pupilonroll", table, authority, salt + 4),
        "pupilonrolltableid": hexes(rows.spell[place], salt),
        "prevurn": repeated(str(authority.schools.urn[secondary]), len(place)),
        "apreason": repeated("PEX", len(place)),
        "senprovisionentry": coded(_SEN, authority.pupils.sen[rows.pupil[place]]),
    }
