"""Make large canonical tables, wholly made up, straight into Parquet files of pupil buckets.

    python benchmarks/large_tables.py --pupils 1000000 --years 3 --out tables/

DuckDB draws every value from a hash of the pupil's number, so there is no loop over pupils and the same arguments
give the same rows. What is drawn, by share of pupils or of pupil-terms:

- every pupil has every term of every year (three a year), so ``attendance_terms`` has ``pupils x years x 3`` rows
  and 3 in 100 pupils one corrected version more, 1 in 100 one that is known only after the as-of date;
- a quarter of the schools return totals only; elsewhere a pupil-term has no reason row (half of them) or one to three
  (``O`` or another unauthorised code, ``I`` or another authorised one, ``L`` or one that counts as neither). Real
  returns carry more codes; the files would grow and the sums would not change their nature;
- unauthorised absence: none at all for 55 in 100 pupils, then a long tail: about 5 in 100 miss a tenth of the year;
- 3 in 100 were ever suspended, 1.4 in 100 ever a child in need, 0.3 in 100 ever placed, 25 in 100 on free school meals;
- 12 in 100 moved school once; 2 in 100 are off roll at the last census. Every other pupil is in the cohort.

A folder holds ``<table>/000.parquet`` and so on: bucket ``int(first two digits of pupil_id, 16) * buckets // 256``,
rows sorted by pupil_id. Tables without pupils are ``<table>/all.parquet``. ``manifest.json`` comes last.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from made_sql import LABEL_YEAR, PUPILS_PER_SCHOOL, by_pupil, without_pupils

from absence_risk.files import whole_folder
from absence_risk.store import connect
from absence_risk.store.layout import bucket_file, prefixes, write_layout_manifest
from absence_risk.tables.canonical import CANONICAL_TABLES, STORE_VERSION

if TYPE_CHECKING:
    import duckdb

#: The as-of date the tables are made for.
AS_OF = date(2026, 10, 31)

PUPILS_PER_BUCKET = 300_000
_HEX_RANGE = 1 << 64


def buckets_for(pupils: int) -> int:
    """The number of buckets that keeps one near ``PUPILS_PER_BUCKET``: a power of two, 256 at most."""
    buckets = 1
    while buckets < 256 and pupils > buckets * PUPILS_PER_BUCKET:
        buckets *= 2
    return buckets


def make_tables(out: Path, pupils: int, years: int = 3, *, buckets: int | None = None, seed: int = 1) -> Path:
    """Write the canonical tables of ``pupils`` made-up pupils over ``years`` feature years; the last is 2025/26.

    Parameters
    ----------
    out : Path
        The folder, made whole or not at all; an earlier one is replaced.
    pupils, years : int
        Pupils of the store, and feature years with attendance (1 to 5).
    buckets : int, optional
        1 to 256; by default ``buckets_for(pupils)``.
    seed : int
        Another seed draws other pupils.

    Returns
    -------
    Path
        ``out``.
    """
    buckets = buckets or buckets_for(pupils)
    con = connect()
    try:
        with whole_folder(out) as folder:
            _macros(con, pupils, seed)
            rows = dict.fromkeys(CANONICAL_TABLES, 0)
            for name in rows:
                (folder / name).mkdir(mode=0o700)
            for bucket in range(buckets):
                _draw_pupils(con, pupils, years, bucket, buckets)
                for name, select in by_pupil(years).items():
                    rows[name] += _write(con, select, folder / name / bucket_file(bucket))
            for name, select in without_pupils(pupils, years).items():
                rows[name] = _write(con, select, folder / name / "all.parquet")
            write_layout_manifest(folder, _meta(pupils, years, seed), buckets, rows)
    finally:
        con.close()
    return out


@contextlib.contextmanager
def made_tables(
    pupils: int, years: int = 3, *, buckets: int | None = None, seed: int = 1, beside: Path | None = None
) -> Iterator[Path]:
    """Give a folder of made-up tables in a temporary place (under ``beside``, if named) and remove it afterwards."""
    place = Path(tempfile.mkdtemp(prefix="made-tables-", dir=beside))
    try:
        yield make_tables(place / "tables", pupils, years, buckets=buckets, seed=seed)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _meta(pupils: int, years: int, seed: int) -> dict[str, str]:
    import duckdb

    said = f"made tables 1: {pupils} pupils, {years} years, seed {seed}, duckdb {duckdb.__version__}"
    return {
        "fingerprint": hashlib.sha256(said.encode()).hexdigest(),
        "key_id": "made-up",
        "made_up": "yes",
        "store_version": str(STORE_VERSION),
    }


def _write(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    target = str(path).replace("'", "''")
    written = con.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)").fetchall()
    return int(written[0][0])


def _macros(con: duckdb.DuckDBPyConnection, pupils: int, seed: int) -> None:
    schools = max(3, pupils // PUPILS_PER_SCHOOL)
    con.execute(
        f"""
        CREATE TEMP MACRO drawn(n, salt) AS (hash(n, salt + {1000 * seed}) % 1000000);
        CREATE TEMP MACRO share(n, salt) AS (drawn(n, salt)::DOUBLE / 1000000);
        CREATE TEMP MACRO school_number(n, salt) AS (hash(n, salt + {1000 * seed}) % {schools});
        CREATE TEMP MACRO school(s) AS (
            CAST(201 + s // 250 AS VARCHAR) || lpad(CAST(2000 + s % 250 AS VARCHAR), 4, '0'));
        """
    )


def _draw_pupils(con: duckdb.DuckDBPyConnection, pupils: int, years: int, bucket: int, buckets: int) -> None:
    """One row per pupil of the bucket: the numbers that every table of it is drawn from."""
    step = _HEX_RANGE // pupils
    first, last = (prefix << 56 for prefix in prefixes(bucket, buckets))
    # Identifiers rise with the pupil's number, so that rows come out in order without a sort.
    low, high = max(0, first // step - 1), min(pupils, last // step + 2)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pupil AS
        WITH numbered AS (
            SELECT n, n::UBIGINT * {step}::UBIGINT + hash(n, 1) % {step}::UBIGINT AS head
            FROM range({low}, {high}) numbers(n)
        ),
        drawn_once AS (
            SELECT n, printf('%016x', head) || printf('%016x', hash(n, 2)) AS pupil_id,
                drawn(n, 3) < 120000 AS moved,
                school_number(n, 4) AS s_now, school_number(n, 5) AS s_before,
                {LABEL_YEAR - years} + CAST(drawn(n, 6) % {years} AS INTEGER) AS moved_year,
                1 + CAST(drawn(n, 7) % 11 AS INTEGER) AS year_group,
                CASE WHEN drawn(n, 8) < 550000 THEN 0.0
                     ELSE least(0.7, -ln(1 - share(n, 9) * 0.999) * 0.0455) END AS level,
                drawn(n, 10) >= 20000 AS here,
                CASE WHEN drawn(n, 11) < 30000 THEN 'corrected' WHEN drawn(n, 11) < 40000 THEN 'later' END AS version
            FROM numbered WHERE head >= {first}::UBIGINT AND head < {last}::UHUGEINT
        )
        SELECT * EXCLUDE (s_before), moved AND s_before != s_now AS mover,
            s_before, school(s_now) AS school_now, school(s_before) AS school_before
        FROM drawn_once
        """
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Make large canonical tables, wholly made up.")
    parser.add_argument("--pupils", type=int, required=True)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--buckets", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    make_tables(asked.out, asked.pupils, asked.years, buckets=asked.buckets, seed=asked.seed)
    print(f"{asked.pupils:,} made-up pupils, {asked.years} years: {asked.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
