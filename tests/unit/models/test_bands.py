"""Bands with natural frequencies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from absence_risk.errors import RefusedError
from absence_risk.models.bands import FEWEST_TO_SAY, Band, band_of, fit_bands


@pytest.mark.parametrize(
    ("n", "events", "words"),
    [
        (100, 38, "about 38 in 100"),
        (200, 1, "about 1 in 100"),  # a half rounds up: never "none" where there was one in two hundred
        (201, 1, "fewer than 1 in 100"),
        (1000, 0, "fewer than 1 in 100"),
        (40, 40, "about 100 in 100"),
        (FEWEST_TO_SAY - 1, 20, "too few to say"),
        (0, 0, "too few to say"),
    ],
)
def test_a_band_says_how_many_in_a_hundred(n: int, events: int, words: str) -> None:
    assert Band(1, 0.0, 0.1, n, events).words == words


def test_every_held_out_pupil_is_in_one_band() -> None:
    rng = np.random.default_rng(0)
    edge, risk = rng.beta(1, 15, 1000), rng.beta(1, 15, 3000)
    y = (rng.random(3000) < risk).astype(int)
    bands = fit_bands(edge, risk, y)
    assert [band.index for band in bands] == [1, 2, 3, 4, 5]
    assert sum(band.n for band in bands) == 3000 and sum(band.events for band in bands) == y.sum()
    assert bands[0].lower == 0.0 and bands[-1].upper == 1.0
    assert all(a.upper == b.lower for a, b in itertools.pairwise(bands))
    placed = band_of(risk, bands)
    assert [int((placed == i).sum()) for i in range(1, 6)] == [band.n for band in bands]


def test_half_of_the_edge_year_is_in_band_one_and_three_in_a_hundred_in_band_five() -> None:
    edge = np.linspace(0.001, 0.5, 1000)
    bands = fit_bands(edge, edge, np.zeros(1000, dtype=int))
    assert [band.n for band in bands] == pytest.approx([500, 300, 100, 70, 30], abs=2)


def test_a_risk_on_an_edge_belongs_to_the_higher_band() -> None:
    bands = fit_bands(np.linspace(0, 1, 101), np.array([0.5]), np.array([1]))
    assert band_of(np.array([bands[1].lower, np.nextafter(bands[1].lower, 0)]), bands).tolist() == [2, 1]


def test_one_risk_for_all_leaves_the_other_bands_empty_and_silent() -> None:
    risk = np.full(100, 0.2)
    bands = fit_bands(risk, risk, np.ones(100, dtype=int))
    assert [band.n for band in bands] == [0, 0, 0, 0, 100] and bands[0].words == "too few to say"


def test_bands_without_pupils_are_refused() -> None:
    with pytest.raises(RefusedError, match="not trained on"):
        fit_bands(np.array([]), np.array([]), np.array([]))
