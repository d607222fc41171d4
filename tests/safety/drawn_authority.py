"""Canonical tables of an invented authority, drawn without returns: another seed is another year of its schools."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.domain.academic_year import day_number
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.schema import Type

AS_OF = date(2026, 10, 31)
PUPILS, SCHOOLS, PRIMARY = 1_500, 16, 11

_TYPES = {
    Type.TEXT: "string", Type.INTEGER: "Int64", Type.DATE: "Int64", Type.BOOLEAN: "boolean", Type.NUMBER: "Float64",
}  # fmt: skip
_TERMS = (("autumn", 140), ("spring", 110), ("summer_1", 100), ("summer_2", 30))


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def _table(name: str, columns: dict[str, Any]) -> pd.DataFrame:
    declared = CANONICAL_TABLES[name].columns
    length = max((len(value) for value in columns.values() if isinstance(value, np.ndarray)), default=0)
    whole = {c.name: columns.get(c.name, pd.NA) for c in declared}
    frame = pd.DataFrame(whole, index=range(length))
    return frame.astype({c.name: _TYPES[c.type] for c in declared})


def _known(term: str, year: int) -> int:
    return {
        "autumn": day(f"{year + 1}-01-15"),
        "spring": day(f"{year + 1}-05-21"),
    }.get(term, day(f"{year + 1}-10-01"))


def drawn_tables(seed: int, *, pupils: int = PUPILS) -> dict[str, pd.DataFrame]:
    """Every canonical table, pandas, dates as day numbers; as of ``AS_OF`` each return is known."""
    rng, of_schools = np.random.default_rng(seed), np.random.default_rng(99)
    group = rng.integers(1, 13, pupils)
    primary = group <= 6
    school = np.where(primary, rng.integers(0, PRIMARY, pupils), rng.integers(PRIMARY, SCHOOLS, pupils))
    ids = np.array([f"{seed:08x}{n:024x}" for n in range(pupils)], dtype=object)
    schools = np.array([f"85040{s:02d}" for s in range(SCHOOLS)], dtype=object)[school]
    level = rng.gamma(0.5, 0.06, pupils) * np.exp(of_schools.normal(0, 0.3, SCHOOLS))[school]
    care = rng.random(pupils) < 0.15
    found = {
        "pupils": _pupils(ids, schools, group),
        "enrolments": _enrolments(rng, ids, schools),
        "schools": _table(
            "schools",
            {
                "school_id": np.unique(schools.astype(str)).astype(object),
                "is_ap": False,
                "known_from": day("2020-10-01"),
            },
        ),
        **_attendance(rng, ids, schools, group, level.clip(0, 0.6)),
        "suspensions": _suspensions(rng, ids, schools, level),
        "social_care": _social_care(rng, ids, care),
        "alternative_provision": _placements(rng, ids),
        "fsm": _meals(rng, ids),
        "returns": _returns(pupils),
        "audit": _table("audit", {}),
    }  # fmt: skip
    return {name: found[name] for name in CANONICAL_TABLES}


def _pupils(ids: Any, schools: Any, group: Any) -> pd.DataFrame:
    rows = []
    censuses = (
        (2025, "autumn", "2025-10-02"),
        (2025, "spring", "2026-01-15"),
        (2025, "summer", "2026-05-21"),
    )
    for year, term, on in (*censuses, (2026, "autumn", "2026-10-01")):
        # Year 12 in autumn 2026 stands for those who have left; in the year before they were in Year 11.
        here = np.ones(len(ids), dtype=bool) if year == 2025 else group < 12
        rows.append(
            _table(
                "pupils",
                {
                    "pupil_id": ids[here],
                    "school_id": schools[here],
                    "academic_year": year,
                    "census_term": term,
                    "on_roll": True,
                    "year_group": group[here] + (year - 2026),
                    "enrol_status": "C",
                    "sen": "N",
                    "known_from": day(on),
                },
            )
        )
    return pd.concat(rows, ignore_index=True)


def _enrolments(rng: Any, ids: Any, schools: Any) -> pd.DataFrame:
    first = {"pupil_id": ids, "school_id": schools, "enrol_status": "C", "known_from": day("2023-10-05")}
    moved = rng.random(len(ids)) < 0.06
    elsewhere = {"pupil_id": ids[moved], "school_id": np.array(["8504099"] * int(moved.sum()), dtype=object)}
    start = np.full(len(ids), day("2023-09-04"))
    start[moved] = rng.integers(day("2024-10-01"), day("2026-07-01"), int(moved.sum()))
    before = {
        **elsewhere,
        "start_date": day("2022-09-05"),
        "end_date": start[moved] - 1,
        "known_from": start[moved],
    }
    known = np.maximum(start, day("2023-10-05"))
    parts = ({**first, "start_date": start, "known_from": known}, {**before, "enrol_status": "C"})
    return pd.concat([_table("enrolments", part) for part in parts], ignore_index=True)


def _attendance(rng: Any, ids: Any, schools: Any, group: Any, level: Any) -> dict[str, pd.DataFrame]:
    terms, reasons = [], []
    for year in (2024, 2025):
        here = np.flatnonzero(group + (year - 2026) >= 1)
        for term, possible in _TERMS:
            key = {
                "pupil_id": ids[here], "school_id": schools[here], "academic_year": year, "term": term,
                "known_from": _known(term, year),
            }  # fmt: skip
            terms.append(
                {**key, "sessions_possible": possible, "has_reasons": True, "exceeds_possible": False}
            )
            shares = {
                "O": level,
                "U": level / 4,
                "G": 0.01,
                "N": 0.004,
                "I": 0.03,
                "M": 0.008,
                "C": 0.006,
                "L": 0.02,
            }
            for code, share in shares.items():
                sessions = rng.binomial(possible, np.broadcast_to(share, len(ids))[here])
                some = sessions > 0
                own = {
                    name: value[some] if isinstance(value, np.ndarray) else value
                    for name, value in key.items()
                }
                reasons.append({**own, "reason_code": code, "sessions": sessions[some]})
    return {
        name: pd.concat([_table(name, part) for part in parts], ignore_index=True)
        for name, parts in (("attendance_terms", terms), ("attendance", reasons))
    }


def _suspensions(rng: Any, ids: Any, schools: Any, level: Any) -> pd.DataFrame:
    parts = []
    for first, share in (("2025-09-08", 0.07), ("2024-09-09", 0.07), ("2023-09-11", 0.06)):
        some = rng.random(len(ids)) < np.minimum(0.9, share * (0.5 + 15 * level))
        begun = day(first) + rng.integers(0, 280, int(some.sum()))
        parts.append(
            {
                "pupil_id": ids[some], "school_id": schools[some], "start_date": begun, "category": "SUSP",
                "sessions": rng.integers(1, 11, int(some.sum())), "known_from": begun + 30,
            }
        )  # fmt: skip
    return pd.concat([_table("suspensions", part) for part in parts], ignore_index=True)


def _social_care(rng: Any, ids: Any, care: Any) -> pd.DataFrame:
    parts = []
    for kind, share, closed in (("cin", 0.5, 0.6), ("cp_plan", 0.2, 0.7), ("looked_after", 0.15, 0.3)):
        some = care & (rng.random(len(ids)) < share)
        start = rng.integers(day("2023-04-01"), day("2025-12-01"), int(some.sum()))
        end = pd.array(start + rng.integers(20, 110, len(start)), dtype="Int64")
        end[rng.random(len(start)) > closed] = pd.NA
        spell = {"pupil_id": ids[some], "kind": kind, "start_date": start, "known_from": day("2026-03-31")}
        parts.append(_table("social_care", spell).assign(end_date=end))
    return pd.concat(parts, ignore_index=True)


def _placements(rng: Any, ids: Any) -> pd.DataFrame:
    parts = []
    for kind, share in (("school_arranged", 0.02), ("la_funded", 0.015)):
        some = rng.random(len(ids)) < share
        start = rng.integers(day("2024-10-01"), day("2026-01-10"), int(some.sum()))
        end = pd.array(start + rng.integers(20, 200, len(start)), dtype="Int64")
        end[rng.random(len(start)) < 0.4] = pd.NA
        placed = {"pupil_id": ids[some], "kind": kind, "start_date": start, "known_from": day("2026-01-15")}
        parts.append(_table("alternative_provision", placed).assign(end_date=end))
    return pd.concat(parts, ignore_index=True)


def _meals(rng: Any, ids: Any) -> pd.DataFrame:
    some = rng.random(len(ids)) < 0.28
    start = rng.integers(day("2019-09-01"), day("2026-05-01"), int(some.sum()))
    end = pd.array(start + rng.integers(200, 900, len(start)), dtype="Int64")
    end[rng.random(len(start)) < 0.8] = pd.NA
    return _table(
        "fsm", {"pupil_id": ids[some], "start_date": start, "known_from": day("2026-05-21")}
    ).assign(end_date=end)


def _returns(pupils: int) -> pd.DataFrame:
    rows = [
        ("school_census", int(on[:4]), term, on, pupils, SCHOOLS)
        for year in range(2022, 2026)
        for term, on in (
            ("autumn", f"{year}-10-02"), ("spring", f"{year + 1}-01-15"), ("summer", f"{year + 1}-05-21"),
        )
    ]  # fmt: skip
    rows.append(("school_census", 2026, "autumn", "2026-10-01", pupils, SCHOOLS))
    for kind, share in (("cin_census", 0.1), ("ssda903", 0.05)):
        rows += [(kind, year, None, f"{year}-03-31", int(pupils * share), None) for year in range(2023, 2027)]
    rows += [
        ("ap_census", year, None, f"{year}-01-15", int(pupils * 0.03), None) for year in range(2023, 2027)
    ]
    kind, year, term, on, records, schools = (list(column) for column in zip(*rows, strict=True))
    days = np.array([day(text) for text in on])
    columns = {
        "kind": np.array(kind, dtype=object), "year": np.array(year), "term": np.array(term, dtype=object),
        "reference_date": days, "covers_from": days - 120, "covers_to": days, "known_from": days,
        "records": np.array(records), "schools": pd.array(schools, dtype="Int64").to_numpy(dtype=object),
    }  # fmt: skip
    return _table("returns", columns)
