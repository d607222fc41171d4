"""Features in, scored and explained rows out, a block at a time: for a country's pupils as for one school's.

A row gives its risk, the sum of each family and its largest topics; sentences are for those who will be read
(``reasons``), and the whole matrix of contributions for those who ask (``contributions.explain``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..evaluation.calibration import probability
from ..features.catalogue import Family
from ..features.words import MODEL_TOPICS
from ..files import whole_file
from ..models.boosting import BoostedTrees
from ..models.bundle import Bundle
from ..models.contract import check_between, check_columns
from ..models.drift_counts import DriftCounts
from ..tables.outputs import TOPICS_DOWN, TOPICS_UP, contribution_column, explained_table
from .reasons import SMALLEST_SAID

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ..compiled.summary import Summary

Array = np.ndarray[Any, np.dtype[Any]]

EXPLAINED = explained_table(family.value for family in Family)

#: Rows read, scored and written at a time: some tens of megabytes, whatever the number of pupils.
ROWS_AT_A_TIME = 100_000


@dataclass(frozen=True)
class Passed:
    """What a pass over a file did: how many rows, and what was counted of them; None if there were none."""

    rows: int
    drift: DriftCounts | None


def summary_of(bundle: Bundle, columns: Array, *, num_threads: int = 1) -> Summary:
    """Log-odds, sums by family (in the order of ``Family``) and largest topics (numbers of ``MODEL_TOPICS``).

    Parameters
    ----------
    bundle : Bundle
    columns : array of float64, shape (p, n)
        The bundle's features in its order, checked; NaN where not known.
    num_threads : int
        The same bits for any number.
    """
    from ..compiled.summary import Grouping, Scale, summarise, summarise_tables

    families = list(Family)
    grouping = Grouping(
        np.array([families.index(feature.family) for feature in bundle.features], dtype=np.int64),
        np.array([MODEL_TOPICS.index(feature.topic) for feature in bundle.features], dtype=np.int64),
        len(families),
        len(MODEL_TOPICS),
    )
    model, line = bundle.model, bundle.calibration
    most = {"top": TOPICS_UP, "top_down": TOPICS_DOWN}
    tables = model.tables.trees if isinstance(model, BoostedTrees) and model.tables is not None else None
    if tables is not None:
        scale = Scale(line.slope, line.intercept, tables.base, SMALLEST_SAID)
        return summarise_tables(tables.layout, columns, scale, grouping, num_threads=num_threads, **most)
    parts, base = model.contributions(np.ascontiguousarray(columns.T), num_threads=num_threads)
    scale = Scale(line.slope, line.intercept, base, SMALLEST_SAID)
    return summarise(parts.T, scale, grouping, **most)


def explain_file(bundle: Bundle, features: Path, out: Path, *, num_threads: int = 1) -> Passed:
    """Score and explain a Parquet file of features into a Parquet file of ``EXPLAINED``, whole or not at all.

    Parameters
    ----------
    features : Path
        ``pupil_id``, the bundle's features by name, and what else its ``training`` watches (with ``school_id``):
        numbers of any width, null or NaN where not known; other columns are not read. Rows come out in the order in
        which they go in.
    out : Path
        An earlier file is replaced when the new one is whole.

    Raises
    ------
    InputError
        If the file is not Parquet, lacks a column, or holds a value outside its unit's limits.
    OutputError
        If the file cannot be written whole.
    """
    from ..tables.row_groups import RowGroups

    drift: DriftCounts | None = None
    floats = [c.name for c in EXPLAINED.columns if c.unit == "log-odds" or c.name == "risk"]
    how: dict[str, Any] = {
        # Random digits do not shrink, so no time is spent on trying.
        "compression": {c: "NONE" if c in floats else "ZSTD" for c in EXPLAINED.column_names},
        "use_dictionary": [c for c in EXPLAINED.column_names if c not in floats and c != "pupil_id"],
        "write_statistics": False,
    }
    with _opened(features, bundle) as source, whole_file(out) as partial:
        with RowGroups(partial, _schema(), **how) as file:
            for pupils, columns, found in _blocks(source, bundle):
                drift = found if drift is None else drift + found
                file.append(_table(bundle, pupils, summary_of(bundle, columns, num_threads=num_threads)))
        return Passed(file.rows, drift)


def _opened(features: Path, bundle: Bundle) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(features, memory_map=True)
    except (pa.ArrowException, OSError, ValueError):
        raise InputError(
            f"{features} cannot be read as Parquet; make it with: absence-risk features"
        ) from None
    needed = ("pupil_id", *bundle.feature_names, *_also_watched(bundle))
    absent = [name for name in needed if name not in source.schema_arrow.names]
    if absent:
        source.close()
        raise InputError(
            f"{features}: expected the columns of the model {bundle.name}; absent: {', '.join(absent)}. Build the "
            "features with this package (absence-risk features), or use the model they were made for"
        )
    return source


def _also_watched(bundle: Bundle) -> tuple[str, ...]:
    """Columns that are counted beside the model's own; none if the bundle recorded nothing to compare with."""
    others = (met.name for met in bundle.training.columns if met.name not in bundle.feature_names)
    return ("school_id", *others) if bundle.training.columns else ()


