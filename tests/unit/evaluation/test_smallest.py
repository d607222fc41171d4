"""The smallest size whose loss may be chance: laws of the choice."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from absence_risk.evaluation.intervals import uplift_at_k
from absence_risk.evaluation.ranking import Array, precision_at_k
from absence_risk.evaluation.smallest import Size, smallest_as_good

N, K, ROUNDS = 600, 60, 60
SCHOOL = np.asarray([f"s{place % 20:02d}" for place in range(N)], dtype=object)
SIZES = (4, 8, 15, 31)


@cache
def year() -> tuple[Array, Array]:
    """Outcomes, and the chance that each was drawn with."""
    rng = np.random.default_rng(8)
    chance = rng.beta(1, 6, N)
    return (rng.random(N) < chance).astype(int), chance


def weighed(scores: dict[int, Array], order: Array | None = None) -> tuple[Size, ...]:
    y, _ = year()
    order = np.arange(N) if order is None else order
    shuffled = {size: score[order] for size, score in scores.items()}
    return smallest_as_good(y[order], shuffled, K, cluster=SCHOOL[order], rounds=ROUNDS, random_state=3)


def noisy(noises: tuple[float, ...], seed: int, *, coarse: bool) -> dict[int, Array]:
    """Rankings further from the truth the larger their noise; coarse ones hold many ties."""
    rng = np.random.default_rng(seed)
    scores = {s: year()[1] + noise * rng.normal(size=N) for s, noise in zip(SIZES, noises, strict=False)}
    return {size: np.round(score, 1) if coarse else score for size, score in scores.items()}


drawn = st.builds(
    noisy,
    st.lists(st.sampled_from([0.0, 0.05, 0.2, 1.0]), min_size=1, max_size=4).map(tuple),
    st.integers(0, 50),
    coarse=st.booleans(),
)


@settings(max_examples=15, deadline=None)
@given(drawn)
def test_the_choice_is_always_the_smallest_whose_interval_holds_nought(scores: dict[int, Array]) -> None:
    found, (y, _) = weighed(scores), year()
    best = next(one for one in found if one.best)
    right = {size: precision_at_k(y, score, K).found for size, score in scores.items()}
    assert best.found == right[best.size] == max(right.values())
    lows = {
        size: uplift_at_k(y, scores[best.size], score, K, cluster=SCHOOL, rounds=ROUNDS, random_state=3).low
        for size, score in scores.items()
    }
    inside = [size for size, low in lows.items() if low < 1e-6]
    assert [one.size for one in found if one.chosen] == [min(inside)]
    assert [one.size for one in found] == sorted(scores)


@settings(max_examples=10, deadline=None)
@given(drawn, st.randoms(use_true_random=False))
def test_the_order_of_pupils_changes_nothing_of_the_choice(scores: dict[int, Array], random: object) -> None:
    order = np.random.default_rng(random.randrange(2**31)).permutation(N)  # type: ignore[attr-defined]
    as_they_are, shuffled = weighed(scores), weighed(scores, order)
    assert [(one.size, one.best, one.chosen) for one in shuffled] == [
        (one.size, one.best, one.chosen) for one in as_they_are
    ]


def test_equal_rankings_choose_the_smallest_and_call_it_the_best() -> None:
    found = weighed(dict.fromkeys(SIZES, year()[1]))
    assert [one.size for one in found if one.chosen] == [one.size for one in found if one.best] == [4]
    assert all(one.lost is not None and one.lost.low == one.lost.high == 0 for one in found)


def test_a_large_one_that_is_much_better_is_chosen() -> None:
    y, _ = year()
    lot = np.random.default_rng(1).random(N)
    found = weighed({4: lot, 8: lot, 31: y.astype(float)})
    assert [one.size for one in found if one.chosen] == [31]
    assert [one.loss_is_clear for one in found] == [True, True, False]


def test_a_larger_one_that_is_worse_is_never_chosen() -> None:
    found = weighed({4: year()[1], 31: -year()[1]})
    assert [one.size for one in found if one.chosen] == [4] and found[1].loss_is_clear


def test_of_one_school_nothing_is_drawn_and_the_best_is_taken() -> None:
    y, chance = year()
    found = smallest_as_good(y, {4: -chance, 8: chance}, K, cluster=["s"] * N, rounds=ROUNDS)
    assert [(one.lost, one.chosen) for one in found] == [(None, False), (None, True)]


def test_without_a_size_there_is_nothing_to_choose() -> None:
    with pytest.raises(ValueError, match="no size"):
        smallest_as_good(year()[0], {}, K, cluster=SCHOOL, rounds=ROUNDS)
