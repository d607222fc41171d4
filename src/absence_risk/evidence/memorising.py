"""Whether a model of these settings remembers the children it was trained on: an attack on models of our own.

The pupils of the training years are split in two at random, whole pupils, so that members and strangers are alike but
for having been trained on. One model is attacked; the attacker knows a child's records *and* outcome, and has a model
of her own from the other half of the same authority. She says "member" the more, the better the attacked model foretold
the outcome than hers did: some outcomes are easy for any model, and only the difference speaks of memory (loss
attack of Yeom et al., 2018, doi:10.1109/CSF.2018.00027, held against a reference model as by Watson et al., 2022,
arXiv:2111.08440). SACRO-ML gathers further attacks; one with many models is tried in the slow tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RefusedError
from ..evaluation.membership import Attack, attack_measured

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset
    from ..features.catalogue import Feature
    from ..models.bundle import Model

Array = np.ndarray[Any, np.dtype[Any]]
Fit = Callable[["pd.DataFrame", Array], "Model"]


def halves(pupil_id: Array, seed: int) -> Array:
    """Which rows are of the first half of the pupils, shape (n,); all rows of a pupil are of one half.

    Pupils are drawn in order of their id, so the order of rows has no effect.
    """
    pupils, place = np.unique(pupil_id.astype(str), return_inverse=True)
    first = np.zeros(len(pupils), dtype=bool)
    first[np.random.default_rng([seed, 6]).permutation(len(pupils))[: len(pupils) // 2]] = True
    return first[place.ravel()]


def knowledge(margin: Array, y: Array) -> Array:
    """How well each outcome was foretold: its log-likelihood at a margin (log-odds), 0 at best, shape (n,)."""
    return -np.logaddexp(0.0, np.where(y == 1, -margin, margin))


def by_pupil(pupil_id: Array, scores: Array) -> tuple[Array, Array]:
    """Each pupil once, in order of id, and the mean of that pupil's scores."""
    pupils, place = np.unique(pupil_id.astype(str), return_inverse=True)
    place = place.ravel()
    return pupils, np.bincount(place, scores) / np.bincount(place)


def memorising(train: Dataset, features: tuple[Feature, ...], fit: Fit, *, seed: int) -> Attack | None:
    """Attack a model fitted on one half of the training pupils; None where half of them are too few to fit one.

    Parameters
    ----------
    train : Dataset
        The rows the candidate was trained on.
    features : tuple of Feature
        In the model's order.
    fit : callable
        Fits a model of the candidate's kind and shape on some rows and their outcomes.
    seed : int
        Of the halves.
    """
    inside = halves(train.pupil_id, seed)
    names = [feature.name for feature in features]
    values = train.X[names].to_numpy(dtype=np.float64)
    try:
        attacked, own = (
            knowledge(
                fit(train.X.loc[half, names].reset_index(drop=True), train.y[half]).margin(values), train.y
            )
            for half in (inside, ~inside)
        )
    except RefusedError:
        return None
    members, strangers = (
        by_pupil(train.pupil_id[half], (attacked - own)[half])[1] for half in (inside, ~inside)
    )
    return attack_measured(members, strangers)


def as_facts(attack: Attack | None) -> Mapping[str, float] | None:
    """The attack as facts of a backtest, to three places; None stays None."""
    return None if attack is None else {name: round(value, 3) for name, value in attack._asdict().items()}
