"""Pupils in several feature years with drawn features and outcomes, for tests of refits and factors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from made_matrix import matrix

from absence_risk.dataset import Dataset
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.features.catalogue import CATALOGUE, FEATURES, Feature
from absence_risk.models.boosting import BoostedTrees, TreeShape, fit_boosting

PUPILS, SCHOOLS = 900, 12
YEARS = (2022, 2023, 2024)
SHAPE = TreeShape(trees=15, smallest_leaf=20)
FEW: tuple[Feature, ...] = tuple(
    CATALOGUE[name]
    for name in ("suspensions_this_year", "cin_current", "ap_days_this_year", "fsm_now", "year_group")
)


def dataset_of(
    X: pd.DataFrame, y: Any, *, years: Any = None, pupils: Any = None, schools: Any = None
) -> Dataset:
    """A dataset of these rows; a feature that is not given is missing everywhere."""
    n = len(y)
    whole = X.reindex(columns=[f.name for f in FEATURES]).astype("float64").reset_index(drop=True)
    return Dataset(
        X=whole,
        y=np.asarray(y, dtype=np.int64),
        pupil_id=np.asarray([f"p{i:04d}" for i in range(n)] if pupils is None else pupils, dtype=object),
        school_id=np.asarray(
            [f"s{i % SCHOOLS:02d}" for i in range(n)] if schools is None else schools, dtype=object
        ),
        academic_year=np.asarray(np.full(n, YEARS[0]) if years is None else years, dtype=np.int64),
        flow=(),
    )


@cache
def three_years() -> tuple[Dataset, Dataset, Dataset]:
    """Training, calibration and test: the same 900 pupils in each of three years, and a fourth of training rows twice.

    The outcome goes with suspensions most, then child in need, then free school meals; alternative provision is noise.
    """
    rng = np.random.default_rng(5)
    X = matrix(11, PUPILS * len(YEARS))
    eta = -3.0 + 1.6 * X["suspensions_this_year"] + 1.4 * X["cin_current"] + 0.9 * X["fsm_now"]
    y = rng.random(len(X)) < 1 / (1 + np.exp(-eta.to_numpy()))
    pupils = np.tile([f"p{i:04d}" for i in range(PUPILS)], len(YEARS))
    schools = np.tile([f"s{i % SCHOOLS:02d}" for i in range(PUPILS)], len(YEARS))
    whole = dataset_of(X, y, years=np.repeat(YEARS, PUPILS), pupils=pupils, schools=schools)
    first, second, third = (whole.in_years([AcademicYear(year)]) for year in YEARS)
    return first, second, third


def fit_few(X: pd.DataFrame, y: Any, sample_weight: Any, seed: int) -> BoostedTrees:
    shape = TreeShape(trees=SHAPE.trees, smallest_leaf=SHAPE.smallest_leaf, seed=seed)
    return fit_boosting(X, y, FEW, shape, sample_weight=sample_weight)


def fit_features(X: pd.DataFrame, y: Any, features: tuple[Feature, ...]) -> BoostedTrees:
    return fit_boosting(X, y, features, SHAPE)


FitFew = Callable[[pd.DataFrame, Any, Any, int], BoostedTrees]
