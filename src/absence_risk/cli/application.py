"""The application that every command is added to."""

from __future__ import annotations

import typer

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
