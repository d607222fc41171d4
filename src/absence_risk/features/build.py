"""One function builds the features, for training and for scoring alike; written in narwhals, so that pandas, DuckDB
and Spark frames run the same lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..errors import InputError
from ..tables.frames import beside, kept, to_pandas
from .attendance import attendance_features
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


def build_features(tables: Mapping[str, Any], cohort: Any, as_of: date) -> LazyFrame:
    """Every catalogue feature for every pupil of a cohort, as one lazy frame on the engine that holds the tables.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables (``Store.tables()``), dates as day numbers; ``school_sums`` may stand among them
        (``attendance.attendance_features``).
    cohort : pandas.DataFrame or narwhals.LazyFrame
        ``Cohort.frame``, or a lazy frame on the tables' engine: ``pupil_id``, ``school_id``, ``year_group``; one row
        per pupil.
    as_of : datetime.date
        The as-of date. A fact that could not be known on it is not used.

    Returns
    -------
    narwhals.LazyFrame
        ``pupil_id`` and one Float64 column per catalogue feature, in catalogue order; rows in no order. Missing
        means not known, or for a time since an event, that no such event is known. DuckDB works the rooms out here,
        one by one, and only joins and writes what they gave when the frame is read.
    """
    # One plan of every room at once costs DuckDB more to think about than to run.
    frame, *others = (kept(tables, part) for part in feature_parts(tables, cohort, as_of))
    for part in others:
        frame = frame.join(part, on="pupil_id", how="inner")
    return frame.select("pupil_id", *(nw.col(feature.name).cast(nw.Float64) for feature in FEATURES))


def feature_parts(tables: Mapping[str, Any], cohort: Any, as_of: date) -> tuple[LazyFrame, ...]:
    """The features room by room: lazy frames of ``pupil_id`` and that room's columns, one row per cohort pupil each."""
    moment = AsOf(as_of)
    coverage = coverage_on(tables, moment)
    placed = placed_cohort(tables, cohort, moment)
    with_years = kept(tables, add_years_on_roll(placed, tables, moment))
    return (
        suspension_features(with_years, tables, moment, coverage),
        *social_care_features(with_years, tables, moment, coverage),
        alternative_provision_features(with_years, tables, moment, coverage),
        school_meal_features(with_years, tables, moment, coverage),
        school_history_features(with_years, tables, moment),
        attendance_features(with_years, tables, moment),
    )


def placed_cohort(tables: Mapping[str, Any], cohort: Any, as_of: AsOf) -> LazyFrame:
    """The cohort on the tables' engine: ``pupil_id``, ``school_id``, ``year_group_now``, ``school_time_starts``.

    Raises
    ------
    InputError
        If a cohort given as a pandas frame holds a pupil twice. A lazy one is not read here.
    """
    if not isinstance(cohort, nw.LazyFrame):
        if not cohort["pupil_id"].is_unique:
            n, held = len(cohort), cohort["pupil_id"].nunique()
            raise InputError(f"the cohort must hold each pupil once; found {n:,} rows for {held:,} pupils")
        columns = cohort[["pupil_id", "school_id"]].assign(year_group=cohort["year_group"].astype("int64"))
        cohort = beside(tables, columns)
    group = nw.col("year_group").cast(nw.Int64)
    return cohort.select(
        "pupil_id", "school_id", group.alias("year_group_now"), school_time_starts(group, as_of)
    )


def collect_features(tables: Mapping[str, Any], cohort: pd.DataFrame, as_of: date) -> pd.DataFrame:
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

    pupils = sorted(cohort["pupil_id"].astype("str"))
    columns: dict[str, np.ndarray] = {}
    for part in feature_parts(tables, cohort, as_of):
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
