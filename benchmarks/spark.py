"""One computer's plain path beside Spark local[2]: the same tables and model in, the same scored rows out.

    python benchmarks/spark.py --rows 200000 --json docs/performance/spark.json

``--rows`` is the number of made-up pupils. Two things are measured, in turns in this process: features in a Parquet file
scored into rows with sentences (what the crossing to Python workers costs), and everything from the canonical tables on
(cohort and features planned, compiled and run by Spark, too). CPU is that of the whole tree of processes (Java and its Python workers included), read from
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

from absence_risk.features.catalogue import FEATURES as CATALOGUE
from absence_risk.models.bundle import Bundle
from absence_risk.scored_file import read_scores, write_scored_parts
from absence_risk.scoring import Scorer
from absence_risk.spark.score import PART_PUPILS, in_parts, scored_from
from absence_risk.spark.scored_folder import read_scored_folder, write_scored_folder
from absence_risk.spark.session import local_session
from absence_risk.workflows.features import run_features
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_spark import run_score_spark

LEAVES, TREES, CORES = 8, 300, 2
ROWS, ROWS_SPARK = "features scored, plain path", "features scored, Spark local[2], warm"
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


def score_rows(facts: Path, bundle: Bundle, out: Path) -> None:
    """Facts in a file scored in this process, 50,000 rows at a time as on a worker."""
    import pyarrow.parquet as pq

    scorer = Scorer(bundle, AS_OF, [], None)
    types = {"pupil_id": "str", "school_id": "str", "first_seen": "Int64"}
    types |= {feature.name: "float64" for feature in CATALOGUE}
    batches = pq.ParquetFile(facts).iter_batches(batch_size=50_000, columns=list(types))
    frames = (scorer.rows(batch.to_pandas().astype(types)) for batch in batches)
    write_scored_parts(frames, out, dict)


def score_rows_on(session: Any, facts: Path, bundle: Bundle, out: Path, rows: int) -> None:
    """The same facts scored by Spark's workers."""
    read = session.read.parquet(facts.as_uri()).select(
        "pupil_id", "school_id", "first_seen", *(feature.name for feature in CATALOGUE)
    )
    parts = max(CORES, -(-rows // PART_PUPILS))
    write_scored_folder(scored_from(in_parts(read, parts), bundle, AS_OF, [], None), out, rows, dict)


def main() -> None:
    """Make the tables, measure both ways in turns, and compare what they wrote."""
    asked = options(__doc__ or "", rows=200_000, years=3, repeats=3).parse_args()
    work = Path(tempfile.mkdtemp(prefix="spark-benchmark-"))
    try:
        timings, answers = measured(work, asked.rows, asked.years, asked.repeats)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    scored = Table(
        "features in a file scored, with sentences", {n: timings[n] for n in (ROWS, ROWS_SPARK)}, by="cost"
    )
    whole = Table(
        "canonical tables to scored rows, with sentences", {n: timings[n] for n in (PLAIN, SPARK)}, by="cost"
    )
    first = Table("Spark's first call", {n: timings[n] for n in (PLAIN, COLD)}, by="cost")
    targets = [
        Target(
            "CPU of Spark beside the plain path, the same feature rows",
            scored.ratio(ROWS_SPARK)[0],
            at_most=2.0,
        ),
        Target(
            "CPU of Spark beside the plain path, from canonical tables", whole.ratio(SPARK)[0], at_most=2.0
        ),
        Target("largest difference of a risk", answers["largest"], at_most=1e-9, unit=""),
        Target("rows whose band, reasons or flags differ", answers["differ"], at_most=0, unit="rows"),
    ]
    report("spark", vars(asked), [scored, whole, first], targets=targets, json_file=asked.json)


def measured(work: Path, rows: int, years: int, repeats: int) -> tuple[dict[str, Timing], dict[str, float]]:
    """Timings of every way, and how their answers differ."""
    tables = make_tables(work / "tables", rows, years)
    bundle = made_bundle(LEAVES, TREES, rows)
    model, plain, spark = bundle.save(work / "model"), work / "plain.parquet", work / "scores"
    facts = work / "facts.parquet"
    run_features(tables, AS_OF, facts)
    eligible = pq_rows(facts)
    calls: dict[str, Callable[[], Any]] = {
        ROWS: lambda: score_rows(facts, bundle, work / "rows.parquet"),
        PLAIN: lambda: run_score(tables, model, AS_OF, plain),
    }
    for call in calls.values():
        call()  # compiles and reads what is read once
    before = tree_cpu(), time.perf_counter()
    with local_session(memory="3g", cores=CORES) as session:
        calls[SPARK] = lambda: run_score_spark(tables, model, AS_OF, spark, session=session)
        calls[ROWS_SPARK] = lambda: score_rows_on(session, facts, bundle, work / "rows", eligible)
        calls[SPARK]()
        cold = tree_cpu() - before[0], time.perf_counter() - before[1]
        calls[ROWS_SPARK]()
        turns: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
        for turn in range(repeats):
            for name in list(calls) if turn % 2 else list(reversed(calls)):
                turns[name].append(timed(calls[name]))
    timings = {name: timing(found, eligible) for name, found in turns.items()}
    return timings | {COLD: timing([cold], eligible)}, same_answers(plain, spark)


def pq_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows


if __name__ == "__main__":
    main()
