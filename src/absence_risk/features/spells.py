"""Spells with a start and an end: open now, ever before, how many, how long. Social care and alternative provision.

Current means started on or before the as-of date, with no known end on or before it; previous means a spell with
a known end. Social care is not one ladder: child in need, child protection and looked after stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..tables.frames import flag, open_table
from .coverage import Coverage, shown
from .known import AsOf, known_on

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: Each social care kind that is a feature, and the return that carries it.
SOCIAL_CARE_RETURNS = {"cin": "cin_census", "cp_plan": "cin_census", "looked_after": "ssda903"}


def usable_spells(frame: LazyFrame, as_of: AsOf) -> LazyFrame:
    """Spells known and begun on the as-of date. One whose start is after its end is never used."""
    start, end = nw.col("start_date"), nw.col("end_date")
    return known_on(frame.filter(end.is_null() | (start <= end)), as_of.day).filter(start <= as_of.day)


def summarise_spells(spells: LazyFrame) -> LazyFrame:
    """One row per pupil: ``current`` and ``previous`` (0 or 1), ``spells`` (count), ``last_end`` (day number)."""
    marked = spells.with_columns(
        flag(nw.col("end_date").is_null()).alias("current"),
        flag(~nw.col("end_date").is_null()).alias("previous"),
        nw.lit(1).alias("spells"),
    )
    return marked.group_by("pupil_id").agg(
        nw.col("current").max(),
        nw.col("previous").max(),
        nw.col("spells").sum(),
        nw.col("end_date").max().alias("last_end"),
    )


def days_within(spells: LazyFrame, first: int, last: int) -> LazyFrame:
    """One row per pupil: ``days`` of spells between two days, both included, at most the window's length.

    Spells that overlap are added and then capped; two placements at once are rare and both are placements.
    """
    begun = nw.max_horizontal(nw.col("start_date"), nw.lit(first))
    ended = nw.min_horizontal(nw.col("end_date").fill_null(last), nw.lit(last))
    inside = spells.with_columns(nw.max_horizontal(ended - begun + 1, nw.lit(0)).alias("days"))
    summed = inside.group_by("pupil_id").agg(nw.col("days").sum())
    return summed.with_columns(nw.min_horizontal(nw.col("days"), nw.lit(last - first + 1)))


def social_care_features(
    frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf, coverage: Coverage
) -> list[LazyFrame]:
    """Current, previous, spells and days_since_end: a frame for each of child in need, protection plan, looked after.

    Missing for everybody where no return that carries the kind is known (CIN census, SSDA903).
    ``days_since_end`` (days to the as-of date from the latest known end, three years at most) is missing where no
    spell has ended.
    """
    spells = usable_spells(open_table(tables, "social_care"), as_of)
    return [
        _states(
            frame, summarise_spells(spells.filter(nw.col("kind") == kind)), kind, as_of, coverage.has(source)
        )
        for kind, source in SOCIAL_CARE_RETURNS.items()
    ]


def _states(frame: LazyFrame, states: LazyFrame, kind: str, as_of: AsOf, covered: bool) -> LazyFrame:
    joined = frame.join(states, on="pupil_id", how="left")
    counts = [
        shown(covered, nw.col(what).fill_null(0)).alias(f"{kind}_{what}")
        for what in ("current", "previous", "spells")
    ]
    since = shown(covered, as_of.days_since(nw.col("last_end"))).alias(f"{kind}_days_since_end")
    return joined.select("pupil_id", *counts, since)


def alternative_provision_features(
    frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf, coverage: Coverage
) -> LazyFrame:
    """The alternative provision features: each kind open now, an ended placement, days in the feature year.

    Placements funded by the authority are missing for everybody where no AP census is known. The other features
    stand on every kind that is known, and are missing where no School Census is.
    """
    spells = usable_spells(open_table(tables, "alternative_provision"), as_of)
    first, last = as_of.year()
    by_kind = _open_by_kind(spells)
    states = summarise_spells(spells).select("pupil_id", "previous", "last_end")
    days = days_within(spells, first, min(last, as_of.day))
    joined = frame
    for part in (by_kind, states, days):
        joined = joined.join(part, on="pupil_id", how="left")
    school, funded = coverage.has("school_census"), coverage.has("ap_census")
    return joined.select(
        "pupil_id",
        shown(school, nw.col("ap_school").fill_null(0)).alias("ap_school_current"),
        shown(school, nw.col("school_arranged").fill_null(0)).alias("school_arranged_ap_current"),
        shown(funded, nw.col("la_funded").fill_null(0)).alias("la_funded_ap_current"),
        shown(school, nw.col("previous").fill_null(0)).alias("ap_previous"),
        shown(school, nw.col("days").fill_null(0)).alias("ap_days_this_year"),
        shown(school, as_of.days_since(nw.col("last_end"))).alias("ap_days_since_end"),
    )


def _open_by_kind(spells: LazyFrame) -> LazyFrame:
    kinds = ("ap_school", "school_arranged", "la_funded")
    now = nw.col("end_date").is_null()
    marked = spells.with_columns(*(flag(now & (nw.col("kind") == kind)).alias(kind) for kind in kinds))
    return marked.group_by("pupil_id").agg(*(nw.col(kind).max() for kind in kinds))
