from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from absence_risk.domain.academic_year import day_from_number, day_number
from absence_risk.synthetic.census_rows import Census, censuses
from absence_risk.synthetic.streams import streams
from absence_risk.synthetic.terms import calendar_of, census_day, easter


@pytest.mark.parametrize(
    ("year", "day"), [(2022, date(2022, 4, 17)), (2024, date(2024, 3, 31)), (2026, date(2026, 4, 5))]
)
def test_easter_falls_on_its_sunday(year: int, day: date) -> None:
    assert easter(year) == day


@pytest.mark.parametrize(
    ("term", "year", "day"),
    [
        ("autumn", 2024, date(2024, 10, 3)),
        ("spring", 2025, date(2025, 1, 16)),
        ("summer", 2025, date(2025, 5, 15)),
    ],
)
def test_census_days_are_the_statutory_thursdays(term: str, year: int, day: date) -> None:
    assert day_from_number(census_day(term, year)) == day


def test_a_year_has_about_190_school_days_and_none_at_a_weekend() -> None:
    for year in range(2020, 2027):
        calendar = calendar_of(year)
        assert 185 <= calendar.school_days[-1] <= 197
        days = calendar.first + np.flatnonzero(np.diff(calendar.school_days))
        assert all(day_from_number(int(day)).weekday() < 5 for day in days)


def test_suspensions_are_carried_for_two_terms() -> None:
    spring = Census("spring", 2025)
    first, last = spring.suspension_window()
    assert day_from_number(first).year == 2024 and day_from_number(first).month == 4
    assert last < day_number(date(2025, 1, 10))
    assert spring.absence_year == 2024 and spring.absence_terms == (0,)
    assert Census("autumn", 2025).absence_year == 2024


def test_censuses_run_from_the_first_autumn_to_the_autumn_after_the_last_year() -> None:
    found = censuses(2021, 2025)
    assert len(found) == 16
    assert (found[0].name, found[-1].name) == ("2021_autumn", "2026_autumn")


def test_streams_of_different_purposes_differ_and_the_same_one_repeats() -> None:
    assert streams(1, 2, 3).random() == streams(1, 2, 3).random()
    assert streams(1, 2, 3).random() != streams(1, 2, 4).random()
