"""Work handed out to Spark's workers by number: each takes one range of pupils, and says in text what it counted.

No rows cross to the driver, and none to Java: a worker reads and writes files by itself, on the plain path's own lines.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .faults import in_our_words, worker_fault
from .score import carried
from .worker import files_of, one_thread

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from ..models.bundle import Bundle


def handed_out(session: SparkSession, numbers: int, work: Callable[[int], str]) -> list[str]:
    """What ``work`` says of each number from 0 up, in their order; each is a task of its own.

    Parameters
    ----------
    session : SparkSession
    numbers : int
        How many.
    work : callable
        Runs on a worker; what it needs goes with it. It may run again where Spark repeats a task that failed, so doing
        it twice must be doing it once.

    Raises
    ------
    AbsenceRiskError
        Of the kind that a worker met, in the words it gave.
    """
    with in_our_words():
        each = session.range(0, numbers, 1, numbers)
        rows = each.mapInArrow(functools.partial(_said, work=work), "number bigint, said string").collect()
    return [row["said"] for row in sorted(rows, key=lambda row: int(row["number"]))]


def files_handed(session: SparkSession, bundle: Bundle) -> Any:
    """The files of a bundle for ``work``: their ``value`` is what ``worker.bundle_of`` takes."""
    return carried(session, files_of(bundle))


def _said(batches: Iterator[pa.RecordBatch], work: Callable[[int], str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    try:
        one_thread()
        for batch in batches:
            numbers = batch.column(0)
            said = [work(number) for number in numbers.to_pylist()]
            yield pa.RecordBatch.from_pydict({"number": numbers, "said": pa.array(said, type=pa.string())})
    except Exception as fault:
        raise worker_fault(fault) from None
