"""Features in, scored and explained rows out, Parquet to Parquet, beside reading and writing the same bytes.

    python benchmarks/end_to_end.py --rows 1000000 --json docs/performance/end_to_end.json
    python benchmarks/end_to_end.py --rows 9000000 --repeats 1 --json docs/performance/end_to_end_england.json

In turns in this process, after one call of each that is not counted: the one pass of ``explanation.one_pass`` on one
and on two threads, pyarrow reading the columns used and writing the same output, and the same work by LightGBM's
``pred_contrib`` on a sample of the rows. Then the one pass in a process of its own, for its peak memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import compiled_side
import numpy as np
from library_side import DIFFERENT, agreement, by_pred_contrib, read_and_write, settings_of
from made_model import made_bundle
from made_rows import write_features
from measuring import Table, Target, Timing, call_in_child, in_turns, options, report

from absence_risk.models.boosting import TreeShape
from absence_risk.models.bundle import Bundle

SAMPLE_ROWS = 10_000
AUTHORITY_ROWS = 50_000
ENGLAND_ROWS = 9_000_000
LEAVES = 8
ONE_AUTHORITY = "one pass of one authority, 1 thread"
ONE_PASS, READ_WRITE = "one pass, 1 thread", "pyarrow reads and writes the same columns"
CONTRIB = "the same by LightGBM pred_contrib, 1 thread"


@dataclass(frozen=True)
class Files:
    """The files of one run: features of all rows, of one authority and of a sample; the output goes to ``out``."""

    features: Path
    authority: Path
    sample: Path
    out: Path
    bundle: Path

    @classmethod
    def made(cls, folder: Path, rows: int) -> Files:
        """Write the features of every size asked for."""
        names = {"features": rows, "authority": min(rows, AUTHORITY_ROWS), "sample": min(rows, SAMPLE_ROWS)}
        paths = {name: write_features(folder / f"{name}.parquet", n) for name, n in names.items()}
        return cls(**paths, out=folder / "out.parquet", bundle=folder / "bundle")


def calls(files: Files, bundle: Bundle, rows: int) -> tuple[dict[str, Callable[[], Any]], dict[str, int]]:
    """What takes turns, and how many rows each works through; each has been called once."""
    import pyarrow.parquet as pq

    compiled_side.one_pass(bundle, files.features, files.out, 2)
    output, how = pq.read_table(files.out), settings_of(files.out)
    spare = files.out.with_name("spare.parquet")
    made: dict[str, Callable[[], Any]] = {
        CONTRIB: lambda: by_pred_contrib(bundle, files.sample, spare),
        ONE_PASS: lambda: compiled_side.one_pass(bundle, files.features, files.out, 1),
        "one pass, 2 threads": lambda: compiled_side.one_pass(bundle, files.features, files.out, 2),
        READ_WRITE: lambda: read_and_write(files.features, bundle.feature_names, output, how, spare),
    }
    made[CONTRIB]()
    made[READ_WRITE]()
    return made, dict.fromkeys(made, rows) | {CONTRIB: min(rows, SAMPLE_ROWS)}


def rate(timing: Timing) -> float:
    """Rows per CPU second, of the median turn."""
    return (timing.rows or 0) / float(np.median(timing.cpu))


def targets(
    found: dict[str, Timing], authority: Timing, whole: Timing, facts: dict[str, Any], rows: int
) -> list[Target]:
    england = ENGLAND_ROWS / rate(found[ONE_PASS])
    run = "run" if rows >= ENGLAND_ROWS else f"extrapolated from {rows:,} rows"
    aims = [
        Target(
            "Parquet to Parquet, 8 leaves",
            rate(found[ONE_PASS]),
            at_least=200_000,
            unit="rows per CPU-second",
        ),
        Target(
            f"England, 9 million pupils, scored and explained ({run})",
            england,
            at_most=90,
            unit="CPU-seconds",
        ),
        Target(
            "rows whose top topic differs from pred_contrib's without a near-tie",
            facts[DIFFERENT],
            at_most=0,
            unit="rows",
        ),
        Target(f"peak memory of the one pass of {rows:,} rows", whole.peak_gib or 0.0, at_most=4, unit="GiB"),
    ]
    if authority.rows == AUTHORITY_ROWS:
        seconds = float(np.median(authority.cpu))
        what = "one authority of 50,000 pupils, scored and explained, without start-up"
        aims.insert(1, Target(what, seconds, at_most=0.5, unit="CPU-seconds"))
    return aims


def measured(
    files: Files, bundle: Bundle, rows: int, repeats: int
) -> tuple[list[Table], list[Target], dict[str, Any]]:
    """Every table of one run, the figures to reach and the facts."""
    made, each = calls(files, bundle, rows)
    found = in_turns(made, repeats, each)
    facts = {
        "features, MB": files.features.stat().st_size / 1e6,
        "output, MB": files.out.stat().st_size / 1e6,
    }
    whole = call_in_child(
        "one pass in a process of its own", "compiled_side", "one_pass_of",
        bundle=files.bundle, features=files.features, out=files.out, threads=2,
    )  # fmt: skip
    facts |= agreement(bundle, files.sample, files.out)
    some = min(rows, AUTHORITY_ROWS)
    one = {
        CONTRIB: made[CONTRIB],
        ONE_AUTHORITY: lambda: compiled_side.one_pass(bundle, files.authority, files.out, 1),
    }
    authority = in_turns(one, repeats, {CONTRIB: each[CONTRIB], ONE_AUTHORITY: some})
    alone = {
        ONE_PASS: found[ONE_PASS],
        "a process of its own, start-up included, 2 threads": replace(whole, rows=rows),
    }
    tables = [
        Table(f"Parquet to Parquet, {rows:,} rows, {LEAVES} leaves", found),
        Table(
            "beside reading and writing the same bytes",
            {READ_WRITE: found[READ_WRITE], ONE_PASS: found[ONE_PASS]},
            by="cost",
        ),
        Table(f"one authority, {some:,} rows", authority),
        Table("start-up and memory", alone, by="cost"),
    ]
    return tables, targets(found, authority[ONE_AUTHORITY], whole, facts, rows), facts


def main(argv: Sequence[str] | None = None) -> None:
    asked = options(__doc__, rows=1_000_000, trees=TreeShape().trees, repeats=3).parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="end_to_end_") as name:
        files = Files.made(Path(name), asked.rows)
        bundle = Bundle.load(made_bundle(LEAVES, asked.trees, asked.rows).save(files.bundle))
        tables, aims, facts = measured(files, bundle, asked.rows, asked.repeats)
    sizes = {"rows": asked.rows, "leaves": LEAVES, "trees": asked.trees, "repeats": asked.repeats}
    report("end_to_end", sizes, tables, targets=aims, facts=facts, json_file=asked.json)


if __name__ == "__main__":
    main()
