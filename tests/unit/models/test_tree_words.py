"""Contributions by words are LightGBM's own, to the last few bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_matrix import ALL, SHAPE, parts, trees

from absence_risk.models.boosting import BoostedTrees, fit_boosting
from absence_risk.models.tree_words import splits_of


def _same(model: BoostedTrees, values: np.ndarray) -> None:
    theirs = model._library_contributions(values)
    ours, base = model.contributions(values)
    assert np.abs(ours - theirs[:, :-1]).max() < 1e-12
    assert base == pytest.approx(theirs[0, -1], abs=1e-12)


@pytest.mark.parametrize("leaves", [2, 4, 8, 15])
def test_trees_of_every_small_size_are_explained_alike(leaves: int) -> None:
    p = parts()
    model = fit_boosting(p.X, p.y, ALL, replace(SHAPE, leaves=leaves, trees=15))
    assert model.splits is not None and len(model.splits) == 15
    _same(model, p.later.to_numpy())


def test_missing_values_where_training_had_none_and_everywhere_are_explained_alike() -> None:
    values = parts().later.to_numpy()[:300].copy()
    values[np.random.default_rng(0).random(values.shape) < 0.4] = np.nan
    values[0] = np.nan
    values[1] = 0.0
    values[2] = -0.0
    _same(trees(), values)


def test_a_value_on_a_threshold_goes_the_same_way() -> None:
    assert trees().splits is not None
    values = np.repeat(parts().later.to_numpy()[:1], 60, axis=0)
    splits = [
        (f, t) for tree in trees().splits or () for f, t in zip(tree.features, tree.thresholds, strict=True)
    ]
    for row, (feature, threshold) in enumerate(splits[:60]):
        values[row, feature] = threshold if row % 2 else np.nextafter(threshold, np.inf)
    _same(trees(), values)


def test_trees_too_large_for_words_fall_back_to_the_library() -> None:
    p = parts()
    model = fit_boosting(p.X, p.y, ALL, replace(SHAPE, leaves=31, smallest_leaf=10, trees=3))
    assert model.splits is None
    theirs = model._library_contributions(p.later.to_numpy())
    assert np.array_equal(model.contributions(p.later.to_numpy())[0], theirs[:, :-1])


def test_a_categorical_split_falls_back_to_the_library() -> None:
    text = trees().text()
    assert splits_of(text) is not None
    assert splits_of(text.replace("num_cat=0", "num_cat=1", 1)) is None
    assert splits_of("") is None


def test_a_model_that_found_nothing_to_split_on_has_a_base_alone() -> None:
    p = parts()
    X = p.X.fillna(0.0) * 0.0
    X.loc[:4, "fsm_now"] = 1.0  # five pupils are too few for a leaf of their own
    model = fit_boosting(X, p.y, ALL, replace(SHAPE, trees=3))
    values = p.later.to_numpy()[:5]
    contributions, base = model.contributions(values)
    assert not contributions.any()
    assert np.full(5, base) == pytest.approx(model.margin(values), abs=1e-12)
