"""Writing runs: one at a time into a SQLite file, each marked as finished or as failed, none left as running."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..locks import file_lock
from .names import RECORDED_TAG
from .quiet import quiet_mlflow

PARENT_TAG = "mlflow.parentRunId"
_LONGEST = 6_000


@contextlib.contextmanager
def one_at_a_time(client: Any, experiment_id: str, database: Path | None) -> Iterator[None]:
    """Hold the turn to record in a SQLite file; a server keeps its own order (``database`` None).

    Whoever has the turn knows that no other process of ours is recording, so a run of ours that still says it is
    running belongs to a process that was killed, and is marked as failed.
    """
    if database is None:
        yield
        return
    with file_lock(database.with_name(database.name + ".runs.lock")):
        wanted = f"attributes.status = 'RUNNING' AND tags.`{RECORDED_TAG}` = 'yes'"
        for run in client.search_runs([experiment_id], wanted):
            client.set_terminated(run.info.run_id, status="FAILED")
        yield


@contextlib.contextmanager
def recorded(
    client: Any, experiment_id: str, name: str, tags: Mapping[str, str], *, parent: str | None = None
) -> Iterator[Any]:
    """Give a new run; it is finished when the block ends and failed if the block does."""
    under = {PARENT_TAG: parent} if parent else {}
    run = client.create_run(experiment_id, run_name=name, tags={**tags, **under, RECORDED_TAG: "yes"})
    try:
        yield run
    except BaseException:
        with contextlib.suppress(Exception):  # the first fault is the one to tell
            client.set_terminated(run.info.run_id, status="FAILED")
        raise
    client.set_terminated(run.info.run_id)


def write_numbers(
    client: Any, run: Any, params: Mapping[str, object], measures: Mapping[str, float | None]
) -> None:
    """Settings and measures of a run in one go; a measure that is not defined is left out."""
    entities = quiet_mlflow().entities
    settings = [entities.Param(str(key), str(value)[:_LONGEST]) for key, value in sorted(params.items())]
    found = [
        entities.Metric(name, float(value), run.info.start_time, 0)
        for name, value in sorted(measures.items())
        if value is not None and math.isfinite(value)
    ]
    client.log_batch(run.info.run_id, metrics=found, params=settings)


def by_who(measures: Mapping[str, Mapping[str, float | None]]) -> dict[str, float | None]:
    """``{"model": {"roc_auc": 0.8}}`` as ``{"model/roc_auc": 0.8}``."""
    return {f"{who}/{what}": value for who, record in measures.items() for what, value in record.items()}
