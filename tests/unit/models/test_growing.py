"""How trees are grown: no leaf about fewer pupils than allowed, and what cannot be fitted is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_matrix import ALL, SHAPE, matrix, outcomes, parts, trees

from absence_risk.errors import RefusedError, UsageError
from absence_risk.models.boosting import fit_boosting
from absence_risk.models.growing import TreeShape, _dataset, _params


def test_every_leaf_holds_the_fewest_pupils_allowed() -> None:
    counts = [
        int(n) for found in re.findall(r"^leaf_count=(.+)$", trees().text(), re.M) for n in found.split()
    ]
    assert len(counts) > SHAPE.trees and min(counts) >= SHAPE.smallest_leaf


def test_a_tree_under_lightgbms_own_floor_is_grown_again() -> None:
    import lightgbm

    # The library's floor is an estimate: were it exact, ours would be needless and this test says so.
    p = parts()
    theirs = lightgbm.train(_params(ALL, SHAPE, 1), _dataset(p.X, p.y, ALL, 1), num_boost_round=SHAPE.trees)
    counts = re.findall(r"^leaf_count=(.+)$", theirs.model_to_string(), re.M)
    assert min(int(n) for found in counts for n in found.split()) < SHAPE.smallest_leaf


def test_few_trees_are_grown_twice_since_each_begins_at_the_floor_that_the_last_one_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import lightgbm

    grown, again = [], []
    update, rollback = lightgbm.Booster.update, lightgbm.Booster.rollback_one_iter
    monkeypatch.setattr(lightgbm.Booster, "update", lambda self: grown.append(1) or update(self))
    monkeypatch.setattr(lightgbm.Booster, "rollback_one_iter", lambda self: again.append(1) or rollback(self))
    p = parts()
    fit_boosting(p.X, p.y, ALL, SHAPE)
    assert len(grown) == SHAPE.trees + len(again)
    assert 0 < len(again) < SHAPE.trees / 4


def test_where_a_raised_floor_leaves_no_tree_the_fewest_allowed_is_tried_before_giving_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import lightgbm

    none_left: list[bool] = []
    update = lightgbm.Booster.update
    monkeypatch.setattr(
        lightgbm.Booster, "update", lambda self: none_left.append(update(self)) or none_left[-1]
    )
    fit_boosting(matrix(1, 100), outcomes(1, 100), ALL, TreeShape(smallest_leaf=40))
    last = len(none_left) - 1
    assert none_left[last] and any(none_left[:last]) and not all(none_left[:last])
    assert not none_left[none_left.index(True) + 1]


def test_a_leaf_about_one_child_cannot_be_asked_for() -> None:
    with pytest.raises(UsageError, match="10 or more"):
        TreeShape(smallest_leaf=9)


def test_too_few_pupils_or_one_kind_of_outcome_is_refused() -> None:
    p = parts()
    with pytest.raises(RefusedError, match="cannot fill two leaves"):
        fit_boosting(p.X[:30], p.y[:30], ALL, SHAPE)
    with pytest.raises(RefusedError, match="one kind only"):
        fit_boosting(p.X, np.ones(len(p.y), dtype=int), ALL, SHAPE)


def test_features_that_are_the_same_for_all_are_refused() -> None:
    p = parts()
    with pytest.raises(RefusedError, match="one value for all pupils"):
        fit_boosting(p.X.fillna(0.0) * 0.0, p.y, ALL, SHAPE)
