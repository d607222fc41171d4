"""The outcome in the next academic year. Unknown is unknown: a pupil who left has no outcome, not a good one.

Labels may look after the as-of date of their features. They use the latest version of every fact, or, where a day
is named, the version that stood on it: a model judged on a past year must be taught by what was known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from .domain.academic_year import AcademicYear, day_number
from .domain.outcome import Outcome
from .features.known import known_on
from .tables.frames import beside, flag, open_table, sum_by, to_pandas

if TYPE_CHECKING:
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

#: Why an outcome is unknown, in the order in which they are asked; the first that holds is given.
UNKNOWN_REASONS = (
    "census_missing",
    "no_attendance",
    "absence_exceeds_possible",
    "codes_not_held",
    "left_during_year",
    "too_few_sessions",
)

#: A year's attendance comes in arrears, in the three censuses of the calendar year after it starts.
CENSUSES_OF_A_YEAR = ("spring", "summer", "autumn")

#: The last term collected for every year group: the second half of summer is not, for 15-year-olds.
_LAST_TERM = "summer_1"

_KEY = ["pupil_id", "school_id", "academic_year", "term"]


def missing_censuses(
    tables: Mapping[str, Any], year: AcademicYear, *, known_by: date | None = None
) -> tuple[str, ...]:
    """The censuses that carry a year's attendance and are not held, in words: ``spring census 2026``.

    With ``known_by``, a census that could be known only after that day is not held.
    """
    census = open_table(tables, "returns").filter(nw.col("kind") == "school_census")
    if known_by is not None:
        census = census.filter(nw.col("known_from") <= day_number(known_by))
    returns = to_pandas(census)
    held = set(zip(returns["year"], returns["term"], strict=True))
    carried_in = year.start_year + 1
    return tuple(
        f"{term} census {carried_in}" for term in CENSUSES_OF_A_YEAR if (carried_in, term) not in held
    )


def label_outcomes(
    tables: Mapping[str, Any],
    cohort_frame: pd.DataFrame,
    outcome: Outcome,
    feature_year: AcademicYear,
    *,
    known_by: date | None = None,
) -> pd.DataFrame:
    """Each cohort pupil's outcome in the year after the feature year.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers.
    cohort_frame : pandas.DataFrame
        ``Cohort.frame``; only ``pupil_id`` is read.
    outcome : Outcome
        Codes, threshold and fewest sessions. Where a return gave totals and no reasons, they serve only if
        ``outcome.from_totals`` names one.
    feature_year : AcademicYear
        The year before the one that is judged.
    known_by : datetime.date, optional
        Outcomes as the authority knew them on this day: a version that came later is not there, one that was
        replaced later still stands. By default the latest version of every fact.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``pupil_id``, one row per pupil: ``y`` (Int64, 0 or 1, missing where unknown), ``sessions_counted``
        and ``sessions_possible`` (Int64, summed over all enrolments and terms), ``unknown_reason`` (one of
        ``UNKNOWN_REASONS``, missing where known).
    """
    year = feature_year.next
    pupils = beside(tables, cohort_frame[["pupil_id"]].astype("str"))
    sums = _sums(rows_by_term(tables, outcome, year, known_by))
    frame = to_pandas(pupils.join(sums, on="pupil_id", how="left"))
    frame = frame.sort_values("pupil_id", kind="stable", ignore_index=True)
    whole = frame[["counted", "possible", "possible_last_term", "exceeding", "not_held"]].astype("Int64")
    reason = _why_unknown(whole, outcome, bool(missing_censuses(tables, year, known_by=known_by)))
    met = whole["counted"] * outcome.denominator >= whole["possible"] * outcome.numerator
    return (
        frame[["pupil_id"]]
        .astype("str")
        .assign(
            y=met.astype("Int64").where(reason.isna()),
            sessions_counted=whole["counted"].where(whole["not_held"] == 0),
            sessions_possible=whole["possible"],
            unknown_reason=reason,
        )
    )


def _standing(tables: Mapping[str, Any], name: str, year: AcademicYear, known_by: date | None) -> LazyFrame:
    """A year's rows of one table, in the versions that count."""
    rows = open_table(tables, name).filter(nw.col("academic_year") == year.start_year)
    if known_by is None:
        return rows.filter(nw.col("superseded_from").is_null())
    return known_on(rows, day_number(known_by))


