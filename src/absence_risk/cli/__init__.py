"""The command line: arguments in, exit code out. Heavy guests are imported inside the commands."""

from __future__ import annotations

import os
import sys

import typer

from ..domain.pupil import is_pupil_number
from ..errors import AbsenceRiskError, UsageError
from .application import app

# isort: off
# The order in which `--help` shows the commands.
from . import returns
from . import models
from . import check
from . import lists
from . import evidence
from . import large
# isort: on

__all__ = ["app", "check", "evidence", "large", "lists", "main", "models", "returns"]


def main() -> None:
    """Run a command; every fault ends in words and an exit code, never in a traceback."""
    # Whatever a library writes beside our own writers (a database, what memory does not hold) is its owner's alone.
    os.umask(0o077)
    try:
        _refuse_typed_pupils(sys.argv[1:])
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


def _refuse_typed_pupils(arguments: list[str]) -> None:
    """A misplaced argument would be quoted in what is said of it, and logs keep that."""
    if any(is_pupil_number(part) for argument in arguments for part in argument.split("=")):
        raise UsageError(
            "a UPN was given as an argument, where the history of commands and the list of processes show it; expected "
            "a reference of a list, or - to be asked for the UPN. Nothing was done; clear it from the history"
        )


def _kind_and_place(fault: BaseException) -> str:
    place = "unknown place"
    trace = fault.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("absence_risk"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(fault).__name__} at {place}"
