"""Random trees as LightGBM text, fitted on random numbers: missing values, ties, constants, trees that never split."""

from __future__ import annotations

from functools import cache
from typing import Any

import lightgbm
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@cache
def fitted(
    seed: int = 0,
    *,
    features: int = 9,
    leaves: int = 8,
    trees: int = 12,
    missing: float = 0.2,
    rows: int = 600,
) -> lightgbm.Booster:
    """A model of random rows, half of whose features are whole numbers; nothing stands in the way of small leaves."""
    draw = np.random.default_rng(seed)
    X = rows_like(draw, rows, features, missing)
    eta = np.nan_to_num(X) @ draw.normal(0, 1, features)
    y = (eta + draw.normal(0, 1, rows) > np.median(eta)).astype(float)
    params = {
        "objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 3, "verbosity": -1, "num_threads": 1,
        "seed": seed, "deterministic": True, "force_row_wise": True, "learning_rate": 0.3,
    }  # fmt: skip
    return lightgbm.train(params, lightgbm.Dataset(X, label=y), num_boost_round=trees)


def rows_like(draw: np.random.Generator, rows: int, features: int, missing: float) -> Array:
    """Rows whose even columns are small whole numbers (many ties) and whose odd ones are not; the last is constant."""
    X = draw.normal(0, 2, (rows, features))
    X[:, ::2] = np.round(X[:, ::2])
    X[:, -1] = 1.0
    X[draw.random(X.shape) < missing] = np.nan
    return X


def text_of(model: lightgbm.Booster) -> str:
    return str(model.model_to_string(num_iteration=-1))
