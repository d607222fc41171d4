"""Who is firmly on a list: the same pupil is listed by most models trained on other draws of the same past pupils."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.stability import inclusion_share
from .refits import Refit, risks_of

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: A pupil is firmly on the list if at least this many tenths of the refits list the same pupil.
FIRM_TENTHS = 8


def is_firm(inclusion: Array, refits: int) -> Array:
    """Whether each pupil is on at least 8 in 10 of the refits' lists; shape (n,).

    Lists are counted, not shares: 24 of 30 is 8 in 10 exactly. Ties at a list's edge are shares of a place, so the
    count is first freed of float noise.

    >>> is_firm(np.array([0.8, 23 / 30]), 30).tolist()
    [True, False]
    """
    return np.round(inclusion * refits, 6) * 10 >= FIRM_TENTHS * refits


def firm_pupils(refits: Sequence[Refit], facts: pd.DataFrame, capacity: int) -> dict[str, bool]:
    """Whether each pupil is firmly on a list of this length.

    Parameters
    ----------
    refits : sequence of Refit
        Of the very model whose list it is (``refits.read_refits``).
    facts : DataFrame
        ``pupil_id`` and the features of the whole cohort, float64.
    capacity : int
        Length of the list; a smaller cohort is listed whole.
    """
    inclusion = inclusion_share(risks_of(refits, facts), min(capacity, len(facts)))
    return dict(zip(facts["pupil_id"], is_firm(inclusion, len(refits)).tolist(), strict=True))
