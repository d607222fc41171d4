"""Writes each School Census as COLLECT exports it: one CSV per block, columns following the change log by year.

Column sets: formats notes section 1 (field lists of the COLLECT extracts, 2015 to 2025), change log 1.2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import parameters as par
from .census_rows import Census, RollRows, resubmitted, resubmitting_schools, roll_rows
from .columns import blanks, coded, dates, hexes, numbers, one_date, repeated, write_csv
from .event_files import write_events
from .identity import Identities
from .life import Authority
from .population import PHASE_CODES
from .registers import AUTHORISED, UNAUTHORISED, Register
from .session_files import write_sessions

if TYPE_CHECKING:
    import pyarrow as pa

_ETHNICITY = ("WBRI", "WOTH", "APKN", "BAFR", "AIND", "MOTH", "MWBC", "OOTH", "ABAN", "REFU")
_LANGUAGE = ("ENG", "ENG", "URD", "ENG", "PNJ", "ENG", "ENG", "ARA", "BNG", "ENG")
_STATUS = ("C", "M", "S")
_SEN = ("N", "K", "E")
_YEARS = ("R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")


def write_census(
    folder: Path, authority: Authority, identities: Identities, census: Census
) -> dict[str, int]:
    """Write one census, and its resubmission by a few schools; gives rows written by table.

    A resubmission is a set of its own, whole for its schools, whose ``collectiondate`` is filled.
    """
    register = authority.registers[census.absence_year]
    rows = _write_set(folder / census.name, census.name, authority, identities, census, register, None)
    again = resubmitting_schools(authority, census)
    if len(again):
        name = f"{census.name}_resubmitted"
        _write_set(folder / name, name, authority, identities, census, resubmitted(register), again)
    return rows


def _write_set(
    folder: Path,
    name: str,
    authority: Authority,
    identities: Identities,
    census: Census,
    register: Register,
    only: np.ndarray | None,
) -> dict[str, int]:
    on, off = roll_rows(authority, census, only)
    schools = np.arange(len(authority.schools)) if only is None else only
    salt = (
        census.year * 10 + ("spring", "summer", "autumn").index(census.term) + (0 if only is None else 50_000)
    )
    tables: dict[str, dict[str, Any]] = _school_tables(
        authority, census, schools, salt, again=only is not None
    )
    tables["pupilonroll"] = _pupils_on_roll(authority, identities, census, on, register, salt)
    tables["pupilnolongeronroll"] = _pupils_off_roll(authority, identities, census, off, register, salt)
    write_sessions(tables, authority, census, register, (on, off), salt)
    write_events(tables, authority, census, (on, off), salt)
    return {
        table: write_csv(folder / f"{name}_{table}.csv", columns)
        for table, columns in tables.items()
        if columns
    }


def native_ids(authority: Authority, school: np.ndarray) -> pa.Array:
    """School identifiers: the authority's number and the establishment's."""
    return coded([f"{par.LA}{estab}" for estab in authority.schools.estab], school)


def _school_tables(
    authority: Authority, census: Census, schools: np.ndarray, salt: int, *, again: bool
) -> dict[str, dict[str, Any]]:
    s, n = authority.schools, len(schools)
    keys = {"schoolcensustableid": hexes(schools + 1, salt), "NativeId": native_ids(authority, schools)}
    order = repeated("1", n)
    collected = repeated(one_date(census.day + 40, "collect"), n) if again else blanks(n)
    header = {
        **keys, "schoolcensusorderseqcolumn": order, "sourceid": hexes(schools + 1, 7),
        "collection": repeated("SC", n), "term": repeated(census.code, n), "year": repeated(str(census.year), n),
        "referencedate": repeated(one_date(census.day, "collect"), n), "lea": repeated(str(par.LA), n),
        "estab": coded([str(e) for e in s.estab], schools), "urn": coded([str(u) for u in s.urn], schools),
        "collectiondate": collected,
    }  # fmt: skip
    school = {
        "schooltableid": hexes(schools + 1, salt + 3), **keys, "schoolorderseqcolumn": order,
        "sourceid": hexes(schools + 1, 7), "schoolname": coded(s.name, schools),
        "phase": coded(PHASE_CODES, s.phase[schools]), "urn": coded([str(u) for u in s.urn], schools),
    }  # fmt: skip
    return {"schoolcensus": header, "school": school}


def _who(
    authority: Authority, identities: Identities, census: Census, rows: RollRows, kind: str, salt: int
) -> dict[str, Any]:
    import pyarrow as pa

    pupils, n = authority.pupils, len(rows.pupil)
    former = identities.former_on(census.day, rows.pupil)
    sex = "sex" if census.at_least(2023, "autumn") else "gender"
    return {
        f"{kind}tableid": hexes(rows.spell, salt),
        "NativeId": native_ids(authority, rows.school),
        "dob": dates(pupils.birth[rows.pupil]),
        "surname": identities.surnames(rows.pupil),
        "forename": identities.forenames(rows.pupil),
        "middlenames": blanks(n), "preferredsurname": identities.surnames(rows.pupil), "formersurname": blanks(n),
        "upn": pa.array(identities.upn_on(census.day, rows.pupil), pa.string()),
        "formerupn": pa.array(former, pa.string(), mask=former == ""),
        "uniquelearnernumber": blanks(n),
        sex: coded(("F", "M"), pupils.boy[rows.pupil].astype(np.int64)),
        "entrydate": dates(authority.rolls.start[rows.spell]),
    }  # fmt: skip


def _where(rows: RollRows, kind: str, salt: int) -> dict[str, Any]:
    return {
        f"{kind}orderseqcolumn": repeated("1", len(rows.pupil)),
        "sourceid": hexes(rows.school + 1, 7),
        "schoolcensustableid": hexes(rows.school + 1, salt),
    }


def _pupils_on_roll(
    authority: Authority,
    identities: Identities,
    census: Census,
    rows: RollRows,
    register: Register,
    salt: int,
) -> dict[str, Any]:
    pupils, n = authority.pupils, len(rows.pupil)
    false, spring = repeated("False", n), census.term == "spring"
    columns = {
        **_who(authority, identities, census, rows, "pupilonroll", salt), **_where(rows, "pupilonroll", salt),
        "schoollunchtaken": repeated("True", n), "parttime": false, "topupfunding": false, "unitcontacttime": blanks(n),
        **_sessions_possible(authority, census, rows, register),
        "senunitindicator": false, "resourcedprovisionindicator": false, "fundedhours": blanks(n),
        ("eligibilitycode" if census.at_least(2024, "autumn") else "thirtyhourcode"): blanks(n),
        "servicechild": repeated("N", n), "language": coded(_LANGUAGE, pupils.ethnicity[rows.pupil]),
        "classtype": repeated("O", n), "enrolstatus": coded(_STATUS, rows.status), "boarder": repeated("N", n),
        "plaa": repeated("N", n), "senprovision": coded(_SEN, pupils.sen[rows.pupil]),
        "ncyearactual": coded(_YEARS, np.clip(rows.group, 0, 11)),
    }  # fmt: skip
    if spring:
        columns["ethnicity"] = coded(_ETHNICITY, pupils.ethnicity[rows.pupil])
        if census.year >= 2023:
            carer = np.where((rows.pupil * 37) % 211 == 0, 1, 0)
            columns["youngcarer"] = coded(("N", "P"), carer)
    return columns


def _pupils_off_roll(
    authority: Authority,
    identities: Identities,
    census: Census,
    rows: RollRows,
    register: Register,
    salt: int,
) -> dict[str, Any]:
    pupils, n = authority.pupils, len(rows.pupil)
    columns = {
        **_who(authority, identities, census, rows, "pupilnolongeronroll", salt),
        "leavingdate": dates(authority.rolls.end[rows.spell]), **_where(rows, "pupilnolongeronroll", salt),
        "parttime": repeated("False", n), **_sessions_possible(authority, census, rows, register),
        "boarder": repeated("N", n), "language": coded(_LANGUAGE, pupils.ethnicity[rows.pupil]),
    }  # fmt: skip
    if census.term == "spring":
        columns["ethnicity"] = coded(_ETHNICITY, pupils.ethnicity[rows.pupil])
    if census.term == "autumn":
        left = np.clip(pupils.year_group(census.absence_year)[rows.pupil], 0, 11)
        columns["ncyearleaving"] = coded(_YEARS, left)
    return columns


def _sessions_possible(
    authority: Authority, census: Census, rows: RollRows, register: Register
) -> dict[str, Any]:
    """Possible sessions of the terms the census carries and, to the end of 2024, the totals that were returned then."""
    columns: dict[str, Any] = {}
    prefixes = ("termlysessions", "summerhalfterm2sessions")
    for prefix, term in zip(prefixes, census.absence_terms, strict=False):
        possible, authorised, unauthorised = _totals(authority, rows, register, term)
        blank = possible <= 0
        columns[f"{prefix}possible"] = numbers(possible, blank=blank)
        if census.year <= 2024:
            columns[f"{prefix}authorised"] = numbers(authorised, blank=blank)
            columns[f"{prefix}unauthorised"] = numbers(unauthorised, blank=blank)
    if census.term != "autumn" and census.year <= 2024:
        extra = ("educational", "exceptional", *(("coronavirus",) if census.year <= 2022 else ()))
        columns.update({f"termlysessions{name}": blanks(len(rows.pupil)) for name in extra})
    return columns


def _totals(authority: Authority, rows: RollRows, register: Register, term: int) -> list[np.ndarray]:
    at = np.flatnonzero(register.term == term)
    place = rows.place_of(len(authority.rolls.pupil))[register.spell[at]]
    found = []
    for counts in (
        register.possible[at],
        register.counts[at][:, AUTHORISED].sum(1),
        register.counts[at][:, UNAUTHORISED].sum(1),
    ):
        column = np.zeros(len(rows.pupil), np.int64)
        column[place[place >= 0]] = counts[place >= 0]
        found.append(column)
    return found
