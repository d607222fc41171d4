"""One computer's plain path beside Spark local[2]: the same tables and model in, the same scored rows out.

    python benchmarks/spark.py --rows 500000 --json docs/performance/spark.json

``--rows`` is the number of made-up pupils. Both ways read the same folder of Parquet and write scores with sentences,
in turns in this process. CPU is that of the whole tree of processes (Java and its Python workers included), read from
/proc, so this runs on Linux. Spark's first call, with its start, stands in a table of its own; then the calls are warm.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from large_tables import AS_OF, make_tables
from made_model import made_bundle
from measuring import Table, Target, Timing, options, report

from absence_risk.scored_file import read_scores
from absence_risk.spark.scored_folder import read_scored_folder
from absence_risk.spark.session import local_session
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_spark import run_score_spark

LEAVES, TREES, CORES = 8, 300, 2
PLAIN, SPARK, COLD = "plain path", "Spark local[2], warm", "Spark local[2], first call and start"


def tree_cpu() -> float:
    """CPU seconds of this process and everything it started that still lives, with what those have waited for."""
    used: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            used[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    tree, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, (parent, _) in used.items() if parent in tree} - tree
        tree, grown = tree | more, bool(more)
    return sum(used[pid][1] for pid in tree if pid in used) / os.sysconf("SC_CLK_TCK")


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """CPU and wall seconds of one call, its processes included."""
    started, spent = time.perf_counter(), tree_cpu()
    call()
    return tree_cpu() - spent, time.perf_counter() - started


def timing(turns: list[tuple[float, float]], rows: int) -> Timing:
    return Timing(tuple(cpu for cpu, _ in turns), tuple(wall for _, wall in turns), rows)


def same_answers(plain: Path, spark: Path) -> dict[str, float]:
    """Largest difference of a risk, and rows of which anything else differs."""
    one, other = read_scores(plain).frame, read_scored_folder(spark).frame
    exact = [
        "pupil_id",
        "school_id",
        "year_group",
        "band",
        "reasons_up",
        "reasons_down",
        "data_flags",
        "model",
    ]
    differs = np.zeros(len(one), dtype=bool)
    for name in exact:
        differs |= np.array([a != b for a, b in zip(one[name], other[name], strict=True)])
    return {"largest": float((one["risk"] - other["risk"]).abs().max()), "differ": int(differs.sum())}


def main() -> None:
    """Make the tables, measure both ways in turns, and compare what they wrote."""
    parser = options(__doc__ or "", rows=200_000, years=3, repeats=3)
    asked = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="spark-benchmark-"))
    try:
        tables = make_tables(work / "tables", asked.rows, asked.years)
        model = made_bundle(LEAVES, TREES, asked.rows).save(work / "model")
        plain, spark = work / "plain.parquet", work / "scores"
        calls: dict[str, Callable[[], Any]] = {PLAIN: lambda: run_score(tables, model, AS_OF, plain)}
        calls[PLAIN]()  # compiles and reads what is read once
        before = tree_cpu(), time.perf_counter()
        with local_session(memory="3g", cores=CORES) as session:
            calls[SPARK] = lambda: run_score_spark(tables, model, AS_OF, spark, session=session)
            calls[SPARK]()
            cold = tree_cpu() - before[0], time.perf_counter() - before[1]
            turns: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
            for turn in range(asked.repeats):
                for name in list(calls) if turn % 2 else list(reversed(calls)):
                    turns[name].append(timed(calls[name]))
        answers = same_answers(plain, spark)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    timings = {name: timing(found, asked.rows) for name, found in turns.items()}
    warm = Table("the same tables scored, with sentences, Parquet to Parquet", timings, by="cost")
    first = Table("Spark's first call", {PLAIN: timings[PLAIN], COLD: timing([cold], asked.rows)}, by="cost")
    targets = [
        Target("CPU of Spark local[2] beside the plain path, warm", warm.ratio(SPARK)[0], at_most=2.0),
        Target("largest difference of a risk", answers["largest"], at_most=1e-9, unit=""),
        Target("rows whose band, reasons or flags differ", answers["differ"], at_most=0, unit="rows"),
    ]
    report("spark", vars(asked), [warm, first], targets=targets, json_file=asked.json)


if __name__ == "__main__":
    main()
