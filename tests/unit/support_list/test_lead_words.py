"""Why this lead: the situation that decided, in words, and what is not held that the plan asks for before it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_contents import PLAN
from one_pupil import NOTHING, entry, held, plain, spell, whole_year

from absence_risk.support_list.cards.lead_words import route_words, stepped_down
from absence_risk.support_list.cards.records import Records
from absence_risk.support_list.plan import SITUATIONS

CASES = {
    "looked_after": (
        Records(spells=(spell("looked_after", "2026-02-01"),)),
        "Looked after since February 2026 (as at 31 March 2026).",
    ),
    "social_worker": (
        Records(spells=(spell("cin", "2021-01-01", "2022-01-01"), spell("cp_plan", "2026-01-01"))),
        "Child protection plan, open since January 2026 (as at 31 March 2026).",
    ),
    "early_help": (Records(early_help=True), "Early help, open; since when is not given."),
    "stepped_down": (
        Records(
            spells=(spell("cp_plan", "2020-01-01", "2021-01-01"), spell("cin", "2025-01-01", "2026-05-04"))
        ),
        "Child in need spell, closed in May 2026, within the last 12 months.",
    ),
    "ehc_plan": (Records(entries=(entry("E"),)), "Education, health and care plan."),
    "illness": (
        Records(sessions=whole_year(2025, illness=9)),
        "Missed 18 days through illness or medical appointments in 2025/26.",
    ),
    "alternative_provision": (
        Records(spells=(spell("la_funded", "2026-01-01"),)),
        "Alternative provision funded by the authority since January 2026 (as at 31 March 2026).",
    ),
    "none": (NOTHING, "Nothing in the records held names another lead."),
}


def test_every_situation_is_tried() -> None:
    assert set(CASES) == set(SITUATIONS)


@pytest.mark.parametrize("situation", CASES)
def test_the_situation_that_decided_is_said_as_it_is_recorded(situation: str) -> None:
    records, said = CASES[situation]
    assert plain([route_words(situation, records, held(), PLAN)]) == [said]


@pytest.mark.parametrize("situation", [s for s in SITUATIONS if s not in ("none", "early_help", "ehc_plan")])
def test_a_situation_without_its_record_is_still_named(situation: str) -> None:
    assert plain([route_words(situation, NOTHING, held(), PLAN)]) == [f"On record: {SITUATIONS[situation]}."]


@pytest.mark.parametrize(
    ("situation", "gaps"),
    [("looked_after", 0), ("social_worker", 1), ("early_help", 2), ("stepped_down", 3), ("none", 4)],
)
def test_what_is_not_held_is_said_only_where_the_plan_asks_for_it_first(situation: str, gaps: int) -> None:
    nothing_held = held(without=("ssda903", "cin_census", "ap_census"), early_help=False)
    said = route_words(situation, CASES[situation][0], nothing_held, PLAN)
    assert plain([said])[0].count("not held: ask whether") == gaps


def test_another_order_of_the_plan_moves_what_is_asked_first() -> None:
    ehc_first = replace(PLAN, routes=(PLAN.routes[4], *PLAN.routes[:4], *PLAN.routes[5:]))
    gathered = held(without=("cin_census",))
    assert (
        route_words("ehc_plan", CASES["ehc_plan"][0], gathered, ehc_first)
        == "Education, health and care plan."
    )
    assert "a social worker." in route_words("ehc_plan", CASES["ehc_plan"][0], gathered, PLAN)


@pytest.mark.parametrize(
    ("spells", "end"),
    [
        ([("cin", "2024-01-01", "2025-10-31")], "2025-10-31"),
        ([("cin", "2024-01-01", "2025-10-30")], None),
        ([("cin", "2024-01-01", "2026-01-31"), ("cp_plan", "2024-01-01", "2026-02-28")], "2026-02-28"),
        ([("cin", "2024-01-01", "2026-01-31"), ("looked_after", "2024-01-01")], None),
        ([("la_funded", "2024-01-01", "2026-01-31")], None),
        ([], None),
    ],
)
def test_stepped_down_is_the_social_care_spell_that_closed_last_and_lately_with_none_open(
    spells: list[tuple[str, ...]], end: str | None
) -> None:
    found = stepped_down(Records(spells=tuple(spell(*one) for one in spells)), held(), PLAN)
    assert (found and found.end) == (end and spell("cin", "2020-01-01", end).end)
