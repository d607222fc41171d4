"""The additive challenger: directions kept, no network, refused with words where it is not installed."""

from __future__ import annotations

import socket
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from made_matrix import parts

from absence_risk.errors import RefusedError, UsageError
from absence_risk.evaluation.ranking import roc_auc
from absence_risk.features.catalogue import CATALOGUE, Feature
from absence_risk.models.additive import AdditiveModel, fit_additive
from absence_risk.models.boosting import fit_boosting

FEATURES: tuple[Feature, ...] = tuple(
    CATALOGUE[name]
    for name in (
        "suspensions_this_year",
        "cin_current",
        "unauthorised_rate",
        "days_since_suspension",
        "year_group",
    )
)


@pytest.fixture(scope="module")
def fitted() -> AdditiveModel:
    pytest.importorskip("interpret.glassbox")
    p = parts(FEATURES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # quiet, missing values or not
        return fit_additive(p.X, p.y, FEATURES, seed=1)


def _later() -> Any:
    return parts(FEATURES).later.to_numpy()


def test_without_the_package_the_refusal_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    p = parts(FEATURES)
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    with pytest.raises(UsageError, match="extra-models"):
        fit_additive(p.X, p.y, FEATURES, seed=1)


def test_one_kind_of_outcome_is_refused() -> None:
    p = parts(FEATURES)
    with pytest.raises(RefusedError, match="one kind only"):
        fit_additive(p.X, np.ones(len(p.y), dtype=int), FEATURES, seed=1)


def test_the_same_seed_gives_the_same_margins(fitted: AdditiveModel) -> None:
    p = parts(FEATURES)
    again = fit_additive(p.X, p.y, FEATURES, seed=1)
    assert np.array_equal(again.margin(_later()), fitted.margin(_later()))


@pytest.mark.parametrize("place", [i for i, f in enumerate(FEATURES) if f.direction])
def test_more_of_a_directed_feature_never_moves_the_margin_the_other_way(
    fitted: AdditiveModel, place: int
) -> None:
    feature, base = FEATURES[place], _later()[:80]
    margins = []
    for step in np.unique(np.quantile(parts(FEATURES).X[feature.name].dropna(), np.linspace(0, 1, 9))):
        changed = base.copy()
        changed[:, place] = step
        margins.append(fitted.margin(changed))
    assert (np.diff(np.array(margins), axis=0) * feature.direction >= -1e-9).all()


def test_it_adds_up_without_interactions(fitted: AdditiveModel) -> None:
    # What one feature adds must not depend on another: f(a, b) - f(a', b) is the same for every b.
    base = _later()[:60]
    low, high = base.copy(), base.copy()
    low[:, 0], high[:, 0] = 0.0, 2.0
    moved = fitted.margin(high) - fitted.margin(low)
    assert moved == pytest.approx(np.full(60, moved[0]), abs=1e-9) and moved[0] > 0.5


def test_it_ranks_a_later_year_about_as_well_as_the_trees(fitted: AdditiveModel) -> None:
    p = parts(FEATURES)
    trees = roc_auc(p.later_y, fit_boosting(p.X, p.y, FEATURES).margin(_later()))
    assert roc_auc(p.later_y, fitted.margin(_later())) == pytest.approx(trees, abs=0.03)


def test_no_row_gives_no_margin(fitted: AdditiveModel) -> None:
    assert fitted.margin(np.zeros((0, len(FEATURES)))).shape == (0,)


def test_fitting_and_scoring_open_no_connection(
    monkeypatch: pytest.MonkeyPatch, fitted: AdditiveModel
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was opened")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    p = parts(FEATURES)
    fit_additive(p.X, p.y, FEATURES, seed=2).margin(_later())
