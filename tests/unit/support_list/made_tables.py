"""Canonical tables of a few rows for tests of the list: what a test does not say is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from absence_risk.domain.academic_year import day_number
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.schema import Type

#: Known long before any as-of date, unless a row says otherwise.
LONG_KNOWN = "2020-01-01"

Rows = list[dict[str, Any]]


def made_tables(**rows: Rows) -> dict[str, pd.DataFrame]:
    """Every canonical table, with the rows given; dates are written 2026-10-31 and become day numbers."""
    return {name: _table(name, rows.get(name, [])) for name in CANONICAL_TABLES}


def _table(name: str, rows: Rows) -> pd.DataFrame:
    columns = CANONICAL_TABLES[name].columns
    frame = pd.DataFrame([{"known_from": LONG_KNOWN, **row} for row in rows], dtype=object)
    frame = frame.reindex(columns=[column.name for column in columns])
    for column in columns:
        if column.type is Type.DATE:
            frame[column.name] = [
                None if pd.isna(day) else day_number(date.fromisoformat(day)) for day in frame[column.name]
            ]
    return frame


def returns_of(*kinds: str) -> Rows:
    """One return of each kind, and of the School Census every term of three years up to autumn 2026."""
    census = [
        {"kind": "school_census", "year": year, "term": term}
        for year in range(2023, 2027)
        for term in ("autumn", "spring", "summer")
    ]
    found = [{"kind": kind, "year": 2026} for kind in kinds if kind != "school_census"]
    return [*(census if "school_census" in kinds else []), *found]


ALL_RETURNS = returns_of("school_census", "cin_census", "ssda903", "ap_census")


def attended(
    pupil: str, possible: int, *, year: int = 2025, has_reasons: bool = True, **codes: int
) -> dict[str, Rows]:
    """One term of one pupil: possible sessions, and sessions by register code."""
    key = {"pupil_id": pupil, "school_id": "s1", "academic_year": year, "term": "autumn"}
    term = {**key, "sessions_possible": possible, "has_reasons": has_reasons, "exceeds_possible": False}
    by_code = [{**key, "reason_code": code, "sessions": number} for code, number in codes.items()]
    return {"attendance_terms": [term], "attendance": by_code}


def together(*parts: dict[str, Rows]) -> dict[str, Rows]:
    """The rows of several parts, table by table."""
    whole: dict[str, Rows] = {}
    for part in parts:
        for name, rows in part.items():
            whole.setdefault(name, []).extend(rows)
    return whole
