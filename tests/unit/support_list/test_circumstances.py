"""What decides who leads, as recorded and known on the day; the integers at their edges; not held is not no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from made_contents import PLAN
from made_tables import ALL_RETURNS, Rows, attended, made_tables, returns_of, together
from small_authority import AS_OF, PUPILS, Authority, pupil

from absence_risk.cohort import select_cohort
from absence_risk.features.build import collect_features
from absence_risk.support_list.circumstances import circumstances, months_before, situation_of
from absence_risk.support_list.plan import SITUATIONS

SITUATION_KEYS = [key for key in SITUATIONS if key != "none"]


def spell(pupil_id: str, kind: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    return {"pupil_id": pupil_id, "kind": kind, "start_date": start, "end_date": end, **more}


LATER = {"known_from": "2026-11-20"}
CARE_KINDS = ("looked_after", "cin", "cin_plan", "cp_plan")
PLACEMENT_KINDS = ("ap_school", "school_arranged", "la_funded")
CARE = [
    *(spell(f"open {kind}", kind, "2026-01-05") for kind in CARE_KINDS),
    *(spell(f"closed {kind}", kind, "2026-01-05", "2026-06-01") for kind in CARE_KINDS),
    *(spell(f"ended {end}", "cin", "2024-01-05", end) for end in ("2025-10-31", "2025-10-30", "2026-10-31")),
    spell("closed beside open", "cin_plan", "2026-01-05", "2026-06-01"),
    spell("closed beside open", "looked_after", "2026-02-01"),
    spell("known later", "cin", "2026-01-05", **LATER),
    spell("ends later", "cin", "2026-01-05", "2026-11-01"),
    spell("two situations", "cin", "2026-01-05"),
]
PLACED = [
    *(spell(f"open {kind}", kind, "2026-01-05") for kind in PLACEMENT_KINDS),
    *(spell(f"closed {kind}", kind, "2026-01-05", "2026-06-01") for kind in PLACEMENT_KINDS),
    spell("known later", "la_funded", "2026-01-05", **LATER),
]
ENTRY = {"academic_year": 2026, "census_term": "autumn", "on_roll": True}
ENTRIES = [
    {"pupil_id": "plan at one", "school_id": "s1", "sen": "E", **ENTRY},
    {"pupil_id": "plan at one", "school_id": "s2", "sen": "N", **ENTRY},
    {"pupil_id": "sen support", "school_id": "s1", "sen": "K", **ENTRY},
    {"pupil_id": "sen empty", "school_id": "s1", **ENTRY},
]
TOTALS_ALONE = attended("totals alone", 100, has_reasons=False)
TOTALS_ALONE["attendance_terms"][0] |= {"sessions_authorised": 0, "sessions_unauthorised": 2}
ATTENDED = together(
    *(attended(f"ill {sessions}", 380, I=sessions - 4, M=4) for sessions in (29, 30)),
    *(attended(f"missed {sessions}", 100, O=sessions - 1, I=1) for sessions in (9, 10, 49, 50)),
    attended("two situations", 380, I=40),
    TOTALS_ALONE,
    attended("nothing possible", 0),
    attended("another year", 100, year=2024, O=60),
)
ROWS = {"social_care": CARE, "alternative_provision": PLACED, "pupils": ENTRIES, **ATTENDED}
PUPILS_DRAWN = sorted({row["pupil_id"] for rows in ROWS.values() for row in rows} | {"nothing known"})


def held_of(rows: dict[str, Rows], pupils: list[str], early_help: Any = None) -> pd.DataFrame:
    return circumstances(made_tables(**{"returns": ALL_RETURNS, **rows}), AS_OF, PLAN, pupils, early_help)


@pytest.fixture(scope="module")
def held() -> pd.DataFrame:
    return held_of(ROWS, PUPILS_DRAWN)


def said(found: pd.DataFrame, column: str, one: str) -> bool | None:
    value = found.loc[one, column]
    return None if pd.isna(value) else bool(value)


@pytest.mark.parametrize("kind", CARE_KINDS)
def test_an_open_spell_holds_and_a_closed_one_does_not(held: pd.DataFrame, kind: str) -> None:
    situation = "looked_after" if kind == "looked_after" else "social_worker"
    for state, opened in (("open", True), ("closed", False)):
        assert said(held, situation, f"{state} {kind}") is opened
        assert said(held, "stepped_down", f"{state} {kind}") is not opened


@pytest.mark.parametrize(
    ("ended", "lately"), [("2025-10-31", True), ("2025-10-30", False), ("2026-10-31", True)]
)
def test_closed_lately_is_up_to_and_with_the_same_day_so_many_months_before(
    held: pd.DataFrame, ended: str, lately: bool
) -> None:
    assert said(held, "stepped_down", f"ended {ended}") is lately


def test_a_closed_plan_is_not_closed_lately_while_another_spell_is_open(held: pd.DataFrame) -> None:
    assert said(held, "stepped_down", "closed beside open") is False


def test_what_is_known_only_later_does_not_hold(held: pd.DataFrame) -> None:
    assert not held.loc["known later", SITUATION_KEYS].fillna(False).any()


def test_an_end_that_lies_after_the_day_leaves_the_spell_open(held: pd.DataFrame) -> None:
    assert said(held, "social_worker", "ends later") is True


@pytest.mark.parametrize("kind", PLACEMENT_KINDS)
def test_an_open_placement_of_any_kind_is_alternative_provision(held: pd.DataFrame, kind: str) -> None:
    assert said(held, "alternative_provision", f"open {kind}") is True
    assert said(held, "alternative_provision", f"closed {kind}") is False


def test_of_two_schools_entries_the_plan_counts_and_an_empty_one_is_not_no(held: pd.DataFrame) -> None:
    found = [said(held, "ehc_plan", one) for one in ("plan at one", "sen support", "sen empty")]
    assert found == [True, False, None]


def test_exactly_fifteen_days_of_illness_are_many_and_half_a_day_less_is_not(held: pd.DataFrame) -> None:
    assert (said(held, "illness", "ill 30"), said(held, "illness", "ill 29")) == (True, False)


@pytest.mark.parametrize(
    ("missed", "half", "early"),
    [(50, True, False), (49, False, False), (10, False, False), (9, False, True)],
)
def test_exactly_half_is_severe_and_exactly_a_tenth_is_persistent(
    held: pd.DataFrame, missed: int, half: bool, early: bool
) -> None:
    one = f"missed {missed}"
    assert (said(held, "missed_half", one), said(held, "not_yet_persistent", one)) == (half, early)


def test_attendance_that_is_not_held_says_nothing(held: pd.DataFrame) -> None:
    lines = ["illness", "missed_half", "not_yet_persistent"]
    unknown = held.loc[["nothing known", "another year"], lines]
    assert unknown.isna().to_numpy().all()
    assert held.loc["nothing possible", lines[1:]].isna().all()
    # Totals without codes say how much was missed and not why.
    assert [said(held, line, "totals alone") for line in lines] == [None, False, True]


@pytest.mark.parametrize(
    ("missing", "situation"),
    [("cin_census", "social_worker"), ("ssda903", "looked_after"), ("ap_census", "alternative_provision")],
)
def test_a_return_that_is_not_held_makes_unknown_and_never_no(missing: str, situation: str) -> None:
    kinds = {"school_census", "cin_census", "ssda903", "ap_census"} - {missing}
    found = held_of({"returns": returns_of(*kinds)}, ["a"])
    assert said(found, situation, "a") is None
    others = {"social_worker", "looked_after", "alternative_provision"} - {situation}
    assert [said(found, other, "a") for other in others] == [False, False]


def test_early_help_is_not_held_without_a_file_and_open_from_its_day(held: pd.DataFrame) -> None:
    assert held["early_help"].isna().all()
    given = {"a": AS_OF, "b": None, "c": date(2026, 11, 1), "elsewhere": AS_OF}
    found = held_of({}, list("abcd"), early_help=given)
    assert [said(found, "early_help", one) for one in "abcd"] == [True, True, False, False]


def test_the_first_route_on_record_decides_and_unknown_does_not(held: pd.DataFrame) -> None:
    turned = replace(PLAN, routes=(*PLAN.routes[-2::-1], PLAN.routes[-1]))
    first, last = situation_of(held, PLAN), situation_of(held, turned)
    assert (first["two situations"], last["two situations"]) == ("social_worker", "illness")
    assert first["nothing known"] == last["nothing known"] == "none"
    for one in PUPILS_DRAWN:
        on_record = {key: said(held, key, one) is True for key in SITUATION_KEYS}
        assert PLAN.route_of(on_record).when == first[one] and turned.route_of(on_record).when == last[one]


def test_the_order_of_rows_and_of_pupils_changes_nothing(held: pd.DataFrame) -> None:
    turned = {name: rows[::-1] for name, rows in ROWS.items()}
    pd.testing.assert_frame_equal(held, held_of(turned, PUPILS_DRAWN[::-1]))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 10, 31), 0, date(2026, 10, 31)),
        (date(2026, 10, 31), 1, date(2026, 9, 30)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)
def test_months_go_back_to_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int, before: date
) -> None:
    assert months_before(day, months) == before


def test_counts_are_those_of_the_features(authority: Authority) -> None:
    tables = authority.store.tables()
    cohort = select_cohort(tables, AS_OF).frame
    features = collect_features(tables, cohort, AS_OF).set_index("pupil_id")
    found = circumstances(tables, AS_OF, PLAN, cohort["pupil_id"])
    same = {
        "sessions_possible": "sessions_possible",
        "sessions_absent": "sessions_absent",
        "sessions_illness": "sessions_illness",
        "suspensions": "suspensions_this_year",
        "looked_after": "looked_after_current",
        "open_cin": "cin_current",
        "open_cp_plan": "cp_plan_current",
    }
    for ours, theirs in same.items():
        numbers = found[ours].astype("Float64").astype("float64")
        pd.testing.assert_series_equal(numbers, features[theirs], check_names=False, check_index_type=False)
    assert found["sessions_possible"].isna().sum() == 5 and found["suspensions"].sum() > 0


def test_the_small_authority_routes_its_pupils(authority: Authority) -> None:
    ids = [pupil(n) for n in range(4, PUPILS)]
    found = situation_of(circumstances(authority.store.tables(), AS_OF, PLAN, ids), PLAN)
    assert found[pupil(11)] == "looked_after" and found[pupil(10)] == "social_worker"
