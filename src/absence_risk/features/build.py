"""One function builds the features, for training and for scoring alike; written in narwhals, so that pandas, DuckDB
and Spark frames run the same lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..errors import InputError
from ..tables.frames import beside, to_pandas
from .attendance import attendance_features, school_rate_feature
from .catalogue import FEATURES
from .coverage import add_years_on_roll, coverage_on
from .events import suspension_features
from .known import AsOf
from .school_history import school_history_features
from .school_meals import school_meal_features, school_time_starts
from .spells import alternative_provision_features, social_care_features

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]


def build_features(tables: Mapping[str, Any], cohort_frame: pd.DataFrame, as_of: date) -> LazyFrame:
    """Every catalogue feature for every pupil of a cohort, as one lazy frame on the engine that holds the tables.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables (``Store.tables()``), dates as day numbers.
    cohort_frame : pandas.DataFrame
        ``Cohort.frame``: ``pupil_id``, ``school_id``, ``year_group``; one row per pupil.
    as_of : datetime.date
        The as-of date. A fact that could not be known on it is not used.

    Returns
    -------
    narwhals.LazyFrame
        ``pupil_id`` and one Float64 column per catalogue feature, in catalogue order; rows in no order. Missing
        means not known, or for a time since an event, that no such event is known.
    """
    frame, *others = feature_parts(tables, cohort_frame, as_of)
    for part in others:
        frame = frame.join(part, on="pupil_id", how="inner")
    return frame.select("pupil_id", *(nw.col(feature.name).cast(nw.Float64) for feature in FEATURES))


def feature_parts(
    tables: Mapping[str, Any], cohort_frame: pd.DataFrame, as_of: date
) -> tuple[LazyFrame, ...]:
    """The features room by room: lazy frames of ``pupil_id`` and that room's columns, one row per cohort pupil each."""
    moment = AsOf(as_of)
    coverage = coverage_on(tables, moment)
    placed = placed_cohort(tables, cohort_frame, moment)
    with_years = add_years_on_roll(placed, tables, moment)
    return (
        suspension_features(with_years, tables, moment, coverage),
        *social_care_features(placed, tables, moment, coverage),
        alternative_provision_features(placed, tables, moment, coverage),
        school_meal_features(placed, tables, moment, coverage),
        school_history_features(with_years, tables, moment),
        attendance_features(placed, tables, moment),
        school_rate_feature(placed, tables, moment),
    )


def placed_cohort(tables: Mapping[str, Any], cohort_frame: pd.DataFrame, as_of: AsOf) -> LazyFrame:
    """The cohort on the tables' engine: ``pupil_id``, ``school_id``, ``year_group_now``, ``school_time_starts``."""
    if not cohort_frame["pupil_id"].is_unique:
        n, held = len(cohort_frame), cohort_frame["pupil_id"].nunique()
        raise InputError(f"the cohort must hold each pupil once; found {n:,} rows for {held:,} pupils")
    columns = cohort_frame[["pupil_id", "school_id"]].assign(
        year_group_now=cohort_frame["year_group"].astype("int64"),
        school_time_starts=[school_time_starts(group, as_of) for group in cohort_frame["year_group"]],
    )
    return beside(tables, columns)


def collect_features(tables: Mapping[str, Any], cohort_frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The features of ``build_features`` as pandas: one row per cohort pupil, sorted by pupil_id.

    Returns
    -------
    pandas.DataFrame
        ``pupil_id`` and every catalogue feature as float64, missing as NaN.

    Raises
    ------
    InputError
        If the cohort holds a pupil twice, or the rows do not match it one to one.
    """
    import pandas as pd

    pupils = sorted(cohort_frame["pupil_id"].astype("str"))
    columns: dict[str, np.ndarray] = {}
    # Room by room: one plan of every room at once costs an engine more to think about than to run.
    for part in feature_parts(tables, cohort_frame, as_of):
        columns |= _numbers(to_pandas(part), pupils)
    ordered = {feature.name: columns[feature.name] for feature in FEATURES}
    return pd.DataFrame({"pupil_id": pd.Series(pupils, dtype="str"), **ordered})


def _numbers(part: pd.DataFrame, pupils: list[str]) -> dict[str, np.ndarray]:
    ordered = part.sort_values("pupil_id", kind="stable", ignore_index=True)
    if ordered["pupil_id"].tolist() != pupils:
        raise InputError(
            f"features: expected one row for each of {len(pupils):,} pupils of the cohort, found {len(ordered):,} "
            f"rows for {ordered['pupil_id'].nunique():,} pupils (a fault of this package; please report it)"
        )
    names = [name for name in ordered.columns if name != "pupil_id"]
    return {name: ordered[name].to_numpy(dtype="float64", na_value=float("nan")) for name in names}
