"""Running commands as a user does."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from absence_risk.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and everything it printed."""

    code: int
    out: str
    err: str


def run_command(
    *arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None, own_process: bool = False
) -> Ran:
    """Run ``absence-risk`` as a user does, without the variables of this test run.

    In this process, where all is loaded already, unless asked otherwise. What is compared with a second run is made in
    a process of its own, so that the two differ in the order of sets.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ABSENCE_RISK_", "MLFLOW_", "PYTEST_"))}
    clean |= {
        "ABSENCE_RISK_TODAY": "2026-11-02",
        "ABSENCE_RISK_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
        **(env or {}),
    }
    return (_in_own_process if own_process else _in_this_process)(arguments, clean, cwd)


def _in_own_process(arguments: tuple[str, ...], env: dict[str, str], cwd: Path | None) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "absence_risk", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env,
        cwd=cwd,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def _in_this_process(arguments: tuple[str, ...], env: dict[str, str], cwd: Path | None) -> Ran:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "argv", ["absence-risk", *arguments]),
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Ran(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Demonstration:
    """The folder that `absence-risk demo` filled, and what it printed."""

    folder: Path
    ran: Ran

    @property
    def store(self) -> Path:
        return self.folder / "authority.duckdb"
