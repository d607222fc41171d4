"""Growing the trees with LightGBM: repeatable to the byte, and no leaf about fewer pupils than is allowed."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RefusedError, UsageError
from ..features.catalogue import Feature
from .drawn import drawn_rows

if TYPE_CHECKING:
    import lightgbm
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Fewer pupils in a leaf would let the model remember a child. Not a setting.
SMALLEST_LEAF_ALLOWED = 10
MAX_BIN = 255
#: From so many rows on, a second thread is worth its waking.
ROWS_FOR_TWO_THREADS = 100_000

# A thread that waits sleeps. By default it spins: on a busy computer two threads then took ten times the work of one.
# LightGBM's OpenMP reads this once, when it is first loaded; whoever has set it otherwise keeps their own.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@dataclass(frozen=True)
class TreeShape:
    """How trees are grown; the names are those of the settings under ``boosting``.

    ``trees`` is a fixed number: the test year never decides when to stop.
    ``smallest_leaf`` is the fewest pupils in a leaf.

    Raises
    ------
    UsageError
        If ``smallest_leaf`` is below 10, so that a leaf could be about one child.
    """

    leaves: int = 8
    trees: int = 200
    learning_rate: float = 0.05
    smallest_leaf: int = 50
    seed: int = 1

    def __post_init__(self) -> None:
        if self.smallest_leaf < SMALLEST_LEAF_ALLOWED:
            raise UsageError(
                f"smallest_leaf is {self.smallest_leaf}; expected {SMALLEST_LEAF_ALLOWED} or more, so that no leaf is "
                "about one child"
            )


def grown_text(
    X: pd.DataFrame,
    y: Array,
    features: tuple[Feature, ...],
    shape: TreeShape,
    *,
    num_threads: int | None = None,
    sample_weight: Array | None = None,
) -> str:
    """The text of a fitted model; what is given and raised is that of ``boosting.fit_boosting``."""
    if sample_weight is not None:
        X, y, sample_weight = drawn_rows(X, y, sample_weight)
    _check(X, y, features, shape)
    import lightgbm

    threads = num_threads or (2 if len(y) >= ROWS_FOR_TWO_THREADS else 1)
    params = {**_params(features, shape, threads), "num_iterations": shape.trees}
    booster = lightgbm.Booster(params, _dataset(X, y, features, threads, sample_weight))
    floor = shape.smallest_leaf
    for number in range(shape.trees):
        needed = _grow_tree(booster, number, shape.smallest_leaf, floor)
        if needed is None:
            break
        floor = needed
    booster.reset_parameter({"min_data_in_leaf": shape.smallest_leaf})
    return _settled(booster.model_to_string(num_iteration=-1), features)


def _grow_tree(booster: lightgbm.Booster, number: int, smallest_leaf: int, floor: int) -> int | None:
    """Add one tree whose every leaf holds the fewest pupils allowed; None if none can be grown.

    LightGBM's own floor is an estimate from the curvature of the loss: it let leaves of 20 pupils pass a floor of 50.
    So the leaves are counted, and a tree that breaks the floor is grown again under a higher one. The next tree begins
    at the floor that this one needed, since it meets the same pupils: beginning each time at the fewest grew three
    trees for every one kept. Where a raised floor leaves no tree, the fewest allowed is tried before giving up.

    Parameters
    ----------
    number : int
        How many trees there are already.
    floor : int
        The floor that the last tree needed, which is the one the booster has.

    Returns
    -------
    int or None
        The floor that this tree needed.
    """
    tried_lowest = floor == smallest_leaf
    while True:
        if booster.update():
            if tried_lowest:
                return None
            floor, tried_lowest = smallest_leaf, True
        else:
            fewest = _fewest_in_a_leaf(booster.model_to_string(start_iteration=number, num_iteration=1))
            if fewest >= smallest_leaf:
                return floor
            booster.rollback_one_iter()
            floor = math.ceil(floor * max(1.25, smallest_leaf / max(fewest, 1)))
        booster.reset_parameter({"min_data_in_leaf": floor})


def _fewest_in_a_leaf(tree_text: str) -> int:
    counts = re.search(r"^leaf_count=(.+)$", tree_text, re.MULTILINE)
    assert counts is not None, "a tree states how many rows each leaf holds"
    return min(int(n) for n in counts[1].split())


def _check(X: pd.DataFrame, y: Array, features: tuple[Feature, ...], shape: TreeShape) -> None:
    if y.all() or not y.any():
        raise RefusedError(
            "training needs pupils who met the outcome and pupils who did not; found one kind only"
        )
    if len(y) < 2 * shape.smallest_leaf:
        raise RefusedError(
            f"{len(y):,} pupils cannot fill two leaves of {shape.smallest_leaf}; train on more years or a larger area"
        )
    if not any(X[f.name].nunique(dropna=False) > 1 for f in features):
        raise RefusedError(
            "every feature has one value for all pupils, so nothing can be learned; check the returns"
        )


def _params(features: tuple[Feature, ...], shape: TreeShape, num_threads: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "learning_rate": shape.learning_rate,
        "min_data_in_leaf": shape.smallest_leaf,
        "max_bin": MAX_BIN,
        "monotone_constraints": [f.direction for f in features],
        # "advanced" broke the directions by 0.03 log-odds in our tests where values are missing (LightGBM issue 6155).
        "monotone_constraints_method": "basic",
        "lambda_l2": 1.0,
        "seed": shape.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": num_threads,
        "verbosity": -1,
    }


def _dataset(
    X: pd.DataFrame, y: Array, features: tuple[Feature, ...], num_threads: int, weight: Array | None = None
) -> Any:
    import lightgbm

    names = [f.name for f in features]
    values = X[names].to_numpy(dtype=np.float64)
    # Features are not sorted out beforehand, or the floor of a leaf could not be changed while growing.
    params = {
        "feature_pre_filter": False,
        "max_bin": MAX_BIN,
        "num_threads": num_threads,
        "verbosity": -1,
    }
    return lightgbm.Dataset(
        values,
        label=y.astype(np.float64),
        weight=weight,
        feature_name=names,
        categorical_feature=[],
        params=params,
    )


def _settled(text: str, features: tuple[Feature, ...]) -> str:
    """The text without what differs between machines, and without the range of each feature.

    A range ends in one child's value; the reader does not need it.
    """
    text = re.sub(r"^\[num_threads: .*\]$", "[num_threads: 1]", text, flags=re.MULTILINE)
    generic = "feature_infos=" + " ".join("[-inf:inf]" for _ in features)
    return re.sub(r"^feature_infos=.*$", generic, text, count=1, flags=re.MULTILINE)
