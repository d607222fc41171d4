"""How many of the first k are right, and how many of all who matter are among them.

The team can offer a fixed number of places (``capacity``), so the first k of a list are what counts. Pupils who
share the score at the edge of the list are counted in expectation, as if places among them were drawn by lot: a
rule with few distinct values is judged fairly, and no hidden order of the file decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class AtK:
    """A share with the counts it rests on.

    Attributes
    ----------
    value : float
        Share 0-1; NaN where it is not defined.
    k : int
        Length of the list.
    found : float
        Pupils on the list who met the outcome, in expectation over ties at the edge.
    events : int
        Pupils who met the outcome, on the list or not.
    tied : int
        Pupils who share the score at the edge, if not all of them fit; 0 otherwise.
    """

    value: float
    k: int
    found: float
    events: int
    tied: int


def as_labels(y_true: Any) -> Array:
    """The outcomes as 0 and 1.

    Raises
    ------
    ValueError
        If there is none, or one is neither 0 nor 1: an unknown outcome must be left out and counted before.
    """
    labels = np.asarray(y_true)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError("y_true must be a list of outcomes, one per pupil; found none")
    wrong = int((~np.isin(labels, (0, 1))).sum())
    if wrong:
        raise ValueError(f"y_true must hold 0 and 1 only; {wrong} values are something else")
    return labels.astype(np.int64)


def as_scores(y_score: Any, count: int) -> Array:
    """The scores as finite floats, one per outcome.

    Raises
    ------
    ValueError
        If their number differs from ``count`` or one is missing or infinite.
    """
    scores = np.asarray(y_score, dtype=np.float64)
    if scores.shape != (count,):
        raise ValueError(f"expected {count} scores, one per outcome; found shape {scores.shape}")
    wrong = int((~np.isfinite(scores)).sum())
    if wrong:
        raise ValueError(f"every pupil needs a finite score; {wrong} have none")
    return scores


def listed_share(y_score: Array, k: int) -> Array:
    """The chance of each pupil to be among the first ``k``: 1 above the edge, 0 below, in proportion on it.

    Raises
    ------
    ValueError
        If ``k`` is not within 1 and n.

    Examples
    --------
    >>> listed_share(np.array([0.9, 0.5, 0.5, 0.1]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    edge = _edge(y_score, k)
    above, at_edge = y_score > edge, y_score == edge
    return np.where(above, 1.0, np.where(at_edge, (k - above.sum()) / at_edge.sum(), 0.0))


def _edge(scores: Array, k: int) -> float:
    if not 1 <= k <= scores.size:
        raise ValueError(f"k must lie between 1 and the {scores.size} pupils ranked, not {k}")
    return float(np.partition(scores, scores.size - k)[scores.size - k])


def _found(labels: Array, scores: Array, k: int) -> tuple[float, int]:
    edge = _edge(scores, k)
    above, at_edge = scores > edge, scores == edge
    places, tied = k - int(above.sum()), int(at_edge.sum())
    found = float(labels[above].sum()) + places * float(labels[at_edge].sum()) / tied
    return found, tied if places < tied else 0


def precision_at_k(y_true: Any, y_score: Any, k: int) -> AtK:
    """The share of the first ``k`` pupils who met the outcome.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        1 if the outcome was met. Unknown outcomes are not accepted.
    y_score : array of float, shape (n,)
        Higher comes first. Not necessarily a probability.
    k : int
        Length of the list, 1 to n.

    Examples
    --------
    >>> precision_at_k([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], 2).value
    0.5
    >>> precision_at_k([1, 0, 0, 0], [1.0, 1.0, 1.0, 1.0], 2).value  # four share two places
    0.25
    """
    labels = as_labels(y_true)
    found, tied = _found(labels, as_scores(y_score, labels.size), k)
    return AtK(found / k, k, found, int(labels.sum()), tied)


def recall_at_k(y_true: Any, y_score: Any, k: int) -> AtK:
    """The share of all who met the outcome that is among the first ``k``; NaN if nobody met it.

    Parameters are those of :func:`precision_at_k`.
    """
    labels = as_labels(y_true)
    found, tied = _found(labels, as_scores(y_score, labels.size), k)
    events = int(labels.sum())
    return AtK(found / events if events else float("nan"), k, found, events, tied)


def average_precision(y_true: Any, y_score: Any) -> float:
    """Average precision (area under the precision-recall steps); NaN if nobody met the outcome.

    Ties are one step, so their order in the file has no effect.
    """
    labels = as_labels(y_true)
    scores = as_scores(y_score, labels.size)
    if not labels.any():
        return float("nan")
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, scores))


def roc_auc(y_true: Any, y_score: Any) -> float:
    """The chance that a pupil who met the outcome stands above one who did not, ties counting half.

    NaN unless both kinds are present.
    """
    labels = as_labels(y_true)
    scores = as_scores(y_score, labels.size)
    if labels.all() or not labels.any():
        return float("nan")
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def by_list_length(y_true: Any, y_score: Any, lengths: Iterable[int]) -> pd.DataFrame:
    """Precision and recall for several list lengths.

    Returns
    -------
    DataFrame
        One row per length: ``k``, ``precision``, ``recall``, ``found``, ``tied``.
    """
    import pandas as pd

    rows = []
    for k in lengths:
        precision, recall = precision_at_k(y_true, y_score, k), recall_at_k(y_true, y_score, k)
        rows.append((k, precision.value, recall.value, precision.found, precision.tied))
    return pd.DataFrame(rows, columns=["k", "precision", "recall", "found", "tied"])
