"""The academic year as one value type: 1 September to 31 August, written 2023/24."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2000, 2100

#: Parts of the year in which attendance is collected. Summer comes in two halves, both in the autumn census
#: of the next year (DfE, pupil absence statistics: methodology).
TERMS = ("autumn", "spring", "summer_1", "summer_2")

#: Years whose absence is another measure: 2019/20 has no full-year data, and 2020/21 held isolation apart
#: from absence (DfE, pupil absence in schools in England, 2020/21). A pair that touches either is left out.
COVID_YEARS = (2019, 2020)

_WRITTEN = re.compile(r"^(\d{4})/(\d{2})$", re.ASCII)
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1 January 1970: how features hold dates, so that every engine subtracts them alike."""
    return (day - _EPOCH).days


def day_from_number(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(_EPOCH.toordinal() + int(number))


def written_year(start_year: int) -> str:
    """An academic year as people write it, from the calendar year in which it starts; any year, even a wrong one.

    >>> written_year(2023)
    '2023/24'
    """
    return f"{start_year}/{(start_year + 1) % 100:02d}"


@dataclass(frozen=True, order=True)
class AcademicYear:
    """One academic year, named by the calendar year in which it starts.

    Parameters
    ----------
    start_year : int
        2023 for 2023/24.

    Raises
    ------
    ValueError
        If the year lies outside 2000 to 2100.

    Examples
    --------
    >>> year = AcademicYear.parse("2023/24")
    >>> str(year.next), year.start_year
    ('2024/25', 2023)
    >>> AcademicYear.of(date(2024, 8, 31)) == year
    True
    """

    start_year: int

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.start_year <= LAST_YEAR:
            raise ValueError(
                f"academic year must start between {FIRST_YEAR} and {LAST_YEAR}, not {self.start_year}"
            )

    @classmethod
    def parse(cls, text: str) -> AcademicYear:
        """Read ``2023/24``; anything else, or parts that do not follow each other, is refused."""
        match = _WRITTEN.match(text.strip())
        if not match or (int(match[1]) + 1) % 100 != int(match[2]):
            raise ValueError("an academic year is written like 2023/24")
        return cls(int(match[1]))

    @classmethod
    def of(cls, day: date) -> AcademicYear:
        """The academic year that holds a day: 31 August belongs to the year that is ending."""
        return cls(day.year if day.month >= 9 else day.year - 1)

    def __str__(self) -> str:
        return written_year(self.start_year)

    @property
    def next(self) -> AcademicYear:
        return AcademicYear(self.start_year + 1)

    @property
    def previous(self) -> AcademicYear:
        return AcademicYear(self.start_year - 1)

    @property
    def first_day(self) -> date:
        return date(self.start_year, 9, 1)

    @property
    def last_day(self) -> date:
        return date(self.start_year + 1, 8, 31)

    def as_of(self, month: int = 10, day: int = 31) -> date:
        """The default as-of date of this *feature* year: 31 October after it, when the autumn census
        has brought the summer term (domain decision, section 0)."""
        return date(self.start_year + 1, month, day)

    @property
    def touches_covid(self) -> bool:
        return self.start_year in COVID_YEARS


def feature_year_of(as_of: date) -> AcademicYear:
    """The year that features describe on an as-of date: the one before the year under way.

    >>> str(feature_year_of(date(2026, 10, 31)))
    '2025/26'
    """
    return AcademicYear.of(as_of).previous


def years_between(first: AcademicYear, last: AcademicYear) -> Iterator[AcademicYear]:
    """Every academic year from ``first`` to ``last``, both included."""
    for start in range(first.start_year, last.start_year + 1):
        yield AcademicYear(start)
