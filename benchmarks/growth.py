"""How time and memory grow with the number of pupils: tables made, features written, scored and explained.

    python benchmarks/growth.py --pupils 50000,200000,1000000,9000000 --json docs/performance/growth.json

Each stage of each size runs in a process of its own, start-up included, and each size is removed before the next.
Ratios are of the cost of one pupil, to that at the smallest size: a line of 1.0 is growth in step with the pupils.
``docs/performance.md`` draws the picture from the JSON file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from large_tables import AS_OF, make_tables
from made_model import made_bundle
from measuring import Table, Target, Timing, call_in_child, options, report

MADE, FEATURES, EXPLAINED = (
    "canonical tables made",
    "features written, from the canonical tables",
    "scored and explained, from the features",
)
LEAVES, TREES = 8, 200
ENGLAND = 9_000_000
SMALL = 50_000


def make(folder: str, pupils: int, years: int) -> int:
    """Write the canonical tables; gives their bytes."""
    tables = make_tables(Path(folder), pupils, years)
    return sum(path.stat().st_size for path in tables.rglob("*.parquet"))


def write_features(tables: str, out: str, memory_limit: str) -> dict[str, int]:
    """Write the features of the cohort; gives the parts that were chosen and the pupils written."""
    from absence_risk.workflows.features import run_features

    result = run_features(tables, AS_OF, out, memory_limit=memory_limit)
    return {"parts": result.parts, "pupils": result.counts["eligible"]}


def grown(pupils: int, years: int, memory_limit: str, bundle: Path, beside: Path | None) -> dict[str, Timing]:
    """Every stage at one size, each in its own process; everything written is removed."""
    with tempfile.TemporaryDirectory(prefix="growth_", dir=beside) as name:
        tables, features, out = (
            Path(name) / part for part in ("tables", "features.parquet", "explained.parquet")
        )
        called = f"{pupils:,} pupils"
        found = {
            MADE: call_in_child(
                f"{MADE}, {called}", "growth", "make", folder=tables, pupils=pupils, years=years
            ),
            FEATURES: call_in_child(
                f"{FEATURES}, {called}", "growth", "write_features",
                tables=tables, out=features, memory_limit=memory_limit,
            ),
            EXPLAINED: call_in_child(
                f"{EXPLAINED}, {called}", "compiled_side", "one_pass_of",
                bundle=bundle, features=features, out=out, threads=2,
            ),
        }  # fmt: skip
    return {stage: replace(timing, rows=pupils) for stage, timing in found.items()}


def targets(found: dict[int, dict[str, Timing]]) -> list[Target]:
    """What is asked of England, where England was run."""
    largest = found[max(found)]
    aims = [
        Target(
            f"peak memory of {stage}, {max(found):,} pupils",
            largest[stage].peak_gib or 0.0,
            at_most=4,
            unit="GiB",
        )
        for stage in (FEATURES, EXPLAINED)
    ]
    if max(found) >= ENGLAND:
        spent = largest[EXPLAINED].cpu[0]
        aims.append(Target("England scored and explained", spent, at_most=90, unit="CPU-seconds"))
    return aims


def main(argv: Sequence[str] | None = None) -> None:
    parser = options(__doc__, pupils=f"{SMALL},200000,1000000", years=3)
    parser.add_argument("--memory-limit", default="4GB", help="what the features may take; default: 4GB")
    parser.add_argument("--folder", type=Path, help="where the tables stand while they are measured")
    asked = parser.parse_args(argv)
    sizes = sorted(asked.pupils if isinstance(asked.pupils, tuple) else map(int, asked.pupils.split(",")))
    with tempfile.TemporaryDirectory(prefix="growth_bundle_") as name:
        bundle = made_bundle(LEAVES, TREES, SMALL).save(Path(name) / "bundle")
        found = {
            pupils: grown(pupils, asked.years, asked.memory_limit, bundle, asked.folder) for pupils in sizes
        }
    tables = [
        Table(
            stage,
            {f"{pupils:,} pupils": found[pupils][stage] for pupils in sizes},
            by="cost",
            notes={f"{pupils:,} pupils": _note(found[pupils][stage]) for pupils in sizes},
        )
        for stage in (MADE, FEATURES, EXPLAINED)
    ]
    shape = {
        "pupils": sizes,
        "years": asked.years,
        "leaves": LEAVES,
        "trees": TREES,
        "memory_limit": asked.memory_limit,
    }
    report("growth", shape, tables, targets=targets(found), json_file=asked.json)


def _note(timing: Timing) -> str | None:
    said = timing.said
    return f"{said['parts']} {'part' if said['parts'] == 1 else 'parts'}" if isinstance(said, dict) else None


if __name__ == "__main__":
    main()
