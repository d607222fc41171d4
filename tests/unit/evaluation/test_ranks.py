"""The order of a few things, and how sure each place is."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.ranks import rank_interval


def test_the_largest_comes_first_and_a_clear_order_is_sure() -> None:
    draws = np.random.default_rng(0).normal([1.0, 9.0, 5.0], 0.1, (200, 3))
    found = rank_interval(draws, [1.0, 9.0, 5.0])
    for ranks in (found.value, found.low, found.high):
        assert ranks.tolist() == [3.0, 1.0, 2.0]


def test_two_that_cannot_be_told_apart_may_stand_in_either_place() -> None:
    draws = np.random.default_rng(0).normal([5.0, 5.1, 0.0], 1.0, (500, 3))
    found = rank_interval(draws, [5.0, 5.1, 0.0])
    assert found.value.tolist() == [2.0, 1.0, 3.0]
    assert found.low.tolist() == [1.0, 1.0, 3.0] and found.high.tolist() == [2.0, 2.0, 3.0]


def test_ranks_are_those_of_scipy_and_equals_share_their_places() -> None:
    from scipy.stats import rankdata

    table = np.random.default_rng(1).integers(0, 4, (40, 6)).astype(float)
    for row in table:
        assert rank_interval([row]).value.tolist() == rankdata(-row).tolist()


def test_without_numbers_the_mean_of_the_draws_is_ranked() -> None:
    assert rank_interval([[1.0, 2.0], [9.0, 2.0]]).value.tolist() == [1.0, 2.0]


def test_an_item_without_a_number_has_no_place_and_takes_none() -> None:
    nan = float("nan")
    found = rank_interval([[1.0, nan, 3.0], [1.5, nan, nan], [1.0, nan, 2.0]], [1.0, nan, 3.0])
    assert found.value[[0, 2]].tolist() == [2.0, 1.0] and found.low[[0, 2]].tolist() == [2.0, 1.0]
    assert np.isnan([found.value[1], found.low[1], found.high[1]]).all()


def test_no_draw_at_all_gives_no_place() -> None:
    assert np.isnan(rank_interval(np.full((3, 2), np.nan)).value).all()


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="draws by items"):
        rank_interval([1.0, 2.0])
    with pytest.raises(ValueError, match="one number for each of the 2 items"):
        rank_interval([[1.0, 2.0]], [1.0, 2.0, 3.0])
