"""A part of the features in polars' lazy, streaming engine: attendance of the pupil's own, suspensions, social care.

Left out: the school's rate, years before the last, free school meals, placements, moves and what the returns cover (the
made-up returns cover everything). The figures beside it are therefore of less work than the other two do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

_UNAUTHORISED = ["G", "N", "O", "U"]
_SINGLE = {
    "other_unauthorised_rate": ["O"],
    "holiday_rate": ["G"],
    "no_reason_rate": ["N"],
    "late_after_close_rate": ["U"],
    "late_before_close_rate": ["L"],
    "illness_rate": ["I", "M"],
}
_KEY = ["pupil_id", "school_id", "term"]
_TERMS = {"autumn": ["autumn"], "spring": ["spring"], "summer": ["summer_1", "summer_2"]}


def _known(files: Sequence[Path], as_of: date) -> pl.LazyFrame:
    replaced = pl.col("superseded_from")
    frame = pl.scan_parquet(files)
    return frame.filter(pl.col("known_from") <= as_of, replaced.is_null() | (replaced > as_of))


def write(files: Mapping[str, Sequence[Path]], cohort: Path, as_of: date, out: Path) -> None:
    """Write the features of one bucket, sorted by pupil_id."""
    year = (as_of.year if as_of.month >= 9 else as_of.year - 1) - 1
    wide = pl.scan_parquet(cohort).select("pupil_id")
    for part in (
        _attendance(files, as_of, year),
        _suspensions(files, as_of, year),
        _social_care(files, as_of),
    ):
        wide = wide.join(part, on="pupil_id", how="left")
    counted = [name for name in wide.collect_schema().names() if name in _ZERO]
    wide.with_columns(pl.col(name).fill_null(0) for name in counted).sort("pupil_id").sink_parquet(
        out, compression="zstd", engine="streaming"
    )


def _attendance(files: Mapping[str, Sequence[Path]], as_of: date, year: int) -> pl.LazyFrame:
    of_year = pl.col("academic_year") == year
    terms = _known(files["attendance_terms"], as_of).filter(of_year, pl.col("sessions_possible") > 0)
    reasons = _known(files["attendance"], as_of).filter(of_year)
    code, sessions = pl.col("reason_code"), pl.col("sessions").cast(pl.Int64)
    sums = reasons.group_by(_KEY).agg(
        sessions.filter(code.is_in(_UNAUTHORISED)).sum().alias("u"),
        *(sessions.filter(code.is_in(codes)).sum().alias(name) for name, codes in _SINGLE.items()),
    )
    held = pl.col("has_reasons")
    rows = terms.join(sums, on=_KEY, how="left").with_columns(
        pl.when(held).then(pl.col("u").fill_null(0)).otherwise(pl.col("sessions_unauthorised")).alias("u"),
        *(pl.when(held).then(pl.col(name).fill_null(0)).alias(name) for name in _SINGLE),
        pl.col("exceeds_possible").cast(pl.Int64).alias("exceeds"),
        pl.col("sessions_possible").cast(pl.Int64).alias("possible"),
    )
    known = pl.col("u").is_not_null()
    possible, by_term = pl.col("possible"), []
    for name, inside in _TERMS.items():
        within = pl.col("term").is_in(inside)
        by_term += [
            pl.col("u").filter(within).sum().alias(f"u_{name}"),
            possible.filter(within & known).sum().alias(f"p_{name}"),
            pl.col("exceeds").filter(within).sum().alias(f"e_{name}"),
        ]
    summed = rows.group_by("pupil_id").agg(
        pl.col("u").sum(),
        possible.filter(known).sum().alias("p"),
        possible.filter(held).sum().alias("p_codes"),
        pl.col("exceeds").sum(),
        *(pl.col(name).sum() for name in _SINGLE),
        *by_term,
    )
    rates = {"unauthorised_rate": _rate("u", "p", "exceeds")}
    rates |= {name: _rate(name, "p_codes", "exceeds") for name in _SINGLE}
    rates |= {f"unauthorised_rate_{t}": _rate(f"u_{t}", f"p_{t}", f"e_{t}") for t in _TERMS}
    return summed.select("pupil_id", *(rate.alias(name) for name, rate in rates.items()))


def _rate(top: str, bottom: str, exceeds: str) -> pl.Expr:
    sound = (pl.col(bottom) > 0) & (pl.col(exceeds) == 0)
    return pl.when(sound).then(pl.col(top).cast(pl.Float64) / pl.col(bottom).cast(pl.Float64))


def _suspensions(files: Mapping[str, Sequence[Path]], as_of: date, year: int) -> pl.LazyFrame:
    key = ["pupil_id", "school_id", "start_date", "category"]
    events = _known(files["suspensions"], as_of).filter(pl.col("start_date") <= as_of)
    unique = events.group_by(key).agg(pl.col("sessions").max().fill_null(1).cast(pl.Int64))
    suspension = pl.col("category") != "PERM"
    now = suspension & pl.col("start_date").is_between(date(year, 9, 1), date(year + 1, 8, 31))
    return unique.group_by("pupil_id").agg(
        now.sum().cast(pl.Int64).alias("suspensions_this_year"),
        pl.col("sessions").filter(now).sum().alias("suspension_sessions_this_year"),
        (~suspension).sum().cast(pl.Int64).alias("permanent_exclusions"),
        _days_since(pl.col("start_date").filter(suspension).max(), as_of).alias("days_since_suspension"),
    )


def _social_care(files: Mapping[str, Sequence[Path]], as_of: date) -> pl.LazyFrame:
    start, end = pl.col("start_date"), pl.col("end_date")
    spells = _known(files["social_care"], as_of).filter(end.is_null() | (start <= end), start <= as_of)
    ended = pl.when(end <= as_of).then(end)
    found: list[pl.Expr] = []
    for kind in _KINDS:
        of_kind = pl.col("kind") == kind
        found += [
            (of_kind & ended.is_null()).any().cast(pl.Int64).alias(f"{kind}_current"),
            (of_kind & ended.is_not_null()).any().cast(pl.Int64).alias(f"{kind}_previous"),
            of_kind.sum().cast(pl.Int64).alias(f"{kind}_spells"),
            _days_since(ended.filter(of_kind).max(), as_of).alias(f"{kind}_days_since_end"),
        ]
    return spells.group_by("pupil_id").agg(*found)


def _days_since(day: pl.Expr, as_of: date) -> Any:
    return (pl.lit(as_of) - day).dt.total_days().clip(upper_bound=1096)


_KINDS = ("cin", "cp_plan", "looked_after")

#: A pupil without a record has none of these; every pupil of the made-up cohort was on roll.
_ZERO = {"suspensions_this_year", "suspension_sessions_this_year", "permanent_exclusions"} | {
    f"{kind}_{what}" for kind in _KINDS for what in ("current", "previous", "spells")
}
