"""Made-up feature rows with a known outcome, and one model of each kind fitted on them, for tests of models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.domain.outcome import OUTCOMES
from absence_risk.evaluation.summary import measure
from absence_risk.features.catalogue import FEATURES, Family, Feature, model_features
from absence_risk.models.bands import fit_bands
from absence_risk.models.boosting import BoostedTrees, TreeShape, fit_boosting
from absence_risk.models.bundle import Bundle
from absence_risk.models.calibration import LinearCalibration
from absence_risk.models.contract import learn_ranges
from absence_risk.models.logistic import Logistic, fit_logistic
from absence_risk.models.met_in_training import YearMet, learn_training
from absence_risk.models.rules import RULES

ROWS = 2400
ALL = model_features(tuple(Family))
SHAPE = TreeShape(trees=40, smallest_leaf=20)
CAPACITY = 60


def column(feature: Feature, rng: np.random.Generator, n: int) -> Any:
    """Values that the feature's unit allows, some of them missing where a feature can be."""
    made = {
        "0 or 1": lambda: (rng.random(n) < 0.12).astype(float),
        "count": lambda: rng.poisson(0.3, n).astype(float),
        "days": lambda: np.where(rng.random(n) < 0.8, np.nan, rng.integers(0, 1500, n)),
        "sessions": lambda: rng.integers(0, 20, n).astype(float),
        "year": lambda: rng.integers(1, 12, n).astype(float),
        "difference": lambda: rng.normal(0, 0.05, n).clip(-1, 1),
        "share 0-1": lambda: np.where(rng.random(n) < 0.05, np.nan, rng.beta(0.5, 8, n)),
    }
    return made[feature.unit]()


@cache
def matrix(seed: int = 0, n: int = ROWS) -> pd.DataFrame:
    """Every feature of the catalogue, float64. Not to be changed in place: it is shared between tests."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({f.name: column(f, rng, n) for f in FEATURES})
    possible = rng.integers(300, 380, n)
    made["sessions_possible"] = possible.astype(float)
    made["sessions_absent"] = (rng.beta(1, 9, n) * possible).round()
    made["sessions_unauthorised"] = (made["sessions_absent"] * rng.random(n)).round()
    return made


def _agreeing(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows without contradictions between the columns of a pupil (``features.between``)."""
    made = rows.copy()
    made["suspension_sessions_this_year"] *= made["suspensions_this_year"] > 0
    for since, ended in (
        *((f"{kind}_days_since_end", f"{kind}_previous") for kind in ("cin", "cp_plan", "looked_after")),
        ("ap_days_since_end", "ap_previous"),
    ):
        made[ended] = made[ended].where(made[since].notna(), 0.0)
        made[since] = made[since].where(made[ended] > 0)
    for kind in ("cin", "cp_plan", "looked_after"):
        made[f"{kind}_spells"] += made[f"{kind}_current"] + made[f"{kind}_previous"]
    made["fsm_ever_six"] = made[["fsm_ever_six", "fsm_now"]].max(axis=1)
    made["fsm_share_of_time"] = made["fsm_share_of_time"].where(made["fsm_ever_six"] > 0)
    made["school_moves_three_years"] += made["school_moves_this_year"]
    terms = [f"unauthorised_rate_{term}" for term in ("autumn", "spring", "summer")]
    trend, year = made[terms[2]] - made[terms[0]], made[terms].mean(axis=1, skipna=False)
    made["unauthorised_trend"] = trend.fillna(made["unauthorised_trend"])
    made["unauthorised_rate"] = year.fillna(made["unauthorised_rate"])
    return made


@cache
def outcomes(seed: int = 0, n: int = ROWS) -> Any:
    """Outcomes that depend on suspensions, social care and unauthorised absence."""
    X, rng = matrix(seed, n), np.random.default_rng(seed + 1000)
    eta = -2.5 + 6 * X["unauthorised_rate"].fillna(0) + X["suspensions_this_year"] + X["cin_current"]
    return (rng.random(n) < 1 / (1 + np.exp(-eta))).to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Parts:
    """Rows that trained and rows that calibrated; the features of a later pupil agree with each other."""

    X: pd.DataFrame
    y: Any
    later: pd.DataFrame
    later_y: Any


@cache
def parts(features: tuple[Feature, ...] = ALL) -> Parts:
    names, half = [f.name for f in features], ROWS // 2
    X, y = matrix(), outcomes()
    later = _agreeing(X[half:]).reset_index(drop=True)
    return Parts(X[names][:half], y[:half], later[names], y[half:])


@cache
def trees(features: tuple[Feature, ...] = ALL) -> BoostedTrees:
    p = parts(features)
    return fit_boosting(p.X, p.y, features, SHAPE)


@cache
def logistic(features: tuple[Feature, ...] = ALL) -> Logistic:
    p = parts(features)
    return fit_logistic(p.X, p.y, features)


def bundle_of(model: BoostedTrees | Logistic, features: tuple[Feature, ...] = ALL) -> Bundle:
    p = parts(features)
    margin = model.margin(p.later.to_numpy())
    calibration = LinearCalibration.fit(p.later_y, margin)
    risk = calibration.risk(margin)
    rules = {
        rule.name: measure(p.later_y, rule.score(matrix()[ROWS // 2 :]), capacity=CAPACITY) for rule in RULES
    }
    return Bundle(
        name="four_factors",
        model=model,
        features=features,
        outcome=OUTCOMES["unauthorised"].definition(),
        years={"trained": ["2021/22", "2022/23"], "calibrated": "2023/24", "tested": "2024/25"},
        as_of=(10, 31),
        capacity=CAPACITY,
        calibration=calibration,
        bands=fit_bands(risk, risk, p.later_y),
        ranges=learn_ranges(p.X, features),
        training=learn_training(
            p.X, np.arange(len(p.X)) % 12, np.zeros(len(p.X)), [YearMet("2024/25", 1500, len(p.X), 12, {})]
        ),
        measures={"model": measure(p.later_y, y_prob=risk, capacity=CAPACITY), **rules},
        data={"fingerprint": "0" * 64, "made_up": "yes"},
        versions={"absence-risk": "0.1.0"},
    )


@cache
def trees_bundle() -> Bundle:
    return bundle_of(trees())


@cache
def logistic_bundle() -> Bundle:
    return bundle_of(logistic())
