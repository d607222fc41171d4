"""The made-up authority's true risks are known: over several of them, ranking and probabilities must fit the truth.

Heavier than the normal tests. Run with: python -m pytest tests/slow --override-ini addopts=
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from absence_risk.evaluation.ranking import roc_auc
from absence_risk.returns.identity import new_key_file
from absence_risk.workflows.ingest import run_ingest
from absence_risk.workflows.score import run_score
from absence_risk.workflows.simulate import run_simulate
from absence_risk.workflows.train import run_train

CONFIGS = Path(__file__).parents[2] / "configs"
SEEDS = (11, 12, 13)


@pytest.fixture(scope="module", params=SEEDS)
def against_truth(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Scored pupils of one made-up authority, beside the risk its process gave them."""
    folder = tmp_path_factory.mktemp(f"seed_{request.param}")
    run_simulate(folder / "returns", pupils=12_000, seed=request.param)
    new_key_file(folder / "a.key")
    store = folder / "authority.duckdb"
    run_ingest(folder / "returns", store, key_file=folder / "a.key")
    trained = run_train(store, CONFIGS / "with_attendance.yaml", tracking=f"sqlite:///{folder / 'm.db'}")
    scored = run_score(store, trained.bundle, date(2026, 10, 31)).frame
    truth = pd.read_parquet(folder / "returns" / "_truth" / "true_risk.parquet")
    truth = truth[truth["academic_year"] == 2025]
    lookup = pd.read_parquet(folder / "authority.upn-lookup.parquet")
    named = truth.merge(lookup, on="upn", validate="one_to_one")[["pupil_id", "true_risk"]]
    joined = scored.merge(named, on="pupil_id", validate="one_to_one")
    assert len(joined) > 0.95 * len(scored)
    return joined


def test_the_mean_risk_shown_is_near_the_mean_true_risk(against_truth: pd.DataFrame) -> None:
    ratio = against_truth["risk"].mean() / against_truth["true_risk"].mean()
    assert 0.8 < ratio < 1.25


def test_within_each_band_the_risk_shown_is_near_the_truth(against_truth: pd.DataFrame) -> None:
    by_band = against_truth.groupby("band")[["risk", "true_risk"]].mean()
    top = by_band.loc[5]
    assert 0.7 < top["risk"] / top["true_risk"] < 1.4
    assert by_band["true_risk"].is_monotonic_increasing


def test_an_outcome_drawn_from_the_truth_is_ranked_well_but_not_as_well_as_by_the_truth(
    against_truth: pd.DataFrame,
) -> None:
    drawn = (np.random.default_rng(0).random(len(against_truth)) < against_truth["true_risk"]).astype(int)
    model, ceiling = roc_auc(drawn, against_truth["risk"]), roc_auc(drawn, against_truth["true_risk"])
    assert 0.82 < model < ceiling
