"""Who is on no roll here, and that the records do not say where the child is."""

from __future__ import annotations

from typing import Any

import pytest
from made_tables import ALL_RETURNS, Rows, made_tables
from small_authority import AS_OF, Authority, pupil

from absence_risk.features.words import BANNED_WORDS
from absence_risk.support_list.off_roll import NOT_STATED, WHY, off_roll_list

SCHOOLS = {"s1": "Hill Top", "s2": "Brook Lane"}


def entry(pupil_id: str, year: int, term: str, **more: Any) -> dict[str, Any]:
    stated = {"school_id": "s1", "on_roll": True, "year_group": 5, "enrol_status": "C"}
    return {"pupil_id": pupil_id, "academic_year": year, "census_term": term, **stated, **more}


def enrolled(pupil_id: str, end: str | None, **more: Any) -> dict[str, Any]:
    return {"pupil_id": pupil_id, "school_id": "s1", "start_date": "2023-09-01", "end_date": end, **more}


PUPILS = [
    entry("here", 2025, "summer"),
    entry("here", 2026, "autumn", year_group=6),
    entry("gone", 2025, "autumn", school_id="s2", year_group=4),
    entry("gone", 2025, "summer"),
    entry("leaver", 2026, "autumn", on_roll=False, year_group=7),
    entry("undated", 2025, "summer", year_group=0),
    entry("open still", 2025, "spring", year_group=None, birth_month="2015-10-01"),
    entry("nursery", 2025, "summer", year_group=None, birth_month="2022-10-01"),
    entry("year 11", 2025, "summer", year_group=11),
    entry("aged 16", 2025, "summer", year_group=None, birth_month="2010-08-01"),
    entry("dual", 2025, "summer", enrol_status="S", school_id="s1", year_group=9),
    entry("dual", 2025, "summer", enrol_status="M", school_id="s2", year_group=9),
    entry("asked", 2025, "summer"),
]
ENROLMENTS = [
    enrolled("gone", "2026-07-21"),
    enrolled("gone", "2025-12-19", school_id="s2"),
    enrolled("leaver", "2026-09-15"),
    enrolled("open still", None),
    enrolled("dual", "2026-11-01"),
    enrolled("asked", "2026-07-21"),
]


def tables_of(pupils: Rows = PUPILS, enrolments: Rows = ENROLMENTS) -> Any:
    return made_tables(pupils=pupils, enrolments=enrolments, returns=ALL_RETURNS)


def test_those_of_compulsory_age_on_no_roll_are_named_with_their_last_school_and_day() -> None:
    found = off_roll_list(tables_of(), AS_OF, {"asked"}, SCHOOLS, 10)
    by_ref = {ref: one for one, ref in found.own_refs.items()}
    said = {by_ref[r.review_ref]: (r.last_school, r.year_group, r.last_on_roll) for r in found.rows}
    assert said == {
        "gone": ("Hill Top", "5", "21 July 2026"),
        "leaver": ("Hill Top", "7", "15 September 2026"),
        "undated": ("Hill Top", "Reception", NOT_STATED),
        "open still": ("Hill Top", NOT_STATED, NOT_STATED),
        # An end after the as-of date is not yet known to have come true.
        "dual": ("Brook Lane", "9", NOT_STATED),
    }
    assert found.total == 5 and {r.reason for r in found.rows} == {WHY}


@pytest.mark.parametrize(
    ("limit", "named"),
    [(0, set()), (3, {"dual", "open still", "undated"}), (4, {"dual", "open still", "undated", "leaver"})],
)
def test_of_more_than_can_be_looked_at_those_with_no_last_day_come_first_then_the_latest(
    limit: int, named: set[str]
) -> None:
    found = off_roll_list(tables_of(), AS_OF, {"asked"}, SCHOOLS, limit)
    assert set(found.own_refs) == named and len(found.rows) == limit and found.total == 5


def test_the_order_of_rows_changes_nothing() -> None:
    one = off_roll_list(tables_of(), AS_OF, (), SCHOOLS, 4)
    assert off_roll_list(tables_of(PUPILS[::-1], ENROLMENTS[::-1]), AS_OF, (), SCHOOLS, 4) == one


def test_the_small_authority_has_four(authority: Authority) -> None:
    found = off_roll_list(authority.store.tables(), AS_OF, (), {}, 10)
    assert set(found.own_refs) == {pupil(n) for n in range(4)}
    assert found.total == 4 and {r.last_on_roll for r in found.rows} == {NOT_STATED}
    none = off_roll_list(authority.store.tables(), AS_OF, set(found.own_refs), {}, 10)
    assert (none.rows, none.total, none.own_refs) == ((), 0, {})


def test_the_reason_says_that_the_records_are_silent_and_blames_nobody() -> None:
    assert "do not say where the child is" in WHY
    assert not [word for word in BANNED_WORDS if word in WHY.lower()]
