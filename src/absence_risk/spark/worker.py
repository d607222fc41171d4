"""What runs on a worker: a batch of facts in, a batch of scored rows out, one thread, the model read once.

The model arrives as the text files of its bundle, and is checked as any bundle is. ``absence_risk`` must be installed
on every worker, in the same version as on the driver.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .faults import worker_fault

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ..features.data_flags import Source
    from ..models.bundle import Bundle
    from ..scoring import Scorer

#: Models read in this process, by hash; a worker serves many batches.
_READ: dict[str, Bundle] = {}


@dataclass(frozen=True)
class Asked:
    """What a worker is told beside the model: its hash, the date, the sources and the store's first year."""

    model: str
    as_of: date
    sources: tuple[Source, ...]
    earliest: int | None


def files_of(bundle: Bundle) -> dict[str, bytes]:
    """The files of a bundle by name: text, so that they can be handed round and checked."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = bundle.save(Path(scratch) / "bundle")
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def scored_batches(
    batches: Iterator[pa.RecordBatch], files: Any, asked: Asked, kept: tuple[str, ...] = ()
) -> Iterator[pa.RecordBatch]:
    """The scored rows of each batch of facts; for ``mapInArrow``.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        ``pupil_id``, ``school_id``, ``first_seen`` and every feature.
    files : pyspark Broadcast
        Its ``value`` is :func:`files_of` the bundle.
    asked : Asked
    kept : tuple of str
        Columns of the facts that stand after those of the scored table.

    Raises
    ------
    WorkerFault
        For any fault; no value of a row is in it.
    """
    try:
        one_thread()
        scorer = _scorer(files.value, asked)
        for batch in batches:
            yield _scored(scorer, batch, kept)
    except Exception as fault:
        raise worker_fault(fault) from None


def one_thread() -> None:
    """Keep to one thread: Spark runs a worker for each core."""
    if "numba" not in sys.modules:  # once loaded, it takes no other number
        for threads in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ.setdefault(threads, "1")


def _scorer(files: Mapping[str, bytes], asked: Asked) -> Scorer:
    from ..scoring import Scorer

    return Scorer(bundle_of(files, asked.model), asked.as_of, list(asked.sources), asked.earliest)


def bundle_of(files: Mapping[str, bytes], model: str) -> Bundle:
    """The bundle of these files, which must have this hash; read once in a process.

    Raises
    ------
    BundleError
        If they are not the files of that model.
    """
    from ..models.bundle import Bundle

    if model not in _READ:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for name, content in files.items():
                (folder / name).write_bytes(content)
            _READ[model] = Bundle.load(folder, expected_hash=model)
    return _READ[model]


def _scored(scorer: Scorer, batch: pa.RecordBatch, kept: tuple[str, ...]) -> pa.RecordBatch:
    import pyarrow as pa

    from ..scored_file import SCORES
    from ..tables.outputs import LIST_COLUMNS
    from ..tables.schema import Type

    types = {Type.TEXT: pa.string(), Type.INTEGER: pa.int64(), Type.NUMBER: pa.float64()}
    frame = scorer.rows(_facts(batch, kept))
    columns = {}
    for column in SCORES.columns:
        held = pa.list_(pa.string()) if column.name in LIST_COLUMNS else types[column.type]
        values = frame[column.name]
        plain = values.tolist() if column.type is Type.TEXT else values.to_numpy()
        columns[column.name] = pa.array(plain, type=held)
    columns |= {name: batch.column(name) for name in kept}
    return pa.RecordBatch.from_pydict(columns)


def _facts(batch: pa.RecordBatch, kept: tuple[str, ...]) -> pd.DataFrame:
    import pyarrow as pa

    facts = pa.Table.from_batches([batch]).drop_columns(list(kept)).to_pandas()
    types = {"pupil_id": "str", "school_id": "str", "first_seen": "Int64"}
    features = dict.fromkeys(facts.columns.difference(list(types)), "float64")
    return facts.astype(types | features)
