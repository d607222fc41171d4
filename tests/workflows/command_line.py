"""Running commands as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and everything it printed."""

    code: int
    out: str
    err: str


def run_command(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ran:
    """Run ``absence-risk`` as a user does, in its own process, without the variables of this test run."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ABSENCE_RISK_", "MLFLOW_", "PYTEST_"))}
    clean |= {"ABSENCE_RISK_TODAY": "2026-11-02", "PYTHONIOENCODING": "utf-8", **(env or {})}
    done = subprocess.run(
        [sys.executable, "-m", "absence_risk", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean,
        cwd=cwd,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Demonstration:
    """The folder that `absence-risk demo` filled, and what it printed."""

    folder: Path
    ran: Ran

    @property
    def store(self) -> Path:
        return self.folder / "authority.duckdb"
