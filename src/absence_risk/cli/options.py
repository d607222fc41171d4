"""Options that several commands share, the progress shown while one runs, and the day it is."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..progress import Progress
    from ..settings import Settings

ConfigOption = Annotated[Path, typer.Option("--config", help="Settings, like configs/four_factors.yaml.")]
CapacityOption = Annotated[
    int | None,
    typer.Option("--capacity", min=1, help="Judge at this length of list, whatever the settings say."),
]
_STORE = typer.Option("--store", help="The authority store: a .duckdb file, or a folder of exported tables.")
StoreOption = Annotated[Path, _STORE]
AnyStoreOption = Annotated[Path | None, _STORE]
TrackingOption = Annotated[
    str | None,
    typer.Option(
        "--tracking",
        help="MLflow tracking address; by default MLFLOW_TRACKING_URI, else SQLite in `mlflow` beside the store.",
    ),
]
ExclusionsOption = Annotated[
    Path | None,
    typer.Option("--exclusions", help="CSV (upn, reason) of children who withdrew, object or are protected."),
]
AsOfOption = Annotated[
    str, typer.Option("--as-of", help="Use only what was known on this day, like 2026-10-31.")
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory-limit", help="Memory to keep to, like 8GB; by default 4GB. Nothing is spilled to disk."
    ),
]
PartsOption = Annotated[
    int | None,
    typer.Option(
        "--parts",
        min=1,
        max=256,
        help="Ranges of pupils to work through; by default as many as memory asks for.",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model", help="models:/absence-risk@champion, models:/absence-risk/3, or a bundle's folder."
    ),
]
AcceptDriftOption = Annotated[
    bool,
    typer.Option("--accept-drift", help="Score although `check` refuses the cohort; needs the three below."),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Who answers for it; written down and printed on every list.")
]
RoleOption = Annotated[str | None, typer.Option("--role", help="In which role.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why, in a sentence.")]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help="File with the 32-byte key as hex. By default the file named by ABSENCE_RISK_KEY_FILE.",
    ),
]


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal, plain lines elsewhere; both on standard error, so that output can be piped."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, done, total: print(f"[{done + 1}/{total}] {step}", file=sys.stderr)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=console, transient=True) as rich_progress:
        task = rich_progress.add_task("Starting")
        yield lambda step, done, total: rich_progress.update(
            task, description=step, completed=done, total=total
        )


def settings_with(config: Path, capacity: int | None) -> Settings:
    """Settings from a file, with another capacity if one was asked for."""
    from ..settings import read_settings

    settings = read_settings(config)
    return settings if capacity is None else settings.model_copy(update={"capacity": capacity})


def day_of(text: str, option: str) -> date:
    """A date written like 2026-10-31; the refusal names the option."""
    from ..workflows.score import as_date

    return as_date(text, option)


def done(text: str) -> None:
    """The last words of a command: what was written and where."""
    typer.echo(text)


def today() -> date:
    """The day it is, or the day that ABSENCE_RISK_TODAY states."""
    # "Now" is an argument everywhere below the command line. The variable lets a whole run be repeated on another day.
    stated = os.environ.get("ABSENCE_RISK_TODAY")
    return day_of(stated, "ABSENCE_RISK_TODAY") if stated else datetime.now().date()
