"""Models on rows drawn again: a weight is how often a pupil was drawn."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_matrix import ALL, SHAPE, logistic, parts, trees

from absence_risk.models.boosting import fit_boosting
from absence_risk.models.drawn import drawn_rows
from absence_risk.models.logistic import fit_logistic


def _drawn(seed: int = 3) -> Any:
    return np.random.default_rng(seed).multinomial(
        len(parts().y), np.full(len(parts().y), 1 / len(parts().y))
    )


def test_rows_drawn_no_times_are_not_among_the_rows() -> None:
    X, y, weight = drawn_rows(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), np.array([1, 0, 1]), [2, 0, 1])
    assert (X["a"].tolist(), y.tolist(), weight.tolist()) == ([1.0, 3.0], [1, 1], [2.0, 1.0])


@pytest.mark.parametrize("weight", [[1, 1], [1, 0.5, 1], [1, -1, 1], [1, float("nan"), 1]])
def test_a_weight_that_is_no_number_of_draws_is_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match=r"weights, one per row|how often a row was drawn"):
        drawn_rows(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), np.array([1, 0, 1]), weight)


def test_every_row_drawn_once_is_the_model_without_weights_to_the_byte() -> None:
    p = parts()
    once = np.ones(len(p.y))
    assert fit_boosting(p.X, p.y, ALL, SHAPE, sample_weight=once).text() == trees().text()
    assert fit_logistic(p.X, p.y, ALL, sample_weight=once).margin(p.X.to_numpy()) == pytest.approx(
        logistic().margin(p.X.to_numpy()), abs=1e-6
    )


def test_nought_and_one_is_the_model_of_the_rows_drawn() -> None:
    p, weight = parts(), (np.arange(len(parts().y)) % 3 > 0).astype(int)
    kept = weight == 1
    assert (
        fit_boosting(p.X, p.y, ALL, SHAPE, sample_weight=weight).text()
        == fit_boosting(p.X[kept], p.y[kept], ALL, SHAPE).text()
    )


def test_a_logistic_fit_with_weights_is_that_of_the_rows_repeated() -> None:
    p, weight = parts(), _drawn()
    rows = np.repeat(np.arange(len(p.y)), weight)
    repeated = fit_logistic(p.X.iloc[rows], p.y[rows], ALL)
    weighted = fit_logistic(p.X, p.y, ALL, sample_weight=weight)
    values = p.later.to_numpy()
    assert weighted.margin(values) == pytest.approx(repeated.margin(values), abs=1e-4)
    assert [t.centre for t in weighted.terms] == pytest.approx([t.centre for t in repeated.terms])


def test_drawn_trees_follow_the_draw_and_fill_each_leaf_with_distinct_rows() -> None:
    p, weight = parts(), _drawn()
    text = fit_boosting(p.X, p.y, ALL, SHAPE, sample_weight=weight).text()
    assert text != trees().text() and text == fit_boosting(p.X, p.y, ALL, SHAPE, sample_weight=weight).text()
    counts = [[int(n) for n in found.split()] for found in re.findall(r"^leaf_count=(.+)$", text, re.M)]
    assert min(map(min, counts)) >= SHAPE.smallest_leaf
    assert max(map(sum, counts)) == int((weight > 0).sum())
