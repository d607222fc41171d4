"""Small boosted trees (LightGBM) held to the catalogue's directions. The only room that imports lightgbm.

Eight leaves a tree, at least 50 pupils a leaf, no categorical splits: small trees explain about ten times faster,
and path-dependent contributions are exact on plain numbers. A model is text, never a pickle; the same data and
settings give the same bytes, whatever the number of threads.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BundleError, RefusedError, UsageError
from ..features.catalogue import Feature
from .drawn import drawn_rows
from .tree_words import Splits, contributions_by_word, splits_of

if TYPE_CHECKING:
    import lightgbm
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

#: Fewer pupils in a leaf would let the model remember a child. Not a setting.
SMALLEST_LEAF_ALLOWED = 10
MAX_BIN = 255


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


@dataclass(frozen=True)
class BoostedTrees:
    """Fitted trees as LightGBM's own text, read when first needed.

    The text is trusted: LightGBM's reader can end the process on a damaged file, so ``bundle.load`` checks its hash
    before it comes here.
    """

    model_text: str

    kind = "lightgbm"
    file_name = "model.txt"

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """The model as LightGBM reads it."""
        import lightgbm

        try:
            return lightgbm.Booster(model_str=self.model_text)
        except lightgbm.basic.LightGBMError:
            raise BundleError("model.txt is not a model that this LightGBM reads; train again") from None

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(self.booster.feature_name())

    def margin(self, values: Array, *, num_threads: int = 1) -> Array:
        """Log-odds before calibration, shape (n,), of values with shape (n, p)."""
        if not len(values):
            return np.zeros(0)
        found = self.booster.predict(values, raw_score=True, num_threads=num_threads)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, values: Array, *, num_threads: int = 1) -> tuple[Array, float]:
        """Path-dependent TreeSHAP (Lundberg et al., 2020, doi:10.1038/s42256-019-0138-9), by LightGBM itself.

        The numbers are those of ``shap.TreeExplainer``; a test holds them equal. Small trees are explained by their
        words (see ``tree_words``), which takes one thread; others row by row.

        Returns
        -------
        tuple of array, shape (n, p), and float
            Log-odds that each feature adds, and the base they are added to.
        """
        # One row is asked for even when there is none, since the base comes with the rows.
        asked = values if len(values) else np.full((1, values.shape[1]), np.nan)
        if self.splits is None:
            found = self._library_contributions(asked, num_threads=num_threads)
            return found[: len(values), :-1], float(found[0, -1])
        parts, base = contributions_by_word(self.splits, asked, self._tree_contributions)
        return parts[: len(values)], base

    @cached_property
    def splits(self) -> tuple[Splits, ...] | None:
        """The splits of every tree, or None if the trees are too large to be explained by their words."""
        return splits_of(self.model_text)

    def _tree_contributions(self, number: int, values: Array) -> Array:
        return self._library_contributions(values, start_iteration=number, num_iteration=1, num_threads=1)

    def _library_contributions(self, values: Array, **which: int) -> Array:
        return np.asarray(self.booster.predict(values, pred_contrib=True, **which), dtype=np.float64)

    def text(self) -> str:
        """The model as text; the same model, the same bytes."""
        return self.model_text

    @classmethod
    def from_text(cls, text: str) -> BoostedTrees:
        """A model from text whose hash has been checked."""
        return cls(text)


def fit_boosting(
    X: pd.DataFrame,
    y: Array,
    features: tuple[Feature, ...],
    shape: TreeShape | None = None,
    *,
    num_threads: int = 1,
    sample_weight: Array | None = None,
) -> BoostedTrees:
    """Fit trees whose effects keep the catalogue's directions; repeatable to the byte.

    Parameters
    ----------
    X : DataFrame of float64
        One column per feature (more are ignored); NaN where not known.
    y : array of int, shape (n,)
        0 or 1.
    features : tuple of Feature
        In the order the model keeps; ``direction`` becomes its monotone constraint.
    shape : TreeShape, optional
    num_threads : int
        The same bytes for any number.
    sample_weight : array, shape (n,), optional
        How often each row was drawn, whole numbers; a row drawn no times is left out. ``smallest_leaf`` counts
        distinct rows, so that a child drawn often does not fill a leaf.

    Raises
    ------
    RefusedError
        If only one kind of outcome is present, no feature varies, or there are too few pupils for two leaves.
    ValueError
        If a weight is not a whole number of 0 or more.
    """
    shape = shape or TreeShape()
    if sample_weight is not None:
        X, y, sample_weight = drawn_rows(X, y, sample_weight)
    _check(X, y, features, shape)
    import lightgbm

    params = {**_params(features, shape, num_threads), "num_iterations": shape.trees}
    booster = lightgbm.Booster(params, _dataset(X, y, features, sample_weight))
    for number in range(shape.trees):
        if not _grow_tree(booster, number, shape.smallest_leaf):
            break
    booster.reset_parameter({"min_data_in_leaf": shape.smallest_leaf})
    return BoostedTrees(_settled(booster.model_to_string(num_iteration=-1), features))


def _grow_tree(booster: lightgbm.Booster, number: int, smallest_leaf: int) -> bool:
    """Add one tree whose every leaf holds the fewest pupils allowed; False if none can be grown.

    LightGBM's own floor is an estimate from the curvature of the loss: it let leaves of 20 pupils pass a floor of 50.
    So the leaves are counted, and a tree that breaks the floor is grown again under a higher one.
    """
    asked = smallest_leaf
    while True:
        booster.reset_parameter({"min_data_in_leaf": asked})
        if booster.update():
            return False
        fewest = _fewest_in_a_leaf(booster.model_to_string(start_iteration=number, num_iteration=1))
        if fewest >= smallest_leaf:
            return True
        booster.rollback_one_iter()
        asked = math.ceil(asked * max(1.25, smallest_leaf / max(fewest, 1)))


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


def _dataset(X: pd.DataFrame, y: Array, features: tuple[Feature, ...], weight: Array | None = None) -> Any:
    import lightgbm

    names = [f.name for f in features]
    values = X[names].to_numpy(dtype=np.float64)
    # Features are not sorted out beforehand, or the floor of a leaf could not be changed while growing.
    params = {"feature_pre_filter": False, "max_bin": MAX_BIN, "verbosity": -1}
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
