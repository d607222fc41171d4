"""Calibration measures against sums done by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.calibration import (
    brier,
    calibration_in_the_large,
    calibration_line,
    calibration_table,
    expected_calibration_error,
    fit_line,
    log_loss,
    log_odds_of,
    probability,
)


def _made(n: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    eta = rng.normal(-2, 1.2, n)
    return (rng.random(n) < probability(eta)).astype(int), eta


def test_the_line_of_grouped_outcomes_is_the_one_worked_by_hand() -> None:
    # 1 of 4 at x=0 and 3 of 4 at x=1: intercept log(1/3), slope log(3) - log(1/3).
    line = fit_line([1, 0, 0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1, 1, 1])
    assert line.intercept == pytest.approx(np.log(1 / 3), abs=1e-9)
    assert line.slope == pytest.approx(2 * np.log(3), abs=1e-9)


def test_the_line_agrees_with_scikit_learn_without_a_penalty() -> None:
    from sklearn.linear_model import LogisticRegression

    y, eta = _made()
    x = 3 * eta + 5
    fitted = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000).fit(x[:, None], y)
    line = fit_line(y, x)
    assert line.slope == pytest.approx(fitted.coef_[0, 0], rel=1e-4)
    assert line.intercept == pytest.approx(fitted.intercept_[0], rel=1e-4)


def test_true_probabilities_have_slope_one_and_intercept_nought() -> None:
    y, eta = _made(40_000)
    line = calibration_line(y, probability(eta))
    assert abs(line.slope - 1) < 0.06 and abs(line.intercept) < 0.1


def test_probabilities_too_extreme_have_a_slope_below_one() -> None:
    y, eta = _made()
    assert calibration_line(y, probability(2 * eta)).slope == pytest.approx(
        calibration_line(y, probability(eta)).slope / 2, rel=1e-6
    )


def test_scores_of_any_scale_and_place_are_fitted() -> None:
    y, eta = _made()
    plain = fit_line(y, eta)
    for scale, shift in ((1e-6, 0.0), (1e6, 0.0), (1.0, 1e5), (-1.0, 3.0)):
        line = fit_line(y, scale * eta + shift)
        assert line.slope * scale == pytest.approx(plain.slope, rel=1e-6)


@pytest.mark.parametrize(
    ("y", "x", "words"),
    [
        ([0, 0, 0], [1, 2, 3], "pupils who met the outcome and pupils who did not"),
        ([0, 1, 1], [2, 2, 2], "all the same"),
        ([0, 0, 1, 1], [1, 2, 3, 4], "separate the outcomes"),
    ],
)
def test_where_no_line_exists_none_is_given(y: list[int], x: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_line(y, x)


def test_log_odds_and_probability_undo_each_other_without_overflow() -> None:
    values = np.array([-800.0, -20.0, 0.0, 5.0, 800.0])
    found = probability(values)
    assert np.isfinite(found).all() and found[2] == 0.5
    assert log_odds_of(found)[1:4] == pytest.approx(values[1:4], rel=1e-6)


def test_brier_and_calibration_in_the_large_are_the_sums_by_hand() -> None:
    y, prob = [1, 0, 0, 1], [0.8, 0.4, 0.1, 0.5]
    assert brier(y, prob) == pytest.approx((0.04 + 0.16 + 0.01 + 0.25) / 4)
    assert calibration_in_the_large(y, prob) == pytest.approx(0.5 - 0.45)


@pytest.mark.parametrize("prob", [[20.0, 40.0], [-1.2, 0.3]])
def test_a_percentage_or_a_margin_is_refused_as_a_probability(prob: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        brier([0, 1], prob)


def test_bins_hold_every_pupil_once_and_equal_probabilities_stay_together() -> None:
    y, eta = _made(1000)
    prob = probability(eta).round(2)
    table = calibration_table(y, prob, bins=10)
    assert table["n"].sum() == 1000 and table["events"].sum() == y.sum()
    assert table["bin"].tolist() == list(range(1, len(table) + 1))
    assert (table["highest"].to_numpy()[:-1] < table["lowest"].to_numpy()[1:]).all()
    assert table["mean_prob"].is_monotonic_increasing


def test_one_probability_for_all_is_one_bin() -> None:
    table = calibration_table([0, 1, 0], [0.2, 0.2, 0.2])
    assert table[["n", "events"]].to_numpy().tolist() == [[3, 1]]


def test_the_mean_surprise_is_scikit_learns() -> None:
    from sklearn.metrics import log_loss as theirs

    y, eta = _made(500)
    assert log_loss(y, probability(eta)) == pytest.approx(theirs(y, probability(eta)), rel=1e-12)
    assert log_loss([1, 0], [0.5, 0.5]) == pytest.approx(np.log(2))


def test_the_expected_error_is_the_distance_of_stated_and_observed_shares() -> None:
    # Of ten told 0.2, four met it; of ten told 0.6, six did: half the pupils are 0.2 off.
    y, told = [1] * 4 + [0] * 6 + [1] * 6 + [0] * 4, [0.2] * 10 + [0.6] * 10
    assert expected_calibration_error(y, told) == pytest.approx(0.1)
    assert expected_calibration_error([1, 1, 0, 0], [0.5] * 4) == 0.0
