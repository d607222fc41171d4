"""On a made-up authority the truth is known: the evidence must agree with it, and noise must not pass the gates.

Heavier than the normal tests. Run with: python -m pytest tests/slow --override-ini addopts=
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from absence_risk.dataset import Dataset, PupilYears
from absence_risk.errors import RefusedError
from absence_risk.evaluation.ranking import precision_at_k, roc_auc
from absence_risk.evidence.factors import odds_ratios
from absence_risk.features.catalogue import FEATURES
from absence_risk.returns.identity import new_key_file
from absence_risk.settings import EvidenceSettings, Settings, read_settings
from absence_risk.store import Store
from absence_risk.workflows.contend import Judged, judge
from absence_risk.workflows.ingest import run_ingest
from absence_risk.workflows.simulate import run_simulate
from absence_risk.workflows.train import folds_of, gather
from absence_risk.workflows.weigh import gates_table

CONFIGS = Path(__file__).parents[2] / "configs"
SEEDS = (11, 12)
CAPACITY = 150


@dataclass(frozen=True)
class Truth:
    """One made-up authority judged on its final test year, and the risk its process gave each of those pupils."""

    store: Path
    settings: Settings
    judged: Judged
    gathered: PupilYears
    every_year: Dataset
    true_risk: np.ndarray


@pytest.fixture(scope="module", params=SEEDS)
def truth(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = tmp_path_factory.mktemp(f"seed_{request.param}")
    run_simulate(folder / "returns", pupils=12_000, seed=request.param)
    new_key_file(folder / "a.key")
    store = folder / "authority.duckdb"
    run_ingest(folder / "returns", store, key_file=folder / "a.key")
    settings = read_settings(CONFIGS / "with_attendance.yaml").model_copy(
        update={"evidence": EvidenceSettings(rounds=500, refits=5)}
    )
    with Store(store) as opened:
        folds, found = folds_of(opened, settings)
        gathered = gather(opened.tables(), found.years, settings, with_audit=True)
        judged = judge(opened.tables(), gathered, folds[-1], settings)
        outcome = settings.outcome_definition
        every_year = gathered.in_years(folds[-1].years).with_outcomes(opened.tables(), outcome)
    test = judged.parts.test
    return Truth(store, settings, judged, gathered, every_year, true_risk_of(folder, test.pupil_id, 2024))


def true_risk_of(folder: Path, pupil_id: Any, feature_year: int) -> np.ndarray:
    """The risk the process gave each pupil; NaN for the few whom the returns know by another number."""
    risks = pd.read_parquet(folder / "returns" / "_truth" / "true_risk.parquet")
    risks = risks[risks["academic_year"] == feature_year]
    named = risks.merge(
        pd.read_parquet(folder / "authority.upn-lookup.parquet"), on="upn", validate="one_to_one"
    )
    by_pupil = named.set_index("pupil_id")["true_risk"]
    return by_pupil.reindex([str(pupil) for pupil in pupil_id]).to_numpy(dtype=float)


def value(judged: Judged, measure: str) -> Any:
    return judged.measured.measured[judged.fitted[0].name].estimates[measure]


def test_the_candidates_calibration_agrees_with_the_truth_as_its_own_measures_say(truth: Truth) -> None:
    known = ~np.isnan(truth.true_risk)
    assert known.mean() > 0.95
    stated = truth.judged.measured.contest.candidate.score[known]
    gap = float(truth.true_risk[known].mean() - stated.mean())
    measured = value(truth.judged, "calibration_in_the_large")
    # What came is one draw from the true risks; the interval around what came must hold what was true.
    assert measured.low - 0.005 < gap < measured.high + 0.005


def test_no_ranking_finds_more_than_the_truth_would_and_the_candidate_comes_near(truth: Truth) -> None:
    known = ~np.isnan(truth.true_risk)
    y, risk = truth.judged.parts.test.y[known], truth.judged.measured.contest.candidate.score[known]
    best = precision_at_k(y, truth.true_risk[known], CAPACITY).value
    found = precision_at_k(y, risk, CAPACITY).value
    assert found < best + 0.05
    assert found > 0.6 * best
    assert roc_auc(y, risk) < roc_auc(y, truth.true_risk[known]) + 0.005


def test_the_order_of_rivals_is_that_of_the_true_risk_they_list(truth: Truth) -> None:
    # Judged by the truth itself, without the luck of the year, the measured order of good and poor rivals must hold.
    known = ~np.isnan(truth.true_risk)
    by_truth, measured = {}, {}
    for rival in truth.judged.measured.contest.rivals:
        top = np.argsort(-rival.score[known], kind="stable")[:CAPACITY]
        by_truth[rival.name] = float(truth.true_risk[known][top].mean())
        measured[rival.name] = value_of(truth.judged, rival.name)
    order = pd.Series(measured).rank().corr(pd.Series(by_truth).rank())
    assert order > 0.85


def value_of(judged: Judged, rival: str) -> float:
    return judged.measured.measured[rival].estimates["precision_at_capacity"].value


def test_adjusted_odds_ratios_cover_those_of_the_true_risks(truth: Truth) -> None:
    """Outcomes drawn afresh from the true risks have a mean log-odds ratio; the intervals must cover it."""
    test = truth.judged.parts.test
    known = np.flatnonzero(~np.isnan(truth.true_risk))
    part = _rows(test, known)
    rng = np.random.default_rng(5)
    drawn = [
        odds_ratios(replace(part, y=(rng.random(len(known)) < truth.true_risk[known]).astype(np.int64)))[
            "adjusted"
        ]
        for _ in range(15)
    ]
    logs = np.log(np.array(drawn, dtype=float))
    expected = np.exp(logs.mean(axis=0))  # NaN where some draw had too few to say
    found = odds_ratios(part)
    said = (found["state"] == "enough") & np.isfinite(expected)
    covered = (found["adjusted_low"] <= expected * 1.05) & (expected <= found["adjusted_high"] * 1.05)
    assert said.sum() >= 6
    assert covered[said].mean() >= 0.75


def _rows(data: Dataset, rows: np.ndarray) -> Dataset:
    return replace(
        data,
        X=data.X.iloc[rows].reset_index(drop=True),
        y=data.y[rows],
        pupil_id=data.pupil_id[rows],
        school_id=data.school_id[rows],
        academic_year=data.academic_year[rows],
        audit=None,
    )


def test_the_families_that_matter_in_the_process_stand_above_those_that_do_not(truth: Truth) -> None:
    """Suspensions have the largest effect in the process and a looked-after child a protective one (parameters.py)."""
    table = odds_ratios(truth.every_year).set_index(["factor", "level"])["adjusted"]
    suspended = table["suspensions in the feature year", "2 or more"]
    assert suspended > table["free school meals on the as-of date", "eligible"] > 1
    assert suspended > table["suspensions in the feature year", "1"] > 1
    assert table["child in need", "now"] > 1


def test_a_model_of_pure_noise_fails_the_gates(truth: Truth) -> None:
    """Every feature a model may use is dealt out among the pupils by lot; the counts that rules read stay in place."""
    names = [f.name for f in FEATURES if f.in_model]
    X = truth.gathered.X.copy()
    X[names] = X[names].to_numpy()[np.random.default_rng(3).permutation(len(X))]
    noise = replace(truth.gathered, X=X)
    with Store(truth.store) as store:
        try:
            judged = judge(store.tables(), noise, truth.judged.split, truth.settings)
        except (
            RefusedError
        ) as refusal:  # it ranks the later year the wrong way round, and does not even come to gates
            assert "calibrat" in str(refusal)
            return
        tables = {name: pd.DataFrame(rows) for name, rows in judged.measured.rows.items()}
        gates = gates_table(tables, None, store, judged, truth.settings).set_index("gate")["state"]
    assert gates["beats_best_rule"] == "failed"
    assert gates["precision_at_capacity"] == "failed"
