"""Counting dated events known on the as-of date: suspensions and permanent exclusions.

Source: DfE, Suspensions and permanent exclusions in England: methodology. SUSP (FIXD before) and LNCH count as
suspensions, PERM apart; "this year" is 1 September to 31 August by start date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..tables.frames import flag, open_table
from .coverage import Coverage, on_roll_in_any, shown
from .known import AsOf, known_on

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

PERMANENT = "PERM"

#: A suspension whose length is not stated counts one session, the least it can be; so does a lunchtime.
SESSIONS_NOT_STATED = 1

_KEY = ("pupil_id", "school_id", "start_date", "category")


def unique_events(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """One row per pupil, school, start date and category, with ``sessions``, however many returns carried it."""
    known = known_on(open_table(tables, "suspensions"), as_of.day).filter(nw.col("start_date") <= as_of.day)
    events = known.group_by(*_KEY).agg(nw.col("sessions").max())
    return events.with_columns(nw.col("sessions").fill_null(SESSIONS_NOT_STATED))


def suspension_features(
    frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf, coverage: Coverage
) -> LazyFrame:
    """The suspension features of the catalogue, one row per pupil of the frame.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        ``pupil_id`` and the ``on_roll`` columns of ``coverage.add_years_on_roll``.
    tables, as_of, coverage
        Canonical tables, the as-of date, and what the returns known on it cover.

    Returns
    -------
    narwhals.LazyFrame
        ``pupil_id``, ``suspensions_this_year``, ``suspensions_earlier_years`` (counts),
        ``suspension_sessions_this_year`` (sessions), ``days_since_suspension`` (days to the as-of date from the
        latest start; missing if none is known) and ``permanent_exclusions`` (count). Missing for everybody where
        no census that carries the feature year's suspensions is known, and for a pupil who was not on roll at the
        authority in the year. Earlier years: those of the three that the returns cover.
    """
    totals = _totals(unique_events(tables, as_of), as_of, coverage)
    joined = frame.join(totals, on="pupil_id", how="left")
    covered = coverage.suspensions(as_of.feature_year)
    return joined.select(
        "pupil_id",
        _known(covered, (0,), "n_this_year").alias("suspensions_this_year"),
        _known(covered, (0,), "sessions_this_year").alias("suspension_sessions_this_year"),
        _known(covered, coverage.suspension_years(as_of), "n_earlier").alias("suspensions_earlier_years"),
        shown(covered, as_of.days_since(nw.col("latest"))).alias("days_since_suspension"),
        shown(covered, nw.col("n_permanent").fill_null(0)).alias("permanent_exclusions"),
    )


def _totals(events: LazyFrame, as_of: AsOf, coverage: Coverage) -> LazyFrame:
    start = nw.col("start_date")
    suspension = nw.col("category") != PERMANENT
    this_year = suspension & start.is_between(*as_of.year())
    earlier = suspension & _in_any(as_of, coverage.suspension_years(as_of))
    return (
        events.with_columns(
            flag(this_year).alias("n_this_year"),
            nw.when(this_year).then(nw.col("sessions")).otherwise(0).alias("sessions_this_year"),
            flag(earlier).alias("n_earlier"),
            nw.when(suspension).then(start).alias("latest"),
            flag(nw.col("category") == PERMANENT).alias("n_permanent"),
        )
        .group_by("pupil_id")
        .agg(
            nw.col("n_this_year").sum(),
            nw.col("sessions_this_year").sum(),
            nw.col("n_earlier").sum(),
            nw.col("latest").max(),
            nw.col("n_permanent").sum(),
        )
    )


def _in_any(as_of: AsOf, backs: tuple[int, ...]) -> nw.Expr:
    inside = nw.lit(False)
    for back in backs:
        inside = inside | nw.col("start_date").is_between(*as_of.year(back))
    return inside


def _known(covered: bool, backs: tuple[int, ...], count: str) -> nw.Expr:
    # An event on record is evidence of its own; without one, a zero needs a pupil who was on roll to have it.
    if not (covered and backs):
        return nw.lit(None, dtype=nw.Float64)
    seen = on_roll_in_any(backs) | (nw.col(count).fill_null(0) > 0)
    return nw.when(seen).then(nw.col(count).fill_null(0).cast(nw.Float64))
