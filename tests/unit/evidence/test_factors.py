"""Odds ratios in the form of the DfE study, against hand calculation, scikit-learn and statsmodels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_years import dataset_of, three_years

from absence_risk.evidence.factor_levels import FACTORS, NOT_RECORDED, any_of_family
from absence_risk.evidence.factors import family_log_odds, family_odds_draws, odds_ratios
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.features.catalogue import FOUR_FACTORS, Family

NONE = float("nan")
FSM = "free school meals on the as-of date"
SUSPENSIONS = "suspensions in the feature year"


def _known(n: int) -> dict[str, Any]:
    """Every factor known and absent."""
    absent = (
        "suspensions_this_year", "cin_current", "cin_previous", "cp_plan_current", "cp_plan_previous",
        "looked_after_current", "looked_after_previous", "ap_school_current", "school_arranged_ap_current",
        "la_funded_ap_current", "ap_previous", "fsm_now",
    )  # fmt: skip
    return {**{name: np.zeros(n) for name in absent}, "year_group": np.full(n, 8.0)}


def _row(table: pd.DataFrame, factor: str, level: str) -> dict[Any, Any]:
    (found,) = table[(table["factor"] == factor) & (table["level"] == level)].to_dict("records")
    return found


def _two_by_two(a: int, b: int, c: int, d: int) -> Any:
    """a eligible and met the outcome, b eligible and not, c and d the same of those not eligible."""
    fsm = np.repeat([1.0, 1.0, 0.0, 0.0], [a, b, c, d])
    y = np.repeat([1, 0, 1, 0], [a, b, c, d])
    return dataset_of(pd.DataFrame({**_known(len(y)), "fsm_now": fsm}), y)


# --- levels ------------------------------------------------------------------------------------------------------


def _codes(words: str, **columns: list[float]) -> list[str]:
    factor = next(f for f in FACTORS if f.words == words)
    n = len(next(iter(columns.values())))
    X = pd.DataFrame({**_known(n), **columns})
    return [NOT_RECORDED if code == -1 else factor.levels[code] for code in factor.codes(X)]


def test_suspensions_are_none_one_or_more_and_unknown_is_a_level() -> None:
    found = _codes(SUSPENSIONS, suspensions_this_year=[0, 1, 2, 7, NONE])
    assert found == ["none", "1", "2 or more", "2 or more", NOT_RECORDED]


@pytest.mark.parametrize(("words", "kind"), [("child in need", "cin"), ("child protection plan", "cp_plan")])
def test_now_comes_before_before_and_never_needs_both_to_be_known(words: str, kind: str) -> None:
    now, before = [1, 1, 0, 0, NONE, 0, 1], [0, 1, 1, 0, NONE, NONE, NONE]
    found = _codes(words, **{f"{kind}_current": now, f"{kind}_previous": before})
    assert found == ["now", "now", "before", "never", NOT_RECORDED, NOT_RECORDED, "now"]


def test_alternative_provision_is_any_kind_now_or_before() -> None:
    found = _codes(
        "alternative provision",
        ap_school_current=[0, 1, 0, 0, NONE],
        la_funded_ap_current=[0, 0, 0, NONE, NONE],
        ap_previous=[0, 0, 1, 0, 1],
    )
    assert found == ["never", "now or before", "now or before", NOT_RECORDED, "now or before"]


def test_a_return_never_held_says_nothing_of_anybody_and_does_not_hide_the_others() -> None:
    found = _codes("alternative provision", la_funded_ap_current=[NONE, NONE], ap_previous=[0, 1])
    assert found == ["never", "now or before"]


def test_a_family_is_present_if_any_factor_is_and_unknown_only_if_none_is() -> None:
    X = pd.DataFrame({**_known(4), "cin_current": [0, 1, NONE, NONE], "looked_after_previous": [0, 0, 0, 1]})
    assert any_of_family(X, Family.SOCIAL_CARE).tolist() == [0, 1, -1, 1]


# --- one factor by hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b", "c", "d"), [(30, 70, 40, 360), (12, 300, 25, 90)])
def test_one_factor_alone_is_ad_over_bc_with_woolfs_interval(a: int, b: int, c: int, d: int) -> None:
    found = _row(odds_ratios(_two_by_two(a, b, c, d), clustered=False), FSM, "eligible")
    ratio, spread = a * d / (b * c), 1.959964 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    ends = (ratio * math.exp(-spread), ratio * math.exp(spread))
    assert found["unadjusted"] == pytest.approx(ratio, rel=1e-6)
    assert (found["unadjusted_low"], found["unadjusted_high"]) == pytest.approx(ends, rel=1e-4)
    assert (found["n"], found["events"], found["state"]) == (a + b, a, "enough")
    # Nothing else varies, so nothing is adjusted for.
    assert found["adjusted"] == pytest.approx(ratio, rel=1e-6)


def test_the_reference_level_is_one_and_says_so() -> None:
    found = _row(odds_ratios(_two_by_two(30, 70, 40, 360)), FSM, "not eligible")
    assert (found["unadjusted"], found["adjusted"], found["state"]) == (1.0, 1.0, "reference")
    assert math.isnan(found["unadjusted_low"]) and math.isnan(found["adjusted_high"])


def test_few_pupils_or_few_events_or_no_end_are_too_few_to_say_and_give_no_ratio() -> None:
    few_events = _row(odds_ratios(_two_by_two(9, 91, 40, 360)), FSM, "eligible")
    few_pupils = _row(odds_ratios(_two_by_two(15, 4, 40, 360)), FSM, "eligible")
    everybody = _row(odds_ratios(_two_by_two(30, 0, 40, 360)), FSM, "eligible")
    for found in (few_events, few_pupils, everybody):
        assert found["state"] == "too few to say"
        assert all(math.isnan(found[name]) for name in ("unadjusted", "unadjusted_high", "adjusted"))
    assert _row(odds_ratios(_two_by_two(10, 10, 40, 360)), FSM, "eligible")["state"] == "enough"


def test_one_school_alone_cannot_say_how_schools_differ() -> None:
    data = _two_by_two(30, 70, 40, 360)
    one_school = dataset_of(data.X, data.y, schools=["s"] * len(data.y))
    assert _row(odds_ratios(one_school), FSM, "eligible")["state"] == "too few to say"


# --- adjusted, clustered -----------------------------------------------------------------------------------------


def _design(data: Any) -> Any:
    """The adjusted table's columns, written again by hand: every level but the reference, year group and year."""
    columns = []
    for factor in FACTORS:
        codes = factor.codes(data.X)
        columns += [codes == place for place in range(1, len(factor.levels))]
    for values in (data.X["year_group"].to_numpy(), data.academic_year):
        columns += [values == value for value in np.unique(values)[1:]]
    return np.column_stack(columns).astype(float)