def _counted(batch: pa.RecordBatch, columns: Array, bundle: Bundle) -> DriftCounts:
    own = dict(zip(bundle.feature_names, columns, strict=True))
    if not bundle.training.columns:
        return DriftCounts.of(own, {"": len(batch)}, bundle.training)
    schools, *others = _also_watched(bundle)
    beside = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in others}
    found = batch.column(schools).value_counts().to_pylist()
    return DriftCounts.of(own | beside, {str(one["values"]): one["counts"] for one in found}, bundle.training)


def _blocks(source: pq.ParquetFile, bundle: Bundle) -> Iterator[tuple[pa.Array, Array, DriftCounts]]:
    import pyarrow as pa

    names = list(bundle.feature_names)
    wanted = ["pupil_id", *names, *_also_watched(bundle)]
    try:
        for batch in source.iter_batches(ROWS_AT_A_TIME, columns=wanted):
            columns = np.empty((len(names), len(batch)))
            for place, name in enumerate(names):
                # Nulls of whole numbers come as NaN too.
                columns[place] = batch.column(name).to_numpy(zero_copy_only=False)
            check_columns(columns, bundle.features)
            check_between(dict(zip(names, columns, strict=True)), len(batch))
            yield batch.column("pupil_id"), columns, _counted(batch, columns, bundle)
    except (pa.ArrowException, OSError, TypeError, ValueError):
        raise InputError(
            "the features cannot be read to the end as numbers; make the file again with: absence-risk features"
        ) from None


def _schema() -> pa.Schema:
    import pyarrow as pa

    def kind(name: str) -> pa.DataType:
        if name.startswith(("up_", "down_")) and not name.endswith("_size"):
            return pa.dictionary(pa.int8(), pa.string())
        known = {"pupil_id": pa.string(), "risk": pa.float64(), "log_odds": pa.float64(), "band": pa.int8()}
        return known.get(name, pa.float32())

    return pa.schema([(name, kind(name)) for name in EXPLAINED.column_names])


def _table(bundle: Bundle, pupils: pa.Array, found: Summary) -> pa.Table:
    import pyarrow as pa

    risk = probability(found.log_odds)
    columns: dict[str, Any] = {
        "pupil_id": pupils.cast(pa.string()),
        "risk": risk,
        "band": bundle.band(risk).astype(np.int8),
        "log_odds": found.log_odds,
    }
    for place, family in enumerate(Family):
        columns[contribution_column(family.value)] = found.families[place]
    words = pa.array(MODEL_TOPICS, pa.string())
    sides = (("up", found.topics, found.sizes), ("down", found.topics_down, found.sizes_down))
    for side, topics, sizes in sides:
        for place in range(len(topics)):
            absent = topics[place] < 0
            columns[f"{side}_{place + 1}"] = pa.DictionaryArray.from_arrays(
                pa.array(topics[place], mask=absent), words
            )
            columns[f"{side}_{place + 1}_size"] = pa.array(sizes[place], mask=absent)
    return pa.table(columns, schema=_schema())
