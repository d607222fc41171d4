"""Which feature years the store can serve, and why each other one cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import AcademicYear, day_number, years_between
from ..labels import missing_censuses
from ..tables.frames import open_table, to_pandas

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class YearsFound:
    """Feature years that can be used, in order, and why each other one cannot."""

    years: tuple[AcademicYear, ...]
    left_out: dict[AcademicYear, str]


def usable_years(tables: Mapping[str, Any], *, as_of_month: int = 10, as_of_day: int = 31) -> YearsFound:
    """The feature years whose own attendance, cohort and next-year outcome the store holds.

    A pair of years that touches 2019/20 (no full-year data) or 2020/21 (another measure) is left out.
    """
    returns = to_pandas(open_table(tables, "returns").filter(nw.col("kind") == "school_census"))
    if returns.empty:
        return YearsFound((), {})
    starts = [int(year) - 1 for year in returns["year"]]
    found = years_between(AcademicYear(min(starts)), AcademicYear(max(starts)))
    why = {year: _why_not(tables, returns, year, as_of_month, as_of_day) for year in found}
    return YearsFound(
        tuple(year for year, reason in why.items() if not reason),
        {year: reason for year, reason in why.items() if reason},
    )


def _why_not(
    tables: Mapping[str, Any], returns: pd.DataFrame, year: AcademicYear, month: int, day: int
) -> str:
    if year.touches_covid or year.next.touches_covid:
        return "the pair touches 2019/20 or 2020/21, whose absence is another measure"
    for which in (year, year.next):
        lacking = missing_censuses(tables, which)
        if lacking:
            return f"the attendance of {which} is not complete: no {', no '.join(lacking)}"
    autumn = returns[(returns["term"] == "autumn") & (returns["year"] == year.next.start_year)]
    if not (autumn["known_from"] <= day_number(year.as_of(month, day))).any():
        return f"the autumn census {year.next.start_year} was not known on the as-of date"
    return ""
