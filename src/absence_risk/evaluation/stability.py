"""Whether the same pupils would be listed had the model been trained on another draw of the same past.

A list that changes with the luck of training is luck for the families on it (Miller and Blume, 2026, on flips of
decisions between refits). Pupils who share the score at the edge of a list are on it in part, as in :mod:`.ranking`;
between two lists the same lot decides for both, so that a list agrees with itself wholly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .ranking import Array, as_scores, listed_share


def inclusion_share(scores: Any, k: int) -> Array:
    """The share of refits in which each pupil is among the first ``k``; shape (n,), 0-1.

    Parameters
    ----------
    scores : array of float, shape (refits, n)
        Higher comes first.
    k : int
        Length of the list, 1 to n.

    Examples
    --------
    >>> inclusion_share([[0.9, 0.5, 0.1], [0.2, 0.8, 0.1]], 1).tolist()
    [0.5, 0.5, 0.0]
    """
    return _listed(scores, k).mean(axis=0)


def share_that_stays(score: Any, refits: Any, k: int) -> Array:
    """Of the list by ``score`` (n,), the share also on the list of each refit (refits, n); shape (refits,), 0-1."""
    first, others = _listed([score], k), _listed(refits, k)
    return np.minimum(first, others).sum(axis=1) / k


def jaccard_at_k(score: Any, refits: Any, k: int) -> Array:
    """Pupils on both lists of those on either, for each refit; shape (refits,), 0-1.

    It falls faster than the share that stays: with half of a list kept it is a third.
    """
    first, others = _listed([score], k), _listed(refits, k)
    return np.minimum(first, others).sum(axis=1) / np.maximum(first, others).sum(axis=1)


@dataclass(frozen=True)
class Swings:
    """How far a pupil's risk moves between refits.

    Attributes
    ----------
    by_pupil : array of float, shape (n,)
        Highest less lowest risk.
    largest, percentile_95 : float
        Over all pupils.
    """

    by_pupil: Array
    largest: float
    percentile_95: float


def largest_swing(risks: Any) -> Swings:
    """How far each pupil's risk moves between refits: highest less lowest of (refits, n) probabilities.

    Raises
    ------
    ValueError
        If a risk is missing.
    """
    table = _as_table(risks)
    swing = table.max(axis=0) - table.min(axis=0)
    return Swings(swing, float(swing.max()), float(np.quantile(swing, 0.95)))


def _as_table(scores: Any) -> Array:
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"expected scores by refit and pupil, found an array of shape {table.shape}")
    return np.vstack([as_scores(row, table.shape[1]) for row in table])


def _listed(scores: Any, k: int) -> Array:
    return np.vstack([listed_share(row, k) for row in _as_table(scores)])
