"""Models and bundles fitted on made-up feature rows, for benchmarks that need one of a stated size."""

from __future__ import annotations

from typing import Any

import numpy as np
from made_rows import rows_and_outcomes

from absence_risk.domain.outcome import OUTCOMES
from absence_risk.features.catalogue import Family, model_features
from absence_risk.models.bands import fit_bands
from absence_risk.models.boosting import BoostedTrees, TreeShape, fit_boosting
from absence_risk.models.bundle import Bundle
from absence_risk.models.calibration import LinearCalibration
from absence_risk.models.contract import learn_ranges

Array = np.ndarray[Any, np.dtype[Any]]

FEATURES = model_features(tuple(Family))
TRAINING_ROWS = 100_000
#: Another seed than that of the rows that are explained: the model has not seen them.
TRAINING_SEED = 2


def training_rows(rows: int) -> tuple[Any, Array]:
    """A frame of the model's features and the outcomes, at most ``TRAINING_ROWS`` of them."""
    import pandas as pd

    columns, outcome = rows_and_outcomes(min(rows, TRAINING_ROWS), seed=TRAINING_SEED)
    return pd.DataFrame({f.name: columns[f.name].astype(np.float64) for f in FEATURES}), outcome


def fitted(leaves: int, trees: int, X: Any, y: Array) -> BoostedTrees:
    """Boosted trees of this many leaves, with attendance, held to the catalogue's directions."""
    smallest = max(10, min(50, len(X) // 20))
    return fit_boosting(X, y, FEATURES, TreeShape(leaves=leaves, trees=trees, smallest_leaf=smallest))


def made_bundle(leaves: int, trees: int, rows: int) -> Bundle:
    """A whole bundle of made-up rows; its measures are left empty, since nothing is judged here."""
    X, y = training_rows(rows)
    return bundle_of(fitted(leaves, trees, X, y), X, y)


def bundle_of(model: BoostedTrees, X: Any, y: Array) -> Bundle:
    """A bundle around a model, with its bands and ranges from the rows it was fitted on."""
    calibration = LinearCalibration(intercept=0.0, slope=1.0)
    risk = calibration.risk(model.margin(X.to_numpy()))
    again = -(-2_000 // len(X))  # enough pupils in each band to say how many, however few rows were asked for
    return Bundle(
        name="made_up",
        model=model,
        features=FEATURES,
        outcome=OUTCOMES["unauthorised"].definition(),
        years={"trained": ["2022/23"], "calibrated": "2023/24", "tested": None},
        as_of=(10, 31),
        capacity=150,
        calibration=calibration,
        bands=fit_bands(risk, np.tile(risk, again), np.tile(y, again)),
        ranges=learn_ranges(X, FEATURES),
        data={"made_up": "yes"},
    )
