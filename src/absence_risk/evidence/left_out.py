"""The same model without each family of records: what is lost at capacity, as evidence of whether a data set is needed.

A data set that makes no difference to whom the team would find should not be asked for (data protection impact
assessment: necessity). A family is left out by training again on the same pupils and years; both models are judged on
the same draws of schools.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.draws import SchoolDraws
from ..evaluation.measures import MeasuredYear, measure_year, paired
from ..features.catalogue import Family, Feature
from .refits import AT_A_TIME
from .tables import EVIDENCE_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ..dataset import Dataset
    from ..models.bundle import Model

    FitFeatures = Callable[[pd.DataFrame, Any, tuple[Feature, ...]], Model]

Array = np.ndarray[Any, np.dtype[Any]]

#: The returns each family of records comes from.
DATA_SETS: dict[Family, str] = {
    Family.SUSPENSIONS: "School Census",
    Family.SOCIAL_CARE: "CIN census and SSDA903",
    Family.ALTERNATIVE_PROVISION: "School Census and AP census",
    Family.FREE_SCHOOL_MEALS: "School Census",
    Family.CONTEXT: "School Census",
    Family.ATTENDANCE: "School Census",
}


@dataclass(frozen=True)
class LeftOut:
    """The candidate on the test year, and the same model without each of its families, on the same draws."""

    whole: MeasuredYear
    without: Mapping[Family, MeasuredYear]


def leave_families_out(
    train: Dataset,
    test: Dataset,
    features: tuple[Feature, ...],
    fit: FitFeatures,
    candidate_score: Array,
    draws: SchoolDraws,
    *,
    capacity: int,
) -> LeftOut:
    """Train without each family of the candidate in turn, and judge each on the test year.

    Parameters
    ----------
    train, test : Dataset
        The rows the candidate was trained on, and those of the test year.
    features : tuple of Feature
        The candidate's.
    fit : callable
        ``fit(X, y, features)`` gives a model with ``margin``.
    candidate_score : array of float, shape (n,)
        The candidate's risk of each row of ``test``.
    draws : SchoolDraws
        Of the rows of ``test``.
    capacity : int
        Places the team can offer.
    """
    families = [family for family in Family if any(f.family is family for f in features)]

    def one(family: Family) -> MeasuredYear:
        kept = tuple(f for f in features if f.family is not family)
        return _measured(test.y, _score(train, test, kept, fit), draws, capacity)

    with ThreadPoolExecutor(max_workers=AT_A_TIME) as threads:
        found = list(threads.map(one, families))
    return LeftOut(
        _measured(test.y, candidate_score, draws, capacity), dict(zip(families, found, strict=True))
    )


def _score(train: Dataset, test: Dataset, kept: tuple[Feature, ...], fit: FitFeatures) -> Array:
    # With no feature, or none that varies, every pupil looks the same: places are then as good as drawn by lot.
    names = [feature.name for feature in kept]
    if not any(train.X[name].nunique(dropna=False) > 1 for name in names):
        return np.zeros(len(test.y))
    return fit(train.X[names], train.y, kept).margin(test.X[names].to_numpy(dtype=np.float64))


def _measured(y: Array, score: Array, draws: SchoolDraws, capacity: int) -> MeasuredYear:
    return measure_year(y, score, draws, capacity=capacity, is_probability=False)


def necessity(left_out: LeftOut) -> pd.DataFrame:
    """What is lost at capacity without each family, as the table ``necessity``, in the catalogue's order."""
    found = left_out.whole.estimates["found_at_capacity"].value
    rows = []
    for family, measured in left_out.without.items():
        loss = paired(left_out.whole, measured, "found_at_capacity")
        precision = paired(left_out.whole, measured, "average_precision")
        rows.append(
            {
                "family": family.value,
                "data_sets": DATA_SETS[family],
                "found_with": found,
                "found_without": measured.estimates["found_at_capacity"].value,
                "loss": loss.value,
                "loss_low": loss.low,
                "loss_high": loss.high,
                "average_precision_loss": precision.value,
                "average_precision_loss_low": precision.low,
                "average_precision_loss_high": precision.high,
            }
        )
    return EVIDENCE_TABLES["necessity"].frame(rows)
