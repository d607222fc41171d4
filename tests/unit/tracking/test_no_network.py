"""MLflow sends nothing, says nothing and leaves nothing where one happens to stand."""

from __future__ import annotations

import subprocess
from pathlib import Path


def test_a_first_start_a_run_and_a_registration_open_no_connection(
    watched: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, child = watched
    assert child.returncode == 0, child.stderr
    assert "CALLS []" in child.stdout
    assert child.stderr.strip() == "", "MLflow's chatter reaches the terminal"
    assert {path.name for path in folder.iterdir()} == {"bundle", "mlflow", "empty.db"}
