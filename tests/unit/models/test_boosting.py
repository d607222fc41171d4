"""Trees: the same bytes every time, and never against a declared direction."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from made_matrix import ALL, SHAPE, parts, trees

from absence_risk.models.boosting import BoostedTrees, fit_boosting


def test_a_second_fit_and_two_threads_give_the_same_bytes() -> None:
    p, few = parts(), replace(SHAPE, trees=2)
    assert fit_boosting(p.X.copy(), p.y.copy(), ALL, SHAPE).text() == trees().text()
    assert fit_boosting(p.X, p.y, ALL, few, num_threads=2).text() == fit_boosting(p.X, p.y, ALL, few).text()


def test_one_and_two_threads_score_and_explain_to_the_same_bit() -> None:
    values = parts().later.to_numpy()
    assert np.array_equal(trees().margin(values), trees().margin(values, num_threads=2))
    one, two = trees().contributions(values), trees().contributions(values, num_threads=2)
    assert np.array_equal(one[0], two[0]) and one[1] == two[1]


def test_reading_the_text_again_scores_to_the_same_bit() -> None:
    values = parts().later.to_numpy()
    assert np.array_equal(BoostedTrees.from_text(trees().text()).margin(values), trees().margin(values))


@pytest.mark.parametrize("place", [i for i, f in enumerate(ALL) if f.direction], ids=lambda i: ALL[i].name)
def test_more_of_a_directed_feature_never_moves_the_margin_the_other_way(place: int) -> None:
    feature, base = ALL[place], parts().later.to_numpy()[:150]
    known = parts().X[feature.name].dropna()
    steps = np.unique(np.quantile(known, np.linspace(0, 1, 7)))
    margins = []
    for step in steps:
        changed = base.copy()
        changed[:, place] = step
        margins.append(trees().margin(changed))
    moves = np.diff(np.array(margins), axis=0) * feature.direction
    assert (moves >= -1e-12).all()


def test_the_directions_are_felt_at_all() -> None:
    values = parts().later.to_numpy().copy()
    place = [f.name for f in ALL].index("suspensions_this_year")
    values[:, place] = 0
    none = trees().margin(values)
    values[:, place] = 3
    assert (trees().margin(values) - none).mean() > 0.5


def test_the_text_holds_no_range_of_values_and_no_machine() -> None:
    text = trees().text()
    infos = re.search(r"^feature_infos=(.+)$", text, re.M)
    assert infos is not None and set(infos[1].split()) == {"[-inf:inf]"}
    assert "[num_threads: 1]" in text and "pickle" not in text


def test_no_row_gives_no_margin_and_no_contribution() -> None:
    nothing = np.zeros((0, len(ALL)))
    assert trees().margin(nothing).shape == (0,)
    contributions, base = trees().contributions(nothing)
    assert contributions.shape == (0, len(ALL)) and np.isfinite(base)
