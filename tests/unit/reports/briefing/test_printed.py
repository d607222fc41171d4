"""How numbers are written on a page."""

from __future__ import annotations

import pytest

from absence_risk.features.phrasing import listed
from absence_risk.reports.briefing.printed import (
    between,
    gap_with_interval,
    number,
    share,
    share_with_interval,
    statistic,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("count", "said"), [(1240, "1,240"), (0, "0"), ("c", "c"), (None, "–"), (NAN, "–"), (15.0, "15")]
)
def test_counts(count: object, said: str) -> None:
    assert number(count) == said


@pytest.mark.parametrize(
    ("value", "digits", "said"), [(0.645, 0, "65%"), (0.0125, 1, "1.3%"), (1.0, 0, "100%"), (NAN, 0, "–")]
)
def test_shares_round_half_up(value: float, digits: int, said: str) -> None:
    assert share(value, digits) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.25, "+1.3"), (-1.25, "\N{MINUS SIGN}1.3"), (0.04, "0.0"), (-0.04, "0.0"), (NAN, "–")],
)
def test_a_signed_number_has_a_true_minus_and_nought_has_no_sign(value: float, said: str) -> None:
    assert statistic(value, 1, signed=True) == said


def test_an_interval_is_left_out_where_an_end_is_not_known_and_never_breaks_over_lines() -> None:
    assert between("–", "8%") == ""
    assert " " not in between("5%", "8%").strip()


def test_a_hidden_share_has_no_interval() -> None:
    row = {"value": NAN, "low": NAN, "high": NAN}
    assert share_with_interval(row) == "–"


def test_gaps_are_points_of_a_hundred() -> None:
    row = {"gap": 0.123, "gap_low": -0.01, "gap_high": 0.25}
    assert gap_with_interval(row, "gap").replace("\xa0", " ") == "+12.3 (\N{MINUS SIGN}1.0 to +25.0)"


def test_names_are_joined_as_in_a_sentence() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]
