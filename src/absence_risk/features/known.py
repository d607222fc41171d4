"""The as-of rule: a fact counts only if the authority could have known it on the as-of date. The one place of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import AcademicYear, day_number, feature_year_of

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]


#: Days since an event are counted up to three years: a store grows longer every year, and a model must not meet
#: values that no training year could hold.
LONG_AGO_DAYS = 1_096


@dataclass(frozen=True)
class AsOf:
    """The as-of date as the rooms need it.

    ``date`` is the date itself, ``day`` its day number, ``feature_year`` the academic year the features describe
    and ``label_year`` the one under way.

    Examples
    --------
    >>> as_of = AsOf(date(2026, 10, 31))
    >>> as_of.feature_year, as_of.label_year
    (2025, 2026)
    """

    date: date

    @property
    def day(self) -> int:
        return day_number(self.date)

    @property
    def feature_year(self) -> int:
        return feature_year_of(self.date).start_year

    @property
    def label_year(self) -> int:
        return self.feature_year + 1

    def year(self, back: int = 0) -> tuple[int, int]:
        """First and last day number of the feature year, or of the year ``back`` years before it."""
        year = AcademicYear(self.feature_year - back)
        return day_number(year.first_day), day_number(year.last_day)

    def days_since(self, day: nw.Expr) -> nw.Expr:
        """Days from an event to the as-of date, at most ``LONG_AGO_DAYS``; missing stays missing."""
        days = self.day - day
        return nw.when(days > LONG_AGO_DAYS).then(LONG_AGO_DAYS).otherwise(days)

    def years_ago(self, years: int) -> int:
        """Day number of the same day of the month ``years`` years earlier; 29 February becomes the 28th."""
        try:
            return day_number(self.date.replace(year=self.date.year - years))
        except ValueError:
            return day_number(self.date.replace(year=self.date.year - years, day=28))


def known_on(frame: LazyFrame, day: int) -> LazyFrame:
    """The versions of facts that the authority held on a day.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        A canonical table with ``known_from`` and ``superseded_from`` (day numbers).
    day : int
        Day number of the as-of date.

    Returns
    -------
    narwhals.LazyFrame
        Rows known on or before the day and not replaced on or before it. An ``end_date`` after the day becomes
        missing: it is not yet known to have come true, so the spell is open.
    """
    replaced = nw.col("superseded_from")
    known = frame.filter(nw.col("known_from") <= day, replaced.is_null() | (replaced > day))
    if "end_date" in known.collect_schema().names():
        end = nw.col("end_date")
        known = known.with_columns(nw.when(end <= day).then(end).alias("end_date"))
    return known
