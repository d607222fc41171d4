"""Whether making offers by these probabilities does more good than making them to everyone or to no one.

Net benefit (Vickers and Elkin, 2006, doi:10.1177/0272989X06295361) counts right offers per pupil and takes off the
wrong ones, each weighed by what the threshold says of it: who would make an offer at 20 in 100 holds one right offer
to be worth four wrong ones. The threshold is a judgement of value; no data can choose it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .calibration import as_probabilities
from .drawn_ranking import DrawnRanking
from .draws import SchoolDraws, estimate
from .ranking import Array, as_labels, as_scores

if TYPE_CHECKING:
    import pandas as pd

LISTED, EVERYONE, NO_ONE = "listed", "everyone", "no one"


def net_benefit(y_true: Any, y_prob: Any, thresholds: Iterable[float], draws: SchoolDraws) -> pd.DataFrame:
    """Net benefit of an offer to every pupil at or above each threshold, beside everyone and no one.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1.
    y_prob : array of float, shape (n,)
        Calibrated probabilities (0-1).
    thresholds : iterable of float
        Above 0 and below 1.
    draws : SchoolDraws
        Of the same pupils in the same order.

    Returns
    -------
    DataFrame
        ``policy`` (`listed`, `everyone`, `no one`), ``threshold``, ``net_benefit`` (right offers per pupil less
        weighed wrong ones), ``net_benefit_low``, ``net_benefit_high``; by policy, then by threshold as given.

    Raises
    ------
    ValueError
        If the arrays do not fit each other or a threshold is not between 0 and 1.
    """
    labels, cuts = as_labels(y_true), _as_thresholds(thresholds)
    right, listed = _at_or_above(labels, as_probabilities(y_prob, labels.size), cuts, draws)
    events, sizes = draws.whole_and_draws(labels)[:, None], draws.sizes[:, None]
    rows = _rows(LISTED, cuts, _benefit(right, listed - right, sizes, cuts))
    rows += _rows(EVERYONE, cuts, _benefit(events, sizes - events, sizes, cuts))
    return _frame(rows + _rows(NO_ONE, cuts, np.zeros((1 + draws.rounds, len(cuts)))))


def net_benefit_of_list(
    y_true: Any, y_score: Any, k: int, thresholds: Iterable[float], draws: SchoolDraws
) -> pd.DataFrame:
    """Net benefit of an offer to the first ``k`` pupils, whatever their score: for a rule without probabilities.

    The list is the same at every threshold; only what a wrong offer weighs changes. Ties at the edge count in
    expectation, and a draw of another size gets a list of the same share.

    Parameters, columns and faults are those of :func:`net_benefit`; ``policy`` is `listed` throughout.
    """
    labels, cuts = as_labels(y_true), _as_thresholds(thresholds)
    top = DrawnRanking(as_scores(y_score, labels.size), draws).top(k)
    right = top.sums(labels)[:, None]
    return _frame(
        _rows(LISTED, cuts, _benefit(right, top.places[:, None] - right, draws.sizes[:, None], cuts))
    )


def _as_thresholds(thresholds: Iterable[float]) -> Array:
    cuts = np.asarray(list(thresholds), dtype=np.float64)
    if not ((cuts > 0) & (cuts < 1)).all():
        raise ValueError("a threshold is a probability above 0 and below 1")
    return cuts


def _at_or_above(labels: Array, probs: Array, cuts: Array, draws: SchoolDraws) -> tuple[Array, Array]:
    """Pupils at or above each threshold who met the outcome, and all of them; shape (1 + rounds, thresholds)."""
    order = np.argsort(cuts, kind="stable")
    # A pupil of step s is at or above the s lowest thresholds and no other.
    steps = np.searchsorted(cuts[order], probs, side="right")
    found = []
    for values in (labels, None):
        by_step = draws.sums_within(steps, len(cuts) + 1, values)
        from_top = np.cumsum(by_step[:, ::-1], axis=1)[:, ::-1][:, 1:]
        found.append(from_top[:, np.argsort(order, kind="stable")])
    return found[0], found[1]


def _benefit(right: Array, wrong: Array, sizes: Array, cuts: Array) -> Array:
    return (right - wrong * (cuts / (1.0 - cuts))) / sizes


def _rows(policy: str, cuts: Array, values: Array) -> list[tuple[str, float, float, float, float]]:
    found = [estimate(column) for column in values.T]
    return [(policy, float(cut), e.value, e.low, e.high) for cut, e in zip(cuts, found, strict=True)]


def _frame(rows: list[tuple[str, float, float, float, float]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["policy", "threshold", "net_benefit", "net_benefit_low", "net_benefit_high"]
    return pd.DataFrame(rows, columns=columns)
