"""Every measure with its interval, beside the plain measures and rows really copied."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from absence_risk.evaluation.draws import SchoolDraws, draw_schools
from absence_risk.evaluation.intervals import uplift_at_k
from absence_risk.evaluation.measures import MEASURES, MeasuredYear, measure_year, paired, paired_draws
from absence_risk.evaluation.summary import measure

N, CAPACITY = 1200, 90


def _made(seed: int = 0) -> tuple[np.ndarray, np.ndarray, SchoolDraws]:
    rng = np.random.default_rng(seed)
    school = rng.integers(0, 24, N)
    prob = np.clip(rng.beta(1, 5, N) * rng.uniform(0.6, 1.4, 24)[school], 0.001, 0.999)
    return (rng.random(N) < prob).astype(int), prob, draw_schools(school, rounds=120)


Y, PROB, DRAWS = _made()
MARKS = np.random.default_rng(9).choice([0.0, 1.0, np.nan], N, p=[0.7, 0.2, 0.1])
SERVICE = np.random.default_rng(8).choice([0.0, 1.0], N, p=[0.8, 0.2])


def _measured(y: np.ndarray = Y, score: np.ndarray = PROB, *, is_probability: bool = True) -> MeasuredYear:
    return measure_year(
        y, score, DRAWS, capacity=CAPACITY, is_probability=is_probability, persistent=MARKS, in_service=SERVICE
    )  # fmt: skip


WHOLE = _measured()


def test_every_measure_is_given_in_the_order_of_the_names() -> None:
    assert list(WHOLE.estimates) == list(WHOLE.draws) == list(MEASURES)
    assert all(draws.shape == (120,) for draws in WHOLE.draws.values())
    assert (WHOLE.n, WHOLE.events) == (N, Y.sum())


def test_the_values_are_those_of_the_plain_measures() -> None:
    plain = measure(Y, y_prob=PROB, capacity=CAPACITY)
    shared = set(plain) & set(WHOLE.estimates)
    assert len(shared) == 13
    for name in shared:
        assert WHOLE.estimates[name].value == pytest.approx(plain[name]), name


def test_a_draw_of_as_many_pupils_is_measured_as_rows_really_copied_are() -> None:
    draws = draw_schools(
        np.repeat(np.arange(24), N // 24), rounds=8
    )  # schools of one size: every draw has N pupils
    found = measure_year(Y, PROB, draws, capacity=CAPACITY, is_probability=True).draws
    for draw in range(8):
        times = draws.counts[draw].astype(int)[draws.places]
        plain = measure(np.repeat(Y, times), y_prob=np.repeat(PROB, times), capacity=CAPACITY)
        for name in set(plain) & set(found) - {"calibration_slope", "calibration_intercept"}:
            assert found[name][draw] == pytest.approx(plain[name]), name
        assert found["calibration_slope"][draw] == pytest.approx(plain["calibration_slope"], abs=0.02)


def test_intervals_hold_the_value() -> None:
    for name, found in WHOLE.estimates.items():
        # Reliability is a sum of squares: every draw adds noise to it and none takes any away.
        if name != "brier_reliability":
            assert found.low <= found.value <= found.high, name


def test_a_share_stands_with_its_counts() -> None:
    top = np.argsort(-PROB)[:CAPACITY]
    found = WHOLE.estimates
    assert (found["precision_at_capacity"].part, found["precision_at_capacity"].of) == (
        Y[top].sum(),
        CAPACITY,
    )
    assert found["recall_at_capacity"].of == Y.sum()
    assert found["found_at_capacity"].value == Y[top].sum()
    assert found["precision_at_half_capacity"].of == CAPACITY // 2
    assert math.isnan(found["roc_auc"].part)


def test_onset_and_continuing_cases_are_counted_apart_and_the_unknown_in_neither() -> None:
    top = np.argsort(-PROB)[:CAPACITY]
    for name, mark in (("onset", 0), ("continuing", 1)):
        listed = MARKS[top] == mark
        right = (listed & (Y[top] == 1)).sum()
        precision, recall = WHOLE.estimates[f"{name}_precision"], WHOLE.estimates[f"{name}_recall"]
        assert (precision.part, precision.of) == (right, listed.sum())
        assert recall.value == pytest.approx(right / ((mark == MARKS) & (Y == 1)).sum())


def test_newly_known_is_neither_persistently_absent_nor_in_a_service_and_the_unknown_is_not_new() -> None:
    right = np.array([i for i in np.argsort(-PROB)[:CAPACITY] if Y[i]])
    new = (MARKS[right] == 0) & (SERVICE[right] == 0)
    found = WHOLE.estimates["newly_known_share"]
    assert (found.part, found.of) == (new.sum(), len(right)) and np.isnan(MARKS[right]).any()


def test_reviews_per_find_is_one_over_precision_and_endless_where_none_is_found() -> None:
    found, precision = WHOLE.estimates["reviews_per_find_at_capacity"], WHOLE.draws["precision_at_capacity"]
    assert found.value == pytest.approx(1 / WHOLE.estimates["precision_at_capacity"].value)
    assert WHOLE.draws["reviews_per_find_at_capacity"] == pytest.approx(1 / precision)
    rare = measure_year(
        [1, 0, 0, 0], [4, 3, 2, 1], draw_schools(list("abcd"), rounds=200), capacity=1, is_probability=False
    )
    assert rare.estimates["reviews_per_find_at_capacity"].value == 1.0
    assert math.isnan(rare.estimates["reviews_per_find_at_capacity"].high)  # some draws find nobody


def test_a_rule_gets_no_measure_of_probabilities() -> None:
    found = _measured(score=PROB * 100, is_probability=False)
    assert set(found.estimates) == {name for name, m in MEASURES.items() if not m.is_probability_only}
    for name, estimate in found.estimates.items():
        assert estimate == WHOLE.estimates[name]


def test_what_is_not_known_of_pupils_is_not_measured() -> None:
    bare = measure_year(Y, PROB, DRAWS, capacity=CAPACITY, is_probability=False)
    assert not {"newly_known_share", "onset_recall"} & set(bare.estimates)
    half = measure_year(Y, PROB, DRAWS, capacity=CAPACITY, is_probability=False, persistent=MARKS)
    assert "onset_recall" in half.estimates and "newly_known_share" not in half.estimates


def test_a_year_in_which_nobody_met_the_outcome_is_not_measured_as_nought() -> None:
    found = _measured(y=np.zeros(N, dtype=int)).estimates
    assert found["precision_at_capacity"].value == 0.0
    for name in ("recall_at_capacity", "roc_auc", "average_precision", "calibration_slope"):
        assert math.isnan(found[name].value) and math.isnan(found[name].low), name
    assert math.isnan(found["reviews_per_find_at_capacity"].value)


def test_a_year_smaller_than_capacity_is_ranked_whole() -> None:
    draws = draw_schools(list("aabb"), rounds=10)
    found = measure_year([1, 0, 1, 0], [4, 3, 2, 1], draws, capacity=50, is_probability=False).estimates
    assert found["precision_at_capacity"].value == 0.5 and found["recall_at_half_capacity"].value == 1.0


def test_half_of_one_place_is_one_place() -> None:
    draws = draw_schools(list("aabb"), rounds=10)
    found = measure_year([1, 0, 1, 0], [4, 3, 2, 1], draws, capacity=1, is_probability=False).estimates
    assert found["precision_at_half_capacity"].of == 1


def test_a_ranking_differs_from_itself_by_nothing() -> None:
    for name in MEASURES:
        found = paired(WHOLE, WHOLE, name)
        assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0), name


def test_the_paired_difference_in_pupils_found_is_the_uplift() -> None:
    rough = PROB.round(1)
    school = DRAWS.schools[DRAWS.places]
    uplift = uplift_at_k(Y, PROB, rough, CAPACITY, cluster=school, rounds=120)
    found = paired(WHOLE, _measured(score=rough), "found_at_capacity")
    assert (found.value, found.low, found.high) == pytest.approx((uplift.difference, uplift.low, uplift.high))


def test_a_paired_difference_is_surer_than_two_apart() -> None:
    noisy = _measured(score=np.clip(PROB + np.random.default_rng(2).normal(0, 0.01, N), 0, 1))
    together, apart = paired(WHOLE, noisy, "average_precision"), WHOLE.estimates["average_precision"]
    assert together.high - together.low < 0.5 * (apart.high - apart.low)


def test_a_measure_that_one_of_two_lacks_has_no_difference() -> None:
    rule = _measured(score=PROB * 9, is_probability=False)
    assert math.isnan(paired(WHOLE, rule, "brier").value)


def test_pairs_that_do_not_fit_are_refused() -> None:
    small = measure_year(
        [1, 0], [0.2, 0.1], draw_schools(["a", "b"], rounds=120), capacity=1, is_probability=False
    )
    with pytest.raises(ValueError, match="same pupils"):
        paired(WHOLE, small, "roc_auc")
    with pytest.raises(ValueError, match="no measure is called accuracy"):
        paired(WHOLE, WHOLE, "accuracy")
    with pytest.raises(ValueError, match="one by one"):
        paired_draws(0.1, 0.2, [1.0], [1.0, 2.0])


def test_bare_draws_are_paired_by_their_place() -> None:
    found = paired_draws(5.0, 3.0, [1.0, 9.0], [0.0, 8.0])
    assert (found.value, found.low, found.high) == (2.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"y_true": Y[:-1], "score": PROB[:-1]}, "draws are of 1200"),
        ({"capacity": 0}, "capacity"),
        ({"persistent": MARKS + 1}, "1, 0 or NaN"),
        ({"in_service": SERVICE[:-1]}, "1, 0 or NaN"),
        ({"score": PROB * 100}, "between 0 and 1"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"y_true": Y, "score": PROB, "capacity": 5, "is_probability": True}
    given |= changed
    with pytest.raises(ValueError, match=words):
        measure_year(given.pop("y_true"), given.pop("score"), DRAWS, **given)  # type: ignore[arg-type]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    y, prob, draws = _made(seed % 7)
    order = np.random.default_rng(seed).permutation(N)
    school = draws.schools[draws.places]
    one = measure_year(y, prob, draws, capacity=CAPACITY, is_probability=True, persistent=MARKS)
    other = measure_year(
        y[order], prob[order], draw_schools(school[order], rounds=120), capacity=CAPACITY, is_probability=True,
        persistent=MARKS[order],
    )  # fmt: skip
    for name in one.draws:  # the line of calibration is found by steps, which end a little apart
        assert other.draws[name] == pytest.approx(one.draws[name], rel=1e-6, abs=1e-8, nan_ok=True), name


def test_every_measure_says_its_direction_in_plain_words() -> None:
    for measure_ in MEASURES.values():
        says = {True: "higher is better", False: "lower is better"}.get(measure_.higher_is_better)  # type: ignore[call-overload]
        assert (says or "") in measure_.words and ("best" in measure_.words or "bett" in measure_.words)
