"""How well a stranger can tell whose records a model was trained on, from what it says of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
_TWO_SIDED_95 = 1.959963984540054


class Attack(NamedTuple):
    """What an attack achieved.

    Attributes
    ----------
    auc : float
        The chance that it ranks a random member above a random stranger, ties counting half: 0.5 is no knowledge.
    low, high : float
        Ends of the 95% interval of ``auc``.
    found_at_one_in_hundred : float
        The share of members it finds while it takes at most one stranger in a hundred for a member: 0.01 is no
        knowledge. An attack may know nothing of most and much of a few (Carlini et al., 2022, arXiv:2112.03570).
    """

    auc: float
    low: float
    high: float
    found_at_one_in_hundred: float


def attack_measured(members: Any, strangers: Any) -> Attack:
    """Measure an attack by the scores it gave to members and to strangers; a higher score says member.

    The interval is that of DeLong et al. (1988), doi:10.2307/2531595, for independent scores: give one score for each
    pupil, not for each row.

    Parameters
    ----------
    members, strangers : array of float, shapes (m,) and (n,)
        At least two each, none missing.

    Raises
    ------
    ValueError
        If there are fewer, or a score is missing.

    Examples
    --------
    >>> attack_measured([3.0, 2.0], [1.0, 0.0])
    Attack(auc=1.0, low=1.0, high=1.0, found_at_one_in_hundred=1.0)
    """
    inside, outside = (np.asarray(scores, dtype=np.float64) for scores in (members, strangers))
    if min(len(inside), len(outside)) < 2 or np.isnan(inside).any() or np.isnan(outside).any():
        raise ValueError("expected two or more scores of members and of strangers, and none of them missing")
    beaten = _share_below(inside, outside)
    beating = 1.0 - _share_below(outside, inside)
    auc = float(beaten.mean())
    error = float(np.sqrt(beaten.var(ddof=1) / len(inside) + beating.var(ddof=1) / len(outside)))
    allowed = len(outside) // 100
    bar = np.sort(outside)[len(outside) - 1 - allowed]
    return Attack(
        auc,
        max(0.0, auc - _TWO_SIDED_95 * error),
        min(1.0, auc + _TWO_SIDED_95 * error),
        float((inside > bar).mean()),
    )


def _share_below(scores: Array, others: Array) -> Array:
    """The share of the others that lie below each score, those equal to it counting half."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return (below + up_to) / (2.0 * len(others))
