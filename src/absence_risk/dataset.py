"""The one place where features meet outcomes: rows of X and y, with an account of every pupil who is not among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from .cohort import REASONS, Cohort, select_cohort
from .domain.academic_year import AcademicYear, day_number, feature_year_of, years_between
from .domain.outcome import Outcome
from .errors import InputError, UsageError
from .features.build import collect_features
from .features.catalogue import FEATURES
from .labels import UNKNOWN_REASONS, label_outcomes, missing_censuses, on_the_line
from .tables.frames import open_table, to_pandas

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_AUDIT_COLUMNS = ("sex", "ethnicity", "language")


@dataclass(frozen=True)
class Dataset:
    """Rows of pupils with a known outcome, in order of feature year and then pupil_id.

    Attributes
    ----------
    X : pandas.DataFrame
        Every catalogue feature, float64, missing as NaN; index 0 to n-1.
    y : numpy.ndarray of int64
        1 where the outcome was met.
    pupil_id, school_id : numpy.ndarray of object
        Whose row it is, and the school on the autumn census after the feature year.
    academic_year : numpy.ndarray of int64
        Start of the feature year.
    flow : tuple of dict
        Per year: ``academic_year``, ``seen``, each reason out, ``eligible``, each reason unknown, ``used``,
        ``outcome_met`` and ``on_the_line``.
    audit : pandas.DataFrame or None
        ``sex``, ``ethnicity``, ``language`` by row, for measures by group only.
    """

    X: pd.DataFrame
    y: np.ndarray
    pupil_id: np.ndarray
    school_id: np.ndarray
    academic_year: np.ndarray
    flow: tuple[dict[str, int], ...]
    audit: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.y)

    def in_years(self, years: Collection[AcademicYear]) -> Dataset:
        """The rows of some feature years, and their part of the flow."""
        import numpy as np

        starts = {year.start_year for year in years}
        rows = np.flatnonzero(np.isin(self.academic_year, sorted(starts)))
        return replace(
            self,
            X=self.X.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            pupil_id=self.pupil_id[rows],
            school_id=self.school_id[rows],
            academic_year=self.academic_year[rows],
            flow=tuple(step for step in self.flow if step["academic_year"] in starts),
            audit=None if self.audit is None else self.audit.iloc[rows].reset_index(drop=True),
        )


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


def build_dataset(
    tables: Mapping[str, Any],
    years: Sequence[AcademicYear],
    outcome: Outcome,
    *,
    as_of_month: int = 10,
    as_of_day: int = 31,
    withdrawn: Collection[str] = (),
    with_audit: bool = False,
) -> Dataset:
    """X and y for some feature years: cohort and features as of each year's date, outcomes from the year after.

    Raises
    ------
    UsageError
        If no year is named, one is named twice, or the as-of day is not in the term after the feature year.
    InputError
        If a year's autumn census is not known on its as-of date, or no pupil has a known outcome.
    """
    import pandas as pd

    _check_years(years, as_of_month, as_of_day)
    parts, flow = [], []
    for year in sorted(years):
        part, step = _one_year(tables, year, outcome, (as_of_month, as_of_day), withdrawn)
        parts.append(part)
        flow.append(step)
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        raise InputError(
            f"no pupil has a known outcome in {', '.join(map(str, sorted(years)))}; see the flow of pupils"
        )
    return Dataset(
        X=rows[[feature.name for feature in FEATURES]].astype("float64"),
        y=rows["y"].to_numpy(dtype="int64"),
        pupil_id=rows["pupil_id"].to_numpy(dtype=object),
        school_id=rows["school_id"].to_numpy(dtype=object),
        academic_year=rows["academic_year"].to_numpy(dtype="int64"),
        flow=tuple(flow),
        audit=_audit(tables, rows["pupil_id"]) if with_audit else None,
    )


def _check_years(years: Sequence[AcademicYear], month: int, day: int) -> None:
    if not years or len(set(years)) != len(years):
        raise UsageError("expected at least one feature year, each named once")
    for year in years:
        if feature_year_of(year.as_of(month, day)) != year:
            raise UsageError(
                f"the as-of day must fall between 1 September and 31 December after the feature year, not on day "
                f"{day} of month {month}: before it the autumn census of the next year is not known"
            )


def _one_year(
    tables: Mapping[str, Any],
    year: AcademicYear,
    outcome: Outcome,
    month_day: tuple[int, int],
    withdrawn: Collection[str],
) -> tuple[pd.DataFrame, dict[str, int]]:
    as_of = year.as_of(*month_day)
    cohort = select_cohort(tables, as_of, withdrawn=withdrawn)
    labelled = label_outcomes(tables, cohort.frame, outcome, year)
    features = collect_features(tables, cohort.frame, as_of)
    outcomes = labelled[["pupil_id", "y", "unknown_reason"]]
    joined = cohort.frame.drop(columns="year_group").merge(outcomes, on="pupil_id", validate="one_to_one")
    whole = joined.merge(features, on="pupil_id", validate="one_to_one")
    used = whole[whole["unknown_reason"].isna()]
    return used, _flow(year, cohort, labelled, outcome)


def _flow(year: AcademicYear, cohort: Cohort, labelled: pd.DataFrame, outcome: Outcome) -> dict[str, int]:
    unknown = labelled["unknown_reason"].value_counts()
    used = int(labelled["unknown_reason"].isna().sum())
    step = {"academic_year": year.start_year, "seen": cohort.counts["seen"]}
    step |= {reason: cohort.counts[reason] for reason in REASONS}
    step |= {"eligible": cohort.counts["eligible"]}
    step |= {reason: int(unknown.get(reason, 0)) for reason in UNKNOWN_REASONS}
    step |= {
        "used": used,
        "outcome_met": int(labelled["y"].sum()),
        "on_the_line": on_the_line(labelled, outcome),
    }
    assert step["eligible"] == used + sum(step[reason] for reason in UNKNOWN_REASONS), (
        "the flow does not balance"
    )
    return step


def _audit(tables: Mapping[str, Any], pupil_id: pd.Series) -> pd.DataFrame:
    latest = open_table(tables, "audit").filter(nw.col("superseded_from").is_null())
    held = to_pandas(latest.select("pupil_id", *_AUDIT_COLUMNS)).drop_duplicates("pupil_id")
    joined = pupil_id.to_frame().merge(
        held.astype({"pupil_id": "str"}), on="pupil_id", how="left", validate="many_to_one"
    )
    return joined[list(_AUDIT_COLUMNS)]
