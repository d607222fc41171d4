"""Schools drawn again by counts, beside rows really copied."""

from __future__ import annotations

import math

import numpy as np
import pytest

from absence_risk.evaluation.draws import draw_schools, ends, estimate, ratio

SCHOOL = ["b", "a", "b", "c", "a", "b"]
VALUES = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def test_each_draw_has_as_many_schools_as_there_are() -> None:
    draws = draw_schools(SCHOOL, rounds=50)
    assert draws.schools.tolist() == ["a", "b", "c"] and draws.counts.shape == (50, 3)
    assert (draws.counts.sum(axis=1) == 3).all() and draws.rounds == 50 and draws.n == 6


def test_a_sum_by_counts_is_the_sum_over_rows_really_copied() -> None:
    draws = draw_schools(SCHOOL, rounds=20)
    assert draws.whole_and_draws(VALUES)[0] == VALUES.sum()
    for drawn, counts in zip(draws.sums(VALUES), draws.counts.astype(int), strict=True):
        assert drawn == np.repeat(VALUES, counts[draws.places]).sum()


def test_several_columns_are_summed_at_once() -> None:
    draws = draw_schools(SCHOOL, rounds=5)
    both = draws.sums(np.column_stack([VALUES, -VALUES]))
    assert both.shape == (5, 2) and (both[:, 0] == -both[:, 1]).all()


def test_sums_within_levels_add_up_to_the_whole() -> None:
    draws = draw_schools(SCHOOL, rounds=30)
    within = draws.sums_within(np.array([0, 1, 2, 0, 1, 2]), 3, VALUES)
    assert within[0].tolist() == [9.0, 18.0, 36.0]
    assert (within.sum(axis=1) == draws.whole_and_draws(VALUES)).all()


def test_the_same_seed_and_schools_give_the_same_draws_whatever_the_pupils() -> None:
    one, other = draw_schools(SCHOOL, rounds=9), draw_schools(["c", "c", "a", "b"], rounds=9)
    assert (one.counts == other.counts).all()
    assert (one.counts != draw_schools(SCHOOL, rounds=9, random_state=1).counts).any()


@pytest.mark.parametrize("cluster", [["a", None, "b"], [1.0, float("nan"), 2.0]])
def test_a_missing_school_is_counted_and_refused(cluster: list[object]) -> None:
    with pytest.raises(ValueError, match="1 have none"):
        draw_schools(cluster)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="two schools"):
        draw_schools(["a", "a"])
    with pytest.raises(ValueError, match="one draw or more"):
        draw_schools(SCHOOL, rounds=0)
    with pytest.raises(ValueError, match="6 pupils drawn, found 5"):
        draw_schools(SCHOOL, rounds=2).sums(VALUES[:-1])


def test_blocks_cover_every_draw_once() -> None:
    draws = draw_schools(SCHOOL, rounds=10)
    rows = [i for part in draws.blocks(4, room=12) for i in range(11)[part]]
    assert rows == list(range(11))


def test_a_share_of_nothing_is_not_a_number_and_not_nought() -> None:
    found = ratio([1.0, 0.0, 0.0], [2.0, 4.0, 0.0])
    assert found[:2].tolist() == [0.5, 0.0] and math.isnan(found[2])


def test_undefined_draws_are_left_out_until_they_are_the_most() -> None:
    nan = float("nan")
    assert ends([1.0, 1.0, nan, nan]) == (1.0, 1.0)
    assert all(math.isnan(end) for end in ends([1.0, nan, nan]))
    assert all(math.isnan(end) for end in ends([]))


def test_an_end_at_infinity_cannot_be_said() -> None:
    low, high = ends([1.0] * 50 + [float("inf")] * 50)
    assert low == 1.0 and math.isnan(high)


def test_an_undefined_number_has_no_interval_but_keeps_its_counts() -> None:
    found = estimate(np.array([np.nan, 1.0, 2.0]), 0.0, 0.0)
    assert math.isnan(found.value) and math.isnan(found.low) and found.of == 0.0
