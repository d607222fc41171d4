"""How the benchmarks call the compiled tables and the one pass: one place that knows their names."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from absence_risk.compiled.summary import Summary
from absence_risk.compiled.tables import CompiledTrees, NotCompiled
from absence_risk.evaluation.calibration import probability
from absence_risk.explanation.one_pass import explain_file, summary_of
from absence_risk.models.boosting import BoostedTrees
from absence_risk.models.bundle import Bundle

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Compiled:
    """``contributions(values, threads)`` gives parts and base; ``whole(values, threads)`` risk, parts and reasons."""

    contributions: Callable[[Array, int], tuple[Array, float]]
    whole: Callable[[Array, int], Any]
    weighs: dict[str, Any]


def compiled_of(bundle: Bundle) -> Compiled | str:
    """The compiled side of a model, or words for why there is none; the machine code is made before this returns."""
    model = bundle.model
    assert isinstance(model, BoostedTrees)
    try:
        start = time.process_time()
        trees = CompiledTrees.of(model.model_text, model.sha256)
        spent = time.process_time() - start
    except NotCompiled as why:
        return str(why)

    def contributions(values: Array, threads: int) -> tuple[Array, float]:
        return trees.contributions(values, num_threads=threads)

    def whole(values: Array, threads: int) -> tuple[Array, Summary]:
        found = summary_of(bundle, np.ascontiguousarray(values.T), num_threads=threads)
        return probability(found.log_odds), found

    for call in (contributions, whole):
        call(np.zeros((1, len(bundle.features))), 1)
    weighs = {
        "tables, MB": trees.size / 1e6,
        "look-ups a row": trees.lookups_per_row,
        "CPU seconds to compile": spent,
    }
    return Compiled(contributions, whole, weighs)


def one_pass(bundle: Bundle, features: Path, out: Path, threads: int) -> None:
    """Features Parquet in, scored and explained Parquet out."""
    explain_file(bundle, features, out, num_threads=threads)


def one_pass_of(bundle: str, features: str, out: str, threads: int) -> int:
    """The same in a process of its own: the bundle is read from its folder. Gives the number of rows."""
    import pyarrow.parquet as pq

    one_pass(Bundle.load(Path(bundle)), Path(features), Path(out), threads)
    return int(pq.ParquetFile(out).metadata.num_rows)
