"""A small made-up set of canonical tables with late corrections, for laws that hold whatever the values."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from drawn import table

from absence_risk.domain.academic_year import day_number
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.schema import Type

YEARS = range(2022, 2026)
CODES = ("O", "G", "N", "U", "L", "I", "M", "C", "/", "zz")


def census_days(year: int) -> tuple[tuple[str, int, int], ...]:
    """Term of the census, its calendar year, and its day, for the censuses of one academic year."""
    return (
        ("autumn", year, day_number(date(year, 10, 5))),
        ("spring", year + 1, day_number(date(year + 1, 1, 19))),
        ("summer", year + 1, day_number(date(year + 1, 5, 18))),
    )


def returns() -> pd.DataFrame:
    rows = [("school_census", y, t, day) for year in range(2022, 2027) for t, y, day in census_days(year)]
    rows = [row for row in rows if row[1] <= 2026]
    for kind in ("cin_census", "ssda903", "ap_census"):
        rows += [(kind, year, None, day_number(date(year, 3, 31))) for year in range(2023, 2027)]
    frame = pd.DataFrame(rows, columns=["kind", "year", "term", "known_from"])
    dated = frame.assign(
        reference_date=frame["known_from"], covers_from=frame["known_from"], covers_to=frame["known_from"]
    )
    return _typed("returns", dated.assign(schools=1, records=1))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    empty = table(name)
    whole = frame.reindex(columns=list(empty.columns))
    return whole.astype(empty.dtypes.to_dict())


def _versions(
    name: str, frame: pd.DataFrame, rng: np.random.Generator, changed: dict[str, np.ndarray]
) -> pd.DataFrame:
    """A third of the facts are corrected by a later return, from its own date."""
    again = rng.random(len(frame)) < 1 / 3
    later = frame["known_from"] + rng.integers(30, 500, len(frame))
    first = frame.assign(superseded_from=pd.array(np.where(again, later, 0), dtype="Int64"))
    first.loc[~again, "superseded_from"] = pd.NA
    second = frame.assign(known_from=later, superseded_from=pd.NA, **changed)[again]
    return _typed(name, pd.concat([first, second], ignore_index=True))


def _spells(
    name: str, n: int, pupils: np.ndarray, rng: np.random.Generator, **more: np.ndarray
) -> pd.DataFrame:
    start = rng.integers(day_number(date(2021, 6, 1)), day_number(date(2026, 12, 1)), n)
    frame = pd.DataFrame(
        {
            "pupil_id": rng.choice(pupils, n),
            **more,
            "start_date": start,
            "known_from": start + rng.integers(0, 300, n),
        }
    )
    ended = pd.array(start + rng.integers(-20, 900, n), dtype="Int64")
    ended[rng.random(n) < 0.3] = pd.NA
    return _versions(name, frame, rng, {"end_date": ended})


def authority(pupils: int = 60, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Every canonical table for a few pupils and four schools, with versions known before and after any date."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"{i:032x}" for i in rng.permutation(pupils * 3)[:pupils]])
    schools = np.array(["s1", "s2", "s3", "pru"])
    tables = {name: table(name) for name in CANONICAL_TABLES}
    care = rng.choice(["cin", "cp_plan", "looked_after", "cin_plan"], pupils * 3)
    placed = rng.choice(["ap_school", "school_arranged", "la_funded"], pupils * 2)
    where = {
        "school_id": rng.choice(schools, pupils * 2),
        "enrol_status": rng.choice(["C", "M", "S"], pupils * 2),
    }
    held = pd.DataFrame({"school_id": schools, "is_ap": schools == "pru", "known_from": 0})
    return tables | {
        "returns": returns(),
        "schools": _typed("schools", held),
        "pupils": _pupils(ids, schools, rng),
        "enrolments": _spells("enrolments", pupils * 2, ids, rng, **where),
        "suspensions": _suspensions(ids, schools, rng),
        "social_care": _spells("social_care", pupils * 3, ids, rng, kind=care),
        "alternative_provision": _spells("alternative_provision", pupils * 2, ids, rng, kind=placed),
        "fsm": _spells("fsm", pupils, ids, rng),
        **_attendance(ids, schools, rng),
    }


def _pupils(ids: np.ndarray, schools: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    first = rng.integers(-1, 11, len(ids))
    parts = []
    for year in range(2022, 2027):
        for term, _, day in census_days(year):
            here = rng.random(len(ids)) < 0.9
            group = np.clip(first + year - 2022, 0, 14)
            row = {
                "pupil_id": ids,
                "school_id": rng.choice(schools, len(ids)),
                "academic_year": year,
                "census_term": term,
            }
            known = {"on_roll": rng.random(len(ids)) < 0.9, "year_group": group, "known_from": day}
            parts.append(
                pd.DataFrame(row | known | {"enrol_status": rng.choice(["C", "M", "S"], len(ids))})[here]
            )
    frame = pd.concat(parts, ignore_index=True)
    return _versions("pupils", frame, rng, {"year_group": frame["year_group"].to_numpy()})


def _suspensions(ids: np.ndarray, schools: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    n = len(ids)
    start = rng.integers(day_number(date(2021, 9, 1)), day_number(date(2026, 12, 1)), n)
    frame = pd.DataFrame(
        {"pupil_id": rng.choice(ids, n), "school_id": rng.choice(schools, n), "start_date": start}
    )
    frame = frame.assign(
        category=rng.choice(["SUSP", "LNCH", "PERM"], n),
        sessions=rng.integers(1, 9, n),
        known_from=start + rng.integers(0, 200, n),
    )
    return _versions("suspensions", frame, rng, {"sessions": rng.integers(1, 9, n)})


def _attendance(ids: np.ndarray, schools: np.ndarray, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    keys = [
        (p, y, t)
        for p in ids
        for y in YEARS
        for t in ("autumn", "spring", "summer_1", "summer_2")
        if rng.random() < 0.8
    ]
    frame = pd.DataFrame(keys, columns=["pupil_id", "academic_year", "term"])
    n = len(frame)
    known = [day_number(date(y + 1, {"autumn": 1, "spring": 5}.get(t, 10), 5)) for _, y, t in keys]
    frame = frame.assign(school_id=rng.choice(schools, n), known_from=known)
    terms = frame.assign(
        sessions_possible=rng.integers(0, 130, n),
        has_reasons=rng.random(n) < 0.9,
        exceeds_possible=rng.random(n) < 0.02,
    )
    terms = terms.assign(
        sessions_authorised=rng.integers(0, 9, n), sessions_unauthorised=rng.integers(0, 9, n)
    )
    codes = pd.concat(
        [
            frame.assign(reason_code=code, sessions=rng.integers(0, 12, n))[rng.random(n) < 0.4]
            for code in CODES
        ],
        ignore_index=True,
    )
    return {
        "attendance_terms": _versions(
            "attendance_terms", terms, rng, {"sessions_possible": rng.integers(0, 130, n)}
        ),
        "attendance": _versions("attendance", codes, rng, {"sessions": rng.integers(0, 12, len(codes))}),
    }


def cut_at(tables: dict[str, pd.DataFrame], day: int) -> dict[str, pd.DataFrame]:
    """What the tables would have been on a day: nothing known later, nothing yet replaced that was replaced later."""
    cut = {}
    for name, frame in tables.items():
        held = frame[frame["known_from"] <= day].reset_index(drop=True)
        if "superseded_from" in held:
            replaced = held["superseded_from"]
            held = held.assign(superseded_from=replaced.mask((replaced > day).fillna(False)))
        cut[name] = held
    return cut


def poisoned_after(
    tables: dict[str, pd.DataFrame], day: int, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """The same tables with every number of every row known after a day scrambled, and its pupils exchanged."""
    poisoned = {}
    for name, frame in tables.items():
        late = (frame["known_from"] > day).to_numpy(dtype=bool)
        spoiled = frame.copy()
        for column in CANONICAL_TABLES[name].columns:
            if (
                column.name in ("known_from", "superseded_from")
                or column.type is Type.BOOLEAN
                or not late.any()
            ):
                continue
            spoiled.loc[late, column.name] = rng.permutation(
                frame.loc[late, column.name].to_numpy(dtype=object)
            )
        poisoned[name] = spoiled.astype(frame.dtypes.to_dict())
    return poisoned


def shuffled(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The same rows in another order."""
    return {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in tables.items()
    }
