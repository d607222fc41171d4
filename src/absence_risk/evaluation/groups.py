"""Whether the list serves each group of pupils alike: who is listed, who is missed, and whether the risks hold.

A table by group beside the whole, after fairlearn's disaggregated results. Small groups are shown with their counts and
marked; nothing is suppressed here, so what leaves the authority goes through disclosure control first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .calibration import as_probabilities
from .ranking import Array, as_labels

if TYPE_CHECKING:
    import pandas as pd

NOT_RECORDED = "not recorded"
OVERALL = "overall"

#: With fewer pupils who met the outcome, a group's miss rate says little.
FEWEST_EVENTS = 20


def listed_share(y_score: Array, k: int) -> Array:
    """The chance of each pupil to be among the first ``k``: 1 above the edge, 0 below, in proportion on it.

    >>> listed_share(np.array([0.9, 0.5, 0.5, 0.1]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    edge = np.partition(y_score, len(y_score) - k)[len(y_score) - k]
    above, at_edge = y_score > edge, y_score == edge
    return np.where(above, 1.0, np.where(at_edge, (k - above.sum()) / at_edge.sum(), 0.0))


def by_group(y_true: Any, y_prob: Any, group: Any, *, k: int) -> pd.DataFrame:
    """The list of the first ``k``, group by group and for all.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1.
    y_prob : array of float, shape (n,)
        Calibrated probabilities.
    group : array, shape (n,)
        A group's name per pupil; missing becomes "not recorded".
    k : int
        Length of the list over all groups together.

    Returns
    -------
    DataFrame
        ``overall`` first, then the groups by name: ``group``, ``n``, ``events``, ``listed`` (expected over ties),
        ``selection_rate`` (listed of n), ``precision`` (met the outcome of listed), ``miss_rate`` (not listed of
        those who met it), ``mean_prob``, ``observed``, ``calibration_gap`` (observed less stated), ``enough`` (at
        least 20 events). NaN where a share has nothing beneath it.

    Raises
    ------
    ValueError
        If the arrays do not fit each other or ``k`` is not within 1 and n.
    """
    import pandas as pd

    labels = as_labels(y_true)
    probs = as_probabilities(y_prob, labels.size)
    names = pd.Series(group, dtype=object).to_numpy()
    if names.shape != labels.shape or not 1 <= k <= labels.size:
        raise ValueError(f"expected one group per pupil and k between 1 and {labels.size}")
    frame = pd.DataFrame({"y": labels, "prob": probs, "listed": listed_share(probs, k)})
    named = pd.Series(np.where(pd.isna(names), NOT_RECORDED, names), dtype=object).astype(str)
    rows = [_row(OVERALL, frame)]
    rows += [_row(str(name), frame[(named == name).to_numpy()]) for name in sorted(named.unique())]
    return pd.DataFrame(rows)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _row(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    n, events, listed = len(frame), int(frame["y"].sum()), float(frame["listed"].sum())
    found = float((frame["listed"] * frame["y"]).sum())
    stated, observed = float(frame["prob"].mean()), _share(events, n)
    return {
        "group": name,
        "n": n,
        "events": events,
        "listed": listed,
        "selection_rate": _share(listed, n),
        "precision": _share(found, listed),
        "miss_rate": _share(events - found, events),
        "mean_prob": stated,
        "observed": observed,
        "calibration_gap": observed - stated,
        "enough": events >= FEWEST_EVENTS,
    }
