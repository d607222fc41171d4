"""Writes the alternative provision census: placements the authority funds, one record a child each January."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import parameters as par
from .columns import blanks, coded, dates, one_date, repeated, write_csv
from .event_files import numbers_text
from .identity import Identities
from .life import Authority
from .social_care_rows import unjoinable
from .terms import census_day

_REASONS = ("ASP", "EHC", "EHC", "EHC", "EHC", "MHN", "OTH", "PEX")
_SETTINGS = ("NFE", "OOT", "OTH", "WBP")
_ETHNICITY = ("WBRI", "WOTH", "APKN", "BAFR", "AIND", "MOTH", "MWBC", "OOTH", "ABAN", "REFU")


def write_ap_census(folder: Path, authority: Authority, identities: Identities) -> dict[str, int]:
    """Write one file for each January after the first autumn; gives records by file."""
    return {
        f"ap_census/AP_{year}": _write_year(folder, authority, identities, year)
        for year in range(authority.first + 1, authority.last + 2)
    }


def _latest_placements(authority: Authority, day: int) -> np.ndarray:
    """The current or last placement of each child in the year before the census day."""
    spells = authority.la_funded
    at = np.flatnonzero((spells.start <= day) & (spells.end >= day - 365))
    at = at[np.lexsort((spells.start[at], spells.pupil[at]))]
    last = np.ones(len(at), bool)
    last[:-1] = spells.pupil[at][1:] != spells.pupil[at][:-1]
    return at[last]


def _write_year(folder: Path, authority: Authority, identities: Identities, year: int) -> int:
    import pyarrow as pa

    day, spells, people = census_day("spring", year), authority.la_funded, authority.pupils
    at = _latest_placements(authority, day)
    pupil, n = spells.pupil[at], len(at)
    upn = np.where(unjoinable(pupil), "UN3", identities.upn_on(day, pupil))
    registered = pupil % 2 == 0
    columns = {
        "upn": pa.array(upn, pa.string()), "uniquelearnernumber": blanks(n),
        "surname": identities.surnames(pupil), "forename": identities.forenames(pupil),
        "dob": dates(people.birth[pupil], "iso"), "sex": coded(("F", "M"), people.boy[pupil].astype(np.int64)),
        "ethnicity": coded(_ETHNICITY, people.ethnicity[pupil]),
        "senprovision": coded(("N", "K", "E"), people.sen[pupil]),
        "fsm": coded(("false", "true"), authority.fsm.open_on(day, len(people))[pupil].astype(np.int64)),
        "urn": numbers_text(900_700 + pupil % 12, ~registered), "ukprn": blanks(n),
        "apsettingtype": coded(_SETTINGS, pupil % 4, blank=registered),
        "placementreason": coded(_REASONS, spells.mark[at]),
        "apattendancepattern": coded(("PT", "FT"), (pupil % 3 > 0).astype(np.int64)),
        "apsessionsperweek": coded(("4", "10", "10"), pupil % 3),
        "entrydate": dates(spells.start[at], "iso"),
        "leavingdate": dates(spells.end[at], "iso", blank=spells.end[at] > day),
        "la": repeated(str(par.LA), n), "year": repeated(str(year), n),
        "referencedate": repeated(one_date(day, "iso"), n),
    }  # fmt: skip
    return write_csv(folder / f"AP_{year}.csv", columns)
