"""Who has a card: places are counted, the list is a beginning of the ranking, and nobody stands on it twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_contents import PLAN

from absence_risk.support_list.order import in_list_order
from absence_risk.support_list.plan import Plan
from absence_risk.support_list.selection import (
    EDGE,
    in_parts,
    ranked,
    select,
    siblings_of,
    with_standing,
)

SITUATIONS = [route.when for route in PLAN.routes]
LEAD_ELSEWHERE = {route.when for route in PLAN.routes if not route.takes_a_place}


def plan_of(onset: int = 0, reserve: int = 0) -> Plan:
    return replace(PLAN, onset_places=onset, reserve_places=reserve)


def cohort_of(*pupils: tuple[str, float, str, bool | None]) -> pd.DataFrame:
    """pupil_id, log-odds, situation, not yet persistently absent."""
    frame = pd.DataFrame(pupils, columns=["pupil_id", "log_odds", "situation", "not_yet_persistent"])
    return frame.assign(
        risk=1 / (1 + pow(2.718281828, -frame["log_odds"])),
        not_yet_persistent=frame["not_yet_persistent"].astype("boolean"),
    )


def parts_of(chosen: pd.DataFrame) -> dict[str, list[str]]:
    return {part: rows["pupil_id"].tolist() for part, rows in chosen.groupby("part")}


DRAWN = cohort_of(
    ("a", 2.0, "none", False),
    ("b", 1.8, "looked_after", False),
    ("c", 1.6, "illness", False),
    ("d", 1.58, "social_worker", True),
    ("e", 1.4, "none", False),
    ("f", 1.2, "none", True),
    ("g", 1.0, "none", None),
    ("h", 0.8, "ehc_plan", True),
    ("i", 0.6, "none", True),
)


def test_the_list_goes_down_until_the_places_are_taken_and_the_further_lists_go_on_below() -> None:
    found = select(DRAWN, plan_of(onset=2, reserve=2), 2)
    assert parts_of(found.chosen) == {
        "main": ["a", "c"],
        "lead": ["b"],
        "onset": ["f", "h"],
        "reserve": ["e", "g"],
    }
    assert found.met == 3 and found.first_off == 1.58
    assert found.below["pupil_id"].tolist() == ["i"]


def test_a_pupil_with_another_lead_right_below_the_last_place_is_not_met() -> None:
    assert parts_of(select(DRAWN, plan_of(), 2).chosen) == {"main": ["a", "c"], "lead": ["b"]}
    assert parts_of(select(DRAWN, plan_of(), 3).chosen) == {"main": ["a", "c", "e"], "lead": ["b", "d"]}


def test_a_capacity_beyond_the_cohort_lists_everybody_and_leaves_nobody_below() -> None:
    found = select(DRAWN, plan_of(5, 5), 100)
    assert found.met == len(DRAWN) and found.first_off is None and found.below.empty
    assert set(found.chosen["part"]) == {"main", "lead"}


def test_an_empty_cohort_gives_an_empty_list() -> None:
    found = select(DRAWN.head(0), plan_of(5, 5), 3)
    assert (len(found.chosen), found.met, found.first_off) == (0, 0, None)


def test_equal_estimates_are_parted_by_pupil_id_whatever_the_order_of_rows() -> None:
    tied = cohort_of(("b", 1.0, "none", False), ("a", 1.0, "none", False), ("c", 2.0, "none", False))
    assert ranked(tied)["pupil_id"].tolist() == ["c", "a", "b"]
    assert parts_of(select(tied, plan_of(), 2).chosen) == {"main": ["c", "a"]}


rows = st.tuples(
    st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]),
    st.sampled_from(SITUATIONS),
    st.sampled_from([True, False, None]),
)


@settings(max_examples=50, deadline=None)
@given(
    drawn=st.lists(rows, min_size=1, max_size=20),
    capacity=st.integers(1, 10),
    onset=st.integers(0, 4),
    reserve=st.integers(0, 4),
)
def test_the_laws_of_a_list(drawn: Any, capacity: int, onset: int, reserve: int) -> None:
    pupils = [(f"p{number:02d}", *row) for number, row in enumerate(drawn)]
    # The rows come in the other way round: their order changes nothing.
    found = select(cohort_of(*reversed(pupils)), plan_of(onset, reserve), capacity)
    parts = parts_of(found.chosen)
    order = sorted(pupils, key=lambda row: (-row[1], row[0]))
    places = [row[0] for row in order if row[2] not in LEAD_ELSEWHERE]
    # The places are exact, the union is a beginning of the ranking, and nobody is on it twice.
    main, lead = parts.get("main", []), parts.get("lead", [])
    assert main == places[:capacity]
    assert {row[0] for row in order[: found.met]} == {*main, *lead} and len(main) + len(lead) == found.met
    assert found.met == len(order) or order[found.met - 1][0] == main[-1]
    assert found.chosen["pupil_id"].is_unique and not {*lead} & {*places}
    # The further lists go on below the line, each in the same order.
    early = {row[0] for row in order if row[3]}
    below = places[capacity:]
    onset_due = [one for one in below if one in early][:onset]
    waiting = [one for one in below if one not in onset_due]
    assert parts.get("onset", []) == onset_due
    assert parts.get("reserve", []) == waiting[:reserve]
    assert found.below["pupil_id"].tolist() == waiting[reserve:]


def test_with_refits_each_pupil_met_is_firm_or_borderline_and_the_further_lists_are_neither() -> None:
    found = select(DRAWN, plan_of(onset=1, reserve=1), 2)
    firm = dict.fromkeys(DRAWN["pupil_id"], True) | {"c": False}
    said = with_standing(found, firm).set_index("pupil_id")["standing"].to_dict()
    assert said == {"a": "firm", "b": "firm", "c": "borderline", "e": "", "f": ""}


def test_without_refits_nobody_is_firm_and_those_near_the_first_below_are_borderline() -> None:
    found = select(DRAWN, plan_of(onset=1), 2)
    said = with_standing(found, None).set_index("pupil_id")["standing"].to_dict()
    assert said == {"a": "", "b": "", "c": "borderline", "f": ""}
    at_edge = cohort_of(("a", EDGE, "none", False), ("b", 0.0, "none", False))
    assert with_standing(select(at_edge, plan_of(), 1), None)["standing"].tolist() == [""]


def test_without_anybody_below_nobody_is_near_the_edge() -> None:
    assert set(with_standing(select(DRAWN, plan_of(), 100), None)["standing"]) == {""}


def test_pupils_stand_by_school_and_year_and_each_part_has_its_letter() -> None:
    chosen = pd.DataFrame(
        {
            "pupil_id": ["a", "b", "c", "d", "e"],
            "school_id": ["s2", "s1", "s1", "s1", "s3"],
            "year_group": [3, 10, 9, 9, 1],
            "part": ["main", "main", "main", "reserve", "lead"],
        }
    )
    found = in_parts(chosen, {"s1": "Hill Top", "s2": "Brook Lane"})
    refs = dict(zip(found["review_ref"], found["pupil_id"], strict=True))
    assert refs == {"A-001": "a", "A-002": "c", "A-003": "b", "L-001": "e", "R-001": "d"}
    assert list(refs) == ["A-001", "A-002", "A-003", "L-001", "R-001"]
    assert found.set_index("pupil_id").loc["e", "school"] == "School s3"


def test_two_schools_of_one_name_stay_apart() -> None:
    rows = pd.DataFrame(
        {"pupil_id": ["a", "b", "c"], "school_id": ["s2", "s1", "s2"], "year_group": [1, 2, 3]}
    )
    ordered = in_list_order(rows, {"s1": "St Mary's", "s2": "St Mary's"}, "A")
    assert ordered["pupil_id"].tolist() == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        (
            {"a": "f", "b": "f", "c": "f", "z": "f"},
            [("A-002", "L-001"), ("A-001", "L-001"), ("A-001", "A-002")],
        ),
        ({"a": "f", "b": "g"}, [(), (), ()]),
        ({"a": "", "b": ""}, [("A-002",), ("A-001",), ()]),
        ({}, [(), (), ()]),
    ],
)
def test_brothers_and_sisters_are_those_on_the_list(
    families: dict[str, str], expected: list[tuple[str, ...]]
) -> None:
    listed = pd.DataFrame({"pupil_id": ["a", "b", "c"], "review_ref": ["A-001", "A-002", "L-001"]})
    assert siblings_of(listed, families) == expected
