"""Time a whole backtest, and the bootstrap beside fairlearn's on the same table.

    python benchmarks/evidence.py --store authority.duckdb --config configs/four_factors.yaml --capacity 150

The backtest runs as a command in its own process: wall and CPU seconds and peak memory. Then, on one made-up table of
the same size in this process: our draws of whole schools with every measure by group, and fairlearn's
``MetricFrame(n_boot=...)`` with four of those measures; both for one draw, since fairlearn would need hours for 2,000.
Compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from timing import child

ROUNDS, FAIRLEARN_ROUNDS = 2_000, 20


def table(pupils: int, schools: int) -> dict[str, Any]:
    """A made-up year: outcomes, probabilities, schools and a group of six."""
    rng = np.random.default_rng(1)
    school = rng.integers(0, schools, pupils)
    log_odds = rng.normal(-3.3, 1.2, pupils) + 0.3 * rng.normal(size=schools)[school]
    prob = 1 / (1 + np.exp(-log_odds))
    group = rng.choice(["a", "b", "c", "d", "e", "f"], pupils)
    return {
        "y": (rng.random(pupils) < prob).astype(int),
        "prob": prob,
        "school": school.astype(str),
        "group": group,
    }


def ours(made: dict[str, Any], capacity: int) -> float:
    """Seconds for one draw of schools: every rate and gap of every group, from 2,000 draws."""
    from absence_risk.evaluation.draws import draw_schools
    from absence_risk.evaluation.groups import group_measures

    start = time.perf_counter()
    draws = draw_schools(made["school"], rounds=ROUNDS, random_state=1)
    group_measures(made["y"], made["prob"], {"group": made["group"]}, k=capacity, draws=draws)
    return (time.perf_counter() - start) / ROUNDS


def fairlearns(made: dict[str, Any], capacity: int) -> float:
    """Seconds for one of fairlearn's draws: selection rate, precision, miss rate and false-listing rate by group."""
    from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
    from sklearn.metrics import precision_score

    listed = (pd.Series(made["prob"]).rank(ascending=False, method="first") <= capacity).astype(int)
    metrics = {
        "selection_rate": selection_rate,
        "precision": lambda y, p: precision_score(y, p, zero_division=0.0),
        "miss_rate": false_negative_rate,
        "false_listing_rate": false_positive_rate,
    }
    start = time.perf_counter()
    MetricFrame(
        metrics=metrics,
        y_true=made["y"],
        y_pred=listed.to_numpy(),
        sensitive_features=made["group"],
        n_boot=FAIRLEARN_ROUNDS,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    return (time.perf_counter() - start) / FAIRLEARN_ROUNDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--capacity", type=int, default=150)
    parser.add_argument(
        "--pupils", type=int, default=45_000, help="rows of the made-up table for the bootstrap"
    )
    asked = parser.parse_args()
    made = table(asked.pupils, 130)
    one, other = ours(made, asked.capacity), fairlearns(made, asked.capacity)
    found = {"ours_s_per_draw": one, "fairlearn_s_per_draw": other, "ours / fairlearn": one / other}
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            sys.executable, "-m", "absence_risk", "backtest", "--store", str(asked.store), "--config", str(asked.config),
            "--capacity", str(asked.capacity), "--out", f"{scratch}/evidence", "--tracking", f"sqlite:///{scratch}/m.db",
        ]  # fmt: skip
        whole = child("backtest", command)
        found["backtest"] = {"wall": whole.wall[0], "cpu": whole.cpu[0], "peak_gib": whole.peak_gib}
    print(json.dumps(found, indent=2, default=str))


if __name__ == "__main__":
    main()
