"""Commands for large stores: `export-tables`, `features`, `score-features`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .application import app
from .options import (
    AcceptDriftOption,
    AsOfOption,
    ExclusionsOption,
    MemoryOption,
    ModelOption,
    NameOption,
    PartsOption,
    ReasonOption,
    RoleOption,
    StoreOption,
    TrackingOption,
    day_of,
    done,
    progress_bar,
    today,
)


@app.command()
def export_tables(
    store: StoreOption,
    out: Annotated[Path, typer.Option("--out", help="Folder of Parquet files to write.")],
    buckets: Annotated[
        int, typer.Option("--buckets", min=1, max=256, help="Buckets of pupils: one file a table and bucket.")
    ] = 16,
) -> None:
    """Write a store's tables as Parquet in buckets of pupils, for a large store or another engine."""
    from ..workflows.export_tables import run_export_tables

    done(run_export_tables(store, out, buckets).in_words())


@app.command()
def features(
    store: StoreOption,
    as_of: AsOfOption,
    out: Annotated[Path, typer.Option("--out", help="features.parquet")],
    exclusions: ExclusionsOption = None,
    memory_limit: MemoryOption = None,
    parts: PartsOption = None,
) -> None:
    """Write the features of a cohort to one Parquet file, without a model; its size does not decide the memory."""
    from ..workflows.features import run_features

    with progress_bar() as progress:
        result = run_features(
            store,
            day_of(as_of, "--as-of"),
            out,
            exclusions=exclusions,
            memory_limit=memory_limit,
            parts=parts,
            today=today(),
            progress=progress,
        )
    done(result.in_words())


@app.command()
def score_features(
    features: Annotated[Path, typer.Option("--features", help="As written by `absence-risk features`.")],
    model: ModelOption,
    out: Annotated[Path, typer.Option("--out", help="explained.parquet")],
    tracking: TrackingOption = None,
    accept_drift: AcceptDriftOption = False,
    name: NameOption = None,
    role: RoleOption = None,
    reason: ReasonOption = None,
) -> None:
    """Score and explain a file of features in one pass: risk, families and largest topics, no sentences."""
    from ..workflows.promote import override_of
    from ..workflows.score_features import run_score_features

    accepted = override_of(accept_drift, name=name, role=role, reason=reason, flag="--accept-drift")
    with progress_bar() as progress:
        result = run_score_features(
            features, model, out, tracking=tracking, accept_drift=accepted, progress=progress
        )
    done(result.in_words())
