"""Commands that make and use a model: `train`, `score`, `promote`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .application import app
from .options import (
    AcceptDriftOption,
    AnyStoreOption,
    AsOfOption,
    CapacityOption,
    ConfigOption,
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
    settings_with,
    today,
)
from .spark import Engine, EngineOption, NamedTablesOption, score_on_spark


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
    from ..workflows.nothing_to_do import trained_already
    from ..workflows.train import run_train

    settings = settings_with(config, capacity)
    how: dict[str, Any] = {"out": out, "tracking": tracking, "exclusions": exclusions, "today": today()}
    if (told := trained_already(store, settings, **how)) is not None:
        done(told)
        return
    with progress_bar() as progress:
        result = run_train(store, settings, **how, progress=progress)
    done(result.in_words())


@app.command()
def score(  # noqa: PLR0913 - one option for each thing that may be asked
    model: ModelOption,
    as_of: AsOfOption,
    out: Annotated[Path, typer.Option("--out", help="scores.parquet or scores.csv; on Spark a folder")],
    store: AnyStoreOption = None,
    tracking: TrackingOption = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", help="Refuse a model that foresees another outcome than this one."),
    ] = None,
    exclusions: ExclusionsOption = None,
    memory_limit: MemoryOption = None,
    parts: PartsOption = None,
    engine: EngineOption = Engine.DUCKDB,
    tables: NamedTablesOption = None,
    accept_drift: AcceptDriftOption = False,
    name: NameOption = None,
    role: RoleOption = None,
    reason: ReasonOption = None,
) -> None:
    """Score a cohort with reasons; the output appears whole, with a manifest that accounts for every pupil."""
    from ..errors import UsageError
    from ..workflows.promote import override_of

    day = day_of(as_of, "--as-of")
    accepted = override_of(accept_drift, name=name, role=role, reason=reason, flag="--accept-drift")
    asked: dict[str, Any] = {
        "tracking": tracking,
        "outcome": outcome,
        "exclusions": exclusions,
        "memory_limit": memory_limit,
        "parts": parts,
        "accept_drift": accepted,
    }
    if engine is Engine.SPARK:
        score_on_spark(store, model, day, out, tables=tables, **asked)
        return
    if store is None or tables is not None:
        raise UsageError("expected --store, the authority store; --tables is for --engine spark")
    from ..workflows.score import run_score

    with progress_bar() as progress:
        result = run_score(store, model, day, out, today=today(), progress=progress, **asked)
    done(result.in_words())


@app.command()
def promote(
    version: Annotated[int, typer.Argument(min=1, help="Version of the registered model absence-risk.")],
    store: StoreOption,
    tracking: TrackingOption = None,
    override: Annotated[
        bool, typer.Option("--override", help="Promote although a gate failed; needs the three below.")
    ] = False,
    name: NameOption = None,
    role: RoleOption = None,
    reason: ReasonOption = None,
) -> None:
    """Make a registered version the champion, which `score` uses by that name, if a backtest's gates let it."""
    from ..workflows.promote import override_of, run_promote

    stated = override_of(override, name=name, role=role, reason=reason)
    done(run_promote(version, store=store, tracking=tracking, override=stated, today=today()))
