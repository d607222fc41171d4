"""What goes well: only from data held, only where it is strictly so, and not twice."""

from __future__ import annotations

import pytest
from one_pupil import CENSUSES, NOTHING, attended, held, on_roll, plain, suspension, whole_year

from absence_risk.support_list.cards.going_well import going_well
from absence_risk.support_list.cards.records import Gathered, Records, TermSessions


def _well(records: Records, gathered: Gathered | None = None, beside: tuple[str, ...] = ()) -> list[str]:
    return plain(going_well(records, gathered or held(), "s1", beside))


def _year(*missed: int, possible: int = 100) -> tuple[TermSessions, ...]:
    autumn, spring, one, two = missed
    numbers = {"autumn": autumn, "spring": spring, "summer_1": one, "summer_2": two}
    return tuple(attended(2025, term, possible, unauthorised=number) for term, number in numbers.items())


def test_nothing_is_made_up_where_nothing_is_held() -> None:
    assert _well(NOTHING) == []


def test_less_missed_each_term_is_said_with_the_days() -> None:
    assert _well(Records(sessions=_year(24, 16, 4, 3))) == [
        "Missed less, for any reason, each term of 2025/26: 12 days in autumn, 8 days in spring, "
        "3 and a half days in summer"
    ]
    assert _well(Records(sessions=_year(2, 1, 0, 0)))[0].endswith("half a day in spring, none in summer")


@pytest.mark.parametrize(
    "rows",
    [
        _year(10, 10, 1, 1),
        _year(10, 8, 4, 4),
        _year(10, 8, 1, 1)[:3],
        (*_year(10, 8, 1, 1)[:3], attended(2025, "summer_2", unauthorised=None, late=None, illness=None)),
        (attended(2025, "autumn", 200, unauthorised=20), *_year(0, 15, 1, 1)[1:]),
        (*_year(10, 8, 1, 1)[:3], attended(2025, "summer_2", exceeds=1)),
    ],
)
def test_no_fall_is_said_of_terms_that_are_level_in_part_unknown_or_shorter(
    rows: tuple[TermSessions, ...],
) -> None:
    assert _well(Records(sessions=rows)) == []


SEEN = whole_year(2025)


def test_months_without_a_suspension_are_counted_to_the_end_of_the_year_that_came_in() -> None:
    records = Records(sessions=SEEN, suspensions=(suspension("2024-01-09"), suspension("2025-02-28")))
    assert _well(records) == [
        "No suspension recorded for 18 months to the end of 2025/26; the latest was in February 2025"
    ]


@pytest.mark.parametrize(
    ("suspensions", "sessions", "censuses"),
    [
        ((), SEEN, CENSUSES),
        ((suspension("2026-03-01"),), SEEN, CENSUSES),
        ((suspension("2026-09-20"),), SEEN, CENSUSES),
        ((suspension("2025-02-28"),), (), CENSUSES),
        ((suspension("2025-02-28"),), SEEN, CENSUSES - {(2026, "summer"), (2026, "autumn")}),
        ((suspension("2025-02-28"),), SEEN, CENSUSES - {(2025, "summer"), (2025, "autumn")}),
    ],
)
def test_no_months_are_counted_for_who_was_never_suspended_or_where_returns_are_missing(
    suspensions: tuple[object, ...], sessions: tuple[TermSessions, ...], censuses: frozenset[tuple[int, str]]
) -> None:
    assert _well(Records(suspensions=suspensions, sessions=sessions), held(censuses=censuses)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("enrolments", "years"),
    [
        ((on_roll("2024-10-31"),), 2),
        ((on_roll("2024-11-01"),), None),
        ((on_roll("2019-09-01", "2023-07-20"), on_roll("2023-09-04")), 3),
        ((on_roll("2019-09-01", "2026-07-20"),), None),
        ((on_roll("2019-09-01", school="s2"),), None),
        ((on_roll("2019-09-01", status="S"),), None),
    ],
)
def test_years_at_the_school_are_whole_and_of_the_spell_that_is_open(
    enrolments: tuple[object, ...], years: int | None
) -> None:
    said = _well(Records(enrolments=enrolments))  # type: ignore[arg-type]
    assert said == ([f"At the same school for {years} years"] if years else [])


@pytest.mark.parametrize(
    ("late_before", "late_now", "said"), [(3, 0, True), (0, 0, False), (3, 1, False), (3, None, False)]
)
def test_no_late_arrival_is_said_after_a_year_that_had_them(
    late_before: int, late_now: int | None, said: bool
) -> None:
    rows = (
        *whole_year(2024, unauthorised=5, late=late_before),
        *whole_year(2025, unauthorised=5, late=late_now),
    )
    line = "No arrival after registers closed recorded in 2025/26; 12 sessions the year before"
    assert _well(Records(sessions=rows)) == ([line] if said else [])


def test_what_a_reason_already_says_is_not_said_again() -> None:
    records = Records(
        sessions=(*whole_year(2024, unauthorised=5, late=3), *_year(24, 16, 4, 3)),
        suspensions=(suspension("2025-02-28"),),
        enrolments=(on_roll("2022-09-01"),),
    )
    reasons = (
        "Missed school without authorisation less often in summer than in autumn 2025/26",
        "No suspensions recorded in 2025/26; the latest known in February 2025",
        "No change of school recorded in the last three years",
        "No arrivals after registers closed recorded in 2025/26",
    )
    whole = _well(records)
    assert len(whole) == 4
    for place, reason in enumerate(reasons):
        assert _well(records, beside=(reason,)) == whole[:place] + whole[place + 1 :]
