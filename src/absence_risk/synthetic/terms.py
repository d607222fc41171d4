"""The made-up authority's calendar: terms, school days, census days. Days are day numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from ..domain.academic_year import day_number

_MONDAY, _THURSDAY = 0, 3


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def easter(year: int) -> date:
    """Easter Sunday (anonymous Gregorian rule): the spring term's attendance ends with it.

    >>> easter(2025)
    datetime.date(2025, 4, 20)
    """
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def census_day(term: str, year: int) -> int:
    """The census day: first Thursday of October, third Thursday of January, third Thursday of May."""
    month, nth = {"autumn": (10, 1), "spring": (1, 3), "summer": (5, 3)}[term]
    return day_number(_nth_weekday(year, month, _THURSDAY, nth))


@dataclass(frozen=True)
class YearCalendar:
    """One academic year: ``terms`` holds (first day, last day) for autumn, spring and the halves of summer;
    ``school_days[d]`` counts the school days before day ``first + d``."""

    start_year: int
    first: int
    last: int
    terms: tuple[tuple[int, int], ...]
    school_days: np.ndarray

    def days_before(self, day: np.ndarray) -> np.ndarray:
        """School days of this year before each day; days outside the year are held to its ends."""
        return self.school_days[np.clip(day - self.first, 0, len(self.school_days) - 1)]


def _closed(start_year: int) -> list[tuple[date, date]]:
    autumn = _nth_weekday(start_year, 10, _MONDAY, 4)
    february = _nth_weekday(start_year + 1, 2, _MONDAY, 2)
    may = _nth_weekday(start_year + 1, 5, _MONDAY, 1)
    return [(day, day + timedelta(days=length)) for day, length in ((autumn, 4), (february, 4), (may, 0))]


@cache
def calendar_of(start_year: int) -> YearCalendar:
    """The calendar of an academic year: about 190 school days."""
    spring_end = easter(start_year + 1) - timedelta(days=9)
    half_term = date(start_year + 1, 5, 31) - timedelta(days=date(start_year + 1, 5, 31).weekday())
    bounds = (
        (_nth_weekday(start_year, 9, _MONDAY, 1) + timedelta(days=1), date(start_year, 12, 20)),
        (date(start_year + 1, 1, 4), spring_end),
        (spring_end + timedelta(days=17), half_term - timedelta(days=3)),
        (half_term + timedelta(days=7), date(start_year + 1, 7, 22)),
    )
    first, last = day_number(date(start_year, 9, 1)), day_number(date(start_year + 1, 8, 31))
    open_day = np.zeros(last - first + 1, dtype=np.int64)
    for begins, ends in bounds:
        open_day[day_number(begins) - first : day_number(ends) - first + 1] = 1
    for begins, ends in _closed(start_year):
        open_day[day_number(begins) - first : day_number(ends) - first + 1] = 0
    open_day[(np.arange(first, last + 1) + 3) % 7 >= 5] = 0  # 1 January 1970 was a Thursday: Monday is 0
    counted = np.concatenate([[0], np.cumsum(open_day)])
    terms = tuple((day_number(begins), day_number(ends)) for begins, ends in bounds)
    return YearCalendar(start_year, first, last, terms, counted)
