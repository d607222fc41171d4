"""Measures of a training run as they may stand in a shared tracking store or on a card."""

from __future__ import annotations

import math

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
            printed = 5 * math.floor(round(found, 6) / 5 + 0.5)
            assert precision == min(1.0, printed / k)
            assert shown[f"recall_{at}"] == min(1.0, printed / shown["events"])


def test_statistics_stay_as_they_are_and_an_exact_policy_changes_nothing() -> None:
    exact = record(1, 80)
    assert printable_record(exact, POLICY)["roc_auc"] == exact["roc_auc"]
    assert printable_record(exact, DisclosurePolicy(suppress_below=0, round_to=1)) == exact


def test_a_rule_without_probabilities_keeps_its_gaps() -> None:
    shown = printable_record(
        {"capacity": 20, "n": 600, "events": None, "precision_at_capacity": None}, POLICY
    )
    assert shown["precision_at_capacity"] is None and shown["recall_at_capacity"] is None


def drawn(policy: DisclosurePolicy = POLICY, **record: float | None) -> dict[str, float | None]:
    return printable_record(record, policy)


@pytest.mark.parametrize(("below", "to", "expected"), [(0, 2, 1.0), (2, 1, None)])
def test_the_half_of_a_list_of_one_is_one_pupil(below: int, to: int, expected: float | None) -> None:
    shown = drawn(DisclosurePolicy(below, to), capacity=1, n=30, precision_at_half_capacity=1.0)
    assert shown["precision_at_half_capacity"] == expected


def test_a_list_is_no_longer_than_there_are_pupils() -> None:
    # 20 of the 60 pupils met the outcome, and the list of 80 holds all of them.
    shown = drawn(capacity=80, n=60, events=20, precision_at_capacity=20 / 60)
    assert (shown["precision_at_capacity"], shown["recall_at_capacity"]) == (20 / 60, 1.0)


def test_without_the_number_of_pupils_a_list_is_as_long_as_its_capacity() -> None:
    assert drawn(capacity=20, precision_at_capacity=0.5)["precision_at_capacity"] == 0.5


def test_without_a_length_of_list_no_share_of_it_is_printed() -> None:
    assert drawn(n=600, precision_at_capacity=0.0)["precision_at_capacity"] is None


def test_a_share_is_never_more_than_all() -> None:
    assert drawn(capacity=18, n=600, precision_at_capacity=1.0)["precision_at_capacity"] == 1.0


def test_the_share_with_the_outcome_is_of_the_counts_as_printed() -> None:
    assert drawn(n=602, events=52, prevalence=52 / 602)["prevalence"] == 50 / 600
    assert drawn(n=602, events=9, prevalence=9 / 602)["prevalence"] is None
    assert "prevalence" not in drawn(n=602, events=52)


def test_pupils_found_are_those_stated_where_they_are_stated() -> None:
    shown = drawn(capacity=20, n=600, found_at_capacity=12.0, precision_at_capacity=0.9)
    assert (shown["found_at_capacity"], shown["precision_at_capacity"]) == (10, 0.5)
