"""Time the main job on a made-up authority, beside two yardsticks from the same run.

    python benchmarks/main_job.py --pupils 50000 --years 5 --json docs/performance/main_job.json

Each stage is one command in its own process: wall seconds, CPU seconds and peak memory of that process. Yardsticks:
DuckDB reading the same CSV bytes into Parquet, and LightGBM's own ``predict(pred_contrib=True)`` on the same rows.
Compare ratios, not seconds: other machines, and other work on this one, move the seconds.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest import AS_OF, TOOL, YARDSTICK, ingest, megabytes, simulate, surroundings, yardstick
from measuring import Table, Timing, child, options, report

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
CONTRIB = "LightGBM pred_contrib alone, 2 threads"

PRED_CONTRIB = """
import sys, time, json
from datetime import date
from pathlib import Path
from absence_risk.cohort import select_cohort
from absence_risk.explanation.contributions import explain
from absence_risk.features.build import collect_features
from absence_risk.models.bundle import Bundle
from absence_risk.store import Store
threads = 2
bundle = Bundle.load(Path(sys.argv[2]))
with Store(Path(sys.argv[1])) as store:
    as_of = date.fromisoformat(sys.argv[3])
    cohort = select_cohort(store.tables(), as_of)
    X = collect_features(store.tables(), cohort.frame, as_of)[[f.name for f in bundle.features]]
booster = bundle.model.booster
values = X.to_numpy(dtype='float64')
booster.predict(values[:100], pred_contrib=True, num_threads=threads)
wall, cpu = time.perf_counter(), time.process_time()
booster.predict(values, pred_contrib=True, num_threads=threads)
library = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "rows": len(X)}
wall, cpu = time.perf_counter(), time.process_time()
explain(bundle, X, num_threads=threads)
print(json.dumps({**library, "ours_wall": time.perf_counter() - wall, "ours_cpu": time.process_time() - cpu}))
"""


def commands(folder: Path) -> dict[str, list[str]]:
    """The commands of the main job after ingest, in order."""
    store, bundle, scores = (str(folder / name) for name in ("authority.duckdb", "bundle", "scores.parquet"))
    config = str(CONFIGS / "with_attendance.yaml")
    return {
        "train": [*TOOL, "train", "--store", store, "--config", config, "--out", bundle],
        "score": [*TOOL, "score", "--store", store, "--model", bundle, "--as-of", AS_OF, "--out", scores],
        "list": [*TOOL, "list", "--scores", scores, "--store", store, "--capacity", "150", "--owner", "Benchmark",
                 "--expires", "2027-02-12", "--out", str(folder / "list")],
    }  # fmt: skip


def explaining(folder: Path, env: Mapping[str, str]) -> dict[str, Timing]:
    """LightGBM's explanation and ours of the same rows; one process reports both, since it also builds the rows."""
    where = [str(folder / "authority.duckdb"), str(folder / "bundle"), AS_OF]
    said = child("yardstick: pred_contrib", [sys.executable, "-c", PRED_CONTRIB, *where], env).said
    return {
        CONTRIB: Timing((said["cpu"],), (said["wall"],), said["rows"]),
        "risks and contributions": Timing((said["ours_cpu"],), (said["ours_wall"],), said["rows"]),
    }


def main(argv: Sequence[str] | None = None) -> None:
    asked = options(__doc__, pupils=50_000, years=5).parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="main_job_") as name:
        folder = Path(name)
        env = surroundings(folder)
        stages = {"simulate": simulate(folder, asked.pupils, asked.years, env)}
        stages["ingest"] = ingest(folder, folder / "authority.duckdb", env)
        stages |= {stage: child(stage, command, env) for stage, command in commands(folder).items()}
        read, explained, size = yardstick(folder), explaining(folder, env), megabytes(folder)
    contrib = explained[CONTRIB]
    whole = {CONTRIB: Timing(contrib.cpu, contrib.wall), "the whole score command": stages["score"]}
    tables = [
        Table("the stages, by the time of reading", {YARDSTICK: read, **stages}, by="cost", wall=True),
        Table("the whole score command, CPU", whole, by="cost"),
        Table("the whole score command, wall", whole, by="cost", wall=True),
        Table("explaining in one process, CPU", explained, by="cost"),
    ]
    facts = {
        "returns, MB": round(size),
        "highest peak, GiB": max(stage.peak_gib or 0.0 for stage in stages.values()),
    }
    report(
        "main_job", {"pupils": asked.pupils, "years": asked.years}, tables, facts=facts, json_file=asked.json
    )


if __name__ == "__main__":
    main()
