"""`score --engine spark`: what the command does when a store has outgrown one computer."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import done, progress_bar, today


class Engine(StrEnum):
    """What a cohort and its features are built on."""

    DUCKDB = "duckdb"
    SPARK = "spark"


EngineOption = Annotated[
    Engine,
    typer.Option("--engine", help="duckdb: this computer. spark: Spark, local or started by spark-submit."),
]
NamedTablesOption = Annotated[
    str | None,
    typer.Option(
        "--tables", help="With --engine spark, instead of --store: what stands before .pupils in a catalogue."
    ),
]


def score_on_spark(store: Path | None, model: str, as_of: date, out: Path, **asked: Any) -> None:
    """Score on Spark into a folder, and say what was written; ``asked`` goes to ``run_score_spark``."""
    from ..workflows.score_spark import run_score_spark

    with progress_bar() as progress:
        result = run_score_spark(store, model, as_of, out, today=today(), progress=progress, **asked)
    done(result.in_words())
