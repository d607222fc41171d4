"""The size of trees by evidence: measured on the year that calibrates, reused and not fitted again."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from drawn_years import three_years

from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.files import canonical_json
from absence_risk.settings import Settings, settings_from, with_leaves
from absence_risk.workflows.contend import fit_rivals, with_attendance_turned
from absence_risk.workflows.fit import Fitted, Parts, fit_calibrated, settled
from absence_risk.workflows.shape import Choice, cost_of, shape_of

QUICK = {"trees": 15, "smallest_leaf": 20, "leaf_choices": [2, 4, 8]}


def settings(**changed: Any) -> Settings:
    plain = {"name": "few", "families": ["suspensions", "social_care"], "capacity": 90, "boosting": QUICK}
    return settings_from({**plain, **changed})


@cache
def parts() -> Parts:
    return Parts(*three_years())


@cache
def fitted() -> Fitted:
    return fit_calibrated("boosting", parts(), settings())


def test_every_choice_is_measured_on_the_year_that_calibrates_and_none_on_the_year_that_tests() -> None:
    shape = fitted().shape
    assert shape["measured_on"] == "2023/24" and [row["leaves"] for row in shape["choices"]] == [2, 4, 8]
    columns = EVIDENCE_TABLES["model_shape"].column_names
    assert all({"year", *row} == set(columns) for row in shape["choices"])
    without_test = Parts(parts().train, parts().calibrate, parts().calibrate)
    again = fit_calibrated("boosting", without_test, settings())
    assert canonical_json(dict(again.shape)) == canonical_json(dict(shape))


def test_the_model_taken_is_the_one_a_run_with_that_number_would_fit() -> None:
    given = fit_calibrated("boosting", parts(), with_leaves(settings(), fitted().shape["leaves"]))
    assert given.model.text() == fitted().model.text() and given.calibration == fitted().calibration
    assert given.shape == {}, "nothing was chosen where a number was given"


def test_the_measures_are_those_of_the_calibrated_model_on_that_year() -> None:
    from absence_risk.evaluation.summary import measure
    from absence_risk.workflows.fit import risk_of

    row = next(row for row in fitted().shape["choices"] if row["chosen"])
    found = measure(parts().calibrate.y, y_prob=risk_of(fitted(), parts().calibrate), capacity=90)
    for ours, theirs in (("found", "found_at_capacity"), ("precision", "precision_at_capacity"), ("brier", "brier"),
                         ("average_precision", "average_precision"), ("roc_auc", "roc_auc")):  # fmt: skip
        assert row[ours] == pytest.approx(found[theirs]), ours
    assert row["calibration_slope_before"] == fitted().calibration.slope
    # A line fitted on the very pupils it is measured on is perfect there: the optimism that the docstring names.
    assert found["calibration_slope"] == pytest.approx(1.0)


def test_the_cost_is_that_of_the_compiled_trees_and_grows_with_their_size() -> None:
    costs = [row["cost"] for row in fitted().shape["choices"]]
    assert costs == sorted(costs) and costs[0] < costs[-1]
    tables = fitted().model.compiled().tables  # type: ignore[union-attr]
    assert tables is not None and tables.trees is not None
    assert cost_of(fitted().model) == len(tables.trees.layout.column_feature)


def test_equal_models_choose_the_smallest() -> None:
    same = Choice(fitted().model, fitted().calibration)
    shape = shape_of({31: same, 4: same}, parts().calibrate, year="2023/24", capacity=90, seed=1)
    assert shape["leaves"] == 4 and [row["lost"] for row in shape["choices"]] == [0.0, 0.0]


def test_a_list_longer_than_the_year_is_the_whole_year_and_loses_nothing() -> None:
    shape = fit_calibrated("boosting", parts(), settings(capacity=10_000)).shape
    assert shape["leaves"] == 2 and {row["k"] for row in shape["choices"]} == {len(parts().calibrate)}


def test_what_is_fitted_after_the_choice_has_trees_of_the_same_size() -> None:
    asked = settings()
    models, _ = fit_rivals(parts(), asked, additive=False)
    chosen = models[0].shape["leaves"]
    assert settled(asked, models).boosting.leaves == chosen
    assert settled(asked, models[1:]) == asked, "no other model was chosen by evidence"
    other = with_attendance_turned(asked)
    assert other is not None
    alike = fit_calibrated("boosting", parts(), with_leaves(other, chosen))
    assert next(m for m in models if m.name == "boosting_with_attendance").model.text() == alike.model.text()


def test_trees_that_are_only_a_rival_are_chosen_too_and_leave_the_saved_model_without_a_record() -> None:
    models, _ = fit_rivals(parts(), settings(model="logistic"), additive=False)
    assert [m.name for m in models if m.shape] == ["boosting"] and models[0].name == "logistic"
