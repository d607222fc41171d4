"""Intervals from draws of schools hold the truth about as often as they say, on made-up schools whose truth is known.

Each seed is another authority of 60 schools out of endlessly many of one kind. Schools differ in size, in how many of
their pupils meet the outcome, and in how far the stated probability is off. What an authority of endless size would
show is worked out once from 20,000 such schools; then the intervals of 200 small authorities are held against it.

Found when written, for intervals that say 0.95: precision at capacity 0.945, recall at capacity 0.970, ROC AUC 0.975,
calibration in the large 0.970, calibration slope 0.955; with pupils drawn in twos, calibration in the large only 0.865.

Run with: python -m pytest tests/slow/test_interval_coverage.py --override-ini addopts=
"""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.calibration import calibration_in_the_large, calibration_line
from absence_risk.evaluation.draws import draw_schools
from absence_risk.evaluation.measures import MeasuredYear, measure_year
from absence_risk.evaluation.ranking import precision_at_k, recall_at_k, roc_auc

SEEDS, SCHOOLS, SHARE = 200, 60, 0.05
JUDGED = (
    "precision_at_capacity", "recall_at_capacity", "roc_auc", "calibration_in_the_large", "calibration_slope",
)  # fmt: skip


def _authority(seed: int, schools: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, stated probability and school of each pupil."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(20, 90, schools)
    school = np.repeat(np.arange(schools), sizes)
    of_school = rng.normal(0, 0.5, schools)[school]
    eta = rng.normal(-2.2, 1.1, school.size) + 0.6 * of_school
    truth = 0.9 * eta - 0.1 + rng.normal(0, 0.35, schools)[school]
    y = (rng.random(school.size) < 1 / (1 + np.exp(-truth))).astype(int)
    return y, 1 / (1 + np.exp(-eta)), school


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    y, prob, _ = _authority(10**6, 20_000)
    k = round(SHARE * y.size)
    return {
        "precision_at_capacity": precision_at_k(y, prob, k).value,
        "recall_at_capacity": recall_at_k(y, prob, k).value,
        "roc_auc": roc_auc(y, prob),
        "calibration_in_the_large": calibration_in_the_large(y, prob),
        "calibration_slope": calibration_line(y, prob).slope,
    }


@pytest.fixture(scope="module")
def measured() -> list[MeasuredYear]:
    found = []
    for seed in range(SEEDS):
        y, prob, school = _authority(seed, SCHOOLS)
        draws = draw_schools(school, rounds=600, random_state=seed)
        found.append(measure_year(y, prob, draws, capacity=round(SHARE * y.size), is_probability=True))
    return found


@pytest.mark.parametrize("name", JUDGED)
def test_an_interval_holds_the_truth_about_as_often_as_it_says(
    name: str, truth: dict[str, float], measured: list[MeasuredYear]
) -> None:
    held = [year.estimates[name].low <= truth[name] <= year.estimates[name].high for year in measured]
    print(f"{name}: {np.mean(held):.3f} of {SEEDS}")
    assert 0.90 <= np.mean(held) <= 0.99


def test_drawing_pupils_as_if_schools_did_not_matter_would_be_too_sure(truth: dict[str, float]) -> None:
    name, held = "calibration_in_the_large", []
    for seed in range(SEEDS):
        y, prob, _ = _authority(seed, SCHOOLS)
        draws = draw_schools(np.arange(y.size) // 2, rounds=60, random_state=seed)
        found = measure_year(y, prob, draws, capacity=1, is_probability=True).estimates[name]
        held.append(found.low <= truth[name] <= found.high)
    print(f"{name}, pupils drawn in twos: {np.mean(held):.3f} of {SEEDS}")
    assert np.mean(held) < 0.90
