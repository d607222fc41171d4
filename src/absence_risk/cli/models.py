"""Commands that make and use a model: `train`, `score`, `promote`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .application import app
from .options import (
    CapacityOption,
    ConfigOption,
    ExclusionsOption,
    StoreOption,
    TrackingOption,
    day_of,
    done,
    progress_bar,
    settings_with,
    today,
)


@app.command()
def train(
    store: StoreOption,
    config: ConfigOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the bundle; by default models/NAME beside the store."),
    ] = None,
    tracking: TrackingOption = None,
    capacity: CapacityOption = None,
    exclusions: ExclusionsOption = None,
) -> None:
    """Train on past years, test on a later one beside the simple rules in use, and register the model."""
    from ..workflows.train import run_train

    settings = settings_with(config, capacity)
    with progress_bar() as progress:
        result = run_train(
            store,
            settings,
            out=out,
            tracking=tracking,
            exclusions=exclusions,
            today=today(),
            progress=progress,
        )
    done(result.in_words())


@app.command()
def score(
    store: StoreOption,
    model: Annotated[
        str,
        typer.Option(
            "--model", help="models:/absence-risk@champion, models:/absence-risk/3, or a bundle's folder."
        ),
    ],
    as_of: Annotated[
        str, typer.Option("--as-of", help="Use only what was known on this day, like 2026-10-31.")
    ],
    out: Annotated[Path, typer.Option("--out", help="scores.parquet or scores.csv")],
    tracking: TrackingOption = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", help="Refuse a model that foresees another outcome than this one."),
    ] = None,
    exclusions: ExclusionsOption = None,
) -> None:
    """Score a cohort with reasons; the file appears whole, with a manifest that accounts for every pupil."""
    from ..workflows.score import run_score

    with progress_bar() as progress:
        result = run_score(
            store,
            model,
            day_of(as_of, "--as-of"),
            out,
            tracking=tracking,
            outcome=outcome,
            exclusions=exclusions,
            today=today(),
            progress=progress,
        )
    done(result.in_words())


@app.command()
def promote(
    version: Annotated[int, typer.Argument(min=1, help="Version of the registered model absence-risk.")],
    store: StoreOption,
    tracking: TrackingOption = None,
    override: Annotated[
        bool, typer.Option("--override", help="Promote although a gate failed; needs the three below.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", help="Who overrides; printed on every list.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="In which role.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in a sentence.")] = None,
) -> None:
    """Make a registered version the champion, which `score` uses by that name, if a backtest's gates let it."""
    from ..workflows.promote import override_of, run_promote

    stated = override_of(override, name=name, role=role, reason=reason)
    done(run_promote(version, store=store, tracking=tracking, override=stated, today=today()))
