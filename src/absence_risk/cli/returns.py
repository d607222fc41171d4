"""Commands that make keys, returns and stores: `demo`, `key`, `simulate`, `ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .application import app, key_app
from .options import KeyOption, StoreOption, done, progress_bar


@key_app.command("new")
def key_new(
    path: Annotated[Path, typer.Argument(help="Where to write it; an existing file is never replaced.")],
) -> None:
    """Make a new key file. Keep it apart from every output, and keep a copy: a lost key cannot be made again."""
    from ..returns.identity import new_key_file

    new_key_file(path)
    done(f"Wrote a new key to {path}. Only its owner can read it; keep it apart from stores and outputs.")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for everything the demonstration makes.")] = Path(
        "demo"
    ),
    pupils: Annotated[int, typer.Option(min=1_500, help="Pupils on roll in the made-up authority.")] = 12_000,
    seed: Annotated[int, typer.Option(help="Seed of the made-up authority.")] = 1,
) -> None:
    """Run every step on a made-up authority: returns, store, two models, scores and an explained list."""
    from ..workflows.demo import run_demo

    with progress_bar() as progress:
        result = run_demo(out, pupils=pupils, seed=seed, progress=progress)
    done(result.in_words())


@app.command()
def simulate(
    returns: Annotated[Path, typer.Argument(help="Folder to write the returns into.")],
    pupils: Annotated[int, typer.Option(min=200, help="Pupils on roll at a time.")] = 12_000,
    years: Annotated[int, typer.Option(min=1, max=5, help="Academic years, the last being 2025/26.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write a made-up authority's statutory returns: School Census, CIN census, SSDA903 and AP census."""
    from ..workflows.simulate import run_simulate

    with progress_bar() as progress:
        result = run_simulate(returns, pupils=pupils, years=years, seed=seed, progress=progress)
    done(result.in_words())


@app.command()
def ingest(
    returns: Annotated[
        Path, typer.Argument(help="Folder of statutory returns; files are recognised by what they hold.")
    ],
    store: StoreOption,
    key_file: KeyOption = None,
) -> None:
    """Read a folder of statutory returns into an authority store, with a quality report beside it."""
    from ..workflows.ingest import run_ingest

    with progress_bar() as progress:
        result = run_ingest(returns, store, key_file=key_file, progress=progress)
    done(result.in_words())
