"""`check`: is this year's cohort like those the model was made from?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .application import app
from .options import (
    AsOfOption,
    ExclusionsOption,
    MemoryOption,
    ModelOption,
    PartsOption,
    StoreOption,
    TrackingOption,
    day_of,
    done,
    progress_bar,
    today,
)


@app.command()
def check(
    store: StoreOption,
    model: ModelOption,
    as_of: AsOfOption,
    out: Annotated[
        Path | None, typer.Option("--out", help="A JSON file for the result; without it nothing is written.")
    ] = None,
    tracking: TrackingOption = None,
    exclusions: ExclusionsOption = None,
    memory_limit: MemoryOption = None,
    parts: PartsOption = None,
) -> None:
    """Compare this year's cohort with the years a model was made from, before scoring; exit code 3 if refused."""
    from ..errors import InputError
    from ..workflows.check import run_check

    with progress_bar() as progress:
        result = run_check(
            store,
            model,
            day_of(as_of, "--as-of"),
            out=out,
            tracking=tracking,
            exclusions=exclusions,
            memory_limit=memory_limit,
            parts=parts,
            today=today(),
            progress=progress,
        )
    done(result.in_words())
    if result.refused:
        raise typer.Exit(InputError.exit_code)
