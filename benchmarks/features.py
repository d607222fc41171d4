"""The package's features beside the same features in hand-written DuckDB SQL, and beside polars streaming.

    python benchmarks/features.py --pupils 1000000 --years 3 --json features.json

All read the same canonical Parquet files for the same cohort, bucket by bucket, after one pass that sums the schools
where there is more than one bucket; each writes one sorted Parquet file a bucket. Each turn of each runs in its own
process: CPU and wall of the work without start-up, peak memory of the whole process. The sums of every feature must
be equal. polars (if it is installed) does a part of the work only: see ``polars_features.py``.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hand_sql
from large_tables import AS_OF, made_tables
from measuring import Table, Target, Timing, call_in_child, options, report

from absence_risk.cohort import select_cohort
from absence_risk.features.attendance import school_sums
from absence_risk.features.catalogue import FEATURES
from absence_risk.features.written import write_features
from absence_risk.store import Store, connect
from absence_risk.store.engine import connect_within
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import beside, to_pandas

OURS, HAND, POLARS = "features of the package", "hand-written SQL", "polars streaming, a part of the features"
MEMORY = 3 << 30


def write_cohorts(tables: str, out: str) -> int:
    """Write the cohort of each bucket as Parquet, the same for everybody; how many pupils there are."""
    found = 0
    with Store(Path(tables)) as store:
        assert store.layout is not None
        for bucket in range(store.layout.buckets):
            frame = select_cohort(store.tables(bucket, store.layout.buckets), AS_OF).frame
            frame[["pupil_id", "school_id", "year_group"]].to_parquet(_of(out, bucket), index=False)
            found += len(frame)
    return found


def ours(tables: str, cohorts: str, out: str) -> dict[str, Any]:
    """The package's own features, bucket by bucket."""
    import pandas as pd

    def work() -> None:
        with Store(Path(tables), memory=MEMORY) as store:
            assert store.layout is not None
            n = store.layout.buckets
            each = [store.tables(bucket, n) for bucket in range(n)]
            if n > 1:
                sums = pd.concat([to_pandas(school_sums(held, AS_OF)) for held in each])
                whole = sums.groupby("school_id", as_index=False, sort=True).sum()
                each = [{**held, "school_sums": beside(held, whole).to_native()} for held in each]
            for bucket, held in enumerate(each):
                write_features(held, pd.read_parquet(_of(cohorts, bucket)), AS_OF, _of(out, bucket))

    return _measured(work, out)


def by_hand(tables: str, cohorts: str, out: str) -> dict[str, Any]:
    """The hand-written statement over the same files, bucket by bucket."""

    def work() -> None:
        con = connect_within(MEMORY)
        buckets = _buckets(tables)
        sums = Path(out) / "school_sums.parquet" if len(buckets) > 1 else None
        if sums:
            # A statement for each bucket: one over all of them holds every bucket's windows in memory at once.
            con.execute("CREATE TABLE each (school_id VARCHAR, unauthorised BIGINT, possible BIGINT)")
            for files in buckets:
                found = hand_sql.school_sums_sql(files, AS_OF)
                con.execute(
                    f"INSERT INTO each SELECT school_id, all_unauthorised, all_possible FROM ({found})"
                )
            total = "sum(unauthorised)::BIGINT AS all_unauthorised, sum(possible)::BIGINT AS all_possible"
            _copy(con, f"SELECT school_id, {total} FROM each GROUP BY school_id", sums)
        for number, files in enumerate(buckets):
            _copy(
                con,
                hand_sql.features_sql(files, _of(cohorts, number), AS_OF, sums),
                _of(out, number),
            )
        con.close()

    return _measured(work, out)


def by_polars(tables: str, cohorts: str, out: str) -> dict[str, Any]:
    """The part of the features that ``polars_features.py`` builds, with polars' streaming engine."""
    import polars_features

    def work() -> None:
        for number, files in enumerate(_buckets(tables)):
            polars_features.write(files, _of(cohorts, number), AS_OF, _of(out, number))

    return _measured(work, out)


def _of(folder: str, bucket: int) -> Path:
    return Path(folder) / f"{bucket:03d}.parquet"


def _copy(con: Any, select: str, target: Path) -> None:
    con.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)").fetchall()


def _buckets(tables: str) -> list[dict[str, list[Path]]]:
    """The files of each bucket, by table; tables without pupils are the same in all."""
    folder = Path(tables)
    number = len(list((folder / "pupils").glob("*.parquet")))
    whole = {name for name in CANONICAL_TABLES if (folder / name / "all.parquet").is_file()}
    return [
        {name: [folder / name / ("all.parquet" if name in whole else f"{b:03d}.parquet")] for name in CANONICAL_TABLES}
        for b in range(number)
    ]  # fmt: skip


