"""Rows drawn again: how often each row counts, as whole numbers; a row drawn no times is not seen at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]


def drawn_rows(X: pd.DataFrame, y: Array, sample_weight: Any) -> tuple[pd.DataFrame, Array, Array]:
    """The rows drawn at least once, their outcomes, and how often each was drawn.

    Parameters
    ----------
    X : DataFrame
        n rows.
    y : array of int, shape (n,)
    sample_weight : array, shape (n,)
        Whole numbers, 0 or more.

    Raises
    ------
    ValueError
        If their number differs from the rows', or one is not a whole number of 0 or more.
    """
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (len(y),):
        raise ValueError(f"expected {len(y)} weights, one per row; found shape {weight.shape}")
    wrong = int((~((weight >= 0) & (weight == np.floor(weight)) & np.isfinite(weight))).sum())
    if wrong:
        raise ValueError(f"a weight says how often a row was drawn, 0 or more; {wrong} do not")
    kept = np.flatnonzero(weight)
    return X.iloc[kept], y[kept], weight[kept]
