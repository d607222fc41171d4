"""Whether the same pupils would be listed had the model been trained on other draws of the same past pupils."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.ranking import listed_share, precision_at_k
from ..evaluation.stability import inclusion_share, jaccard_at_k, largest_swing, share_that_stays
from .tables import EVIDENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Bands of inclusion share, by their lower end in tenths; the last holds 1 as well.
_BANDS = tuple(f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}" for tenth in range(10))


@dataclass(frozen=True)
class Stability:
    """How steady the candidate's list is.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``stability`` and ``inclusion``, with the columns of ``EVIDENCE_TABLES``.
    inclusion : array of float, shape (n,)
        The share of refits that list each pupil, 0-1; never shown for one child.
    median_inclusion : float
        Of the listed pupils.
    largest_swing, swing_95 : float
        Highest less lowest risk of one pupil over the refits: the largest of all pupils, and the 95th percentile.
    """

    tables: dict[str, pd.DataFrame]
    inclusion: Array = field(repr=False)
    median_inclusion: float
    largest_swing: float
    swing_95: float


def stability_of(y_true: Array, risk: Array, refit_risks: Array, *, capacity: int) -> Stability:
    """Compare the candidate's list with the list of each refit, at the same length.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        Outcomes of the test year.
    risk : array of float, shape (n,)
        By the candidate.
    refit_risks : array of float, shape (refits, n)
        By each refit (``refits.risks_of``).
    capacity : int
        Length of the list; a smaller year is listed whole.
    """
    k = min(capacity, len(y_true))
    inclusion, listed = inclusion_share(refit_risks, k), listed_share(risk, k)
    swings = largest_swing(refit_risks)
    return Stability(
        tables={
            "stability": _by_refit(y_true, risk, refit_risks, k),
            "inclusion": _by_band(inclusion, listed, len(refit_risks)),
        },
        inclusion=inclusion,
        median_inclusion=_weighted_median(inclusion, listed),
        largest_swing=swings.largest,
        swing_95=swings.percentile_95,
    )


def _by_refit(y_true: Array, risk: Array, refit_risks: Array, k: int) -> pd.DataFrame:
    stays, jaccard = share_that_stays(risk, refit_risks, k), jaccard_at_k(risk, refit_risks, k)
    rows = (
        {
            "refit": number,
            "share_that_stays": float(stays[number - 1]),
            "jaccard": float(jaccard[number - 1]),
            "found": precision_at_k(y_true, scores, k).found,
        }
        for number, scores in enumerate(refit_risks, start=1)
    )
    return EVIDENCE_TABLES["stability"].frame(rows)


def _by_band(inclusion: Array, listed: Array, refits: int) -> pd.DataFrame:
    counted = np.round(inclusion * refits, 6)
    band = np.minimum(np.floor(counted * 10 / refits), len(_BANDS) - 1).astype(np.int64)
    on_the_list = np.bincount(band, weights=listed, minlength=len(_BANDS))
    off_it = np.bincount(band, weights=(1 - listed) * (inclusion > 0), minlength=len(_BANDS))
    return EVIDENCE_TABLES["inclusion"].frame(
        {"inclusion": words, "listed": float(on_the_list[place]), "not_listed": float(off_it[place])}
        for place, words in enumerate(_BANDS)
    )


def _weighted_median(values: Array, weight: Array) -> float:
    """The lower median of values, each counted by its weight: a pupil tied at the edge is on the list in part."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2 - 1e-9)])
