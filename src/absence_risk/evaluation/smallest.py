"""The smallest of several sizes of model whose loss against the best may be chance.

A rule in the spirit of the one-standard-error rule (Breiman, Friedman, Olshen and Stone, 1984, Classification and
Regression Trees, section 3.4.3), for the measure that a team feels: pupils found at the length of its list. Every
size is paired with the best on the same draws of whole schools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .intervals import Uplift, uplift_at_k
from .ranking import as_labels, precision_at_k

#: Found pupils are counts, or fractions of ties: less than this is the noise of sums.
_NOISE = 1e-9


@dataclass(frozen=True)
class Size:
    """One size of model beside the best.

    Attributes
    ----------
    size : int
        As leaves of a tree; smaller costs less.
    found : float
        Pupils rightly listed, ties at the edge in expectation.
    lost : Uplift or None
        How many more the best finds, with its interval; None where there are too few schools to draw.
    best, chosen : bool
        The best finds the most; of equals, the smallest. Exactly one size is the best and one is chosen.
    """

    size: int
    found: float
    lost: Uplift | None
    best: bool
    chosen: bool

    @property
    def loss_is_clear(self) -> bool:
        """The whole interval of its loss lies above nought."""
        return self.lost is not None and self.lost.low > _NOISE


def smallest_as_good(
    y_true: Any,
    scores: Mapping[int, Any],
    k: int,
    *,
    cluster: Any,
    rounds: int,
    level: float = 0.95,
    random_state: int = 0,
) -> tuple[Size, ...]:
    """Weigh sizes against the best, and choose the smallest whose loss is not clear.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1, of pupils that no size was fitted on.
    scores : mapping of int to array of float, shape (n,)
        The ranking by each size.
    k : int
        Length of the list; at least 1 and at most n.
    cluster : array, shape (n,)
        The school of each pupil. With fewer than two schools nothing can be drawn: the best is chosen.
    rounds, level, random_state
        Draws, confidence of the interval, and their seed.

    Returns
    -------
    tuple of Size
        The smallest first.

    Raises
    ------
    ValueError
        If no size is given, or the arrays do not fit each other.

    Examples
    --------
    >>> y, school = [1, 1, 0, 0, 0, 0] * 4, list("abcdefghijkl" * 2)
    >>> weighed = smallest_as_good(y, {4: y, 31: y}, 8, cluster=school, rounds=50)
    >>> [(one.size, one.found, one.chosen) for one in weighed]
    [(4, 8.0, True), (31, 8.0, False)]
    """
    labels = as_labels(y_true)
    found = {size: precision_at_k(labels, scores[size], k).found for size in sorted(scores)}
    if not found:
        raise ValueError("there is no size to choose from")
    most = max(found.values())
    best = next(size for size, right in found.items() if right >= most - _NOISE)
    drawn = {"cluster": cluster, "rounds": rounds, "level": level, "random_state": random_state}
    enough = len(set(cluster)) > 1
    weighed = [
        Size(
            size,
            right,
            _lost(labels, scores[best], scores[size], k, drawn) if enough else None,
            size == best,
            False,
        )
        for size, right in found.items()
    ]
    taken = next(one.size for one in weighed if one.best or (enough and not one.loss_is_clear))
    return tuple(Size(w.size, w.found, w.lost, w.best, w.size == taken) for w in weighed)


def _lost(labels: Any, best: Any, other: Any, k: int, drawn: Mapping[str, Any]) -> Uplift:
    return uplift_at_k(labels, best, other, k, **drawn)
