"""Base + contributions = log-odds of the risk shown, and the numbers are SHAP's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_matrix import ALL, logistic_bundle, parts, trees_bundle

from absence_risk.errors import AbsenceRiskError, InputError
from absence_risk.evaluation.calibration import log_odds_of
from absence_risk.explanation.contributions import (
    TOLERANCE,
    by_family,
    by_topic,
    explain,
    mean_size,
    to_shap,
)
from absence_risk.features.catalogue import Family
from absence_risk.models.bundle import Bundle
from absence_risk.models.calibration import LinearCalibration

BUNDLES = pytest.mark.parametrize("make", [trees_bundle, logistic_bundle], ids=["trees", "logistic"])


@BUNDLES
def test_base_and_contributions_are_the_log_odds_of_the_risk_shown(make: object) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    X = parts().later
    found = explain(bundle, X)
    whole = found.base + found.contributions.sum(axis=1)
    assert np.abs(whole - found.log_odds).max() <= TOLERANCE
    assert np.abs(whole - log_odds_of(bundle.risk(X))).max() <= 1e-9
    assert np.array_equal(found.risk, bundle.risk(X))


def test_the_trees_contributions_are_those_of_shap_times_the_slope() -> None:
    import shap

    bundle, X = trees_bundle(), parts().later[:300]
    explainer = shap.TreeExplainer(bundle.model.booster, feature_perturbation="tree_path_dependent")  # type: ignore[union-attr]
    values = np.asarray(explainer.shap_values(X.to_numpy()))
    slope, intercept = bundle.calibration.slope, bundle.calibration.intercept
    found = explain(bundle, X)
    assert np.abs(found.contributions - slope * values).max() < 1e-9
    base = float(np.ravel(explainer.expected_value)[-1])
    assert found.base == pytest.approx(intercept + slope * base, abs=1e-9)


def test_shaps_own_reading_of_the_trees_gives_the_same_numbers() -> None:
    # shap passes LightGBM models back to LightGBM, so its own algorithm is asked for too.
    import shap

    bundle, X = trees_bundle(), parts().later[:60]
    explainer = shap.TreeExplainer(bundle.model.booster, feature_perturbation="tree_path_dependent")  # type: ignore[union-attr]
    explainer.model.model_type = "internal"
    values = np.asarray(explainer.shap_values(X.to_numpy(), check_additivity=False))
    found = explain(bundle, X)
    assert np.abs(found.contributions - bundle.calibration.slope * values).max() < 1e-6


@BUNDLES
def test_one_and_two_threads_small_and_large_blocks_give_the_same_bits(make: object) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    X = parts().later[:500]
    one = explain(bundle, X)
    for other in (explain(bundle, X, num_threads=2), explain(bundle, X, block=7)):
        assert np.array_equal(one.contributions, other.contributions) and one.base == other.base


@BUNDLES
def test_a_pupils_explanation_does_not_depend_on_the_others(make: object) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    X = parts().later[:200]
    whole = explain(bundle, X)
    order = np.random.default_rng(2).permutation(200)
    assert np.array_equal(explain(bundle, X.iloc[order]).contributions, whole.contributions[order])
    assert np.array_equal(explain(bundle, X.iloc[[17]]).contributions[0], whole.contributions[17])


@BUNDLES
def test_no_pupil_gives_no_contribution(make: object) -> None:
    bundle: Bundle = make()  # type: ignore[operator]
    found = explain(bundle, parts().later.iloc[:0])
    assert found.contributions.shape == (0, len(ALL)) and found.risk.shape == (0,)
    assert found.base == explain(bundle, parts().later[:1]).base


def test_parts_that_do_not_add_up_are_not_shown() -> None:
    bundle = trees_bundle()

    class Forgetful:
        kind, file_name, feature_names = "lightgbm", "model.txt", bundle.feature_names

        def compiled(self) -> Forgetful:
            return self

        def explained(
            self, values: np.ndarray, *, num_threads: int = 1
        ) -> tuple[np.ndarray, float, np.ndarray]:
            found, base, margin = bundle.model.explained(values)
            return np.where(np.arange(len(values))[:, None] == 0, 0.0, found), base, margin

    with pytest.raises(AbsenceRiskError, match="1 of 50 rows do not add up"):
        explain(replace(bundle, model=Forgetful()), parts().later[:50])  # type: ignore[arg-type]


def test_rows_of_another_form_are_refused() -> None:
    with pytest.raises(InputError):
        explain(trees_bundle(), parts().later.iloc[:, ::-1])


def test_families_and_topics_add_up_to_the_features() -> None:
    found = explain(trees_bundle(), parts().later[:100])
    families = by_family(found.contributions, found.features)
    topics = by_topic(found.contributions, found.features)
    assert list(families.columns) == [family.value for family in Family]
    assert list(topics.columns) == list(dict.fromkeys(f.topic for f in ALL))
    for grouped in (families, topics):
        assert grouped.sum(axis=1).to_numpy() == pytest.approx(found.contributions.sum(axis=1), abs=1e-9)
    fsm = [i for i, f in enumerate(ALL) if f.family is Family.FREE_SCHOOL_MEALS]
    assert families["free_school_meals"].to_numpy() == pytest.approx(found.contributions[:, fsm].sum(axis=1))


def test_the_slope_scales_contributions_and_the_intercept_moves_the_base_alone() -> None:
    bundle, X = trees_bundle(), parts().later[:50]
    plain = explain(replace(bundle, calibration=LinearCalibration(0.0, 1.0)), X)
    changed = explain(replace(bundle, calibration=LinearCalibration(-2.0, 0.5)), X)
    assert changed.contributions == pytest.approx(0.5 * plain.contributions, abs=1e-12)
    assert changed.base == pytest.approx(-2.0 + 0.5 * plain.base, abs=1e-12)


def test_mean_sizes_are_sorted_and_none_is_negative() -> None:
    found = explain(trees_bundle(), parts().later)
    table = mean_size(found.contributions, found.features)
    assert len(table) == len(ALL) and table["mean_size"].is_monotonic_decreasing
    assert table["mean_size"].min() >= 0


def test_the_analysts_object_holds_the_same_numbers() -> None:
    X = parts().later[:20]
    found = explain(trees_bundle(), X)
    told = to_shap(found, X)
    assert np.array_equal(told.values, found.contributions)
    assert told.base_values + told.values.sum(axis=1) == pytest.approx(found.log_odds, abs=1e-9)
    assert list(told.feature_names) == [f.name for f in ALL]
