"""Free school meal periods: eligible now, ever in six years, and the share of school time spent eligible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import day_number
from ..tables.frames import flag, open_table
from .coverage import Coverage, shown
from .known import AsOf
from .spells import usable_spells

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: "Ever six": eligible at any time in the six years before (DfE, pupil premium conditions of grant).
EVER_YEARS = 6


def school_time_starts(year_group: nw.Expr, as_of: AsOf) -> nw.Expr:
    """First day number of the window for the share of time: six years ago, or 1 September of Reception if later.

    The column is ``school_time_starts``. Reception of a later year group than ``EVER_YEARS`` lies outside the window.
    """
    starts: nw.Expr = nw.lit(as_of.years_ago(EVER_YEARS), dtype=nw.Int64)
    for group in range(EVER_YEARS, -1, -1):
        reception = day_number(date(as_of.label_year - group, 9, 1))
        if reception > as_of.years_ago(EVER_YEARS):
            starts = nw.when(year_group == group).then(nw.lit(reception, dtype=nw.Int64)).otherwise(starts)
    return starts.alias("school_time_starts")


def school_meal_features(
    frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf, coverage: Coverage
) -> LazyFrame:
    """Gives ``fsm_now``, ``fsm_ever_six`` (0 or 1) and ``fsm_share_of_time`` (share 0-1).

    Parameters
    ----------
    frame : narwhals.LazyFrame
        ``pupil_id`` and ``school_time_starts`` (day number, see the function of that name).
    tables, as_of, coverage
        Canonical tables, the as-of date, and what the returns known on it cover.

    Returns
    -------
    narwhals.LazyFrame
        Missing for everybody where no School Census is known. Periods that overlap are added and the share is
        capped at 1.
    """
    periods = usable_spells(open_table(tables, "fsm"), as_of)
    starts = frame.select("pupil_id", "school_time_starts")
    totals = _totals(periods.join(starts, on="pupil_id", how="inner"), as_of)
    window = (as_of.day - nw.col("school_time_starts") + 1).cast(nw.Float64)
    share = nw.min_horizontal(nw.col("days").fill_null(0).cast(nw.Float64) / window, nw.lit(1.0))
    covered = coverage.has("school_census")
    return frame.join(totals, on="pupil_id", how="left").select(
        "pupil_id",
        shown(covered, nw.col("open_now").fill_null(0)).alias("fsm_now"),
        shown(covered, nw.col("ever").fill_null(0)).alias("fsm_ever_six"),
        shown(covered, share).alias("fsm_share_of_time"),
    )


def _totals(periods: LazyFrame, as_of: AsOf) -> LazyFrame:
    end = nw.col("end_date")
    last = end.fill_null(as_of.day)
    begun = nw.max_horizontal(nw.col("start_date"), nw.col("school_time_starts"))
    return (
        periods.with_columns(
            flag(end.is_null()).alias("open_now"),
            flag(last >= as_of.years_ago(EVER_YEARS)).alias("ever"),
            nw.max_horizontal(last - begun + 1, nw.lit(0)).alias("days"),
        )
        .group_by("pupil_id")
        .agg(nw.col("open_now").max(), nw.col("ever").max(), nw.col("days").sum())
    )
