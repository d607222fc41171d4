"""Families left out and ranked beside the DfE study's order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_years import FEW, SHAPE, fit_features, three_years

from absence_risk.evaluation.draws import SchoolDraws, draw_schools
from absence_risk.evaluation.ranking import average_precision, precision_at_k
from absence_risk.evidence.factors import family_log_odds
from absence_risk.evidence.family_ranking import family_ranking, ranking_in_words
from absence_risk.evidence.left_out import DATA_SETS, LeftOut, leave_families_out, necessity
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.features.catalogue import FOUR_FACTORS, Family
from absence_risk.features.words import BANNED_WORDS
from absence_risk.models.boosting import fit_boosting

CAPACITY = 90
NAMES = [feature.name for feature in FEW]


def _score() -> Any:
    train, _, test = three_years()
    return fit_boosting(train.X[NAMES], train.y, FEW, SHAPE).margin(test.X[NAMES].to_numpy())


@pytest.fixture(scope="module")
def draws() -> SchoolDraws:
    return draw_schools(three_years()[2].school_id, rounds=300, random_state=1)


@pytest.fixture(scope="module")
def left_out(draws: SchoolDraws) -> LeftOut:
    train, _, test = three_years()
    return leave_families_out(train, test, FEW, fit_features, _score(), draws, capacity=CAPACITY)


@pytest.fixture(scope="module")
def table(left_out: LeftOut, draws: SchoolDraws) -> pd.DataFrame:
    from absence_risk.explanation.contributions import by_family

    train, _, test = three_years()
    parts, _ = fit_boosting(train.X[NAMES], train.y, FEW, SHAPE).contributions(test.X[NAMES].to_numpy())
    return family_ranking(by_family(parts, FEW), left_out, family_log_odds(train), draws, seed=1)


def _row(table: pd.DataFrame, family: Family) -> dict[Any, Any]:
    (found,) = table[table["family"] == family.value].to_dict("records")
    return found


# --- left out ----------------------------------------------------------------------------------------------------


def test_what_is_lost_is_the_difference_to_a_model_trained_without_the_family(left_out: LeftOut) -> None:
    train, _, test = three_years()
    kept = tuple(f for f in FEW if f.family is not Family.SUSPENSIONS)
    names = [f.name for f in kept]
    other = fit_boosting(train.X[names], train.y, kept, SHAPE).margin(test.X[names].to_numpy())
    found = _row(necessity(left_out), Family.SUSPENSIONS)
    with_, without = (precision_at_k(test.y, score, CAPACITY).found for score in (_score(), other))
    assert (found["found_with"], found["found_without"]) == pytest.approx((with_, without))
    assert found["loss"] == pytest.approx(with_ - without) and found["loss"] > 0
    assert found["average_precision_loss"] == pytest.approx(
        average_precision(test.y, _score()) - average_precision(test.y, other)
    )


def test_a_family_of_noise_is_not_needed_and_one_that_matters_is(left_out: LeftOut) -> None:
    noise = _row(necessity(left_out), Family.ALTERNATIVE_PROVISION)
    matters = _row(necessity(left_out), Family.SUSPENSIONS)
    assert noise["loss_low"] <= 0 <= noise["loss_high"]
    assert matters["average_precision_loss_low"] > 0


def test_every_family_of_the_model_is_left_out_once_and_names_its_returns(left_out: LeftOut) -> None:
    found = necessity(left_out)
    assert tuple(found.columns) == EVIDENCE_TABLES["necessity"].column_names
    assert found["family"].tolist() == [*(f.value for f in FOUR_FACTORS), "context"]
    assert set(DATA_SETS) == set(Family)


def test_without_its_only_family_a_model_is_no_better_than_a_draw_by_lot(draws: SchoolDraws) -> None:
    train, _, test = three_years()
    only = FEW[:1]
    score = fit_features(train.X[["suspensions_this_year"]], train.y, only).margin(
        test.X[["suspensions_this_year"]].to_numpy()
    )
    found = leave_families_out(train, test, only, fit_features, score, draws, capacity=CAPACITY)
    lot = found.without[Family.SUSPENSIONS].estimates["found_at_capacity"].value
    assert lot == pytest.approx(CAPACITY * test.y.mean())


# --- ranked ------------------------------------------------------------------------------------------------------


def test_a_family_of_noise_ranks_last_and_the_strongest_first(table: pd.DataFrame) -> None:
    noise, first = _row(table, Family.ALTERNATIVE_PROVISION), _row(table, Family.SUSPENSIONS)
    assert noise["mean_shap_rank"] == noise["odds_ratio_rank_high"] == 4.0
    assert first["mean_shap_rank"] == first["odds_ratio_rank"] == 1.0
    assert noise["loss_low"] <= 0 <= noise["loss_high"]
    assert noise["odds_ratio_low"] < 1 < noise["odds_ratio_high"]
    assert table["dfe_rank"].tolist() == [1, 2, 3, 4]


def test_mean_size_is_the_mean_of_the_families_summed_contributions(table: pd.DataFrame) -> None:
    train, _, test = three_years()
    parts, _ = fit_boosting(train.X[NAMES], train.y, FEW, SHAPE).contributions(test.X[NAMES].to_numpy())
    found = _row(table, Family.SOCIAL_CARE)
    assert found["mean_shap"] == pytest.approx(np.abs(parts[:, NAMES.index("cin_current")]).mean())
    assert found["mean_shap_low"] < found["mean_shap"] < found["mean_shap_high"]


def test_every_place_lies_within_its_interval(table: pd.DataFrame) -> None:
    assert tuple(table.columns) == EVIDENCE_TABLES["family_ranking"].column_names
    for name in ("mean_shap_rank", "loss_rank", "odds_ratio_rank"):
        assert (table[f"{name}_low"] <= table[name]).all() and (table[name] <= table[f"{name}_high"]).all()
        assert table[name].sum() == 10.0


def test_a_family_the_model_does_not_use_has_an_odds_ratio_and_no_place_by_the_model(
    left_out: LeftOut, draws: SchoolDraws
) -> None:
    train, _, test = three_years()
    without = {
        family: found for family, found in left_out.without.items() if family is not Family.SUSPENSIONS
    }
    sizes = pd.DataFrame(
        {f.value: np.full(len(test.y), 0.1 * (n + 1)) for n, f in enumerate(FOUR_FACTORS[1:])}
    )
    table = family_ranking(sizes, LeftOut(left_out.whole, without), family_log_odds(train), draws, seed=1)
    found = _row(table, Family.SUSPENSIONS)
    assert np.isnan(found["mean_shap_rank"]) and np.isnan(found["loss_rank"])
    assert found["odds_ratio_rank"] >= 1
    assert table["mean_shap_rank"].dropna().tolist() == [3.0, 2.0, 1.0]
    assert "This model does not use suspensions." in ranking_in_words(table)


# --- in words ----------------------------------------------------------------------------------------------------


def _ranks(**places: tuple[float, float, float]) -> pd.DataFrame:
    rows = []
    for n, family in enumerate(FOUR_FACTORS, start=1):
        row: dict[str, Any] = {"family": family.value, "dfe_rank": n, "mean_shap": 0.1}
        for way in ("mean_shap_rank", "loss_rank", "odds_ratio_rank"):
            row |= dict(
                zip((way, f"{way}_low", f"{way}_high"), places.get(family.value, (n, n, n)), strict=True)
            )
        rows.append(row)
    return pd.DataFrame(rows)


def test_the_same_order_in_every_draw_is_said_to_be_the_studys() -> None:
    said = ranking_in_words(_ranks())
    assert "suspensions, social care, alternative provision, free school meals" in said[0]
    assert all(
        line.endswith("That is the study's order, and no draw of schools changes it.") for line in said[1:4]
    )


def test_a_place_that_surely_differs_is_said_with_both_places() -> None:
    places = {
        "free_school_meals": (1.0, 1.0, 2.0),
        "suspensions": (2.0, 1.0, 2.0),
        "social_care": (3.0, 3.0, 3.0),
        "alternative_provision": (4.0, 4.0, 4.0),
    }
    said = ranking_in_words(_ranks(**places))[1]
    assert "free school meals higher (place 1, interval 1 to 2; 4 in the study)" in said
    assert "social care lower (place 3, in nearly every draw; 2 in the study)" in said
    assert "Whether suspensions stand as in the study cannot be said from this many schools." in said


def test_where_every_interval_holds_the_studys_place_no_difference_is_claimed() -> None:
    places = dict.fromkeys([f.value for f in FOUR_FACTORS], (2.0, 1.0, 4.0))
    said = ranking_in_words(_ranks(**places))[2]
    assert "No place clearly differs from the study's." in said and "higher" not in said


def test_the_sentences_hold_no_banned_word(table: pd.DataFrame) -> None:
    said = " ".join(ranking_in_words(table)).lower()
    assert not [word for word in BANNED_WORDS if word in said]
