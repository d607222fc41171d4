"""The command line: arguments in, exit code out. Heavy guests are imported inside the commands."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import AbsenceRiskError

if TYPE_CHECKING:
    from .progress import Progress

app = typer.Typer(
    name="absence-risk",
    help="Find, a year ahead, pupils who may come to miss a tenth or more of school without authorisation, "
    "so that their families can be offered help early.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
key_app = typer.Typer(
    help="The key that turns UPNs into pseudonyms.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(key_app, name="key")

StoreOption = Annotated[Path, typer.Option("--store", help="The authority store, a .duckdb file.")]
TrackingOption = Annotated[
    str | None,
    typer.Option(
        "--tracking",
        help="MLflow tracking address; by default MLFLOW_TRACKING_URI, else SQLite in `mlflow` beside the store.",
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help="File with the 32-byte key as hex. By default the file named by ABSENCE_RISK_KEY_FILE.",
    ),
]


@contextlib.contextmanager
def _bar() -> Iterator[Progress]:
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


def _day(text: str, option: str) -> date:
    from .workflows.score import as_date

    return as_date(text, option)


def _done(text: str) -> None:
    typer.echo(text)


@key_app.command("new")
def key_new(
    path: Annotated[Path, typer.Argument(help="Where to write it; an existing file is never replaced.")],
) -> None:
    """Make a new key file. Keep it apart from every output, and keep a copy: a lost key cannot be made again."""
    from .returns.identity import new_key_file

    new_key_file(path)
    _done(f"Wrote a new key to {path}. Only its owner can read it; keep it apart from stores and outputs.")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for everything the demonstration makes.")] = Path(
        "demo"
    ),
    pupils: Annotated[int, typer.Option(min=1_500, help="Pupils on roll in the made-up authority.")] = 12_000,
    seed: Annotated[int, typer.Option(help="Seed of the made-up authority.")] = 1,
) -> None:
    """Run every step on a made-up authority: returns, store, two models, scores and an explained list."""
    from .workflows.demo import run_demo

    with _bar() as progress:
        result = run_demo(out, pupils=pupils, seed=seed, progress=progress)
    _done(result.in_words())


@app.command()
def simulate(
    returns: Annotated[Path, typer.Argument(help="Folder to write the returns into.")],
    pupils: Annotated[int, typer.Option(min=200, help="Pupils on roll at a time.")] = 12_000,
    years: Annotated[int, typer.Option(min=1, max=5, help="Academic years, the last being 2025/26.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write a made-up authority's statutory returns: School Census, CIN census, SSDA903 and AP census."""
    from .workflows.simulate import run_simulate

    with _bar() as progress:
        result = run_simulate(returns, pupils=pupils, years=years, seed=seed, progress=progress)
    _done(result.in_words())


@app.command()
def ingest(
    returns: Annotated[
        Path, typer.Argument(help="Folder of statutory returns; files are recognised by what they hold.")
    ],
    store: StoreOption,
    key_file: KeyOption = None,
) -> None:
    """Read a folder of statutory returns into an authority store, with a quality report beside it."""
    from .workflows.ingest import run_ingest

    with _bar() as progress:
        result = run_ingest(returns, store, key_file=key_file, progress=progress)
    _done(result.in_words())


@app.command()
def train(
    store: StoreOption,
    config: Annotated[Path, typer.Option("--config", help="Settings, like configs/four_factors.yaml.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the bundle; by default models/NAME beside the store."),
    ] = None,
    tracking: TrackingOption = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Judge at this length of list, whatever the settings say.")
    ] = None,
) -> None:
    """Train on past years, test on a later one beside the simple rules in use, and register the model."""
    from .settings import read_settings
    from .workflows.train import run_train

    settings = read_settings(config)
    if capacity is not None:
        settings = settings.model_copy(update={"capacity": capacity})
    with _bar() as progress:
        result = run_train(store, settings, out=out, tracking=tracking, progress=progress)
    _done(result.in_words())


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
) -> None:
    """Score a cohort with reasons; the file appears whole, with a manifest that accounts for every pupil."""
    from .workflows.score import run_score

    with _bar() as progress:
        result = run_score(
            store, model, _day(as_of, "--as-of"), out, tracking=tracking, outcome=outcome, progress=progress
        )
    _done(result.in_words())


@app.command("list")
def make_list(
    scores: Annotated[Path, typer.Option("--scores", help="A file written by `score`.")],
    store: StoreOption,
    capacity: Annotated[int, typer.Option(min=1, help="Families the team can offer help to in this period.")],
    owner: Annotated[str, typer.Option("--owner", help="The team that answers for the list.")],
    expires: Annotated[
        str, typer.Option("--expires", help="Last day the list may be used, like 2027-02-12.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the list.")],
    purpose: Annotated[
        str, typer.Option("--purpose", help="What the list is for; only supportive purposes are taken.")
    ] = "early_help_offer",
) -> None:
    """Write the explained list for an early-help team: a page, a table, and a separate key to who is who."""
    from .workflows.support_list import run_list

    with _bar() as progress:
        result = run_list(
            scores, store, out, capacity=capacity, owner=owner, expires=_day(expires, "--expires"), purpose=purpose,
            today=_today(), progress=progress,
        )  # fmt: skip
    _done(result.in_words())


def _today() -> date:
    # "Now" is an argument everywhere below the command line. The variable lets a whole run be repeated on another day.
    stated = os.environ.get("ABSENCE_RISK_TODAY")
    return _day(stated, "ABSENCE_RISK_TODAY") if stated else datetime.now().date()


@app.command()
def promote(
    version: Annotated[int, typer.Argument(min=1, help="Version of the registered model absence-risk.")],
    store: Annotated[
        Path | None, typer.Option("--store", help="The store beside which the MLflow folder stands.")
    ] = None,
    tracking: TrackingOption = None,
) -> None:
    """Make a registered version the champion, which `score` uses by that name."""
    from .workflows.promote import run_promote

    _done(run_promote(version, store=store, tracking=tracking))


def main() -> None:
    """Run a command; every fault ends in words and an exit code, never in a traceback."""
    try:
        app()
    except AbsenceRiskError as fault:
        typer.echo(f"absence-risk: {fault}", err=True)
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        typer.echo("absence-risk: stopped; nothing was published by this command", err=True)
        sys.exit(130)
    except Exception as fault:
        # The text of a library's error may quote a child's data, so only its kind and place are shown.
        if os.environ.get("ABSENCE_RISK_DEBUG") == "1":
            raise
        typer.echo(
            f"absence-risk: unexpected fault ({_kind_and_place(fault)}); nothing was published. "
            "Please report this line. ABSENCE_RISK_DEBUG=1 shows the details, which may quote records.",
            err=True,
        )
        sys.exit(1)


def _kind_and_place(fault: BaseException) -> str:
    place = "unknown place"
    trace = fault.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("absence_risk"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(fault).__name__} at {place}"
