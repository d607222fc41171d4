"""Commands that say whether a model deserves to be used: `backtest`, `compare`, `canaries`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .application import app
from .options import (
    CapacityOption,
    ConfigOption,
    ExclusionsOption,
    StoreOption,
    TrackingOption,
    done,
    progress_bar,
    settings_with,
    today,
)


@app.command()
def backtest(
    store: StoreOption,
    config: ConfigOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for the report, its tables and the refits.")],
    capacity: CapacityOption = None,
    tracking: TrackingOption = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Refuse unless the evidence is about this very model: models:/absence-risk/2."
        ),
    ] = None,
    keep_final_closed: Annotated[
        bool,
        typer.Option("--keep-final-closed", help="Leave the final test year unopened while trying settings."),
    ] = False,
    exclusions: ExclusionsOption = None,
) -> None:
    """Test every later year, every rival on the same pupils, judge the gates, and write the report."""
    from ..workflows.backtest import run_backtest
    from ..workflows.nothing_to_do import backtested_already

    settings = settings_with(config, capacity)
    how: dict[str, Any] = {
        "out": out, "tracking": tracking, "model": model, "keep_final_closed": keep_final_closed,
        "exclusions": exclusions, "today": today(),
    }  # fmt: skip
    if (told := backtested_already(store, settings, **how)) is not None:
        done(told)
        return
    with progress_bar() as progress:
        result = run_backtest(store, settings, **how, progress=progress)
    done(result.in_words())


@app.command()
def compare(
    run_a: Annotated[
        str, typer.Argument(help="An evidence folder, or the id of a backtest's run in MLflow.")
    ],
    run_b: Annotated[str, typer.Argument(help="The other one.")],
    store: Annotated[
        Path | None, typer.Option("--store", help="The store beside which the MLflow folder stands.")
    ] = None,
    tracking: TrackingOption = None,
) -> None:
    """Compare two backtests on the same years and pupils, draw by draw."""
    from ..workflows.compare import run_compare

    done(run_compare(run_a, run_b, store=store, tracking=tracking).in_words())


@app.command()
def canaries(
    store: StoreOption,
    config: ConfigOption,
    exclusions: ExclusionsOption = None,
) -> None:
    """Poison the future and plant leaks: each must be caught, and clean data must raise no alarm."""
    from ..workflows.canaries import run_canaries

    with progress_bar() as progress:
        result = run_canaries(
            store, settings_with(config, None), exclusions=exclusions, today=today(), progress=progress
        )
    done(result.in_words())
    result.refuse_if_leaking()
