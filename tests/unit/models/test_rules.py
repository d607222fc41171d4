"""Each simple rule on a drawn table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from absence_risk.evaluation.ranking import precision_at_k
from absence_risk.features.catalogue import CATALOGUE
from absence_risk.models.logistic import fit_logistic
from absence_risk.models.rules import NOT_KNOWN, RULES

BY_NAME = {rule.name: rule for rule in RULES}
NONE = float("nan")


def _rows(columns: tuple[str, ...], *rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), dtype="float64")


def test_every_rule_reads_columns_of_the_catalogue() -> None:
    assert all(name in CATALOGUE for rule in RULES for name in rule.columns)


def test_a_tenth_of_sessions_is_persistent_and_one_session_less_is_not() -> None:
    X = _rows(("sessions_absent", "sessions_possible"), (38, 380), (37, 380), (0, 380), (39, 389), (39, 390))
    assert BY_NAME["persistent_last_year"].score(X).tolist() == [1, 0, 0, 1, 1]


def test_persistent_by_days_puts_more_days_first_and_the_rest_together() -> None:
    X = _rows(("sessions_absent", "sessions_possible"), (38, 380), (100, 380), (37, 380), (1, 380))
    assert BY_NAME["persistent_by_days"].score(X).tolist() == [38, 100, 0, 0]


def test_last_years_unauthorised_absence_is_a_share_of_the_pupils_own_sessions() -> None:
    X = _rows(("sessions_unauthorised", "sessions_possible"), (19, 190), (19, 380), (0, 380))
    assert BY_NAME["last_year_unauthorised"].score(X).tolist() == [0.1, 0.05, 0.0]


FACTORS = ("suspensions_this_year", "cin_current", "ap_previous", "fsm_now")


def _factors(*rows: tuple[float, float, float, float]) -> pd.DataFrame:
    columns = BY_NAME["four_factors"].columns
    X = pd.DataFrame(0.0, index=range(len(rows)), columns=list(columns))
    X[list(FACTORS)] = np.asarray(rows, dtype=float)
    return X


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 0, 1, 1), (1, 0, 0, 0)),  # two factors before one
        ((0, 1, 1, 1), (1, 1, 0, 0)),  # three before two
        ((1, 0, 0, 0), (0, 1, 0, 0)),  # among equals: suspensions before social care
        ((0, 1, 0, 0), (0, 0, 1, 0)),  # social care before alternative provision
        ((0, 0, 1, 0), (0, 0, 0, 1)),  # alternative provision before free school meals
        ((0, 0, 0, 1), (0, 0, 0, 0)),
    ],
)
def test_the_four_factors_count_first_and_the_studys_order_decides_among_equals(
    first: tuple[float, ...], second: tuple[float, ...]
) -> None:
    score = BY_NAME["four_factors"].score(_factors(first, second))  # type: ignore[arg-type]
    assert score[0] > score[1]


def test_several_suspensions_are_still_one_factor() -> None:
    score = BY_NAME["four_factors"].score(_factors((9, 0, 0, 0), (1, 0, 0, 0)))
    assert score[0] == score[1]


def test_an_unknown_factor_is_not_present_and_does_not_hide_the_others() -> None:
    X = _factors((0, NONE, 0, 1), (0, 0, 0, 1))
    assert BY_NAME["four_factors"].score(X)[0] == BY_NAME["four_factors"].score(X)[1]


RONI = BY_NAME["roni_points"]


def _points(**known: float) -> float:
    X = pd.DataFrame([dict.fromkeys(RONI.columns, 0.0) | {"sessions_possible": 380.0} | known])
    return float(RONI.score(X)[0])


def test_attendance_below_ninety_and_eighty_per_cent_is_decided_by_whole_sessions() -> None:
    # 380 possible: 38 absent is 90% attended exactly, 76 is 80% exactly; below is one session more.
    assert [_points(sessions_absent=n) for n in (0, 38, 39, 76, 77, 380)] == [0, 0, 1, 1, 2, 2]
    assert _points(sessions_absent=39, sessions_possible=389) == 1
    assert _points(sessions_absent=39, sessions_possible=390) == 0


@pytest.mark.parametrize(
    ("known", "points"),
    [
        ({"suspensions_this_year": 3.0}, 1),
        ({"suspensions_this_year": 1.0, "suspensions_earlier_years": 2.0}, 1),
        ({"permanent_exclusions": 1.0}, 2),
        ({"ap_previous": 1.0, "la_funded_ap_current": 1.0}, 1),
        ({"looked_after_current": 1.0, "cin_current": 1.0}, 3),
        ({"cin_current": 1.0, "cp_plan_current": 1.0}, 1),
        ({"sessions_absent": 100.0, "permanent_exclusions": 1.0, "ap_previous": 1.0}, 5),
    ],
)
def test_points_add_up_over_items_and_an_item_counts_once(known: dict[str, float], points: int) -> None:
    assert _points(**known) == points


def test_an_item_that_is_not_known_gives_no_point_and_does_not_hide_the_others() -> None:
    assert _points(sessions_absent=NONE, looked_after_current=1.0) == 2


def test_by_lot_finds_the_share_that_all_pupils_have() -> None:
    y = np.array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    score = BY_NAME["random"].score(pd.DataFrame(index=range(10)))
    assert [precision_at_k(y, score, k).value for k in (1, 3, 10)] == pytest.approx([0.2] * 3)


@pytest.mark.parametrize("rule", [r for r in RULES if r.columns], ids=lambda rule: rule.name)
def test_a_pupil_of_whom_nothing_is_known_ranks_lowest_and_is_counted(rule: object) -> None:
    X = pd.DataFrame({name: [NONE, 0.0] for name in rule.columns})  # type: ignore[attr-defined]
    if "sessions_possible" in X:
        X["sessions_possible"] = [NONE, 380.0]
    score = rule.score(X)  # type: ignore[attr-defined]
    assert score[0] == NOT_KNOWN < score[1] and rule.not_known(X) == 1  # type: ignore[attr-defined]


def test_a_logistic_model_of_the_rules_one_feature_lists_the_same_pupils_as_the_rule() -> None:
    rng = np.random.default_rng(8)
    possible = rng.integers(200, 380, 900).astype(float)
    missed = np.floor(possible * rng.beta(0.5, 6, 900))
    counts = {"sessions_unauthorised": missed, "sessions_possible": possible}
    X = pd.DataFrame({"unauthorised_rate": missed / possible, **counts})
    X.loc[:40, :] = np.nan
    y = (rng.random(900) < X["unauthorised_rate"].fillna(0.02) * 2).astype(int).to_numpy()
    one = X[["unauthorised_rate"]]
    model = fit_logistic(one, y, (CATALOGUE["unauthorised_rate"],))
    rule = next(rule for rule in RULES if rule.name == "last_year_unauthorised")
    by_model = np.argsort(-model.margin(one.to_numpy()), kind="stable")[:150]
    by_rule = np.argsort(-rule.score(X), kind="stable")[:150]
    assert set(by_model) == set(by_rule)
