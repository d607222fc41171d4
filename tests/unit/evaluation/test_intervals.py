"""How sure a gain is, with whole schools drawn again."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.intervals import uplift_at_k
from absence_risk.evaluation.ranking import precision_at_k

RNG = np.random.default_rng(4)
N = 1500
SCHOOL = np.repeat(np.arange(30), 50)
TRUE = RNG.beta(1, 9, N)
Y = (RNG.random(N) < TRUE).astype(int)
COARSE = np.round(TRUE + RNG.normal(0, 0.2, N), 1)


def test_what_each_list_finds_is_what_ranking_says_ties_included() -> None:
    found = uplift_at_k(Y, TRUE, COARSE, 100, cluster=SCHOOL, rounds=5)
    assert found.first == pytest.approx(precision_at_k(Y, TRUE, 100).found)
    assert found.second == pytest.approx(precision_at_k(Y, COARSE, 100).found)
    assert found.difference == found.first - found.second


def test_a_list_is_no_better_than_itself() -> None:
    found = uplift_at_k(Y, TRUE, TRUE, 100, cluster=SCHOOL, rounds=50)
    assert (found.low, found.difference, found.high) == (0.0, 0.0, 0.0) and not found.is_clear


def test_a_better_list_is_seen_as_better_and_turned_round_as_worse() -> None:
    better = uplift_at_k(Y, TRUE, -TRUE, 150, cluster=SCHOOL, rounds=200)
    worse = uplift_at_k(Y, -TRUE, TRUE, 150, cluster=SCHOOL, rounds=200)
    assert better.is_clear and better.low <= better.difference <= better.high
    assert (worse.low, worse.high) == pytest.approx((-better.high, -better.low)) and not worse.is_clear


def test_schools_that_differ_widen_the_interval() -> None:
    score = SCHOOL + RNG.random(N) / 10
    y = (SCHOOL % 2).astype(int)
    by_school = uplift_at_k(y, score, COARSE, 300, cluster=SCHOOL, rounds=200)
    by_pupil = uplift_at_k(y, score, COARSE, 300, cluster=np.arange(N), rounds=200)
    assert by_school.high - by_school.low > 2 * (by_pupil.high - by_pupil.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    assert uplift_at_k(Y, TRUE, COARSE, 50, cluster=SCHOOL, rounds=20) == uplift_at_k(
        Y, TRUE, COARSE, 50, cluster=SCHOOL, rounds=20
    )


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        schools = np.repeat(np.arange(40), 25)
        y = (rng.random(1000) < 0.2).astype(int)
        found = uplift_at_k(
            y, rng.random(1000), rng.random(1000), 200, cluster=schools, rounds=150, level=0.9
        )
        held += found.low <= 0 <= found.high  # two lists by chance: the truth is nought
    assert 46 <= held <= 60


@pytest.mark.parametrize(
    ("k", "cluster", "words"),
    [(0, SCHOOL, "k must lie"), (5, np.zeros(N), "two schools"), (5, SCHOOL[:-1], "each pupil")],
)
def test_what_gives_no_interval_is_refused(k: int, cluster: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        uplift_at_k(Y, TRUE, COARSE, k, cluster=cluster)
