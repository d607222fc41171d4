"""Whether the same pupils are listed again, on drawn scores."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.stability import (
    inclusion_share,
    jaccard_at_k,
    largest_swing,
    share_that_stays,
)

#              pupils  a    b    c    d
SCORE = np.array([0.9, 0.8, 0.2, 0.1])
REFITS = np.array(
    [
        [0.9, 0.8, 0.2, 0.1],  # the same list
        [0.9, 0.1, 0.8, 0.2],  # b makes way for c
        [0.1, 0.2, 0.8, 0.9],  # nobody stays
        [0.9, 0.5, 0.5, 0.1],  # b and c share a place
    ]
)


def test_a_pupil_s_inclusion_share_is_the_share_of_lists_that_name_them() -> None:
    assert inclusion_share(REFITS, 2).tolist() == [0.75, 1.5 / 4, 2.5 / 4, 0.25]
    assert inclusion_share(REFITS, 2).sum() == pytest.approx(2)


def test_the_share_that_stays_is_counted_pupil_by_pupil() -> None:
    assert share_that_stays(SCORE, REFITS, 2).tolist() == [1.0, 0.5, 0.0, 0.75]


def test_jaccard_counts_both_of_either() -> None:
    assert jaccard_at_k(SCORE, REFITS, 2).tolist() == pytest.approx([1.0, 1 / 3, 0.0, 1.5 / 2.5])


def test_a_list_agrees_with_itself_wholly_even_when_its_edge_is_tied() -> None:
    tied = np.array([0.9, 0.5, 0.5, 0.5])
    assert share_that_stays(tied, [tied, tied], 2) == pytest.approx([1.0, 1.0])
    assert jaccard_at_k(tied, [tied], 2) == pytest.approx([1.0])
    assert inclusion_share([tied] * 5, 2) == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


def test_the_order_of_the_pupils_changes_nothing() -> None:
    order = np.random.default_rng(0).permutation(4)
    assert (inclusion_share(REFITS[:, order], 2) == inclusion_share(REFITS, 2)[order]).all()
    assert (share_that_stays(SCORE[order], REFITS[:, order], 2) == share_that_stays(SCORE, REFITS, 2)).all()


def test_the_swing_of_a_pupil_is_highest_less_lowest() -> None:
    found = largest_swing(REFITS)
    assert found.by_pupil == pytest.approx([0.8, 0.7, 0.6, 0.8])
    assert found.largest == pytest.approx(0.8) and found.percentile_95 == pytest.approx(0.8)


def test_most_pupils_may_stand_still_while_one_swings() -> None:
    risks = np.full((3, 1000), 0.2)
    risks[1, 7] = 0.7
    found = largest_swing(risks)
    assert found.largest == pytest.approx(0.5) and found.percentile_95 == 0.0


def test_what_is_no_table_of_refits_by_pupils_is_refused() -> None:
    with pytest.raises(ValueError, match="by refit and pupil"):
        inclusion_share([0.1, 0.2], 1)
    with pytest.raises(ValueError, match="1 have none"):
        largest_swing([[0.1, np.nan], [0.1, 0.2]])
    with pytest.raises(ValueError, match="between 1 and the 4 pupils"):
        inclusion_share(REFITS, 5)
