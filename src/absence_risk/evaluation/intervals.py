"""How sure it is that one list finds more than another at the same length.

Pupils of one school are alike, so whole schools are drawn again (cluster bootstrap; Field and Welsh, 2007,
doi:10.1111/j.1467-9868.2007.00593.x), and both lists are judged on the same draw (paired): what is common to both
falls out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .ranking import Array, as_labels, as_scores


@dataclass(frozen=True)
class Uplift:
    """How many more pupils the first list finds than the second among ``k``, with an interval.

    Attributes
    ----------
    first, second : float
        Found by each, ties at the edge in expectation.
    difference, low, high : float
        ``first - second`` and the ends of its interval, in pupils.
    level : float
        Confidence of the interval, 0-1.
    clusters, rounds : int
        Schools drawn from, and draws made.
    """

    k: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    level: float
    clusters: int
    rounds: int

    @property
    def is_clear(self) -> bool:
        """The whole interval lies above nought."""
        return self.low > 0


class _Ranking:
    """Rows in order of score, with the ends of each run of equal scores."""

    def __init__(self, labels: Array, scores: Array) -> None:
        self.order = np.argsort(-scores, kind="stable")
        ordered = scores[self.order]
        self.ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
        self.labels = labels[self.order]

    def found(self, weight: Array, share: float) -> float:
        """Weight of those found in the first ``share`` of the weight; places among equals in proportion."""
        ordered = weight[self.order]
        places = np.append(0.0, np.cumsum(ordered)[self.ends])
        events = np.append(0.0, np.cumsum(ordered * self.labels)[self.ends])
        return float(np.interp(share * places[-1], places, events))


def uplift_at_k(
    y_true: Any,
    first: Any,
    second: Any,
    k: int,
    *,
    cluster: Any,
    rounds: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
) -> Uplift:
    """Compare two rankings of the same pupils at the same length of list.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1.
    first, second : arrays of float, shape (n,)
        Scores; higher comes first.
    k : int
        Length of the list; a draw of another size gets a list of the same share.
    cluster : array, shape (n,)
        The school of each pupil.
    rounds : int
        Draws; the same ``random_state`` gives the same interval.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, ``k`` is not within 1 and n, or there are fewer than two schools.
    """
    labels = as_labels(y_true)
    rankings = [_Ranking(labels, as_scores(score, labels.size)) for score in (first, second)]
    if not 1 <= k <= labels.size:
        raise ValueError(f"k must lie between 1 and the {labels.size} pupils ranked, not {k}")
    names, places = np.unique(np.asarray(cluster), return_inverse=True)
    if places.shape != (labels.size,) or len(names) < 2:
        raise ValueError("an interval needs the school of each pupil, and two schools or more")
    share, random = k / labels.size, np.random.default_rng(random_state)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    gaps = [_gap(rankings, counts[places].astype(np.float64), share) * labels.size for counts in drawn]
    low, high = np.quantile(gaps, ((1 - level) / 2, (1 + level) / 2))
    one, other = (ranking.found(np.ones(labels.size), share) for ranking in rankings)
    return Uplift(k, one, other, one - other, float(low), float(high), level, len(names), rounds)


def _gap(rankings: list[_Ranking], weight: Array, share: float) -> float:
    # Per pupil of the draw, since draws differ in size.
    return (rankings[0].found(weight, share) - rankings[1].found(weight, share)) / float(weight.sum())
