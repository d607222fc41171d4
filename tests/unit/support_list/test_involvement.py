"""Who is involved: open and closed spells with their months, and recorded, not recorded and not held kept apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from one_pupil import NOTHING, entry, held, meals, plain, spell

from absence_risk.support_list.cards.involvement import (
    KINDS,
    LEAD_FIRST,
    VIRTUAL_SCHOOL_FIRST,
    context_of,
    involved_of,
    is_involved,
)
from absence_risk.support_list.cards.records import Records
from absence_risk.tables.canonical import AP_KINDS, SOCIAL_CARE_KINDS

NO_CARE = "No social care recorded, open or earlier"


def _lines(records: Records = NOTHING, **more: object) -> list[str]:
    return plain((*involved_of(records, held(**more)), *context_of(records, held(**more))))  # type: ignore[arg-type]


def test_every_kind_of_spell_has_its_words() -> None:
    assert {kind for _, kind, _, _ in KINDS} == {*SOCIAL_CARE_KINDS, *AP_KINDS}


@pytest.mark.parametrize(
    ("spells", "line"),
    [
        ([("cp_plan", "2026-01-05")], "Child protection plan, open since January 2026 (as at 31 March 2026)"),
        ([("cin_plan", "2025-01-05", "2026-05-04")], "Child in need plan, closed in May 2026"),
        ([("cin", "2021-01-05", "2022-05-04"), ("cin", "2023-01-05", "2024-06-04")],
         "Child in need spell, the latest of 2 closed in June 2024"),
        ([("cin", "2021-01-05", "2022-05-04"), ("cin", "2026-01-05")],
         "Child in need spell, open since January 2026 (as at 31 March 2026); an earlier one closed in May 2022"),
        ([("looked_after", "2026-02-01")], "Looked after since February 2026 (as at 31 March 2026)"),
        ([("looked_after", "2025-02-01", "2025-09-30")], "Looked after, ended in September 2025"),
        ([("ap_school", "2026-02-01")],
         "On roll at an alternative provision school since February 2026 (as at 31 March 2026)"),
    ],
)  # fmt: skip
def test_a_spell_is_said_with_its_months(spells: list[tuple[str, ...]], line: str) -> None:
    assert line in _lines(Records(spells=tuple(spell(*one) for one in spells)))


def test_a_placement_is_said_with_its_hours_as_far_as_they_are_given() -> None:
    said = [
        _lines(
            Records(
                spells=(spell("school_arranged", "2026-06-01", pattern=pattern, sessions_per_week=number),)
            )
        )[2]
        for pattern, number in (("PT", 5), ("FT", None), (None, 1), (None, None))
    ]
    assert [line.split(" since ")[0] for line in said] == [
        "Alternative provision arranged by a school (part time, 5 sessions a week)",
        "Alternative provision arranged by a school (full time)",
        "Alternative provision arranged by a school (1 session a week)",
        "Alternative provision arranged by a school",
    ]


def test_nothing_recorded_is_said_where_the_returns_are_held() -> None:
    assert _lines() == [
        NO_CARE,
        "No open early help recorded",
        "Special educational needs: not held",
        "No free school meals recorded in the last six years",
        "Young carer: not recorded, please ask",
    ]


@pytest.mark.parametrize(
    ("without", "said", "never"),
    [
        ("cin_census", ["Not recorded as looked after", "Child in need and child protection: not held"], [NO_CARE]),
        ("ssda903", ["No child in need or child protection plan or spell recorded", "Looked-after children: not held"],
         [NO_CARE]),
        ("ap_census", [NO_CARE, "Alternative provision funded by the authority: not held"], []),
        ("school_census", ["Free school meals: not held"], ["No free school meals recorded in the last six years"]),
    ],
)  # fmt: skip
def test_a_return_that_is_not_held_never_reads_as_none(
    without: str, said: list[str], never: list[str]
) -> None:
    lines = _lines(without=(without,))
    assert set(said) <= set(lines) and not set(never) & set(lines)


def test_what_is_recorded_stands_even_where_its_return_has_no_date() -> None:
    assert "Child in need plan, open since January 2026" in _lines(
        Records(spells=(spell("cin_plan", "2026-01-05"),)), without=("cin_census",)
    )


def test_early_help_is_open_not_recorded_or_not_held() -> None:
    opened = replace(NOTHING, early_help=True, early_help_since=date(2026, 3, 2))
    assert "Early help, open since March 2026" in _lines(opened)
    assert "Early help, open; since when is not given" in _lines(replace(NOTHING, early_help=True))
    assert "No open early help recorded" in _lines() and "Early help: not held" in _lines(early_help=False)


@pytest.mark.parametrize(
    ("records", "first"),
    [
        (Records(spells=(spell("cin", "2026-01-05"),)), [LEAD_FIRST]),
        (Records(early_help=True), [LEAD_FIRST]),
        (Records(spells=(spell("looked_after", "2026-01-05"),)), [VIRTUAL_SCHOOL_FIRST]),
        (Records(spells=(spell("cin", "2026-01-05"), spell("looked_after", "2026-01-05"))),
         [LEAD_FIRST, VIRTUAL_SCHOOL_FIRST]),
        (Records(spells=(spell("cin", "2026-01-05", "2026-02-01"),)), []),
        (Records(spells=(spell("la_funded", "2026-01-05"),)), []),
    ],
)  # fmt: skip
def test_whoever_leads_now_is_to_be_spoken_to_first(records: Records, first: list[str]) -> None:
    assert [line for line in _lines(records) if line in (LEAD_FIRST, VIRTUAL_SCHOOL_FIRST)] == first


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ([entry("N")], "No special educational needs recorded"),
        ([entry("K")], "SEN support"),
        ([entry("N"), entry("E"), entry(None)], "Education, health and care plan"),
        ([entry(None)], "Special educational needs: not held"),
    ],
)
def test_needs_are_those_of_the_census_and_of_two_entries_the_one_with_more_support(
    entries: list[object], line: str
) -> None:
    assert line in _lines(Records(entries=tuple(entries)))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [None, "N", "P", "S"])
def test_a_young_carer_is_recorded_or_not_recorded_and_never_no(code: str | None) -> None:
    said = [
        line for line in _lines(Records(entries=(entry(young_carer=code),))) if line.startswith("Young carer")
    ]
    assert said == [
        "Young carer: recorded" if code in ("P", "S") else "Young carer: not recorded, please ask"
    ]


@pytest.mark.parametrize(
    ("period", "line"),
    [
        (("2024-09-01", None), "Free school meals now"),
        (("2015-09-01", "2020-10-31"), "Free school meals at some time in the last six years, not now"),
        (("2015-09-01", "2020-10-30"), "No free school meals recorded in the last six years"),
    ],
)
def test_free_school_meals_are_now_or_within_six_years(period: tuple[str, str | None], line: str) -> None:
    assert line in _lines(Records(meals=(meals(*period),)))


def test_a_part_time_timetable_is_support_in_place() -> None:
    said = "Part-time timetable (code C2) on 3 and a half days of 2025/26: support in place"
    assert said in _lines(Records(part_time_sessions=7))
    assert not [line for line in _lines() if "timetable" in line]


@pytest.mark.parametrize(
    ("records", "involved"),
    [
        (NOTHING, False),
        *((Records(spells=(spell(kind, "2026-01-05"),)), True) for kind in (*SOCIAL_CARE_KINDS, *AP_KINDS)),
        (Records(spells=(spell("cin", "2026-01-05", "2026-02-01"),)), False),
        (Records(early_help=True), True),
        (Records(entries=(entry("E"),)), True),
        (Records(entries=(entry("K"),), meals=(meals("2024-09-01"),), part_time_sessions=9), False),
    ],
)
def test_somebody_is_involved_where_something_is_open(records: Records, involved: bool) -> None:
    assert is_involved(records) is involved
