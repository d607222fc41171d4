"""An attack is measured by what it tells apart: nothing, everything, or much of a few."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.membership import attack_measured


def test_scores_that_know_nothing_are_near_a_half_and_the_interval_holds_it_about_as_often_as_it_says() -> (
    None
):
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        found = attack_measured(rng.normal(size=150), rng.normal(size=90))
        held += found.low <= 0.5 <= found.high
    assert 180 <= held <= 199


def test_the_area_is_the_share_of_pairs_in_the_right_order_ties_counting_half() -> None:
    members, strangers = np.array([3.0, 1.0, 1.0]), np.array([1.0, 0.0, 2.0, 3.0])
    pairs = np.sign(members[:, None] - strangers[None, :])
    found = attack_measured(members, strangers)
    assert found.auc == pytest.approx((pairs == 1).mean() + (pairs == 0).mean() / 2)
    assert found.low < found.auc < found.high


def test_an_attack_that_knows_a_few_for_certain_is_seen_where_the_area_hardly_shows_it() -> None:
    rng = np.random.default_rng(2)
    members, strangers = rng.normal(size=1_000), rng.normal(size=1_000)
    members[:50] += 100.0
    found = attack_measured(members, strangers)
    assert found.auc < 0.56 and 0.05 <= found.found_at_one_in_hundred < 0.08


def test_too_few_scores_or_a_missing_one_are_refused() -> None:
    for members, strangers in (([1.0], [0.0, 1.0]), ([1.0, np.nan], [0.0, 1.0])):
        with pytest.raises(ValueError, match="none of them missing"):
            attack_measured(members, strangers)
