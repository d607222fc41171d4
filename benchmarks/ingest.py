"""Ingest of made-up returns beside DuckDB reading the same bytes into Parquet, each in its own process.

    python benchmarks/ingest.py --pupils 50000 --years 5 --json docs/performance/ingest.json

The yardstick reads every CSV as text and checks nothing: no reader of the returns can be cheaper with this engine.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import Table, Target, Timing, call_in_child, child, options, report, together

AS_OF = "2026-10-31"
TOOL = [sys.executable, "-m", "absence_risk"]
MEMORY = "3GB"
YARDSTICK = "DuckDB reads the same CSVs into Parquet"
#: Times the yardstick's wall time, as the README's table has it.
AIM = 4.0


def duckdb_reads(returns: Path, out: Path) -> int:
    """Read every CSV under ``returns`` into Parquet under ``out``; how many there were. Runs in a child process."""
    from absence_risk.store import connect

    Path(out).mkdir()
    con = connect()
    con.execute(f"SET memory_limit = '{MEMORY}'")
    files = sorted(Path(returns).rglob("*.csv"))
    for number, path in enumerate(files):
        con.execute(
            f"COPY (SELECT * FROM read_csv('{path}', all_varchar=true, header=true)) "
            f"TO '{Path(out) / f'{number}.parquet'}' (FORMAT parquet)"
        )
    return len(files)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of the commands: a key made in the folder, and a fixed day."""
    key = folder / "authority.key"
    env = {**os.environ, "ABSENCE_RISK_KEY_FILE": str(key), "ABSENCE_RISK_TODAY": AS_OF}
    env.pop("MLFLOW_TRACKING_URI", None)
    child("key", [*TOOL, "key", "new", str(key)], env)
    return env


def simulate(folder: Path, pupils: int, years: int, env: Mapping[str, str]) -> Timing:
    """Made-up returns in ``folder / "returns"``."""
    command = [*TOOL, "simulate", str(folder / "returns"), "--pupils", str(pupils), "--years", str(years)]
    return child("simulate", command, env)


def ingest(folder: Path, store: Path, env: Mapping[str, str]) -> Timing:
    """The whole ingest command into a new store."""
    return child("ingest", [*TOOL, "ingest", str(folder / "returns"), "--store", str(store)], env)


def yardstick(folder: Path) -> Timing:
    """DuckDB alone over the same bytes."""
    out = folder / "parquet"
    shutil.rmtree(out, ignore_errors=True)
    return call_in_child(YARDSTICK, "ingest", "duckdb_reads", returns=folder / "returns", out=out)


def megabytes(folder: Path) -> float:
    """Size of the returns in MB."""
    return sum(path.stat().st_size for path in (folder / "returns").rglob("*") if path.is_file()) / 1e6


def main(argv: Sequence[str] | None = None) -> None:
    asked = options(__doc__, pupils=50_000, years=5, repeats=3).parse_args(argv)
    reads, ingests = [], []
    with tempfile.TemporaryDirectory(prefix="ingest_") as name:
        folder = Path(name)
        env = surroundings(folder)
        simulate(folder, asked.pupils, asked.years, env)
        for turn in range(asked.repeats):
            reads.append(yardstick(folder))
            made = folder / f"turn_{turn}"
            made.mkdir()
            ingests.append(ingest(folder, made / "authority.duckdb", env))
            shutil.rmtree(made)
        size = megabytes(folder)
    found = {YARDSTICK: together(reads), "absence-risk ingest": together(ingests)}
    tables = [Table("ingest, wall", found, by="cost", wall=True), Table("ingest, CPU", found, by="cost")]
    aim = Target(
        "ingest / DuckDB reading the same bytes, wall", tables[0].ratio("absence-risk ingest")[0], at_most=AIM
    )
    sizes = {"pupils": asked.pupils, "years": asked.years, "repeats": asked.repeats}
    report("ingest", sizes, tables, targets=[aim], facts={"returns, MB": round(size)}, json_file=asked.json)


if __name__ == "__main__":
    main()
