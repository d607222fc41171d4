"""Rules that hold for a pupil: each at its edge, each says that it is a rule, none where the records do not show it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_contents import PLAN
from one_pupil import CENSUSES, NOTHING, attended, entry, held, on_roll, plain, spell, suspension, whole_year

from absence_risk.support_list.cards.prompts import prompts_of
from absence_risk.support_list.cards.records import Gathered, Records

OPEN_PLAN = spell("cin_plan", "2026-06-01")


def _rules(records: Records, gathered: Gathered | None = None, *, early: bool = False) -> list[str]:
    said = plain(prompts_of(records, gathered or held(), PLAN, not_yet_persistent=early))
    assert all(line.startswith("Rule: ") and line.endswith(".") for line in said)
    return said


def test_nothing_on_record_asks_for_nothing() -> None:
    assert _rules(NOTHING) == []


def test_fifteen_days_of_illness_ask_for_the_medical_pathway_and_not_a_session_less() -> None:
    rows = whole_year(2025, illness=7)
    assert _rules(Records(sessions=(*rows, attended(2025, "autumn", illness=1, school="s2")))) == []
    assert _rules(Records(sessions=(*rows, attended(2025, "autumn", illness=2, school="s2")))) == [
        "Rule: 15 or more days of illness or medical appointments (15 days in 2025/26): "
        "check the medical needs pathway."
    ]
    assert _rules(Records(sessions=whole_year(2024, illness=30))) == []
    assert _rules(Records(sessions=whole_year(2025, unauthorised=0, late=None, illness=None))) == []


@pytest.mark.parametrize(
    ("spells", "days", "times"),
    [
        ([OPEN_PLAN], ["2025-09-01"], "once"),
        ([OPEN_PLAN], ["2025-09-01", "2026-03-03", "2026-10-01"], "3 times"),
        ([spell("looked_after", "2024-01-01")], ["2026-02-02", "2026-03-03"], "twice"),
        ([OPEN_PLAN], ["2025-08-31"], None),
        ([], ["2026-02-02"], None),
        ([spell("cin", "2024-01-01", "2025-01-01")], ["2026-02-02"], None),
        ([spell("la_funded", "2026-10-01")], ["2026-02-02"], None),
    ],
)
def test_a_suspension_beside_a_social_worker_is_told_to_both(
    spells: list[object], days: list[str], times: str | None
) -> None:
    records = Records(spells=tuple(spells), suspensions=tuple(suspension(d) for d in days))  # type: ignore[arg-type]
    said = (
        f"Rule: has a social worker and was suspended or excluded {times} since September 2025: "
        "tell the virtual school and the social worker."
    )
    assert _rules(records) == ([said] if times else [])


@pytest.mark.parametrize(
    ("start", "end", "due"),
    [("2026-08-08", None, False), ("2026-08-07", None, True), ("2024-01-01", "2026-09-01", False)],
)
def test_a_placement_of_more_than_twelve_weeks_is_due_a_look(start: str, end: str | None, due: bool) -> None:
    said = _rules(Records(spells=(spell("school_arranged", start, end),)))
    assert bool(said) is due and all(
        "longer than 12 weeks: the placement is due a look" in line for line in said
    )


def test_social_care_that_closed_lately_asks_what_is_still_in_place() -> None:
    closed = Records(spells=(spell("cin", "2024-01-01", "2026-05-04"),))
    assert _rules(closed) == [
        "Rule: social care closed in May 2026, within the last 12 months: ask what support is still in place."
    ]
    assert _rules(replace(closed, spells=(*closed.spells, OPEN_PLAN))) == []


ROLL = (on_roll("2024-09-01"),)
AUTUMN_ALONE = (attended(2025, "autumn"), attended(2025, "summer_1"), attended(2025, "summer_2"))


def test_a_period_without_sessions_though_on_roll_is_asked_about() -> None:
    records = Records(sessions=AUTUMN_ALONE, enrolments=ROLL, entries=(entry(),))
    assert _rules(records) == [
        "Rule: no possible sessions are returned for spring of 2025/26, though on a school's roll then: "
        "ask the school where the child was."
    ]
    two = _rules(replace(records, sessions=AUTUMN_ALONE[1:]))
    assert "for autumn and spring of 2025/26" in two[0]


@pytest.mark.parametrize(
    ("changed", "censuses"),
    [
        ({"enrolments": ()}, CENSUSES),
        ({"enrolments": (on_roll("2025-09-01", "2026-03-14"),)}, CENSUSES),
        ({"enrolments": (on_roll("2026-01-16"),)}, CENSUSES),
        ({"sessions": ()}, CENSUSES),
        ({"sessions": whole_year(2025)}, CENSUSES),
        ({"entries": (entry(year_group=1),)}, CENSUSES),
        ({}, CENSUSES - {(2026, "summer")}),
    ],
)
def test_nobody_is_asked_about_a_period_off_roll_before_school_age_or_not_returned(
    changed: dict[str, object], censuses: frozenset[tuple[int, str]]
) -> None:
    records = replace(Records(sessions=AUTUMN_ALONE, enrolments=ROLL, entries=(entry(),)), **changed)  # type: ignore[arg-type]
    assert _rules(records, held(censuses=censuses)) == []


def test_not_yet_persistently_absent_is_said_as_a_rule_too() -> None:
    assert _rules(NOTHING, early=True) == [
        "Rule: missed less than a tenth of 2025/26, for any reason: not yet persistently absent."
    ]
