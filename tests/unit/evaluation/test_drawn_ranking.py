"""One ranking in every draw of schools, beside scikit-learn on rows really copied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from absence_risk.evaluation.drawn_ranking import DrawnRanking
from absence_risk.evaluation.draws import SchoolDraws, draw_schools
from absence_risk.evaluation.ranking import listed_share, precision_at_k


def _made(seed: int, n: int = 400, levels: int = 1000) -> tuple[np.ndarray, np.ndarray, SchoolDraws]:
    rng = np.random.default_rng(seed)
    score = rng.integers(0, levels, n) / levels
    y = (rng.random(n) < 0.5 * score).astype(int)
    return y, score, draw_schools(rng.integers(0, 9, n), rounds=25, random_state=seed)


def _copied(draws: SchoolDraws, draw: int, *columns: np.ndarray) -> list[np.ndarray]:
    times = draws.counts[draw].astype(int)[draws.places]
    return [np.repeat(column, times) for column in columns]


def _found_by_hand(y: np.ndarray, score: np.ndarray, places: float) -> float:
    """Rightly listed among the first ``places`` (not always whole), score by score from the top."""
    found = 0.0
    for value in np.unique(score)[::-1]:
        here = score == value
        taken = min(float(here.sum()), places)
        found, places = found + taken * y[here].mean(), places - taken
    return found


@pytest.mark.parametrize("levels", [2, 7, 1000])
@pytest.mark.parametrize("k", [1, 37, 200, 400])
def test_a_list_in_a_draw_is_the_list_of_rows_really_copied(levels: int, k: int) -> None:
    y, score, draws = _made(levels, levels=levels)
    right = DrawnRanking(score, draws).top(k).sums(y)
    assert right[0] == pytest.approx(precision_at_k(y, score, k).found)
    for draw in range(draws.rounds):
        labels, scores = _copied(draws, draw, y, score)
        assert right[1 + draw] == pytest.approx(_found_by_hand(labels, scores, k * labels.size / 400))


def test_several_columns_of_a_list_are_those_of_listed_share() -> None:
    y, score, draws = _made(3, levels=5)
    columns = np.column_stack([y, score, np.ones(400)])
    sums = DrawnRanking(score, draws).top(60).sums(columns)
    assert sums[0] == pytest.approx(listed_share(score, 60) @ columns)
    assert sums[:, 2] == pytest.approx(60 * draws.sizes / 400)


@pytest.mark.parametrize("levels", [2, 7, 1000])
def test_areas_in_a_draw_are_those_of_scikit_learn_on_rows_really_copied(levels: int) -> None:
    y, score, draws = _made(levels, levels=levels)
    precision, auc = DrawnRanking(score, draws).areas(y)
    assert precision[0] == pytest.approx(average_precision_score(y, score))
    assert auc[0] == pytest.approx(roc_auc_score(y, score))
    for draw in range(draws.rounds):
        labels, scores = _copied(draws, draw, y, score)
        assert precision[1 + draw] == pytest.approx(average_precision_score(labels, scores))
        assert auc[1 + draw] == pytest.approx(roc_auc_score(labels, scores))


def test_areas_are_summed_over_more_steps_than_are_taken_at_a_time() -> None:
    y, score, draws = _made(1, n=3000, levels=10**6)
    precision, auc = DrawnRanking(score, draws).areas(y)
    assert y.sum() > 512 and precision[0] == pytest.approx(average_precision_score(y, score))
    labels, scores = _copied(draws, 4, y, score)
    assert precision[5] == pytest.approx(average_precision_score(labels, scores))
    assert auc[5] == pytest.approx(roc_auc_score(labels, scores))


def test_a_draw_without_anyone_who_met_the_outcome_has_no_area() -> None:
    draws = draw_schools(["a", "a", "b", "b"], rounds=40)
    precision, auc = DrawnRanking([0.9, 0.1, 0.5, 0.2], draws).areas(np.array([1, 0, 0, 0]))
    without = draws.counts[:, 0] == 0
    assert without.any() and np.isnan(precision[1:][without]).all() and np.isnan(auc[1:][without]).all()
    assert np.isfinite(precision[1:][~without]).all()


def test_a_year_in_which_nobody_met_the_outcome_has_no_area() -> None:
    draws = draw_schools(["a", "b"], rounds=3)
    for area in DrawnRanking([0.9, 0.1], draws).areas(np.array([0, 0])):
        assert area.shape == (4,) and np.isnan(area).all()


@given(seed=st.integers(0, 10**6), k=st.integers(1, 60))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_rows_changes_nothing(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    score, y = rng.integers(0, 8, 60) / 8, rng.integers(0, 2, 60)
    school = np.append([0, 1], rng.integers(0, 6, 58))
    order = rng.permutation(60)
    one = DrawnRanking(score, draw_schools(school, rounds=10))
    other = DrawnRanking(score[order], draw_schools(school[order], rounds=10))
    assert one.top(k).sums(y) == pytest.approx(other.top(k).sums(y[order]))
    for area, same in zip(one.areas(y), other.areas(y[order]), strict=True):
        assert area == pytest.approx(same, nan_ok=True)


@pytest.mark.parametrize("k", [0, 401])
def test_a_list_of_another_length_than_one_to_n_is_refused(k: int) -> None:
    _, score, draws = _made(0)
    with pytest.raises(ValueError, match="between 1 and the 400 pupils"):
        DrawnRanking(score, draws).top(k)
