"""Commands that make keys, returns and stores: `demo`, `key`, `simulate`, `ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .application import app, key_app
from .options import KeyOption, StoreOption, done, progress_bar, today


@key_app.command("new")
def key_new(
    path: Annotated[Path, typer.Argument(help="Where to write it; an existing file is never replaced.")],
) -> None:
    """Make a new key file. Keep it apart from every output, and keep a copy: a lost key cannot be made again."""
    from ..returns.identity import new_key_file

    new_key_file(path)
    done(f"Wrote a new key to {path}. Only its owner can read it; keep it apart from stores and outputs.")


@key_app.command("check")
def key_check(
    path: Annotated[Path, typer.Argument(help="The key file.")],
    stores: Annotated[
        list[Path] | None,
        typer.Option(
            "--stores", help="A folder whose stores are asked which key made them; may be repeated."
        ),
    ] = None,
) -> None:
    """Look at a key file: its form, who may open it, what it stands beside, and which stores were made with it."""
    from ..workflows.keys import run_key_check

    found = run_key_check(path, stores or ())
    done(found.in_words())
    found.refuse_if_faulty()


@key_app.command("rotate")
def key_rotate(
    new_key: Annotated[Path, typer.Argument(help="File of the new key, made with `key new`.")],
    store: StoreOption,
    decisions: Annotated[Path, typer.Option("--decisions", help="The register of the store's lists.")],
    out: Annotated[Path, typer.Option("--out", help="The new register; the earlier one stays as it is.")],
) -> None:
    """Write the register of decisions out with a new key's pseudonyms, by the lookup; the earlier key is not needed."""
    from ..workflows.keys import run_key_rotate

    done(run_key_rotate(new_key, store, decisions, out, today=today()).in_words())


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
    from ..workflows.nothing_to_do import ingested_already

    if (told := ingested_already(returns, store, key_file=key_file)) is not None:
        done(told)
        return
    with progress_bar() as progress:
        result = run_ingest(returns, store, key_file=key_file, progress=progress)
    done(result.in_words())
