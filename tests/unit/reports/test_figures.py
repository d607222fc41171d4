"""Drawings: the same numbers, the same bytes, and no date."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from made_matrix import CAPACITY, parts, trees_bundle

from absence_risk.evaluation.calibration import calibration_table
from absence_risk.evaluation.ranking import by_list_length
from absence_risk.reports.figures import calibration_figure, list_length_figure, size_figure


def _calibration() -> bytes:
    return calibration_figure(calibration_table(parts().later_y, trees_bundle().risk(parts().later)))


def _lengths() -> bytes:
    risk = trees_bundle().risk(parts().later)
    curve = by_list_length(parts().later_y, risk, [30, CAPACITY, 120])
    return list_length_figure({"this model": curve, "a rule": curve}, capacity=CAPACITY)


def _sizes() -> bytes:
    return size_figure({"suspensions & more": 0.4, "free school meals": 0.1}, title="By family")


@pytest.mark.parametrize("draw", [_calibration, _lengths, _sizes])
def test_the_same_numbers_give_the_same_bytes_without_a_date(draw: object) -> None:
    svg: bytes = draw()  # type: ignore[operator]
    assert svg == draw()  # type: ignore[operator]
    text = svg.decode("utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "dc:date" not in text and not re.search(r"20\d\d-\d\d-\d\d", text)


def test_words_stay_words_so_that_they_can_be_read_aloud() -> None:
    assert "suspensions &amp; more" in _sizes().decode("utf-8") and "By family" in _sizes().decode("utf-8")


def test_the_number_of_pupils_at_a_point_is_said() -> None:
    table = pd.DataFrame({"mean_prob": [0.1, 0.3], "observed": [0.1, 0.2], "n": [1234, 8]})
    text = calibration_figure(table).decode("utf-8")
    assert "8 to 1,234 pupils at each point" in text and "observed" in text


def test_nothing_to_draw_is_still_a_drawing() -> None:
    assert b"<svg" in size_figure({}, title="Nothing")


def test_matplotlibs_global_state_is_left_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    _sizes()
    assert dict(matplotlib.rcParams) == before
