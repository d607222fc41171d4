"""What is read of the listed pupils: as known on the as-of date, each fact once, nothing of anybody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_tables import ALL_RETURNS, Rows, made_tables
from one_pupil import AS_OF, attended, day, entry, meals, on_roll, spell, suspension
from small_authority import Authority, pupil

from absence_risk.domain.academic_year import day_number
from absence_risk.support_list.cards.gathered import gather
from absence_risk.support_list.cards.records import Gathered, Records, Suspension

SOURCES = [{"kind": "cin_census", "latest": "2026-03-31"}, {"kind": "ssda903", "latest": None}]
LATER = "2026-11-01"


def _gather(early_help: Any = None, **rows: Rows) -> Gathered:
    of_p = {name: [{"pupil_id": "p", **row} for row in found] for name, found in rows.items()}
    tables = made_tables(returns=ALL_RETURNS, **of_p)
    return gather(
        tables, ["p", "other"], AS_OF.date, SOURCES, {"s1": "Hill Top School"}, early_help=early_help
    )


def _records(**rows: Rows) -> Records:
    return _gather(**rows).records["p"]


def test_a_pupil_of_whom_nothing_is_held_has_empty_records() -> None:
    gathered = _gather(fsm=[{"start_date": "2024-09-01"}])
    assert gathered.records["other"] == Records()
    assert gathered.records["p"].meals == (meals("2024-09-01"),)


def test_spells_are_open_until_an_end_is_known_and_unsound_ones_are_not_used() -> None:
    care = [
        {"kind": "cin", "start_date": "2026-01-05", "superseded_from": LATER},
        {"kind": "cin", "start_date": "2026-01-05", "end_date": "2026-05-01", "known_from": LATER},
        {"kind": "cp_plan", "start_date": "2026-01-05", "end_date": "2026-11-02"},
        {"kind": "cin_plan", "start_date": "2026-01-05", "end_date": "2026-01-04"},
        {"kind": "looked_after", "start_date": "2026-11-01"},
        {
            "kind": "looked_after",
            "start_date": "2021-01-05",
            "end_date": "2021-06-01",
            "superseded_from": "2026-10-31",
        },
        {
            "kind": "looked_after",
            "start_date": "2021-01-05",
            "end_date": "2021-07-01",
            "known_from": "2026-10-31",
        },
    ]
    placed = [
        {
            "kind": "la_funded",
            "start_date": "2026-02-01",
            "pattern": "PT",
            "sessions_per_week": 5,
            "setting": "X",
        }
    ]
    assert set(_records(social_care=care, alternative_provision=placed).spells) == {
        spell("cin", "2026-01-05"),
        spell("cp_plan", "2026-01-05"),
        spell("looked_after", "2021-01-05", "2021-07-01"),
        spell("la_funded", "2026-02-01", pattern="PT", sessions_per_week=5),
    }


def test_a_suspension_that_several_returns_carry_is_one_and_an_unstated_length_stays_unstated() -> None:
    row = {"school_id": "s1", "start_date": "2026-03-02", "category": "SUSP"}
    rows = [
        {**row, "sessions": 2},
        {**row, "sessions": 4},
        {**row},
        {**row, "category": "PERM"},
        {**row, "school_id": "s2"},
        {**row, "start_date": "2026-03-03", "known_from": LATER},
        {**row, "start_date": "2026-11-01"},
    ]
    assert _records(suspensions=rows).suspensions == (
        suspension("2026-03-02", None, "PERM"),
        suspension("2026-03-02", 4),
        Suspension(day("2026-03-02"), "SUSP", "s2", None),
    )


def test_enrolments_keep_school_end_and_status() -> None:
    rows = [
        {"school_id": "s2", "start_date": "2021-09-01", "end_date": "2024-07-19", "enrol_status": "C"},
        {"school_id": "s1", "start_date": "2024-09-02", "end_date": "2026-11-20"},
    ]
    assert set(_records(enrolments=rows).enrolments) == {
        on_roll("2021-09-01", "2024-07-19", "s2"),
        on_roll("2024-09-02", status=None),
    }


def test_needs_and_caring_come_from_the_autumn_census_after_the_feature_year() -> None:
    autumn = {
        "school_id": "s1",
        "academic_year": 2026,
        "census_term": "autumn",
        "on_roll": True,
        "year_group": 8,
    }
    rows = [
        {**autumn, "sen": "K", "young_carer": "P"},
        {**autumn, "sen": "E", "on_roll": False, "school_id": "s2"},
        {**autumn, "sen": "E", "academic_year": 2025},
        {**autumn, "sen": "E", "known_from": LATER, "school_id": "s3"},
    ]
    assert _records(pupils=rows).entries == (entry("K", "P", 8),)


def test_sessions_are_those_of_three_years_and_a_later_correction_is_not_seen() -> None:
    key = {"school_id": "s1", "term": "autumn"}
    term = {**key, "sessions_possible": 100, "has_reasons": True, "exceeds_possible": False}
    code = {**key, "academic_year": 2025, "reason_code": "O", "sessions": 9}
    codes = [
        {**code, "superseded_from": LATER},
        {**code, "sessions": 1, "known_from": LATER},
        {**code, "reason_code": "U", "sessions": 2},
        {**code, "reason_code": "C2", "sessions": 7},
        {**code, "reason_code": "C2", "sessions": 30, "academic_year": 2024},
    ]
    records = _records(
        attendance_terms=[{**term, "academic_year": y} for y in range(2022, 2027)], attendance=codes
    )
    assert [row.year for row in records.sessions] == [2023, 2024, 2025]
    assert records.sessions[-1] == attended(2025, "autumn", unauthorised=11, late=2, absent=18)
    assert records.part_time_sessions == 7


@pytest.mark.parametrize(
    ("given", "held", "opened"),
    [
        (None, False, False),
        ({}, True, False),
        ({"p": None}, True, True),
        ({"p": date(2026, 10, 31)}, True, True),
        ({"p": date(2026, 11, 1)}, True, False),
    ],
)
def test_early_help_is_held_only_where_a_file_was_given(given: Any, held: bool, opened: bool) -> None:
    gathered = _gather(early_help=given)
    assert (gathered.early_help_held, gathered.records["p"].early_help) == (held, opened)
    assert gathered.records["p"].early_help_since == ((given or {}).get("p") if opened else None)


def test_what_is_held_is_known_by_the_date_of_its_return() -> None:
    gathered = _gather()
    assert gathered.held("cin_census") and not gathered.held("ssda903") and not gathered.held("ap_census")
    assert (gathered.school("s1"), gathered.school("s7")) == ("Hill Top School", "School s7")


def _frames(authority: Authority) -> dict[str, pd.DataFrame]:
    return {name: relation.df() for name, relation in authority.store.tables().items()}


def test_order_engine_and_everything_known_later_change_nothing(authority: Authority) -> None:
    listed = [pupil(n) for n in (4, 10, 11, 12, 20, 21, 50, 299)]
    expected = gather(authority.store.tables(), listed, AS_OF.date, SOURCES, {})
    assert sum(len(records.sessions) for records in expected.records.values()) > 20
    rng = np.random.default_rng(5)
    changed = {}
    for name, frame in _frames(authority).items():
        moved = frame.iloc[rng.permutation(len(frame))]
        later = moved.head(200).assign(known_from=day_number(AS_OF.date) + 1)
        if "superseded_from" in frame and len(frame):
            whole = moved.sample(frac=0.3, random_state=1).index
            moved = moved.assign(
                superseded_from=moved["superseded_from"].mask(moved.index.isin(whole), AS_OF.day + 1)
            )
        if "start_date" in later:
            later = later.assign(start_date=later["start_date"] - 7)
        if "sessions" in later:
            later = later.assign(sessions=later["sessions"] + 50)
        changed[name] = pd.concat([moved, later], ignore_index=True)
    found = gather(changed, listed, AS_OF.date, SOURCES, {})
    assert found.records == expected.records
