"""Attendance features: rates by year and term, single codes, and the school's rate without the pupil.

Every rate is a share 0-1 of possible sessions; what counts as a session of each kind is in ``sessions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import COVID_YEARS
from ..tables.frames import sum_by
from .coverage import LOOKBACK_YEARS
from .known import AsOf
from .sessions import SINGLE_CODES, TERMS_FELT, session_rows, yearly_sums

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: Codes for pupils who are present are returned from autumn term 2020/21 (DfE, School Census 2021 change log).
PRESENT_CODES_FROM = 2020


def attendance_features(frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """The pupil's own attendance features of the catalogue, one row per pupil of the frame.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        ``pupil_id``, one row per pupil.
    tables, as_of
        Canonical tables and the as-of date.

    Returns
    -------
    narwhals.LazyFrame
        Rates are shares 0-1 of possible sessions over the terms known on the as-of date; missing where no
        possible sessions are known, where absence exceeds possible in the period, or where the codes are not
        held. Counts are missing unless every row of the year says. Earlier years that fall in 2019/20 or 2020/21
        are not used: their absence is another measure.
    """
    yearly = yearly_sums(session_rows(tables, as_of, LOOKBACK_YEARS))
    year = nw.col("academic_year")
    parts = (
        _this_year(yearly.filter(year == as_of.feature_year), as_of),
        _year_before(_comparable(yearly.filter(year == as_of.feature_year - 1))),
        _earlier_years(_comparable(yearly.filter(year < as_of.feature_year))),
    )
    wide = frame.select("pupil_id")
    for part in parts:
        wide = wide.join(part, on="pupil_id", how="left")
    return wide


def _comparable(yearly: LazyFrame) -> LazyFrame:
    return yearly.filter(nw.col("exceeds") == 0, ~nw.col("academic_year").is_in(list(COVID_YEARS)))


def rate(sessions: str, possible: str) -> nw.Expr:
    """Sessions over possible sessions; missing where nothing was possible."""
    numbers = nw.col(sessions).cast(nw.Float64) / nw.col(possible).cast(nw.Float64)
    return nw.when(nw.col(possible) > 0).then(numbers)


def _this_year(year: LazyFrame, as_of: AsOf) -> LazyFrame:
    sound = nw.col("exceeds") == 0
    single: dict[str, nw.Expr] = {
        name: nw.when(sound).then(rate(name, "possible_codes")).alias(f"{name}_rate") for name in SINGLE_CODES
    }
    single["other"] = single["other"].alias("other_unauthorised_rate")
    single["late_after"] = single["late_after"].alias("late_after_close_rate")
    single["late_before"] = single["late_before"].alias("late_before_close_rate")
    if as_of.feature_year < PRESENT_CODES_FROM:
        single["late_before"] = nw.lit(None, dtype=nw.Float64).alias("late_before_close_rate")
    terms = [
        nw.when(nw.col(f"exceeds_{t}") == 0)
        .then(rate(f"unauthorised_{t}", f"possible_{t}"))
        .alias(f"unauthorised_rate_{t}")
        for t in TERMS_FELT
    ]
    annual = nw.when(sound).then(rate("unauthorised", "possible_unauthorised")).alias("unauthorised_rate")
    counts = {
        "sessions_possible": _count("possible"),
        "sessions_unauthorised": _count("unauthorised", "unknown_unauthorised"),
        "sessions_late_after_close": _count("late_after", "unknown_codes"),
        "sessions_illness": _count("illness", "unknown_codes"),
        "sessions_absent": _count("absent", "unknown_absent"),
    }
    named = [value.alias(name) for name, value in counts.items()]
    rates = year.select("pupil_id", annual, *terms, *single.values(), *named)
    trend = nw.col("unauthorised_rate_summer") - nw.col("unauthorised_rate_autumn")
    return rates.with_columns(trend.alias("unauthorised_trend"))


def _count(sessions: str, unknown: str | None = None) -> nw.Expr:
    sound = nw.col("exceeds") == 0
    if unknown is not None:
        sound = sound & (nw.col(unknown) == 0)
    return nw.when(sound).then(nw.col(sessions).cast(nw.Float64))


def _year_before(year: LazyFrame) -> LazyFrame:
    return year.select(
        "pupil_id",
        rate("unauthorised", "possible_unauthorised").alias("unauthorised_rate_previous_year"),
        rate("absent", "possible_absent").alias("absence_rate_previous_year"),
        _count("possible").alias("sessions_possible_previous_year"),
        _count("unauthorised", "unknown_unauthorised").alias("sessions_unauthorised_previous_year"),
    )


def _earlier_years(years: LazyFrame) -> LazyFrame:
    columns = ["unauthorised", "possible_unauthorised"]
    return sum_by(years, ["pupil_id"], columns).select(
        "pupil_id", rate(*columns).alias("unauthorised_rate_earlier_years")
    )


def school_rate_feature(frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """``school_unauthorised_rate``: the rate of the school's other pupils, the pupil's own sessions taken out.

    The school is the one on the autumn census after the feature year (``school_id`` of the frame). Missing where it
    had no other pupil with known sessions in the feature year.
    """
    rows = session_rows(tables, as_of, 0)
    sound = rows.filter(nw.col("exceeds") == 0, ~nw.col("unauthorised").is_null())
    numbers = ("unauthorised", "possible")
    own = sum_by(sound, ["pupil_id", "school_id"], numbers).rename({n: f"own_{n}" for n in numbers})
    school = sum_by(sound, ["school_id"], numbers).rename({n: f"all_{n}" for n in numbers})
    joined = frame.join(school, on="school_id", how="left").join(
        own, on=["pupil_id", "school_id"], how="left"
    )
    others = [(nw.col(f"all_{n}") - nw.col(f"own_{n}").fill_null(0)).alias(f"others_{n}") for n in numbers]
    counted = joined.with_columns(*others)
    return counted.select(
        "pupil_id", rate("others_unauthorised", "others_possible").alias("school_unauthorised_rate")
    )
