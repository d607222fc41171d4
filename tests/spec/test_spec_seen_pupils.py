"""Everybody seen, by a plain reading of the rule, pupil by pupil, and lazily on each engine: the same rows."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from typing import Any

import pytest
from drawn import AS_OF, authority, on_engine, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from absence_risk.cohort import seen_pupils, select_cohort
from absence_risk.errors import InputError
from absence_risk.tables.frames import to_pandas

DAYS = {
    (2025, "autumn"): "2025-10-02", (2025, "spring"): "2026-01-15", (2025, "summer"): "2026-05-21",
    (2026, "autumn"): "2026-10-01",
}  # fmt: skip
PUPILS = ("a", "b", "c", "d")

census_rows = st.dictionaries(
    st.tuples(st.sampled_from(PUPILS), st.sampled_from(("s1", "s2", "pru")), st.sampled_from(sorted(DAYS))),
    st.fixed_dictionaries(
        {
            "on_roll": st.booleans(),
            "year_group": st.sampled_from([None, 0, 1, 8, 10, 11, 12]),
            "enrol_status": st.sampled_from([None, "C", "M", "S", "O"]),
            "birth_month": st.sampled_from([None, "2010-08-01", "2010-09-01", "2015-10-01", "2022-01-01"]),
            "late": st.booleans(),
        }
    ),
    min_size=1,
    max_size=14,
)
spells = st.lists(
    st.tuples(st.sampled_from(PUPILS), st.sampled_from([None, "2025-07-20", "2025-09-01"])), max_size=4
)
some = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def plain(rows: dict[Any, dict[str, Any]], ended: list[tuple[str, str | None]]) -> dict[str, tuple[Any, ...]]:
    """The rule, read aloud: (school, year group, reason) of each pupil seen."""
    found = {}
    for pupil in PUPILS:
        mine = [(school, *when, row) for (who, school, when), row in rows.items() if who == pupil]
        mine = [row for row in mine if not row[3]["late"]]
        own = [end for who, end in ended if who == pupil]
        if own and all(end is not None and end < "2025-09-01" for end in own):
            mine = [row for row in mine if row[3]["on_roll"]]
        now = sorted((row for row in mine if row[1] == 2026), key=_place)
        before = [r for _, y, term, r in mine if y == 2025 and (r["on_roll"] or term != "autumn")]
        if now or before:
            found[pupil] = _judged(now[0] if now else None, before)
    return found


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    school, _, _, said = row
    choice = {"C": 0, "M": 0, None: 1}.get(said["enrol_status"], 2)
    return not said["on_roll"], choice, school == "pru", school


def _judged(main: tuple[Any, ...] | None, before: list[dict[str, Any]]) -> tuple[Any, ...]:
    said = main[3] if main else {"on_roll": False, "year_group": None, "birth_month": None}
    group = said["year_group"] if said["on_roll"] else None
    groups = [row["year_group"] for row in before if row["year_group"] is not None]
    last = max(groups) if groups else (None if said["on_roll"] else said["year_group"])
    months = [row["birth_month"] for row in before if row["birth_month"] is not None]
    born = said["birth_month"] or (max(months) if months else None)
    holds = [
        ("year_11_in_feature_year", last == 11),
        ("past_compulsory_age", (group or 0) > 11 or (last or 0) > 11 or (born or "9") < "2010-09-01"),
        ("not_on_roll", not said["on_roll"]),
        ("below_year_1", group == 0 or (group is None and (born or "0") >= "2021-09-01")),
        ("year_group_not_recorded", group is None),
        ("", True),
    ]
    return main[0] if main else None, group, next(reason for reason, held in holds if held)


def tables_of(rows: dict[Any, dict[str, Any]], ended: list[tuple[str, str | None]]) -> dict[str, Any]:
    tables = authority(schools="school_id | is_ap\npru | yes\ns1 | no")
    drawn = "\n".join(
        ["pupil | school_id | academic_year | census_term | on_roll | year_group | enrol_status | birth_month | known_from"]
        + [
            " | ".join(
                [pupil, school, str(year), term, "yes" if row["on_roll"] else "no"]
                + ["" if row[name] is None else str(row[name]) for name in ("year_group", "enrol_status", "birth_month")]
                + ["2026-11-20" if row["late"] else DAYS[year, term]]
            )
            for (pupil, school, (year, term)), row in rows.items()
        ]
    )  # fmt: skip
    spelled = "\n".join(
        ["pupil | school_id | start_date | end_date"]
        + [f"{who} | s{n} | 2020-09-01 | {end or ''}" for n, (who, end) in enumerate(ended)]
    )
    enrolments = table("enrolments", spelled if ended else "")
    return tables | {"pupils": table("pupils", drawn), "enrolments": enrolments}


@some
@given(census_rows, spells)
def test_everybody_seen_is_as_the_rule_reads_on_each_engine(rows, ended) -> None:
    tables, expected = tables_of(rows, ended), plain(rows, ended)
    for engine in ("pandas", "duckdb"):
        seen = to_pandas(seen_pupils(on_engine(tables, engine), AS_OF)).astype(object)
        seen = seen.where(seen.notna(), None)
        found = {
            r["pupil_id"]: (r["school_id"], r["year_group"], r["reason"]) for r in seen.to_dict("records")
        }
        assert len(seen) == len(found)
        assert found == expected


def test_a_part_without_anybody_of_the_census_gives_its_own_pupils_and_no_refusal() -> None:
    said = {"on_roll": True, "year_group": 8, "enrol_status": "C", "birth_month": None, "late": False}
    tables = tables_of({("a", "s1", (2025, "spring")): said}, [])
    assert to_pandas(seen_pupils(tables, AS_OF))["reason"].tolist() == ["not_on_roll"]
    with pytest.raises(InputError, match="the store does not hold it"):
        select_cohort(tables, AS_OF)
