"""Small phrases that every sentence is made of: counts, days, months, and what a record is silent about.

People read "19 days", not "0.10": days come first, half days are said in words, and no number has a decimal point
(DfE, Top tips for social workers, 2022: frame attendance as days missed).
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..domain.academic_year import AcademicYear, feature_year_of
from .known import LONG_AGO_DAYS

#: Sessions in a full school year: 190 days of two sessions (Education (School Day and School Year) (England)
#: Regulations 1999). Used only where a pupil's own possible sessions are not at hand, and then said as "about".
FULL_YEAR_SESSIONS = 380


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun in the right form.

    >>> counted(1, "suspension"), counted(3, "suspension")
    ('1 suspension', '3 suspensions')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Iterable[str]) -> str:
    """Names joined as in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed([])
    ('a', 'a, b and c', '')
    """
    found = list(names)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def times(number: int) -> str:
    """How often, in words.

    >>> times(1), times(2), times(4)
    ('once', 'twice', '4 times')
    """
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def days_of(sessions: int) -> str:
    """Sessions as days, two to a day, halves in words.

    >>> days_of(1), days_of(2), days_of(5), days_of(38)
    ('half a day', '1 day', '2 and a half days', '19 days')
    """
    whole, half = divmod(sessions, 2)
    if half:
        return "half a day" if whole == 0 else f"{whole} and a half days"
    return counted(whole, "day")


def days_short(sessions: int) -> str:
    """Sessions as days in the fewest signs, for bars and for lines that hold many numbers.

    >>> days_short(0), days_short(1), days_short(25)
    ('0', '½', '12½')
    """
    whole, half = divmod(sessions, 2)
    return f"{whole or ''}½" if half else str(whole)


def month_of(day: date) -> str:
    """Month and year, in English whatever the computer's language.

    >>> month_of(date(2026, 5, 4))
    'May 2026'
    """
    return f"{_MONTHS[day.month]} {day.year}"


_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
assert len(_MONTHS) == len(calendar.month_name)


def day_words(day: date) -> str:
    """A whole date: 31 October 2026."""
    return f"{day.day} {month_of(day)}"


def not_covered(what: str) -> str:
    """What is said where the records are silent; never "none"."""
    return f"The records held do not cover {what}"


@dataclass(frozen=True)
class Period:
    """The years an as-of date speaks of, as text made once."""

    as_of: date
    feature_year: AcademicYear = field(init=False)
    year: str = field(init=False)
    year_before: str = field(init=False)
    three_before: str = field(init=False)

    def __post_init__(self) -> None:
        year = feature_year_of(self.as_of)
        three = f"{AcademicYear(year.start_year - 3)} to {year.previous}"
        for name, value in (
            ("feature_year", year),
            ("year", str(year)),
            ("year_before", str(year.previous)),
            ("three_before", three),
        ):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Facts:
    """One pupil's feature values as a sentence reads them: a missing value or column is "not known"."""

    values: Mapping[str, float]
    period: Period

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        return None if value is None or math.isnan(value) else float(value)

    def whole(self, name: str) -> int | None:
        value = self.number(name)
        return None if value is None else round(value)

    def date_ago(self, name: str) -> date | None:
        """The date that lies so many days before the as-of date; none if it lies three years back or more."""
        days = self.whole(name)
        return None if days is None or days >= LONG_AGO_DAYS else self.period.as_of - timedelta(days=days)

    def sessions(
        self, rate: str, count: str = "", possible: str = "sessions_possible"
    ) -> tuple[int, bool] | None:
        """Sessions behind a rate, and whether they are exact or stand for a full school year."""
        held = self.whole(count)
        if held is not None:
            return held, True
        share, base = self.number(rate), self.whole(possible)
        if share is None:
            return None
        if base is not None:
            return round(share * base), True
        return round(share * FULL_YEAR_SESSIONS), False

    def days_missed(self, rate: str, count: str = "", possible: str = "sessions_possible") -> str | None:
        """Days missed in words; empty for none, None where not known."""
        found = self.sessions(rate, count, possible)
        if found is None:
            return None
        sessions, exact = found
        if exact or sessions == 0:
            return days_of(sessions) if sessions else ""
        return f"about {counted(max(1, round(sessions / 2)), 'day')} in 190"