def rows_by_term(
    tables: Mapping[str, Any], outcome: Outcome, year: AcademicYear, known_by: date | None = None
) -> LazyFrame:
    """Rows per pupil, school and term with possible sessions: what an outcome counts there, and out of how many.

    Columns ``pupil_id``, ``school_id``, ``academic_year``, ``term``, ``sessions_possible``, ``counted`` (missing where
    it is not held) and ``exceeding`` (1 where the return's absence is more than its possible sessions).
    """
    codes = _standing(tables, "attendance", year, known_by).filter(
        nw.col("reason_code").is_in(list(outcome.codes))
    )
    by_row = sum_by(codes, _KEY, ["sessions"]).rename({"sessions": "by_code"})
    joined = _standing(tables, "attendance_terms", year, known_by).join(by_row, on=_KEY, how="left")
    held = nw.when(nw.col("has_reasons")).then(nw.col("by_code").fill_null(0))
    totals = _from_totals(outcome)
    counted: nw.Expr = held if totals is None else held.otherwise(totals)
    exceeding = flag(nw.col("exceeds_possible")).alias("exceeding")
    rows = joined.with_columns(counted.cast(nw.Int64).alias("counted"), exceeding)
    return rows.filter((nw.col("sessions_possible") > 0) | (nw.col("exceeding") == 1))


def _from_totals(outcome: Outcome) -> nw.Expr | None:
    if outcome.from_totals == "unauthorised":
        return nw.col("sessions_unauthorised")
    if outcome.from_totals == "overall":
        return nw.col("sessions_unauthorised") + nw.col("sessions_authorised")
    return None


def _sums(rows: LazyFrame) -> LazyFrame:
    possible = nw.col("sessions_possible").fill_null(0)
    last = nw.when(nw.col("term") == _LAST_TERM).then(possible).otherwise(0)
    marked = rows.with_columns(
        possible.alias("possible"),
        last.alias("possible_last_term"),
        flag(nw.col("counted").is_null()).alias("not_held"),
    )
    return sum_by(
        marked, ["pupil_id"], ["counted", "possible", "possible_last_term", "exceeding", "not_held"]
    )


def _why_unknown(whole: pd.DataFrame, outcome: Outcome, census_missing: bool) -> pd.Series:
    import numpy as np
    import pandas as pd

    possible = whole["possible"].fillna(0)
    holds = {
        "census_missing": pd.Series(census_missing, index=whole.index),
        "no_attendance": whole["possible"].isna(),
        "absence_exceeds_possible": (whole["exceeding"] > 0) | (whole["counted"] > possible),
        "codes_not_held": whole["not_held"] > 0,
        "left_during_year": whole["possible_last_term"] == 0,
        "too_few_sessions": possible < outcome.minimum_sessions,
    }
    conditions = [
        holds[reason].astype("boolean").fillna(False).to_numpy(dtype=bool) for reason in UNKNOWN_REASONS
    ]
    found = np.select(conditions, list(UNKNOWN_REASONS), default="")
    return pd.Series(found, index=whole.index, dtype="str").where(found != "")


def on_the_line(labelled: pd.DataFrame, outcome: Outcome) -> int:
    """How many pupils with a known outcome sit exactly on the line: in by "10% or more", out by "below 90%"."""
    known = labelled[labelled["unknown_reason"].isna()]
    exact = known["sessions_counted"] * outcome.denominator == known["sessions_possible"] * outcome.numerator
    return int(exact.sum())
