"""Attendance features: rates by year and term, single codes, and the school's rate without the pupil.

Every rate is a share 0-1 of possible sessions; what counts as a session of each kind is in ``sessions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.academic_year import COVID_YEARS
from ..domain.attendance_codes import UNAUTHORISED_CODES
from ..tables.frames import flag, kept, sum_by
from .coverage import LOOKBACK_YEARS
from .known import AsOf
from .sessions import SINGLE_CODES, TERMS_FELT, session_rows, yearly_sums

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: Codes for pupils who are present are returned from autumn term 2020/21 (DfE, School Census 2021 change log).
PRESENT_CODES_FROM = 2020

#: What a school's rate is of, and a pupil's own part of it.
_OF_SCHOOL = ("unauthorised", "possible")
_OWN = tuple(f"own_{name}" for name in _OF_SCHOOL)


def attendance_features(frame: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """The attendance features of the catalogue, one row per pupil of the frame.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        ``pupil_id`` and ``school_id`` (on the autumn census after the feature year), one row per pupil.
    tables, as_of
        Canonical tables and the as-of date. A table ``school_sums`` among them (see the function of that name) is
        taken as the sums of every school; without it they are summed from the tables.

    Returns
    -------
    narwhals.LazyFrame
        Rates are shares 0-1 of possible sessions over the terms known on the as-of date; missing where no
        possible sessions are known, where absence exceeds possible in the period, or where the codes are not
        held. Counts are missing unless every row of the year says. Earlier years that fall in 2019/20 or 2020/21
        are not used: their absence is another measure. ``school_unauthorised_rate`` is the rate of the school's
        other pupils; missing where it had none with known sessions in the feature year.
    """
    own = _own_sessions(session_rows(tables, as_of, 0), frame)
    # The two spans of years share no row, so nothing is read or summed twice.
    before = _comparable(yearly_sums(session_rows(tables, as_of, LOOKBACK_YEARS, until=1)))
    schools = kept(tables, _school_sums(tables, as_of))
    wide = frame.select("pupil_id", "school_id").join(schools, on="school_id", how="left")
    for part in (_this_year(yearly_sums(own, _OWN), as_of), _years_before(before, as_of)):
        wide = wide.join(kept(tables, part), on="pupil_id", how="left")
    others = [nw.col(f"all_{n}") - nw.col(f"own_{n}").fill_null(0) for n in _OF_SCHOOL]
    counted = wide.with_columns(*(o.alias(f"others_{n}") for o, n in zip(others, _OF_SCHOOL, strict=True)))
    named = counted.with_columns(
        rate("others_unauthorised", "others_possible").alias("school_unauthorised_rate")
    )
    return named.drop(
        "school_id", *(f"{whose}_{n}" for whose in ("all", "own", "others") for n in _OF_SCHOOL)
    )


def school_sums(tables: Mapping[str, Any], as_of: AsOf | date) -> LazyFrame:
    """Sessions of the feature year by school, over every pupil of the tables, in the cohort or not.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables. If they hold one part of the pupils, the sums of the parts add up to those of the whole.
    as_of : AsOf or datetime.date
        The as-of date.

    Returns
    -------
    narwhals.LazyFrame
        ``school_id``, ``all_unauthorised`` and ``all_possible`` (Int64), over the rows whose absence does not
        exceed the possible and whose unauthorised sessions are known.
    """
    moment = as_of if isinstance(as_of, AsOf) else AsOf(as_of)
    rows = session_rows(tables, moment, 0, codes=UNAUTHORISED_CODES)
    sound = rows.filter(nw.col("exceeds") == 0, ~nw.col("unauthorised").is_null())
    return sum_by(sound, ["school_id"], _OF_SCHOOL).rename({n: f"all_{n}" for n in _OF_SCHOOL})


def _school_sums(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    given = tables.get("school_sums")
    return school_sums(tables, as_of) if given is None else nw.from_native(given).lazy()


def _own_sessions(rows: LazyFrame, frame: LazyFrame) -> LazyFrame:
    """The rows of the frame's pupils, with what each gave to the sums of the school that the pupil is now at."""
    schools = frame.select("pupil_id", nw.col("school_id").alias("school_now"))
    joined = rows.join(schools, on="pupil_id", how="inner")
    counted = (
        (nw.col("school_id") == nw.col("school_now"))
        & (nw.col("exceeds") == 0)
        & ~nw.col("unauthorised").is_null()
    )
    return joined.with_columns(*(nw.when(counted).then(nw.col(n)).alias(f"own_{n}") for n in _OF_SCHOOL))


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
    rates = year.select("pupil_id", annual, *terms, *single.values(), *named, *_OWN)
    trend = nw.col("unauthorised_rate_summer") - nw.col("unauthorised_rate_autumn")
    return rates.with_columns(trend.alias("unauthorised_trend"))


def _count(sessions: str, unknown: str | None = None) -> nw.Expr:
    sound = nw.col("exceeds") == 0
    if unknown is not None:
        sound = sound & (nw.col(unknown) == 0)
    return nw.when(sound).then(nw.col(sessions).cast(nw.Float64))


def _years_before(years: LazyFrame, as_of: AsOf) -> LazyFrame:
    """One row per pupil: the year before by itself, and the rate over every earlier year held."""
    known = nw.col("unknown_unauthorised") == 0
    last = nw.col("academic_year") == as_of.feature_year - 1
    names = ("unauthorised", "possible_unauthorised", "absent", "possible_absent", "possible")
    of_last = [nw.when(last).then(nw.col(n)).alias(f"{n}_1") for n in names]
    held = [flag(last).alias("held_1"), flag(last & known).alias("known_1")]
    columns = ["unauthorised", "possible_unauthorised"]
    summed = [*columns, *(f"{n}_1" for n in names), "held_1", "known_1"]
    sums = sum_by(years.with_columns(*of_last, *held), ["pupil_id"], summed)
    in_last = {
        "sessions_possible": ("held_1", "possible_1"),
        "sessions_unauthorised": ("known_1", "unauthorised_1"),
    }
    return sums.select(
        "pupil_id",
        rate("unauthorised_1", "possible_unauthorised_1").alias("unauthorised_rate_previous_year"),
        rate("absent_1", "possible_absent_1").alias("absence_rate_previous_year"),
        *(
            nw.when(nw.col(seen) > 0).then(nw.col(n).cast(nw.Float64)).alias(f"{name}_previous_year")
            for name, (seen, n) in in_last.items()
        ),
        rate(*columns).alias("unauthorised_rate_earlier_years"),
    )
