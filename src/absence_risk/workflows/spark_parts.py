"""A store's folder scored on Spark: its workers take a range of pupils each and run the plain path's own lines on it.

Frames of Spark would cost several times as much (docs/decisions/0009-spark-by-parts.md); they serve tables that stand
in a catalogue or at an address, where no worker can open a file.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .parts import DEFAULT_MEMORY, ENGINE_SHARE, Parting, PartSeen, look_at_part, parting_of
from .scored_rows import Counted, ScoredRows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ..models.bundle import Bundle
    from ..store import Store

#: Rows of a part, over all tables, some hundred thousand pupils: enough that planning costs little beside the work, few
#: enough that a cluster has work for all.
PART_ROWS = 3_000_000


@dataclass(frozen=True)
class StoreParts:
    """A store whose pupils are worked through in parts, wherever the workers are.

    Attributes
    ----------
    path : str
        The store, where the driver and every worker find it.
    parts : int
    as_of : datetime.date
    excluded : frozenset of str
        ``pupil_id`` of pupils who are left out.
    memory : int
        Bytes that a worker's engine may hold.
    """

    path: str
    parts: int
    as_of: date
    excluded: frozenset[str]
    memory: int

    def open(self) -> Store:
        """The store, on one thread: Spark runs a worker for each core."""
        from ..store import Store

        return Store(Path(self.path), memory=self.memory, threads=1)


def store_parts(
    store: Store, as_of: date, excluded: frozenset[str], *, memory_limit: str | None, parts: int | None
) -> StoreParts:
    """Choose the number of parts, unless it is stated: by the rows held, and by the memory of a worker.

    Raises
    ------
    InputError
        If the autumn census of the cohort is not known on the as-of date.
    UsageError
        If the amount of memory or the number of parts is none.
    """
    from ..cohort import check_census
    from ..store import RANGES, bytes_of, check_number

    check_census(store.tables(), as_of)
    memory = bytes_of(memory_limit or DEFAULT_MEMORY)
    by_rows = -(-sum(store.rows().values()) // PART_ROWS)
    chosen = min(RANGES, max(1, by_rows, store.suggested_parts(memory))) if parts is None else parts
    path = str(store.path.resolve())
    return StoreParts(path, check_number(chosen, "parts"), as_of, excluded, int(memory * ENGINE_SHARE))


def parting_on(session: SparkSession, asked: StoreParts, store: Store) -> Parting:
    """What every part must be told, found by the workers part by part."""
    from ..features.data_flags import sources_known
    from ..spark.handed_out import handed_out

    said = handed_out(session, asked.parts, partial(_look, asked=asked))
    seen = [PartSeen.of_plain(json.loads(text)) for text in said]
    return parting_of(seen, sources_known(store.tables(), asked.as_of))


def write_parts_on(
    session: SparkSession, asked: StoreParts, parting: Parting, bundle: Bundle, folder: Path
) -> Counted:
    """Have every part scored and written into ``folder`` by the workers; what they counted, added up.

    Parameters
    ----------
    folder : Path
        One that the driver and every worker can write to, for ``scored_folder.write_scored_folder``.

    Raises
    ------
    AbsenceRiskError
        Of the kind that a worker met.
    """
    from ..spark.handed_out import files_handed, handed_out

    work = partial(
        _score, asked=asked, parting=parting, files=files_handed(session, bundle), model=bundle.hash, folder=str(folder)
    )  # fmt: skip
    said = [json.loads(text) for text in handed_out(session, asked.parts, work)]
    _only_parts(folder, asked.parts)
    counted = [_counted(part) for part in said]
    return sum(counted[1:], start=counted[0])


def _look(part: int, asked: StoreParts) -> str:
    with asked.open() as store:
        seen = look_at_part(store, part, asked.parts, asked.as_of, asked.excluded)
    return json.dumps(seen.plain())


def _score(part: int, asked: StoreParts, parting: Parting, files: Any, model: str, folder: str) -> str:
    from ..files import whole_file
    from ..scored_file import append_rows
    from ..scored_folder import part_file
    from ..spark.worker import bundle_of
    from ..store import within_memory

    bundle = bundle_of(files.value, model)
    with asked.open() as store, within_memory(asked.parts):
        rows = ScoredRows(store, parting, bundle, asked.as_of, asked.excluded, False, only=part, threads=1)
        # Under its name only when it is whole: a task that Spark repeats writes the same bytes again.
        with whole_file(Path(folder) / part_file(part)) as written:
            append_rows(rows.frames(), written)
    found = rows.counted
    drift = None if found.drift is None else found.drift.plain()
    return json.dumps({"rows": found.rows, "reasons": found.reasons, "drift": drift})


def _counted(said: Mapping[str, Any]) -> Counted:
    from ..models.drift_counts import DriftCounts

    drift = None if said["drift"] is None else DriftCounts.of_plain(said["drift"])
    return Counted(said["rows"], Counter(said["reasons"]), drift)


def _only_parts(folder: Path, parts: int) -> None:
    """Remove what tasks that were cut short left beside the parts; a part without pupils has no row and stays."""
    from ..scored_folder import part_file

    expected = {part_file(part) for part in range(parts)}
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in expected:
            path.unlink()
