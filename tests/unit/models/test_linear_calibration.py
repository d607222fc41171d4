"""Margins to probabilities by two numbers."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.errors import RefusedError
from absence_risk.evaluation.calibration import calibration_in_the_large, calibration_line, probability
from absence_risk.models.calibration import LinearCalibration


def _made() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    margin = rng.normal(0, 1, 3000)
    return (rng.random(3000) < probability(0.7 * margin - 2)).astype(int), margin


def test_on_its_own_year_the_calibrated_risk_is_perfect() -> None:
    y, margin = _made()
    risk = LinearCalibration.fit(y, margin).risk(margin)
    line = calibration_line(y, risk)
    assert line.slope == pytest.approx(1, abs=1e-6) and line.intercept == pytest.approx(0, abs=1e-6)
    assert calibration_in_the_large(y, risk) == pytest.approx(0, abs=1e-9)


def test_the_order_of_pupils_stays() -> None:
    y, margin = _made()
    risk = LinearCalibration.fit(y, margin).risk(margin)
    assert (np.argsort(risk, kind="stable") == np.argsort(margin, kind="stable")).all()


def test_scores_that_rank_the_year_the_wrong_way_round_are_refused() -> None:
    y, margin = _made()
    with pytest.raises(RefusedError, match="wrong way round"):
        LinearCalibration.fit(y, -margin)


@pytest.mark.parametrize("y", [[0, 0, 0, 0], [0, 0, 1, 1]])
def test_a_year_that_gives_no_line_is_refused_in_words(y: list[int]) -> None:
    with pytest.raises(RefusedError, match="cannot be calibrated"):
        LinearCalibration.fit(y, [0.0, 1.0, 2.0, 3.0])