@pytest.fixture(scope="module")
def data() -> Any:
    first, second, _ = three_years()
    X = pd.concat([first.X, second.X], ignore_index=True)
    joined = [
        np.concatenate([getattr(d, name) for d in (first, second)]) for name in ("y", "pupil_id", "school_id")
    ]
    years = np.concatenate([first.academic_year, second.academic_year])
    return dataset_of(X, joined[0], years=years, pupils=joined[1], schools=joined[2])


def test_adjusted_ratios_are_those_of_scikit_learn_without_penalty(data: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(_design(data), data.y)
    table = odds_ratios(data)
    shown = table[(table["state"] != "reference") & (table["level"] != NOT_RECORDED)]
    expected = np.exp(fitted.coef_[0])[: len(shown)]
    found = shown["adjusted"].to_numpy()
    enough = (shown["state"] == "enough").to_numpy()
    assert enough.sum() >= 6
    assert found[enough] == pytest.approx(expected[enough], rel=1e-3)


def test_clustered_intervals_are_the_sandwich_by_school(data: Any) -> None:
    design = np.column_stack([np.ones(len(data.y)), _design(data)])
    beta = np.zeros(design.shape[1])
    for _ in range(30):  # Newton's steps by hand
        p = 1 / (1 + np.exp(-design @ beta))
        hessian = design.T @ (design * (p * (1 - p))[:, None])
        beta += np.linalg.solve(hessian, design.T @ (data.y - p))
    scores = design * (data.y - p)[:, None]
    by_school = np.array([scores[data.school_id == s].sum(axis=0) for s in np.unique(data.school_id)])
    n, k, g = *design.shape, len(by_school)
    bread = np.linalg.inv(hessian)
    covariance = bread @ (by_school.T @ by_school) @ bread * g / (g - 1) * (n - 1) / (n - k)
    found = _row(odds_ratios(data), SUSPENSIONS, "1")
    spread = 1.959964 * math.sqrt(covariance[1, 1])
    ends = (math.exp(beta[1] - spread), math.exp(beta[1] + spread))
    assert (found["adjusted_low"], found["adjusted_high"]) == pytest.approx(ends, rel=1e-3)


def test_rows_copied_within_their_schools_tell_nothing_new() -> None:
    data = _two_by_two(30, 70, 40, 360)
    twice = pd.concat([data.X, data.X], ignore_index=True)
    copied = dataset_of(twice, np.tile(data.y, 2), schools=np.tile(data.school_id, 2))

    def width(which: Any, clustered: bool) -> float:
        found = _row(odds_ratios(which, clustered=clustered), FSM, "eligible")
        return math.log(found["unadjusted_high"] / found["unadjusted_low"])

    assert width(copied, True) == pytest.approx(width(data, True), rel=0.01)
    assert width(copied, False) == pytest.approx(width(data, False) / math.sqrt(2), rel=1e-6)


def test_not_recorded_is_shown_with_its_counts_and_never_counted_as_absent(data: Any) -> None:
    X = data.X.assign(fsm_now=data.X["fsm_now"].where(np.arange(len(data.y)) % 4 > 0))
    table = odds_ratios(dataset_of(X, data.y, years=data.academic_year))
    counts = table[table["factor"] == FSM].set_index("level")["n"]
    assert counts[NOT_RECORDED] == sum(np.arange(len(data.y)) % 4 == 0) and counts.sum() == len(data.y)
    assert _row(table, FSM, NOT_RECORDED)["state"] == "enough"


def test_a_factor_that_nobody_has_recorded_says_nothing_and_hides_nothing(data: Any) -> None:
    X = data.X.assign(fsm_now=NONE)
    table = odds_ratios(dataset_of(X, data.y, years=data.academic_year, schools=data.school_id))
    assert _row(table, FSM, NOT_RECORDED)["n"] == len(data.y)
    assert (
        _row(table, FSM, NOT_RECORDED)["state"] == _row(table, FSM, "eligible")["state"] == "too few to say"
    )
    assert _row(table, SUSPENSIONS, "1")["state"] == "enough"


def test_two_factors_unknown_together_cannot_be_told_apart_and_the_rest_still_can(data: Any) -> None:
    unknown = np.arange(len(data.y)) % 5 == 0
    kinds = ("cin_current", "cin_previous", "cp_plan_current", "cp_plan_previous")
    X = data.X.assign(**{name: data.X[name].mask(unknown) for name in kinds})
    table = odds_ratios(dataset_of(X, data.y, years=data.academic_year, schools=data.school_id))
    for factor in ("child in need", "child protection plan"):
        assert _row(table, factor, NOT_RECORDED)["state"] == "too few to say"
    assert _row(table, "child in need", "now")["state"] == "enough"
    assert _row(table, SUSPENSIONS, "1")["state"] == "enough"


def test_a_level_without_any_event_leaves_the_other_ratios_as_they_are(data: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    none_met = data.X["year_group"].to_numpy() == 5
    y = np.where(none_met, 0, data.y)
    held = dataset_of(data.X, y, years=data.academic_year, schools=data.school_id)
    without = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(
        _design(held)[~none_met], y[~none_met]
    )
    found = _row(odds_ratios(held), SUSPENSIONS, "1")["adjusted"]
    assert found == pytest.approx(float(np.exp(without.coef_[0][0])), rel=1e-3)


def test_the_order_of_rows_changes_nothing(data: Any) -> None:
    turned = np.arange(len(data.y))[::-1]
    again = dataset_of(
        data.X.iloc[turned],
        data.y[turned],
        years=data.academic_year[turned],
        schools=data.school_id[turned],
    )
    one, other = odds_ratios(data), odds_ratios(again)
    assert one["level"].tolist() == other["level"].tolist()
    assert other["adjusted_high"].to_numpy() == pytest.approx(
        one["adjusted_high"].to_numpy(), rel=1e-6, nan_ok=True
    )


def test_the_table_has_the_columns_declared_and_each_factor_adds_up_to_everybody(data: Any) -> None:
    table = odds_ratios(data)
    assert tuple(table.columns) == EVIDENCE_TABLES["odds_ratios"].column_names
    assert set(table.groupby("factor")["n"].sum()) == {len(data.y)}
    assert set(table.groupby("factor")["events"].sum()) == {int(data.y.sum())}


# --- families ----------------------------------------------------------------------------------------------------


def test_draws_of_a_familys_odds_have_its_mean_and_spread(data: Any) -> None:
    fitted = family_log_odds(data)
    assert [key[0] for key in fitted.keys] == [family.value for family in FOUR_FACTORS]
    drawn = family_odds_draws(fitted, FOUR_FACTORS, rounds=4000, seed=1)
    assert drawn.mean(axis=0) == pytest.approx(fitted.values, abs=0.03)
    assert np.cov(drawn.T) == pytest.approx(fitted.covariance, abs=0.01)
    assert np.array_equal(drawn, family_odds_draws(fitted, FOUR_FACTORS, rounds=4000, seed=1))


def test_a_family_hardly_anybody_has_is_left_out_and_has_no_draws() -> None:
    data = _two_by_two(30, 70, 40, 360)
    fitted = family_log_odds(data)
    assert fitted.keys == ((Family.FREE_SCHOOL_MEALS.value, "any"),)
    drawn = family_odds_draws(fitted, FOUR_FACTORS, rounds=50, seed=1)
    assert np.isnan(drawn[:, :3]).all() and np.isfinite(drawn[:, 3]).all()
    nobody = family_log_odds(_two_by_two(5, 5, 40, 360))
    assert nobody.keys == () and np.isnan(family_odds_draws(nobody, FOUR_FACTORS, rounds=5, seed=1)).all()
