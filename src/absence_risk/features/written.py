"""The features of a cohort as a Parquet file, written by the engine that holds the tables, without a detour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..files import whole_file
from ..store import no_cell_quoted
from ..tables.frames import beside, to_pandas
from .build import build_features
from .catalogue import FEATURES
from .data_flags import first_seen_years

if TYPE_CHECKING:
    LazyFrame = nw.LazyFrame[Any]

#: Rows of one group of the file: the least that a reader takes at once.
ROW_GROUP = 100_000

#: Columns of whole numbers, which fit into four bytes: all but shares and differences of them.
_WHOLE = ("first_seen", *(f.name for f in FEATURES if f.unit not in ("share 0-1", "difference")))


def facts_frame(tables: Mapping[str, Any], cohort: Any, as_of: date) -> LazyFrame:
    """What a row is scored from: school, year first seen, and every feature; one row per pupil of the cohort.

    Parameters
    ----------
    tables, cohort, as_of
        As in ``build.build_features``.

    Returns
    -------
    narwhals.LazyFrame
        ``pupil_id``, ``school_id``, ``first_seen`` (Int64, ``data_flags.first_seen_years``) and the features as
        Float64 in catalogue order (``year_group`` is one of them); rows in no order.
    """
    frame = cohort if isinstance(cohort, nw.LazyFrame) else beside(tables, cohort[["pupil_id", "school_id"]])
    schools = frame.select("pupil_id", "school_id")
    with_years = schools.join(first_seen_years(tables, as_of), on="pupil_id", how="left")
    return with_years.join(build_features(tables, cohort, as_of), on="pupil_id", how="inner")


def write_features(tables: Mapping[str, Any], cohort: Any, as_of: date, out: Path) -> int:
    """Write the facts of a cohort as one Parquet file, sorted by pupil_id, whole or not at all.

    Parameters
    ----------
    tables, cohort, as_of
        As in ``build.build_features``; on DuckDB no row passes through pandas.
    out : Path
        The file. Columns as in ``facts_frame``; whole numbers (counts, days, sessions, flags, years) are Int32, shares
        and differences Float64; missing is null.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    InputError
        If the cohort holds a pupil twice.
    OutputError
        If the file cannot be written; an earlier one stays.
    """
    with whole_file(out) as partial, no_cell_quoted("the features"):
        facts = facts_frame(tables, cohort, as_of).sort("pupil_id")
        return _by_duckdb(facts, partial) if facts.implementation.is_duckdb() else _by_arrow(facts, partial)


def _by_duckdb(facts: LazyFrame, path: Path) -> int:
    narrow = facts.with_columns(*(nw.col(name).cast(nw.Int32) for name in _WHOLE))
    target = str(path).replace("'", "''")
    # Into the file that is there already: it is its owner's alone, and a file of the engine's own would not be.
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, USE_TMP_FILE false"
    written = narrow.to_native().query("facts", f"COPY facts TO '{target}' ({options})")
    return int(written.fetchall()[0][0])


def _by_arrow(facts: LazyFrame, path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = to_pandas(facts)
    arrays = {name: pa.array(rows[name], from_pandas=True) for name in rows.columns}
    arrays |= {name: arrays[name].cast(pa.int32()) for name in _WHOLE}
    pq.write_table(pa.table(arrays), path, compression="zstd", row_group_size=ROW_GROUP)
    return len(rows)
