"""Sessions known on the as-of date: one row per pupil, school and term, and their sums per pupil and year.

Sessions are summed over all of a pupil's enrolments. Reason rows come first; a return's totals serve only where it
gave no reasons. Source: DfE, pupil absence statistics: methodology; Working together to improve school attendance
(August 2024).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..domain.attendance_codes import AUTHORISED_CODES, ILLNESS_CODES, UNAUTHORISED_CODES
from ..tables.frames import flag, open_table, sum_by
from .known import AsOf, known_on

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

SESSION_KEY = ["pupil_id", "school_id", "academic_year", "term"]

#: Sums of codes, by the name of the column that holds them. Every code summed is authorised, unauthorised or late
#: before registers closed, so the two wide sums follow from these and from the sum of all.
_CODES = {
    "other": ("O",),
    "holiday": ("G",),
    "no_reason": ("N",),
    "late_after": ("U",),
    "late_before": ("L",),
    "illness": ILLNESS_CODES,
}
_UNAUTHORISED = tuple(name for name, codes in _CODES.items() if set(codes) <= set(UNAUTHORISED_CODES))
_ALL_CODES = sorted({*UNAUTHORISED_CODES, *AUTHORISED_CODES, *_CODES["late_before"]})
SINGLE_CODES = ("other", "holiday", "no_reason", "late_after", "late_before", "illness", "other_authorised")

#: Summer is collected in two halves and felt as one term.
TERMS_FELT = {"autumn": ("autumn",), "spring": ("spring",), "summer": ("summer_1", "summer_2")}


def session_rows(
    tables: Mapping[str, Any],
    as_of: AsOf,
    lookback: int,
    *,
    until: int = 0,
    codes: Collection[str] = _ALL_CODES,
) -> LazyFrame:
    """One row per pupil, school, academic year and term of some years, counted back from the feature year.

    Parameters
    ----------
    tables, as_of
        Canonical tables and the as-of date.
    lookback, until : int
        The first and the last year, by how many years back they lie; 0 is the feature year.
    codes : collection of str
        The reason codes that are summed. With fewer than all, only the sums of those named are right: the engine
        then reads and groups fewer rows.

    Returns
    -------
    narwhals.LazyFrame
        The key, ``possible``, ``exceeds`` (0 or 1), and sessions ``unauthorised``, ``absent`` and one column per
        code group, each missing where the return does not say. A row without possible sessions is left out.
    """
    years = nw.col("academic_year").is_between(as_of.feature_year - lookback, as_of.feature_year - until)
    terms = known_on(open_table(tables, "attendance_terms"), as_of.day).filter(years)
    reasons = known_on(open_table(tables, "attendance"), as_of.day).filter(years)
    joined = terms.join(_code_sums(reasons, codes), on=SESSION_KEY, how="left").with_columns(
        flag(nw.col("exceeds_possible")).alias("exceeds"), nw.col("sessions_possible").alias("possible")
    )
    kept = joined.filter((nw.col("possible") > 0) | (nw.col("exceeds") == 1))
    return _reasons_first(kept).select(
        *SESSION_KEY, "possible", "exceeds", "unauthorised", "absent", *SINGLE_CODES
    )


def _code_sums(reasons: LazyFrame, codes: Collection[str]) -> LazyFrame:
    sums = [
        nw.when(nw.col("reason_code").is_in(list(group))).then(nw.col("sessions")).otherwise(0).alias(name)
        for name, group in _CODES.items()
    ]
    marked = reasons.filter(nw.col("reason_code").is_in(sorted(codes))).with_columns(*sums)
    return sum_by(marked, SESSION_KEY, [*_CODES, "sessions"])


def _reasons_first(rows: LazyFrame) -> LazyFrame:
    held = nw.col("has_reasons")
    names = [*_CODES, "sessions"]
    by_code = [nw.when(held).then(nw.col(c).fill_null(0)).cast(nw.Int64).alias(c) for c in names]
    unauthorised = sum((nw.col(name) for name in _UNAUTHORISED[1:]), nw.col(_UNAUTHORISED[0]))
    with_unauthorised = rows.with_columns(*by_code).with_columns(unauthorised.alias("unauthorised"))
    authorised = nw.col("sessions") - nw.col("unauthorised") - nw.col("late_before")
    with_codes = with_unauthorised.with_columns(authorised.alias("authorised")).with_columns(
        (nw.col("authorised") - nw.col("illness")).alias("other_authorised")
    )
    totals = [
        nw.when(held).then(nw.col(c)).otherwise(nw.col(f"sessions_{c}")).cast(nw.Int64).alias(c)
        for c in ("unauthorised", "authorised")
    ]
    return with_codes.with_columns(*totals).with_columns(
        (nw.col("unauthorised") + nw.col("authorised")).alias("absent")
    )


def yearly_sums(rows: LazyFrame, further: Sequence[str] = ()) -> LazyFrame:
    """One row per pupil and academic year: sums of sessions, and for each the possible sessions it rests on.

    ``possible_unauthorised``, ``possible_absent`` and ``possible_codes`` sum the possible sessions of the rows
    where that number is known; ``unknown_*`` count the rows where it is not. ``further`` names columns of whole
    numbers of the rows that are summed too.
    """
    base = {"unauthorised": "unauthorised", "absent": "absent", "codes": "other"}
    parts = [
        nw.when(~nw.col(c).is_null()).then(nw.col("possible")).alias(f"possible_{b}") for b, c in base.items()
    ]
    gaps = [flag(nw.col(c).is_null()).alias(f"unknown_{b}") for b, c in base.items()]
    by_term = [part for name, terms in TERMS_FELT.items() for part in _term_parts(name, terms)]
    marked = rows.with_columns(*parts, *gaps).with_columns(*by_term)
    summed = ["possible", "unauthorised", "absent", *SINGLE_CODES, *(f"possible_{b}" for b in base)]
    summed += [f"unknown_{b}" for b in base]
    summed += [f"{what}_{name}" for name in TERMS_FELT for what in ("unauthorised", "possible", "exceeds")]
    return sum_by(marked, ["pupil_id", "academic_year"], [*summed, "exceeds", *further])


def _term_parts(name: str, terms: tuple[str, ...]) -> list[nw.Expr]:
    inside = nw.col("term").is_in(list(terms))
    return [
        nw.when(inside).then(nw.col("unauthorised")).alias(f"unauthorised_{name}"),
        nw.when(inside).then(nw.col("possible_unauthorised")).alias(f"possible_{name}"),
        nw.when(inside).then(nw.col("exceeds")).alias(f"exceeds_{name}"),
    ]
