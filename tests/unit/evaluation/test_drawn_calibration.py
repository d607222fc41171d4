"""How far probabilities hold in every draw, beside refits on rows really copied and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.calibration import (
    brier,
    calibration_in_the_large,
    calibration_line,
    calibration_table,
    log_odds_of,
    probability,
)
from absence_risk.evaluation.drawn_calibration import (
    calibration_curve,
    drawn_brier,
    drawn_in_the_large,
    drawn_line,
)
from absence_risk.evaluation.draws import SchoolDraws, draw_schools


def _made(n: int = 6000, schools: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray, SchoolDraws]:
    rng = np.random.default_rng(seed)
    school = rng.integers(0, schools, n)
    eta = rng.normal(-2, 1.2, n)
    y = (rng.random(n) < probability(0.8 * eta - 0.2 + rng.normal(0, 0.3, schools)[school])).astype(int)
    return y, probability(eta), draw_schools(school, rounds=60, random_state=seed)


def _copied(draws: SchoolDraws, draw: int, *columns: np.ndarray) -> list[np.ndarray]:
    times = draws.counts[draw].astype(int)[draws.places]
    return [np.repeat(column, times) for column in columns]


def test_the_line_of_all_pupils_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    y, prob, draws = _made()
    intercept, slope = drawn_line(y, prob, draws)
    fitted = sm.Logit(y, sm.add_constant(log_odds_of(prob))).fit(disp=0)
    assert (intercept[0], slope[0]) == pytest.approx(tuple(fitted.params), rel=1e-6)


def test_a_step_comes_near_a_refit_on_rows_really_copied() -> None:
    y, prob, draws = _made()
    intercept, slope = drawn_line(y, prob, draws)
    refits = [calibration_line(*_copied(draws, draw, y, prob)) for draw in range(draws.rounds)]
    for stepped, exact in (
        (intercept[1:], np.array([line.intercept for line in refits])),
        (slope[1:], np.array([line.slope for line in refits])),
    ):
        # What the step leaves out is small beside what the draws differ by.
        assert np.abs(stepped - exact).max() < 0.05 * exact.std()
        assert np.corrcoef(stepped, exact)[0, 1] > 0.999


def test_a_draw_that_is_the_year_itself_has_the_year_s_line() -> None:
    y, prob, _ = _made(2000, schools=4)
    school = np.repeat(np.arange(4), 500)
    draws = draw_schools(school, rounds=200)
    whole = 1 + np.flatnonzero((draws.counts == 1).all(axis=1))
    intercept, slope = drawn_line(y, prob, draws)
    assert len(whole) > 3
    assert slope[whole] == pytest.approx(slope[0], abs=1e-6)
    assert intercept[whole] == pytest.approx(intercept[0], abs=1e-6)


def test_where_no_line_exists_every_draw_says_so() -> None:
    draws = draw_schools(["a", "b", "b", "a"], rounds=6)
    for y, prob in (([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]), ([0, 1, 0, 1], [0.2] * 4)):
        for values in drawn_line(np.array(y), np.array(prob), draws):
            assert values.shape == (7,) and np.isnan(values).all()


def test_the_mean_and_the_brier_score_of_a_draw_are_those_of_rows_really_copied() -> None:
    y, prob, draws = _made(500, schools=6)
    large, score = drawn_in_the_large(y, prob, draws), drawn_brier(y, prob, draws)["brier"]
    assert (large[0], score[0]) == pytest.approx((calibration_in_the_large(y, prob), brier(y, prob)))
    for draw in range(10):
        labels, probs = _copied(draws, draw, y, prob)
        assert large[1 + draw] == pytest.approx(calibration_in_the_large(labels, probs))
        assert score[1 + draw] == pytest.approx(brier(labels, probs))


def test_the_parts_of_the_brier_score_are_the_sums_by_hand() -> None:
    # Two bins of two: stated 0.2 and 0.6, observed 0.5 and 1.0; three of four met the outcome.
    y, prob = np.array([0, 1, 1, 1]), np.array([0.2, 0.2, 0.6, 0.6])
    found = drawn_brier(y, prob, draw_schools(["a", "b", "a", "b"], rounds=4), bins=2)
    by_hand = {
        "brier": (0.04 + 0.64 + 0.16 + 0.16) / 4,
        "brier_reliability": (2 * 0.3**2 + 2 * 0.4**2) / 4,
        "brier_resolution": 0.25**2,
        "brier_uncertainty": 0.75 * 0.25,
        "brier_remainder": 0.0,  # each bin holds one probability
    }
    assert {name: values[0] for name, values in found.items()} == pytest.approx(by_hand)


def test_the_parts_add_up_to_the_brier_score_in_every_draw() -> None:
    y, prob, draws = _made(800, schools=8)
    found = drawn_brier(y, prob, draws)
    total = found["brier_reliability"] - found["brier_resolution"] + found["brier_uncertainty"]
    assert total + found["brier_remainder"] == pytest.approx(found["brier"])
    assert np.abs(found["brier_remainder"]).max() < 0.1 * found["brier"].min()


def test_the_curve_is_the_table_with_an_interval_for_each_bin() -> None:
    y, prob, draws = _made()
    curve, table = calibration_curve(y, prob, draws), calibration_table(y, prob)
    assert curve[list(table.columns)].equals(table)
    assert (curve["observed_low"] < curve["observed"]).all()
    assert (curve["observed"] < curve["observed_high"]).all()


def test_the_edges_of_the_bins_stay_fixed_from_draw_to_draw() -> None:
    # One pupil a bin and a school: in every draw a bin is as observed or it is empty.
    y, prob = [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]
    curve = calibration_curve(np.array(y), np.array(prob), draw_schools(list("abcd"), rounds=50), bins=4)
    assert curve["observed_low"].tolist() == curve["observed_high"].tolist() == [0.0, 1.0, 0.0, 1.0]
