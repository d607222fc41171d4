"""Time the main job on a made-up authority, beside two yardsticks from the same run.

    python benchmarks/main_job.py --pupils 50000 --years 5 --json main_job.json

Each stage is one command in its own process: wall seconds, CPU seconds and peak memory of that process. Yardsticks:
DuckDB reading the same CSV bytes into Parquet, and LightGBM's own ``predict(pred_contrib=True)`` on the same rows.
Compare ratios, not seconds: other machines, and other work on this one, move the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
AS_OF = "2026-10-31"

READ_INTO_PARQUET = """
import sys
from pathlib import Path
from absence_risk.store import connect
con = connect()
con.execute("SET memory_limit = '3GB'")
for number, path in enumerate(sorted(Path(sys.argv[1]).rglob('*.csv'))):
    target = Path(sys.argv[2]) / f"{number}.parquet"
    con.execute(f"COPY (SELECT * FROM read_csv('{path}', all_varchar=true, header=true)) TO '{target}' (FORMAT parquet)")
"""

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


def run(name: str, command: list[str], env: dict[str, str]) -> dict[str, Any]:
    """Run one command; wall and CPU seconds, peak memory in GiB (where the system tells), and what it printed."""
    print(f"... {name}", file=sys.stderr, flush=True)
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        child = subprocess.Popen(command, env=env, stdout=printed)
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(child.pid, 0)
            code, cpu, peak = (
                os.waitstatus_to_exitcode(status),
                usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss,
            )
        else:
            code, cpu, peak = child.wait(), float("nan"), 0
        wall = time.perf_counter() - start
        printed.seek(0)
        said = printed.read()
    if code:
        raise SystemExit(f"{name} ended with exit code {code}")
    scale = 1 << 30 if sys.platform == "darwin" else 1 << 20
    return {"stage": name, "wall": wall, "cpu": cpu, "peak_gib": peak / scale, "said": said.strip()}


def stages(folder: Path, pupils: int, years: int) -> list[tuple[str, list[str]]]:
    """The commands of the main job, in order."""
    tool = [sys.executable, "-m", "absence_risk"]
    store, returns = str(folder / "authority.duckdb"), str(folder / "returns")
    bundle = str(folder / "bundle")
    return [
        ("simulate", [*tool, "simulate", returns, "--pupils", str(pupils), "--years", str(years)]),
        ("ingest", [*tool, "ingest", returns, "--store", store]),
        ("train", [*tool, "train", "--store", store, "--config", str(CONFIGS / "with_attendance.yaml"), "--out", bundle]),
        ("score", [*tool, "score", "--store", store, "--model", bundle, "--as-of", AS_OF, "--out", str(folder / "scores.parquet")]),
        ("list", [*tool, "list", "--scores", str(folder / "scores.parquet"), "--store", store, "--capacity", "150",
                  "--owner", "Benchmark", "--expires", "2027-02-12", "--out", str(folder / "list")]),
    ]  # fmt: skip


def yardsticks(folder: Path, env: dict[str, str]) -> list[dict[str, Any]]:
    """The two yardsticks; the second reports its own seconds, since its process also builds the rows."""
    (folder / "parquet").mkdir()
    read = [sys.executable, "-c", READ_INTO_PARQUET, str(folder / "returns"), str(folder / "parquet")]
    explain = [
        sys.executable,
        "-c",
        PRED_CONTRIB,
        str(folder / "authority.duckdb"),
        str(folder / "bundle"),
        AS_OF,
    ]
    found = [run("yardstick: DuckDB reads the CSVs", read, env), run("yardstick: pred_contrib", explain, env)]
    found[1].update(json.loads(found[1]["said"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pupils", type=int, default=50_000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write every figure here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="main_job_") as name:
        folder = Path(name)
        key = folder / "authority.key"
        env = {**os.environ, "ABSENCE_RISK_KEY_FILE": str(key), "ABSENCE_RISK_TODAY": AS_OF}
        env.pop("MLFLOW_TRACKING_URI", None)
        run("key", [sys.executable, "-m", "absence_risk", "key", "new", str(key)], env)
        results = [run(stage, command, env) for stage, command in stages(folder, asked.pupils, asked.years)]
        results += yardsticks(folder, env)
        size = sum(path.stat().st_size for path in (folder / "returns").rglob("*") if path.is_file())
    by_name = {r["stage"]: r for r in results}
    library, score = results[-1], by_name["score"]
    ratios = {
        "ingest / DuckDB reading the same CSVs, wall": by_name["ingest"]["wall"] / results[-2]["wall"],
        "the whole score command / pred_contrib alone, wall": score["wall"] / library["wall"],
        "the whole score command / pred_contrib alone, CPU": score["cpu"] / library["cpu"],
        "risks and contributions / pred_contrib, in one process, wall": library["ours_wall"]
        / library["wall"],
        "risks and contributions / pred_contrib, in one process, CPU": library["ours_cpu"] / library["cpu"],
    }
    print(f"{asked.pupils:,} pupils, {asked.years} years, {size / 1e6:,.0f} MB of returns\n")
    for r in results:
        print(
            f"{r['stage']:<34} wall {r['wall']:7.1f} s   CPU {r['cpu']:7.1f} s   peak {r['peak_gib']:5.2f} GiB"
        )
    print()
    for name, ratio in ratios.items():
        print(f"{name:<62} {ratio:5.2f}")
    if asked.json:
        asked.json.write_text(
            json.dumps({"stages": results, "ratios": ratios}, indent=2) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
