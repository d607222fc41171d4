"""What each risk is made of: base + contributions = log-odds of the risk shown, checked on every batch.

Contributions are path-dependent TreeSHAP (Lundberg et al., 2020, doi:10.1038/s42256-019-0138-9) for trees, and
coefficient times distance from the training mean for a logistic model; both are multiplied by the calibration's slope.
They say what the model's number is made of, not what causes absence. The only room that imports shap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AbsenceRiskError
from ..evaluation.calibration import probability
from ..features.catalogue import Feature
from ..models.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd
    import shap

Array = np.ndarray[Any, np.dtype[Any]]

#: How far base + contributions may lie from the log-odds of the risk shown.
TOLERANCE = 1e-9
ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True)
class Explained:
    """Explained risks, in the order of the rows given.

    Attributes
    ----------
    base : float
        Log-odds before anything is known of a pupil.
    contributions : array of float64, shape (n, p)
        Log-odds that each feature adds (above 0) or takes away (below 0), in the order of ``features``.
    log_odds, risk : arrays of float64, shape (n,)
        Calibrated; ``base + contributions.sum(axis=1)`` equals ``log_odds`` to 1e-9.
    features : tuple of Feature
    """

    base: float
    contributions: Array
    log_odds: Array
    risk: Array
    features: tuple[Feature, ...]


def explain(
    bundle: Bundle, X: pd.DataFrame, *, block: int = ROWS_AT_A_TIME, num_threads: int = 1
) -> Explained:
    """Contributions to each pupil's calibrated log-odds.

    Parameters
    ----------
    bundle : Bundle
    X : DataFrame of float64
        The bundle's features in its order; NaN where not known.
    block : int
        Rows explained at a time, which bounds the memory.
    num_threads : int
        The same bits for any number.

    Raises
    ------
    InputError
        If ``X`` does not match the bundle's features.
    AbsenceRiskError
        If the parts do not add up to the whole; nothing is returned then.
    """
    values = bundle.check_input(X)
    slope, intercept = bundle.calibration.slope, bundle.calibration.intercept
    parts, raw_base, margin = _in_blocks(bundle, values, block, num_threads)
    base = intercept + slope * raw_base
    contributions = slope * parts
    log_odds = bundle.calibration.log_odds(margin)
    _check_adds_up(base, contributions, log_odds)
    return Explained(base, contributions, log_odds, probability(log_odds), bundle.features)


def _in_blocks(bundle: Bundle, values: Array, block: int, num_threads: int) -> tuple[Array, float, Array]:
    found = [
        bundle.model.explained(values[start : start + block], num_threads=num_threads)
        for start in range(0, max(1, len(values)), block)
    ]
    parts, bases, margins = zip(*found, strict=True)
    return np.vstack(parts), bases[0], np.concatenate(margins)


def _check_adds_up(base: float, contributions: Array, log_odds: Array) -> None:
    gaps = np.abs(base + contributions.sum(axis=1) - log_odds)
    wrong = int((~(gaps <= TOLERANCE)).sum())
    if wrong:
        raise AbsenceRiskError(
            f"the contributions of {wrong:,} of {len(log_odds):,} rows do not add up to their risk; "
            "nothing was explained. Please report this with the model's hash"
        )


def by_family(contributions: Array, features: tuple[Feature, ...]) -> pd.DataFrame:
    """Contributions summed over each family: shape (n, families), columns in the catalogue's order."""
    return _summed(contributions, [feature.family.value for feature in features])


def by_topic(contributions: Array, features: tuple[Feature, ...]) -> pd.DataFrame:
    """Contributions summed over each topic, which one sentence says together: shape (n, topics)."""
    return _summed(contributions, [feature.topic for feature in features])


def _summed(contributions: Array, groups: list[str]) -> pd.DataFrame:
    import pandas as pd

    names = list(dict.fromkeys(groups))
    columns = {
        name: contributions[:, [place for place, group in enumerate(groups) if group == name]].sum(axis=1)
        for name in names
    }
    return pd.DataFrame(columns, columns=names)


def mean_size(contributions: Array, features: tuple[Feature, ...]) -> pd.DataFrame:
    """How much each feature moves risks in general: the mean size of its contributions, largest first.

    Returns
    -------
    DataFrame
        ``feature``, ``family``, ``label``, ``mean_size`` (log-odds, 0 or more); ties in the catalogue's order.
    """
    import pandas as pd

    sizes = np.abs(contributions).mean(axis=0) if len(contributions) else np.zeros(len(features))
    table = pd.DataFrame(
        {
            "feature": [f.name for f in features],
            "family": [f.family.value for f in features],
            "label": [f.label for f in features],
            "mean_size": sizes,
        }
    )
    return table.sort_values("mean_size", ascending=False, kind="stable", ignore_index=True)


def to_shap(explained: Explained, X: pd.DataFrame) -> shap.Explanation:
    """The same numbers as a ``shap.Explanation``, for an analyst's plots inside the authority."""
    import shap

    return shap.Explanation(
        values=explained.contributions,
        base_values=np.full(len(explained.contributions), explained.base),
        data=X.to_numpy(dtype=np.float64),
        feature_names=[feature.name for feature in explained.features],
    )
