"""Cohort and features of some feature years, gathered once; and with outcomes, a dataset."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from ..cohort import select_cohort
from ..domain.academic_year import AcademicYear, feature_year_of
from ..domain.outcome import Outcome
from ..errors import UsageError
from ..features.build import collect_features
from ..features.catalogue import FEATURES
from ..tables.frames import without_pupils
from .audit_groups import audit_groups
from .rows import Dataset, PupilYears


def build_dataset(
    tables: Mapping[str, Any],
    years: Sequence[AcademicYear],
    outcome: Outcome,
    *,
    labels_known_by: date | None = None,
    **how: Any,
) -> Dataset:
    """X and y for some feature years: cohort and features as of each year's date, outcomes from the year after.

    Parameters
    ----------
    labels_known_by : datetime.date, optional
        See ``PupilYears.with_outcomes``.
    **how
        See ``gather_years``.

    Raises
    ------
    UsageError
        If no year is named, one is named twice, or the as-of day is not in the term after the feature year.
    InputError
        If a year's autumn census is not known on its as-of date, or no pupil has a known outcome.
    """
    return gather_years(tables, years, **how).with_outcomes(tables, outcome, known_by=labels_known_by)


def gather_years(
    tables: Mapping[str, Any],
    years: Sequence[AcademicYear],
    *,
    as_of_month: int = 10,
    as_of_day: int = 31,
    excluded: Collection[str] = (),
    with_audit: bool = False,
) -> PupilYears:
    """Cohort and features of some feature years, each as of its own date; outcomes are not looked at.

    Parameters
    ----------
    excluded : collection of str
        pupil_id of pupils who are left out on request or for protection: counted, and in no feature of anybody else.

    Raises
    ------
    UsageError
        If no year is named, one is named twice, or the as-of day is not in the term after the feature year.
    InputError
        If a year's autumn census is not known on its as-of date.
    """
    import pandas as pd

    _check_years(years, as_of_month, as_of_day)
    others = without_pupils(tables, excluded)
    parts, counts, groups = [], [], []
    for year in sorted(years):
        as_of = year.as_of(as_of_month, as_of_day)
        cohort = select_cohort(tables, as_of, excluded=excluded)
        features = collect_features(others, cohort.frame, as_of)
        placed = cohort.frame.drop(columns="year_group")
        parts.append(placed.merge(features, on="pupil_id", validate="one_to_one"))
        counts.append({"academic_year": year.start_year} | cohort.counts)
        if with_audit:
            groups.append(audit_groups(others, cohort.frame, features, as_of))
    rows = pd.concat(parts, ignore_index=True)
    return PupilYears(
        X=rows[[feature.name for feature in FEATURES]].astype("float64"),
        pupil_id=rows["pupil_id"].to_numpy(dtype=object),
        school_id=rows["school_id"].to_numpy(dtype=object),
        academic_year=rows["academic_year"].to_numpy(dtype="int64"),
        counts=tuple(counts),
        audit=pd.concat(groups, ignore_index=True) if with_audit else None,
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
