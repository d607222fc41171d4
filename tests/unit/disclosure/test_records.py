"""Measures of a training run as they may stand in a shared tracking store or on a card."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.disclosure import DisclosurePolicy, printable_record
from absence_risk.evaluation.summary import measure

POLICY = DisclosurePolicy()


def record(seed: int, capacity: int) -> dict[str, float | None]:
    rng = np.random.default_rng(seed)
    prob = rng.beta(0.6, 9.0, 600)
    return measure((rng.random(600) < prob).astype(int), y_prob=prob, capacity=capacity)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("capacity", [5, 20, 80])
def test_no_count_below_ten_and_no_exact_count_can_be_worked_back(seed, capacity) -> None:
    exact = record(seed, capacity)
    shown = printable_record(exact, POLICY)
    assert set(shown) == set(exact)
    for name in ("n", "events", "found_at_capacity"):
        assert shown[name] is None or shown[name] % 5 == 0
    for at, k in (
        ("at_half_capacity", capacity // 2),
        ("at_capacity", capacity),
        ("at_double_capacity", 2 * capacity),
    ):
        precision = shown[f"precision_{at}"]
        found = exact[f"precision_{at}"] * k
        if 0 < round(found, 6) < 10:
            assert precision is None and shown[f"recall_{at}"] is None
        else:
            assert precision == min(1.0, round(precision * k / 5) * 5 / k)


def test_statistics_stay_as_they_are_and_an_exact_policy_changes_nothing() -> None:
    exact = record(1, 80)
    assert printable_record(exact, POLICY)["roc_auc"] == exact["roc_auc"]
    assert printable_record(exact, DisclosurePolicy(suppress_below=0, round_to=1)) == exact


def test_a_rule_without_probabilities_keeps_its_gaps() -> None:
    shown = printable_record(
        {"capacity": 20, "n": 600, "events": None, "precision_at_capacity": None}, POLICY
    )
    assert shown["precision_at_capacity"] is None and shown["recall_at_capacity"] is None
