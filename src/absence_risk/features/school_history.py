"""Year group, and moves to another school.

The rule for a move, kept simple. An enrolment is a move if the pupil's enrolment before it (by entry date) was at
another school and began on an earlier day. Not a move: the first enrolment known; a subsidiary registration (S),
which adds a school and leaves none; and a usual transfer, an entry in August or September into Reception, Year 3 or
Year 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import day_number
from ..tables.frames import flag, open_table, sum_by
from .coverage import LOOKBACK_YEARS, on_roll_in_any, on_roll_name
from .known import AsOf, known_on

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

TRANSFER_YEAR_GROUPS = (0, 3, 7)
SUBSIDIARY = "S"

_ENTRY = ["pupil_id", "school_id", "start_date"]


def school_history_features(frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """Gives ``year_group``, ``school_moves_this_year`` and ``school_moves_three_years`` (counts).

    Parameters
    ----------
    frame : narwhals.LazyFrame
        ``pupil_id``, ``year_group_now`` (on the autumn census) and the ``on_roll`` columns.
    tables, as_of
        Canonical tables and the as-of date.

    Returns
    -------
    narwhals.LazyFrame
        Moves of the feature year, and of the three years that end with it. Missing for a pupil who was not on
        roll at the authority in the year, or in none of the three.
    """
    year_groups = frame.select("pupil_id", "year_group_now")
    moves = _moves(_entries(tables, as_of)).join(year_groups, on="pupil_id", how="inner")
    moved = moves.with_columns(*_windows(as_of))
    totals = sum_by(moved, ["pupil_id"], ["moves_year", "moves_three"])
    joined = frame.join(totals, on="pupil_id", how="left")
    in_three = on_roll_in_any(range(LOOKBACK_YEARS))
    return joined.select(
        "pupil_id",
        nw.col("year_group_now").cast(nw.Float64).alias("year_group"),
        _where(nw.col(on_roll_name(0)) > 0, "moves_year").alias("school_moves_this_year"),
        _where(in_three, "moves_three").alias("school_moves_three_years"),
    )


def _where(on_roll: nw.Expr, count: str) -> nw.Expr:
    return nw.when(on_roll).then(nw.col(count).fill_null(0).cast(nw.Float64))


def _entries(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    start, end, status = nw.col("start_date"), nw.col("end_date"), nw.col("enrol_status")
    sound = open_table(tables, "enrolments").filter(end.is_null() | (start <= end))
    known = known_on(sound, as_of.day).filter(start <= as_of.day, status.is_null() | (status != SUBSIDIARY))
    return known.select(*_ENTRY)


def _moves(entries: LazyFrame) -> LazyFrame:
    """Entries whose latest earlier entry was at another school. Entries on one day count as one step."""
    before = entries.rename({"school_id": "school_before", "start_date": "start_before"})
    pairs = entries.join(before, on="pupil_id", how="inner").filter(
        nw.col("start_before") < nw.col("start_date")
    )
    elsewhere = nw.col("school_before") != nw.col("school_id")
    marked = pairs.with_columns(
        nw.when(elsewhere).then(nw.col("start_before")).alias("last_elsewhere"),
        nw.when(~elsewhere).then(nw.col("start_before")).alias("last_here"),
    )
    latest = marked.group_by(*_ENTRY).agg(nw.col("last_elsewhere").max(), nw.col("last_here").max())
    here = nw.col("last_here")
    return latest.filter(
        ~nw.col("last_elsewhere").is_null(), here.is_null() | (here < nw.col("last_elsewhere"))
    )


def _windows(as_of: AsOf) -> tuple[nw.Expr, nw.Expr]:
    usual = _usual_transfer(as_of)
    start = nw.col("start_date")
    this_year = start.is_between(*as_of.year())
    three = start.is_between(as_of.year(LOOKBACK_YEARS - 1)[0], as_of.year()[1])
    return (
        nw.when(usual).then(0).otherwise(flag(this_year)).alias("moves_year"),
        nw.when(usual).then(0).otherwise(flag(three)).alias("moves_three"),
    )


def _usual_transfer(as_of: AsOf) -> nw.Expr:
    usual = nw.lit(False)
    for year in range(as_of.feature_year - LOOKBACK_YEARS + 1, as_of.label_year + 1):
        entry = nw.col("start_date").is_between(day_number(date(year, 8, 1)), day_number(date(year, 9, 30)))
        then = nw.col("year_group_now") - (as_of.label_year - year)
        usual = usual | (entry & then.is_in(list(TRANSFER_YEAR_GROUPS)))
    return usual
