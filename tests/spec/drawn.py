"""Canonical tables drawn as text, so that a definition and its expected values are read side by side.

Columns stand between bars; a blank cell is missing. Dates are written 2026-10-31, and become day numbers. A column
that is not drawn takes the default below, so that a table shows only what matters to it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from absence_risk.domain.academic_year import day_number
from absence_risk.features.build import placed_cohort
from absence_risk.features.coverage import coverage_on
from absence_risk.features.known import AsOf
from absence_risk.store import connect
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import to_pandas
from absence_risk.tables.schema import Type

ENGINES = ("pandas", "duckdb")
AS_OF = date(2026, 10, 31)

DEFAULTS = {
    "school_id": "s1",
    "known_from": "2000-01-01",
    "census_term": "autumn",
    "on_roll": "yes",
    "year_group": "8",
    "enrol_status": "C",
    "is_ap": "no",
    "has_reasons": "yes",
    "exceeds_possible": "no",
    "records": "1",
    "reference_date": "2000-01-01",
    "covers_from": "2000-01-01",
    "covers_to": "2000-01-01",
}

#: Every return that the feature year 2025/26 and the three before it need, known in time.
ALL_RETURNS = "\n".join(
    ["kind | year | term"]
    + [f"school_census | {y} | {t}" for y in range(2022, 2027) for t in ("autumn", "spring", "summer")]
    + [f"{kind} | 2026 |" for kind in ("cin_census", "ssda903", "ap_census")]
)

_PANDAS = {
    Type.TEXT: "string", Type.INTEGER: "Int64", Type.DATE: "Int64", Type.BOOLEAN: "boolean", Type.NUMBER: "Float64",
}  # fmt: skip


def cells(text: str) -> list[dict[str, str]]:
    """Rows of a drawn table, by column name."""
    lines = [line for line in text.strip().splitlines() if line.strip(" -|+")]
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _value(text: str, kind: Type) -> Any:
    if text == "":
        return None
    if kind is Type.DATE:
        return day_number(date.fromisoformat(text))
    if kind is Type.BOOLEAN:
        return {"yes": True, "no": False}[text]
    return int(text) if kind is Type.INTEGER else text


def table(name: str, text: str = "") -> pd.DataFrame:
    """A canonical table from a drawn one; ``pupil`` stands for pupil_id."""
    declared = CANONICAL_TABLES[name].columns
    rows = cells(text) if text.strip() else []
    drawn = [{("pupil_id" if k == "pupil" else k): v for k, v in row.items()} for row in rows]
    unknown = {k for row in drawn for k in row} - {c.name for c in declared}
    assert not unknown, f"{name} has no column {unknown}"
    columns = {
        c.name: [_value(row.get(c.name, DEFAULTS.get(c.name, "")), c.type) for row in drawn] for c in declared
    }
    return pd.DataFrame(columns).astype({c.name: _PANDAS[c.type] for c in declared})


def authority(**drawn: str) -> dict[str, pd.DataFrame]:
    """Every canonical table as pandas; those not drawn are empty, and every return is held."""
    drawn = {"returns": ALL_RETURNS} | drawn
    return {name: table(name, drawn.get(name, "")) for name in CANONICAL_TABLES}


def on_engine(tables: dict[str, pd.DataFrame], engine: str) -> dict[str, Any]:
    """The tables as one engine holds them: pandas frames, or DuckDB relations as the store gives them."""
    if engine == "pandas":
        return dict(tables)
    con = connect()
    relations = {}
    for name, frame in tables.items():
        con.register("drawn_frame", frame)
        columns = ", ".join(
            f'CAST("{c.name}" AS {"INTEGER" if c.type is Type.DATE else c.type.value}) AS "{c.name}"'
            for c in CANONICAL_TABLES[name].columns
        )
        con.execute(f'CREATE TABLE "{name}" AS SELECT {columns} FROM drawn_frame')
        con.unregister("drawn_frame")
        relations[name] = con.sql(f'SELECT * FROM "{name}"')
    return relations


def cohort(text: str) -> pd.DataFrame:
    """A cohort drawn as ``pupil`` and, where it matters, ``school_id`` and ``year_group``."""
    rows = cells(text)
    return pd.DataFrame(
        {
            "pupil_id": [row["pupil"] for row in rows],
            "school_id": [row.get("school_id", "s1") for row in rows],
            "year_group": [int(row.get("year_group", "8")) for row in rows],
            "academic_year": 2025,
        }
    )


def room(
    build: Callable[..., Any], tables: dict[str, Any], pupils: pd.DataFrame, as_of: date = AS_OF
) -> pd.DataFrame:
    """What one room builds: ``build(placed, tables, moment, coverage)`` gives a lazy frame or several."""
    moment = AsOf(as_of)
    built = build(placed_cohort(tables, pupils, moment), tables, moment, coverage_on(tables, moment))
    parts = [to_pandas(part) for part in (built if isinstance(built, list) else [built])]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.merge(part, on="pupil_id", validate="one_to_one")
    return whole


def _number(text: str) -> float | None:
    if text == "":
        return None
    top, _, bottom = text.partition("/")
    return int(top) / int(bottom) if bottom else float(text)


def assert_drawn(found: pd.DataFrame, expected: str) -> None:
    """The found rows are exactly those drawn, and equal on the drawn columns; ``3/200`` is a share."""
    rows = {row.pop("pupil"): {k: _number(v) for k, v in row.items()} for row in cells(expected)}
    by_pupil = found.astype({"pupil_id": "str"}).set_index("pupil_id")
    assert sorted(by_pupil.index) == sorted(rows)
    names = list(next(iter(rows.values())))
    numbers = {n: by_pupil[n].to_numpy(dtype="float64", na_value=float("nan")) for n in names}
    values = pd.DataFrame(numbers, index=by_pupil.index)
    got = {p: {n: None if pd.isna(v := values.loc[p, n]) else float(v) for n in names} for p in rows}
    assert got == rows