def _measured(work: Callable[[], None], out: str) -> dict[str, Any]:
    """CPU and wall of the work, and afterwards, unmeasured, how many values each feature has and their sum."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    con = connect()
    files = hand_sql.source(sorted(Path(out).glob("[0-9]*.parquet")))
    held = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
    names = [feature.name for feature in FEATURES if feature.name in held]
    sums = ", ".join(f"count({name}), coalesce(sum({name})::DOUBLE, 0)" for name in names)
    row = con.execute(f"SELECT {sums} FROM {files}").fetchall()[0]
    return {
        **spent,
        "sums": {name: list(row[2 * i : 2 * i + 2]) for i, name in enumerate(names)},
    }


def differing(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The features of ``found`` whose number of values, or their sum by more than 1e-9 of it, is another."""
    return [
        name
        for name, (count, total) in found["sums"].items()
        if count != expected["sums"][name][0]
        or abs(total - expected["sums"][name][1]) > 1e-9 * max(1.0, abs(total))
    ]


def _timing(name: str, function: str, turns: int, rows: int, tables: Path, scratch: Path) -> Timing:
    done = []
    for turn in range(turns):
        out = scratch / f"{function}-{turn}"
        out.mkdir()
        done.append(
            call_in_child(name, "features", function, tables=tables, cohorts=scratch / "cohorts", out=out)
        )
        for path in out.glob("*.parquet"):
            path.unlink()
    said = [run.said for run in done]
    peak = max(run.peak_gib or 0.0 for run in done)
    return Timing(tuple(s["cpu"] for s in said), tuple(s["wall"] for s in said), rows, peak or None, said[0])


def compared(tables: Path, scratch: Path, repeats: int, *, with_polars: bool) -> tuple[Table, list[Target]]:
    """Time everybody over the same tables; the hand-written SQL is the yardstick."""
    (scratch / "cohorts").mkdir()
    rows = call_in_child("cohorts", "features", "write_cohorts", tables=tables, out=scratch / "cohorts").said
    who = {HAND: "by_hand", OURS: "ours"} | ({POLARS: "by_polars"} if with_polars else {})
    timings = {
        name: _timing(name, function, repeats, int(rows), tables, scratch) for name, function in who.items()
    }
    wrong = {
        name: differing(timing.said, timings[HAND].said) for name, timing in timings.items() if name != HAND
    }
    if any(wrong.values()):
        raise SystemExit(f"sums differ from the hand-written SQL: {wrong}")
    notes = (
        {POLARS: f"{len(timings[POLARS].said['sums'])} of {len(FEATURES)} features"} if with_polars else {}
    )
    table = Table("Features, Parquet to Parquet, one sorted file a bucket", timings, by="cost", notes=notes)
    limits = [
        Target("CPU of the package's features against hand-written SQL", table.ratio(OURS)[0], at_most=1.3),
        Target("peak memory of the package's features", timings[OURS].peak_gib or 0.0, at_most=4.0, unit="GiB"),
    ]  # fmt: skip
    return table, limits


def main(arguments: Sequence[str] | None = None) -> None:
    parser = options(__doc__ or "", pupils=200_000, years=3, repeats=3)
    parser.add_argument(
        "--buckets", type=int, help="default: one for each 300,000 pupils, rounded up to a power of two"
    )
    asked = parser.parse_args(arguments)
    with_polars = importlib.util.find_spec("polars") is not None
    if not with_polars:
        print("polars is not installed and is left out", file=sys.stderr)
    with (
        made_tables(asked.pupils, asked.years, buckets=asked.buckets) as tables,
        tempfile.TemporaryDirectory() as scratch,
    ):
        table, targets = compared(tables, Path(scratch), asked.repeats, with_polars=with_polars)
        size = sum(path.stat().st_size for path in tables.rglob("*.parquet"))
        terms = (
            connect().execute(f"SELECT count(*) FROM '{tables}/attendance_terms/*.parquet'").fetchall()[0][0]
        )
    facts = {"attendance_rows": terms, "parquet_mib": size / (1 << 20), "buckets_of_tables": asked.buckets}
    report(
        "features",
        {"pupils": asked.pupils, "years": asked.years, "repeats": asked.repeats},
        [table],
        targets=targets,
        facts={name: value for name, value in facts.items() if value is not None},
        json_file=asked.json,
    )


if __name__ == "__main__":
    main()
