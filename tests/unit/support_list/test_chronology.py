"""The dated events of a card: latest first, nothing lost by grouping, and counts only of what has come in."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_pupil import (
    CENSUSES,
    NOTHING,
    attended,
    day,
    entry,
    held,
    meals,
    on_roll,
    plain,
    spell,
    suspension,
    whole_year,
)

from absence_risk.features.known import AsOf
from absence_risk.support_list.card import Event
from absence_risk.support_list.cards.chronology import MOST_EVENTS, MOST_IN_HALF_TERM, events_of
from absence_risk.support_list.cards.records import Gathered, Records, Suspension


def _events(records: Records, gathered: Gathered | None = None) -> list[Event]:
    events = list(events_of(records, gathered or held()))
    plain([event.said for event in events])
    plain([event.day for event in events])
    return events


def _said(records: Records, gathered: Gathered | None = None) -> list[str]:
    return [event.said for event in _events(records, gathered) if not event.said.startswith("Suspensions: ")]


def _suspended(*starts: str) -> Records:
    return Records(suspensions=tuple(suspension(start) for start in starts))


def test_nothing_on_record_is_no_event() -> None:
    assert _events(NOTHING) == []
    assert _events(Records(sessions=whole_year(2025), entries=(entry("E", "P"),), part_time_sessions=9)) == []


def test_every_kind_of_event_stands_by_its_day_latest_first() -> None:
    records = Records(
        spells=(spell("cin_plan", "2025-01-05", "2026-05-04"), spell("la_funded", "2026-06-01")),
        suspensions=(suspension("2024-03-01", 3),),
        enrolments=(on_roll("2021-09-01", "2024-07-19", "s9", "S"), on_roll("2024-09-02")),
        meals=(meals("2020-09-01", "2025-03-31"),),
        early_help=True,
        early_help_since=date(2026, 9, 14),
    )
    assert [(event.on, event.day, event.said) for event in _events(records)] == [
        ("2026-09-14", "14 September 2026", "Early help opened"),
        ("2026-06-01", "1 June 2026", "Alternative provision funded by the authority began"),
        ("2026-05-04", "4 May 2026", "Child in need plan closed"),
        ("2025-03-31", "31 March 2025", "Free school meals ended"),
        ("2025-01-05", "5 January 2025", "Child in need plan opened"),
        ("2024-09-02", "2 September 2024", "Joined Hill Top School"),
        ("2024-07-19", "19 July 2024", "Left School s9 (registered at another school too)"),
        ("2024-03-01", "1 March 2024", "Suspension, 1 and a half days"),
        ("2021-09-01", "1 September 2021", "Joined School s9 (registered at another school too)"),
        ("2020-09-01", "1 September 2020", "Free school meals began"),
    ]


@pytest.mark.parametrize(
    ("kind", "began", "ended"),
    [
        ("cp_plan", "Child protection plan opened", "Child protection plan closed"),
        ("cin", "Child in need spell opened", "Child in need spell closed"),
        ("looked_after", "Looked-after spell began", "Looked-after spell ended"),
        (
            "school_arranged",
            "Alternative provision arranged by a school began",
            "Alternative provision arranged by a school ended",
        ),
    ],
)
def test_a_spell_begins_and_ends_in_words_of_its_kind(kind: str, began: str, ended: str) -> None:
    assert _said(Records(spells=(spell(kind, "2025-01-05", "2026-05-04"),))) == [ended, began]


def test_the_roll_of_an_alternative_provision_school_is_said_once() -> None:
    placed = spell("ap_school", "2026-01-05", "2026-05-04")
    alone = ["Time at an alternative provision school ended", "Time at an alternative provision school began"]
    assert _said(Records(spells=(placed,))) == alone
    rolled = Records(spells=(placed,), enrolments=(on_roll("2026-01-05", "2026-05-04", "s1", "M"),))
    assert _said(rolled) == ["Left Hill Top School", "Joined Hill Top School"]


def test_how_long_a_suspension_was_is_said_or_said_not_to_be_stated() -> None:
    records = Records(
        suspensions=(
            suspension("2024-03-04", 1, "LNCH"),
            suspension("2024-03-03", None, "PERM"),
            suspension("2023-10-02", None),
            suspension("2023-10-01", 0),
        )
    )
    assert _said(records) == [
        "Lunchtime suspension, half a day",
        "Permanent exclusion",
        "Suspension, length not stated",
        "Suspension, length not stated",
    ]


def test_two_suspensions_on_one_day_are_both_counted() -> None:
    twice = Records(
        suspensions=(suspension("2024-03-04", 2), Suspension(day("2024-03-04"), "SUSP", "s2", None))
    )
    assert _said(twice) == ["2 suspensions, at least 1 day"]


def _in_autumn(number: int) -> list[str]:
    return [f"2024-09-{place:02d}" for place in range(1, number + 1)]


def test_more_than_two_suspensions_in_a_half_term_are_one_line_that_names_every_day() -> None:
    assert len(_said(_suspended(*_in_autumn(MOST_IN_HALF_TERM)))) == MOST_IN_HALF_TERM
    (event,) = _events(_suspended(*_in_autumn(MOST_IN_HALF_TERM + 1)))
    assert event == Event(
        "2024-09-03",
        "3 September 2024",
        "3 suspensions, 3 days in all: 1, 2 and 3 September 2024",
    )
    (two_months,) = _events(_suspended("2024-09-30", "2024-10-01", "2024-10-04"))
    assert two_months.said == "3 suspensions, 3 days in all: 30 September 2024; 1 and 4 October 2024"


def test_the_half_terms_of_two_years_and_a_permanent_exclusion_stay_apart() -> None:
    spread = _suspended(*_in_autumn(2), *(start.replace("2024", "2023") for start in _in_autumn(2)))
    assert len(_said(spread)) == 4
    records = Records(
        suspensions=(*_suspended(*_in_autumn(7)).suspensions, suspension("2024-09-08", 0, "PERM"))
    )
    assert [said.split(",")[0] for said in _said(records)] == [
        "Permanent exclusion",
        "7 suspensions",
    ]


@given(
    st.lists(
        st.tuples(
            st.dates(date(2022, 9, 1), date(2024, 8, 31)),
            st.sampled_from(("SUSP", "LNCH", "PERM")),
            st.sampled_from(("s1", "s2")),
        ),
        unique=True,
        max_size=60,
    )
)
def test_no_suspension_is_lost_by_grouping(drawn: list[tuple[date, str, str]]) -> None:
    records = Records(
        suspensions=tuple(
            Suspension(day(start.isoformat()), kind, school, 2) for start, kind, school in drawn
        )
    )
    shown = [event for event in _events(records) if event.day != "Before that"]
    counts = [int(found[0]) if (found := re.match(r"\d+", event.said)) else 1 for event in shown]
    others = len({(start, school) for start, kind, school in drawn if kind == "PERM"})
    permanent = len({start for start, kind, _ in drawn if kind == "PERM"})
    if len(shown) < MOST_EVENTS:
        assert sum(counts) == len(drawn) - (others - permanent)
    assert [event.on for event in shown] == sorted((event.on for event in shown), reverse=True)


def test_a_long_chronology_says_how_many_events_are_left_out() -> None:
    first = date(2020, 1, 1)
    starts = [(first + timedelta(days=45 * place)).isoformat() for place in range(MOST_EVENTS + 3)]
    events = _events(_suspended(*starts))
    assert len(events) == MOST_EVENTS + 1
    assert (events[-1].day, events[-1].said, events[-1].on) == ("Before that", "and 3 earlier", starts[2])
    assert events[-2].on == starts[3]
    assert len(_events(_suspended(*starts[3:]))) == MOST_EVENTS


def _counted(starts: Collection[str], gathered: Gathered | None = None) -> str:
    return _events(_suspended(*starts), gathered)[0].said


def test_suspensions_of_the_last_year_are_counted_first_over_three_windows() -> None:
    first = _events(_suspended("2026-10-02", "2026-08-03", "2025-11-01", "2025-10-31", "2025-10-30"))[0]
    assert first[:2] == ("2026-10-31", "31 October 2026")
    assert first.said == (
        "Suspensions: 1 in the last 30 days, 2 in the last 90 days, 3 in the last 365 days; "
        "those after 31 August 2026 may not have come in"
    )


def test_a_window_that_has_not_come_in_is_not_said_to_hold_none() -> None:
    assert _counted(["2026-03-02"]) == (
        "Suspensions: none returned yet in the last 30 and 90 days, 1 in the last 365 days; "
        "those after 31 August 2026 may not have come in"
    )
    nothing_whole = held(censuses=CENSUSES & {(2026, "autumn")})
    assert _counted(["2026-03-02"], nothing_whole).endswith("; some may not have come in")
    at_the_end = held(as_of=AsOf(date(2026, 8, 31)))
    assert _counted(["2026-03-02"], at_the_end) == (
        "Suspensions: none in the last 30 and 90 days, 1 in the last 365 days"
    )


def test_suspensions_of_long_ago_and_exclusions_alone_are_not_counted() -> None:
    assert not _counted(["2025-10-31"]).startswith("Suspensions:")
    excluded = Records(suspensions=(suspension("2026-03-02", 0, "PERM"),))
    assert [event.said for event in _events(excluded)] == ["Permanent exclusion"]


@pytest.mark.parametrize(
    ("unauthorised", "late", "illness", "said"),
    [
        (10, 0, 0, "5 days missed without authorisation"),
        (10, 4, 0, "5 days missed without authorisation"),
        (9, 0, 15, None),
        (9, 0, 16, "12½ days missed for any reason, of 50"),
        (25, 0, 0, "12½ days missed without authorisation; "
         "12½ for any reason, of 50"),
    ],
)  # fmt: skip
def test_a_term_stands_there_from_a_tenth_without_authorisation_or_a_quarter_for_any_reason(
    unauthorised: int, late: int, illness: int, said: str | None
) -> None:
    rows = (attended(2025, "spring", unauthorised=unauthorised, late=late, illness=illness),)
    found = _events(Records(sessions=rows))
    assert [event.said for event in found] == ([said] if said else [])
    assert [(event.on, event.day) for event in found] == (
        [("2026-03-31", "Spring term 2025/26")] if said else []
    )


def test_summer_is_one_term_and_three_years_are_looked_at() -> None:
    rows = (
        attended(2025, "summer_1", unauthorised=19),
        attended(2025, "summer_2", unauthorised=1, school="s2"),
        attended(2023, "autumn", unauthorised=10),
        attended(2022, "autumn", unauthorised=90),
    )
    found = _events(Records(sessions=rows))
    assert [(event.on, event.day, event.said) for event in found] == [
        ("2026-07-31", "Summer term 2025/26", "10 days missed without authorisation"),
        ("2023-12-31", "Autumn term 2023/24", "5 days missed without authorisation"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        attended(2025, "autumn", unauthorised=None, late=None, illness=None),
        attended(2025, "autumn", unauthorised=90, exceeds=1),
    ],
)
def test_a_term_whose_absence_is_unknown_or_unsound_is_no_event(row: object) -> None:
    assert _events(Records(sessions=(row,))) == []  # type: ignore[arg-type]


def test_totals_alone_make_an_event_of_a_term() -> None:
    rows = (attended(2025, "autumn", unauthorised=10, late=None, illness=None, absent=30),)
    assert _said(Records(sessions=rows)) == ["5 days missed without authorisation; 15 for any reason, of 50"]
