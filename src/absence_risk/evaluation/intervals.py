"""How sure it is that one list finds more than another at the same length.

Pupils of one school are alike, so whole schools are drawn again (cluster bootstrap; Field and Welsh, 2007,
doi:10.1111/j.1467-9868.2007.00593.x), and both lists are judged on the same draw (paired): what is common to both
falls out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .drawn_ranking import DrawnRanking
from .draws import draw_schools, ends
from .ranking import as_labels, as_scores


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
    scores = [as_scores(score, labels.size) for score in (first, second)]
    if not 1 <= k <= labels.size:
        raise ValueError(f"k must lie between 1 and the {labels.size} pupils ranked, not {k}")
    draws = draw_schools(cluster, rounds=rounds, random_state=random_state)
    if draws.n != labels.size:
        raise ValueError("an interval needs the school of each pupil, and two schools or more")
    one, other = (DrawnRanking(score, draws).top(k).sums(labels) for score in scores)
    # Per pupil of the draw, since draws differ in size; then for as many pupils as there are.
    low, high = ends((one - other)[1:] / draws.sizes[1:] * labels.size, level)
    found, also = float(one[0]), float(other[0])
    return Uplift(k, found, also, found - also, low, high, level, len(draws.schools), rounds)
