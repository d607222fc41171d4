"""Compiled tables prove themselves against LightGBM's own numbers before they are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import BundleError
from .tables import CompiledTrees, NotCompiled

Array = np.ndarray[Any, np.dtype[Any]]

#: How far a contribution or a margin may lie from LightGBM's, in log-odds.
TOLERANCE = 1e-9
#: Rows looked at, half of them with values missing. LightGBM explains them one by one, so they are few.
ROWS = 64


def trial_rows(made: CompiledTrees, seed: int = 0) -> Array:
    """Made-up rows that lie on the model's edges, just above them, and elsewhere: shape (ROWS, p).

    Each feature takes its own edges, the next numbers above them, nought, and in the first half of the rows a missing
    value in a third of the places.
    """
    draw = np.random.default_rng(seed)
    columns = []
    for begin, end in zip(made.layout.edge_start[:-1], made.layout.edge_start[1:], strict=True):
        edges = made.layout.edges[begin:end]
        ends = [edges[0] - 1, edges[-1] + 1] if len(edges) else []
        columns.append(draw.choice(np.concatenate([edges, np.nextafter(edges, np.inf), ends, [0.0]]), ROWS))
    rows = np.column_stack(columns)
    rows[: ROWS // 2][draw.random((ROWS // 2, rows.shape[1])) < 1 / 3] = np.nan
    return rows


def prove(
    made: CompiledTrees, contributions: Callable[[Array], Array], margin: Callable[[Array], Array]
) -> None:
    """Compare tables, as they are read back from a file, with the library on :func:`trial_rows`.

    Parameters
    ----------
    contributions : callable
        ``pred_contrib`` of the model: shape (n, p + 1), the base in the last column.
    margin : callable
        ``predict(raw_score=True)`` of the model.

    Raises
    ------
    NotCompiled
        If any number differs by more than 1e-9, or what was written could not be read; the tables must not be used
        then.
    """
    try:
        made = CompiledTrees.from_bytes(made.to_bytes(), model_sha256=made.model_sha256)
    except BundleError:
        raise NotCompiled("its tables could not be read back from a file") from None
    rows = trial_rows(made)
    told, asked = contributions(rows), margin(rows)
    parts, base = made.contributions(rows)
    gaps = (
        np.abs(parts - told[:, :-1]).max(initial=0.0),
        abs(base - told[0, -1]),
        np.abs(made.margin(rows) - asked).max(),
    )
    largest = np.max(gaps)
    if not largest <= TOLERANCE:  # a NaN is not below anything
        raise NotCompiled(f"its tables differ from LightGBM's own numbers by up to {largest:.1g} in log-odds")
