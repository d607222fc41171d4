"""Planted drifts: each is refused or reported, none scores in silence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from made_matrix import ALL, parts

from absence_risk.errors import InputError
from absence_risk.features.catalogue import FEATURES
from absence_risk.models.contract import UNIT_LIMITS, check_between, check_matrix, learn_ranges

SECRET = "Z123456789012"


def _rows() -> pd.DataFrame:
    return parts().later.copy()


def test_every_unit_of_the_catalogue_has_a_limit() -> None:
    assert {feature.unit for feature in FEATURES} <= set(UNIT_LIMITS)


def test_good_rows_come_back_as_they_are() -> None:
    X = _rows()
    assert np.array_equal(check_matrix(X, ALL), X.to_numpy(), equal_nan=True)


def _percent(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(unauthorised_rate=X["unauthorised_rate"] * 100)


def _swapped(X: pd.DataFrame) -> pd.DataFrame:
    names = list(X.columns)
    names[0], names[1] = names[1], names[0]
    return X[names]


REFUSED: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "a percentage for a share": (_percent, "not a percentage"),
    "two columns swapped": (_swapped, "another order"),
    "a column renamed": (lambda X: X.rename(columns={"fsm_now": SECRET}), "fsm_now: the model needs"),
    "a column dropped": (lambda X: X.drop(columns="fsm_now"), "fsm_now: the model needs"),
    "a column too many": (lambda X: X.assign(**{SECRET: 1.0}), "1 columns are not features"),
    "a column twice": (lambda X: pd.concat([X, X[["fsm_now"]]], axis=1), "occurs twice"),
    "text": (lambda X: X.assign(fsm_now=[SECRET] * len(X)), "expected float64"),
    "whole numbers": (lambda X: X.assign(fsm_now=X["fsm_now"].astype(int)), "expected float64"),
    "single precision": (lambda X: X.astype("float32"), "expected float64"),
    "nullable numbers": (lambda X: X.astype({"fsm_now": "Float64"}), "expected float64"),
    "true and false": (lambda X: X.assign(fsm_now=X["fsm_now"] > 0), "expected float64"),
    "yes as 2": (lambda X: X.assign(fsm_now=2.0), "expected 0 or 1"),
    "half a suspension": (lambda X: X.assign(suspensions_this_year=0.5), "a count"),
    "fewer than none": (lambda X: X.assign(suspensions_this_year=-1.0), "a count"),
    "a date for a number of days": (lambda X: X.assign(days_since_suspension=20_000.0), "days"),
    "a birth year for a year group": (lambda X: X.assign(year_group=2011.0), "year group"),
    "points for a difference": (lambda X: X.assign(unauthorised_trend=5.0), "difference"),
    "infinity": (lambda X: X.assign(illness_rate=np.inf), "share"),
    "minus infinity": (lambda X: X.assign(days_since_suspension=-np.inf), "days"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_planted_fault_is_refused_without_a_value(case: str) -> None:
    change, words = REFUSED[case]
    with pytest.raises(InputError, match=words) as caught:
        check_matrix(change(_rows()), ALL)
    assert SECRET not in str(caught.value)


def test_every_fault_is_said_at_once_with_its_rows() -> None:
    X = _percent(_rows()).assign(fsm_now=2.0)
    with pytest.raises(InputError) as caught:
        check_matrix(X, ALL)
    assert "unauthorised_rate" in str(caught.value) and "fsm_now" in str(caught.value)
    assert f"{len(X):,} of {len(X):,} rows" in str(caught.value)


def test_a_range_is_not_one_childs_value() -> None:
    X = parts().X.copy()
    X.loc[0, "suspensions_this_year"] = 77.0
    found = {r.name: r for r in learn_ranges(X, ALL)}
    assert found["suspensions_this_year"].high < 77


def test_no_row_is_no_fault() -> None:
    nothing = _rows().iloc[:0]
    assert check_matrix(nothing, ALL).shape == (0, len(ALL))
    check_between(nothing, 0)


def test_every_contradiction_is_said_at_once_with_its_rows_and_columns() -> None:
    X = _rows()
    check_between(X, len(X))
    X.loc[:2, ["fsm_now", "fsm_ever_six"]] = (1.0, 0.0)
    X.loc[5, ["cin_current", "cin_spells"]] = (1.0, 0.0)
    with pytest.raises(InputError) as caught:
        check_between(X, len(X))
    assert f"(fsm_now, fsm_ever_six); 3 of {len(X):,} rows" in str(caught.value)
    assert f"(cin_current, cin_spells); 1 of {len(X):,} rows" in str(caught.value)
