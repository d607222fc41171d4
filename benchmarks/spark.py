"""One computer's plain path beside Spark local[2]: the same tables and model in, the same scored rows out.

    python benchmarks/spark.py --rows 200000 --json docs/performance/spark.json

``--rows`` is the number of made-up pupils. Two roads are measured, in turns in this process: a store's folder, whose parts
Spark hands out to its workers, and the same tables known to a catalogue by name, which Spark must plan, compile and run as
frames of its own. CPU is that of the whole tree of processes (Java and its Python workers included), read from /proc, so
this runs on Linux. Spark's first call, with its start, stands in a table of its own; then the calls are warm.
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

from absence_risk.files import sidecar_manifest
from absence_risk.scored_file import read_scores
from absence_risk.scored_folder import read_scored_folder
from absence_risk.spark.session import local_session
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_spark import run_score_spark

LEAVES, TREES, CORES = 8, 300, 2
PLAIN, SPARK = "plain path", "Spark local[2], a store's folder, warm"
NAMED, COLD = "Spark local[2], tables by name, warm", "Spark local[2], a store's folder, first call and start"


#: Columns that must be equal to the last letter.
EXACT = (
    "pupil_id", "school_id", "year_group", "band", "reasons_up", "reasons_down", "data_flags", "model",
)  # fmt: skip


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


def timed(call: Callable[[], Any], out: Path) -> tuple[float, float]:
    """CPU and wall seconds of one call, its processes included; what stands is removed, or it would be left as it is."""
    shutil.rmtree(out, ignore_errors=True)
    for path in (out, sidecar_manifest(out)):
        path.unlink(missing_ok=True)
    started, spent = time.perf_counter(), tree_cpu()
    call()
    return tree_cpu() - spent, time.perf_counter() - started


def timing(turns: list[tuple[float, float]], rows: int) -> Timing:
    return Timing(tuple(cpu for cpu, _ in turns), tuple(wall for _, wall in turns), rows)


def same_answers(plain: Path, folders: list[Path]) -> dict[str, float]:
    """Largest difference of a risk from the plain path's, and rows of which anything else differs, over all folders."""
    one = read_scores(plain).frame
    largest, differ = 0.0, 0
    for folder in folders:
        other = read_scored_folder(folder).frame
        differs = np.zeros(len(one), dtype=bool)
        for name in EXACT:
            differs |= np.array([a != b for a, b in zip(one[name], other[name], strict=True)])
        largest = max(largest, float((one["risk"] - other["risk"]).abs().max()))
        differ += int(differs.sum())
    return {"largest": largest, "differ": differ}


def main() -> None:
    """Make the tables, measure both ways in turns, and compare what they wrote."""
    asked = options(__doc__ or "", rows=200_000, years=3, repeats=3).parse_args()
    work = Path(tempfile.mkdtemp(prefix="spark-benchmark-"))
    try:
        timings, answers = measured(work, asked.rows, asked.years, asked.repeats)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    whole = Table(
        "canonical tables to scored rows, with sentences",
        {name: timings[name] for name in (PLAIN, SPARK, NAMED)},
        by="cost",
    )
    first = Table("Spark's first call", {name: timings[name] for name in (PLAIN, COLD)}, by="cost")
    targets = [
        Target("CPU of Spark beside the plain path, a store's folder", whole.ratio(SPARK)[0], at_most=2.0),
        Target("CPU of Spark beside the plain path, tables by name", whole.ratio(NAMED)[0], at_most=2.0),
        Target("largest difference of a risk", answers["largest"], at_most=1e-9, unit=""),
        Target("rows whose band, reasons or flags differ", answers["differ"], at_most=0, unit="rows"),
    ]
    report("spark", vars(asked), [whole, first], targets=targets, json_file=asked.json)


def measured(work: Path, rows: int, years: int, repeats: int) -> tuple[dict[str, Timing], dict[str, float]]:
    """Timings of every way, and how their answers differ."""
    tables = make_tables(work / "tables", rows, years)
    bundle = made_bundle(LEAVES, TREES, rows)
    model, plain = bundle.save(work / "model"), work / "plain.parquet"
    spark, named = work / "scores", work / "named"
    calls: dict[str, Callable[[], Any]] = {PLAIN: lambda: run_score(tables, model, AS_OF, plain)}
    calls[PLAIN]()  # compiles and reads what is read once
    eligible = pq_rows(plain)
    before = tree_cpu(), time.perf_counter()
    with local_session(memory="3g", cores=CORES) as session:
        calls[SPARK] = lambda: run_score_spark(tables, model, AS_OF, spark, session=session)
        calls[SPARK]()
        cold = tree_cpu() - before[0], time.perf_counter() - before[1]
        for name in CANONICAL_TABLES:
            session.read.parquet((tables / name).as_uri()).createOrReplaceTempView(name)
        names = {name: name for name in CANONICAL_TABLES}
        calls[NAMED] = lambda: run_score_spark(None, model, AS_OF, named, tables=names, session=session)
        calls[NAMED]()
        outs = {PLAIN: plain, SPARK: spark, NAMED: named}
        turns: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
        for turn in range(repeats):
            for name in list(calls) if turn % 2 else list(reversed(calls)):
                turns[name].append(timed(calls[name], outs[name]))
    timings = {name: timing(found, eligible) for name, found in turns.items()}
    return timings | {COLD: timing([cold], eligible)}, same_answers(plain, [spark, named])


def pq_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows


if __name__ == "__main__":
    main()
