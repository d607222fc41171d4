"""The flat record of measures."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.summary import measure
from absence_risk.files import canonical_json


def _made() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    prob = rng.beta(1, 9, 500)
    return (rng.random(500) < prob).astype(int), prob


def test_a_ranking_gets_no_measure_of_calibration() -> None:
    y, prob = _made()
    ranking, whole = measure(y, prob * 100, capacity=50), measure(y, y_prob=prob, capacity=50)
    assert "brier" not in ranking and "calibration_slope" in whole
    assert {name: whole[name] for name in ranking} == ranking


def test_half_and_double_capacity_are_measured_too() -> None:
    y, prob = _made()
    found = measure(y, prob, capacity=50)
    top = np.argsort(-prob)
    assert found["precision_at_half_capacity"] == y[top[:25]].mean()
    assert found["precision_at_capacity"] == y[top[:50]].mean()
    assert found["precision_at_double_capacity"] == y[top[:100]].mean()
    assert found["found_at_capacity"] == y[top[:50]].sum()


def test_a_cohort_smaller_than_capacity_is_ranked_whole() -> None:
    found = measure([1, 0, 0], [3, 2, 1], capacity=10)
    assert found["precision_at_capacity"] == pytest.approx(1 / 3) and found["recall_at_capacity"] == 1.0


def test_what_is_not_defined_is_none_so_that_it_can_be_written() -> None:
    found = measure([0, 0], y_prob=[0.1, 0.2], capacity=1)
    assert found["recall_at_capacity"] is None and found["calibration_slope"] is None
    assert '"roc_auc": null' in canonical_json(found)


def test_exactly_one_of_score_and_probability_is_taken() -> None:
    for given in ({}, {"y_score": [1, 2], "y_prob": [0.1, 0.2]}):
        with pytest.raises(ValueError, match="either y_score"):
            measure([0, 1], capacity=1, **given)


def test_a_team_without_places_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity"):
        measure([0, 1], [1, 2], capacity=0)
