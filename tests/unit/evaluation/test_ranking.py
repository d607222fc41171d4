"""The first k of a list, ties counted in expectation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from absence_risk.evaluation.ranking import (
    average_precision,
    by_list_length,
    precision_at_k,
    recall_at_k,
    roc_auc,
)

#            score  met
DRAWN = [
    (0.9, 1),
    (0.8, 0),
    (0.8, 1),
    (0.8, 0),
    (0.1, 1),
]  # fmt: skip
SCORE = [score for score, _ in DRAWN]
MET = [met for _, met in DRAWN]


@pytest.mark.parametrize(
    ("k", "found", "tied"),
    [
        (1, 1.0, 0),
        (2, 1.0 + 1 / 3, 3),  # one place for three pupils, one of whom met the outcome
        (3, 1.0 + 2 / 3, 3),
        (4, 2.0, 0),  # all three fit, so nobody is drawn by lot
        (5, 3.0, 0),
    ],
)
def test_places_among_equals_are_counted_in_expectation(k: int, found: float, tied: int) -> None:
    at = precision_at_k(MET, SCORE, k)
    assert at.found == pytest.approx(found) and at.tied == tied and at.events == 3
    assert at.value == pytest.approx(found / k)
    assert recall_at_k(MET, SCORE, k).value == pytest.approx(found / 3)


def test_the_expectation_is_the_mean_over_every_order_of_the_tied_pupils() -> None:
    for k in range(1, 6):
        founds = []
        for order in itertools.permutations((1, 2, 3)):
            listed = [0, *order, 4][:k]
            founds.append(sum(MET[place] for place in listed))
        assert precision_at_k(MET, SCORE, k).found == pytest.approx(np.mean(founds))


def test_the_order_of_the_rows_changes_nothing() -> None:
    shuffled = np.random.default_rng(3).permutation(5)
    for k in range(1, 6):
        assert precision_at_k(np.array(MET)[shuffled], np.array(SCORE)[shuffled], k) == precision_at_k(
            MET, SCORE, k
        )


def test_a_rule_that_says_the_same_of_everyone_is_as_good_as_chance() -> None:
    assert precision_at_k(MET, [0.0] * 5, 2).value == pytest.approx(3 / 5)
    assert roc_auc(MET, [0.0] * 5) == 0.5


def test_precision_times_the_list_equals_recall_times_the_events() -> None:
    rng = np.random.default_rng(1)
    y, score = rng.integers(0, 2, 200), rng.integers(0, 9, 200)
    for k in (1, 7, 50, 200):
        assert precision_at_k(y, score, k).value * k == pytest.approx(
            recall_at_k(y, score, k).value * y.sum()
        )


def test_what_is_not_defined_is_nan_and_not_zero() -> None:
    assert math.isnan(recall_at_k([0, 0], [0.1, 0.2], 1).value)
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert math.isnan(roc_auc([1, 1], [0.1, 0.2]))


@pytest.mark.parametrize("k", [0, 6, -1])
def test_a_list_of_another_length_than_one_to_n_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="between 1 and the 5 pupils"):
        precision_at_k(MET, SCORE, k)


@pytest.mark.parametrize("y", [[0, 1, 2, 0, 0], [0.5] * 5, [np.nan, 0, 1, 0, 1], []])
def test_an_outcome_that_is_neither_met_nor_unmet_is_refused(y: list[float]) -> None:
    with pytest.raises(ValueError, match="y_true"):
        precision_at_k(y, SCORE, 1)


def test_a_missing_score_is_refused_and_not_ranked() -> None:
    with pytest.raises(ValueError, match="1 have none"):
        precision_at_k(MET, [0.1, 0.2, np.nan, 0.3, 0.4], 1)


def test_list_lengths_stand_one_per_row() -> None:
    table = by_list_length(MET, SCORE, [1, 4])
    assert table["k"].tolist() == [1, 4]
    assert table["precision"].tolist() == [1.0, 0.5]
    assert table["recall"].tolist() == pytest.approx([1 / 3, 2 / 3])
