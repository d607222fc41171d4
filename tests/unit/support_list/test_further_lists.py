"""Severe absence and the virtual school: whole in number, whatever the model says, and one reference to a pupil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from made_contents import PLAN

from absence_risk.support_list.further_lists import most_absent, severe_list, virtual_school_list
from absence_risk.support_list.plan import SITUATIONS

SCHOOLS = {"s1": "Hill Top", "s2": "Brook Lane"}
HALF_YEAR = (190, 380)


def row(pupil: str, missed: tuple[int, int] | None = (0, 380), **more: Any) -> dict[str, Any]:
    """A pupil who missed so many of so many sessions; the rest as ``circumstances`` gives it."""
    absent, possible = missed or (pd.NA, pd.NA)
    open_kinds = dict.fromkeys(("open_looked_after", "open_cp_plan", "open_cin_plan", "open_cin"), False)
    situations = dict.fromkeys((key for key in SITUATIONS if key != "none"), False)
    return {
        "pupil_id": pupil,
        "school_id": "s1",
        "year_group": 8,
        "sessions_absent": absent,
        "sessions_possible": possible,
        "missed_half": pd.NA if missed is None else 2 * absent >= possible,
        "suspensions": 0,
        **open_kinds,
        **situations,
        **more,
    }


def cohort_of(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    whole = dict.fromkeys(("sessions_absent", "sessions_possible", "suspensions"), "Int64")
    said = [n for n in frame if n.startswith("open_") or n in SITUATIONS or n == "missed_half"]
    flags = dict.fromkeys(said, "boolean")
    return frame.astype(whole | flags)


def looked_after(pupil: str, missed: tuple[int, int] | None = (0, 380), **more: Any) -> dict[str, Any]:
    return row(pupil, missed, looked_after=True, open_looked_after=True, **more)


def test_all_with_a_card_are_named_and_of_the_others_those_who_missed_most() -> None:
    cohort = cohort_of(
        row("a", HALF_YEAR),
        row("b", (300, 380)),
        row("c", (200, 380), school_id="s2"),
        row("d", (189, 380)),
        row("e", None),
        row("f", (250, 380)),
    )
    found = severe_list(cohort, {"a": "A-007"}, SCHOOLS, 2)
    assert found.total == 4
    assert found.own_refs == {"b": "B-001", "f": "B-002"}
    assert [(r.review_ref, r.on_the_list) for r in found.rows] == [
        ("A-007", True),
        ("B-001", False),
        ("B-002", False),
    ]
    assert found.rows[0].days_missed == "95 days" and found.rows[0].days_possible == "190 days"


def test_half_days_are_said_in_words_and_rows_stand_by_school() -> None:
    found = severe_list(
        cohort_of(row("a", (7, 9)), row("b", (7, 9), school_id="s2", year_group=1)), {}, SCHOOLS, 5
    )
    assert [(r.school, r.year_group, r.days_missed) for r in found.rows] == [
        ("Brook Lane", "1", "3 and a half days"),
        ("Hill Top", "8", "3 and a half days"),
    ]


def test_the_largest_part_comes_first_and_ties_go_by_pupil() -> None:
    rows = cohort_of(row("c", (60, 100)), row("a", (60, 100)), row("b", (70, 140)), row("d", (50, 50)))
    assert most_absent(rows, 3)["pupil_id"].tolist() == ["d", "a", "c"]


def test_the_virtual_school_sees_those_with_a_card_a_suspension_or_half_the_year_missed() -> None:
    cohort = cohort_of(
        looked_after("carded"),
        looked_after("half", HALF_YEAR),
        looked_after("suspended", suspensions=2),
        looked_after("neither"),
        looked_after("unknown", None, suspensions=pd.NA),
        row("not theirs", HALF_YEAR, suspensions=3),
    )
    found = virtual_school_list(cohort, {"carded": "L-001"}, {}, SCHOOLS, PLAN)
    assert found.total == 3
    assert {r.review_ref: (r.suspended, r.has_card) for r in found.rows} == {
        "L-001": ("none recorded", True),
        "V-001": ("none recorded", False),
        "V-002": ("2 suspensions", False),
    }
    assert found.own_refs == {"half": "V-001", "suspended": "V-002"}


def test_a_pupil_named_for_severe_absence_keeps_that_reference() -> None:
    cohort = cohort_of(looked_after("a", HALF_YEAR), looked_after("b", suspensions=1))
    found = virtual_school_list(cohort, {}, {"a": "B-004"}, SCHOOLS, PLAN)
    assert [(r.review_ref, r.has_card) for r in found.rows] == [("B-004", False), ("V-001", False)]
    assert found.own_refs == {"b": "V-001"}


def test_places_go_to_half_missed_first_then_most_suspensions_and_never_to_those_with_a_card() -> None:
    cohort = cohort_of(
        looked_after("a", suspensions=1),
        looked_after("b", suspensions=4),
        looked_after("c", suspensions=4),
        looked_after("d", HALF_YEAR),
        looked_after("e"),
    )
    refs = {"e": "A-001"}
    named = [
        set(virtual_school_list(cohort, refs, {}, SCHOOLS, replace(PLAN, virtual_school_places=n)).own_refs)
        for n in (1, 2, 3)
    ]
    assert named == [{"d"}, {"d", "b"}, {"d", "b", "c"}]
    found = virtual_school_list(cohort, refs, {}, SCHOOLS, replace(PLAN, virtual_school_places=1))
    assert (len(found.rows), found.total) == (2, 5)


def test_without_places_there_is_no_virtual_school_list() -> None:
    cohort = cohort_of(looked_after("a", HALF_YEAR))
    found = virtual_school_list(cohort, {"a": "L-001"}, {}, SCHOOLS, replace(PLAN, virtual_school_places=0))
    assert (found.rows, found.total, found.own_refs) == ((), 0, {})


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (
            {"looked_after": True, "open_looked_after": True, "open_cin": True, "social_worker": True},
            "looked after",
        ),
        ({"social_worker": True, "open_cp_plan": True, "open_cin_plan": True}, "child protection plan"),
        ({"social_worker": True, "open_cin_plan": True, "open_cin": True}, "child in need plan"),
        ({"social_worker": True, "open_cin": True}, "child in need"),
    ],
)
def test_the_first_open_status_is_said(more: dict[str, Any], status: str) -> None:
    cohort = cohort_of(row("a", HALF_YEAR, **more))
    assert [r.status for r in virtual_school_list(cohort, {}, {}, SCHOOLS, PLAN).rows] == [status]


def test_the_plan_says_whose_pupils_are_the_virtual_schools() -> None:
    routes = tuple(replace(route, virtual_school=route.when == "stepped_down") for route in PLAN.routes)
    cohort = cohort_of(looked_after("a", HALF_YEAR), row("b", HALF_YEAR, stepped_down=True))
    found = virtual_school_list(cohort, {}, {}, SCHOOLS, replace(PLAN, routes=routes))
    assert [(r.review_ref, r.status) for r in found.rows] == [("V-001", "social care closed lately")]
    assert list(found.own_refs) == ["b"]


def test_suspensions_that_are_not_held_are_not_none() -> None:
    cohort = cohort_of(looked_after("a", HALF_YEAR, suspensions=pd.NA))
    assert virtual_school_list(cohort, {}, {}, SCHOOLS, PLAN).rows[0].suspended == "not held"
