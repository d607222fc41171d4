"""An additive model (interpret's Explainable Boosting Machine) as an optional challenger. Interpret's one door.

One curve per feature and nothing between features (Lou, Caruana and Gehrke, 2012, doi:10.1145/2339530.2339556), held to
the catalogue's directions. It is judged beside the other models and never saved: the library keeps models as pickles
only.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RefusedError, UsageError
from ..features.catalogue import Feature

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Fits averaged into one model. The library's own 14 take over a minute on 90,000 rows and rank no better here.
OUTER_BAGS = 2
MAX_BINS = 256
#: Rounds end the fit at the latest; a held-out part of the training years ends it sooner.
MOST_ROUNDS = 4000
#: Fewer pupils behind a step of a curve would let it remember a child.
SMALLEST_STEP = 50


@dataclass(frozen=True)
class AdditiveModel:
    """A fitted additive model: an intercept and one curve per feature, all in log-odds."""

    fitted: Any = field(repr=False)
    features: tuple[Feature, ...]

    kind = "additive"

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    def margin(self, values: Array, *, num_threads: int = 1) -> Array:
        """Log-odds before calibration, shape (n,), of values with shape (n, p); NaN where not known."""
        if not len(values):
            return np.zeros(0)
        return np.asarray(self.fitted.decision_function(values), dtype=np.float64)


def fit_additive(X: pd.DataFrame, y: Array, features: tuple[Feature, ...], *, seed: int) -> AdditiveModel:
    """Fit one curve per feature, without interactions; the same data and seed give the same numbers.

    Parameters
    ----------
    X : DataFrame of float64
        One column per feature (more are ignored); NaN where not known, which gets a step of its own.
    y : array of int, shape (n,)
        0 or 1.
    features : tuple of Feature
        ``direction`` becomes the monotone constraint of the curve.
    seed : int

    Raises
    ------
    UsageError
        If interpret is not installed.
    RefusedError
        If only one kind of outcome is present.
    """
    if y.all() or not y.any():
        raise RefusedError(
            "training needs pupils who met the outcome and pupils who did not; found one kind only"
        )
    names = [feature.name for feature in features]
    model = _blank(features, seed)
    with warnings.catch_warnings():
        # The library warns that its pictures leave out missing values; none of its pictures is drawn.
        warnings.filterwarnings("ignore", message="Missing values detected", category=UserWarning)
        model.fit(X[names].to_numpy(dtype=np.float64), y)
    return AdditiveModel(model, features)


def _blank(features: tuple[Feature, ...], seed: int) -> Any:
    try:
        from interpret.glassbox import ExplainableBoostingClassifier
    except ImportError:
        raise UsageError(
            "the additive model needs the package interpret-core; install absence-risk[extra-models], or set "
            "`additive: false` under `evidence`"
        ) from None
    return ExplainableBoostingClassifier(
        feature_names=[feature.name for feature in features],
        feature_types=["continuous"] * len(features),
        interactions=0,
        outer_bags=OUTER_BAGS,
        max_bins=MAX_BINS,
        max_rounds=MOST_ROUNDS,
        min_samples_leaf=SMALLEST_STEP,
        monotone_constraints=[feature.direction for feature in features],
        n_jobs=1,
        random_state=seed,
    )
