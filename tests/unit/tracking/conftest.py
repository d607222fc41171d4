"""One MLflow store for the session: its making costs seconds, its copy nothing.

It is made by a child process that is watched for connections. MLflow is silent by itself under pytest and in CI, so the
child runs without the variables by which it would notice them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from made_matrix import trees_bundle

from absence_risk.tracking import Tracking

WATCHED = """
import shutil, socket, sys, time
from pathlib import Path
calls = []
def watched(self, address, *rest):
    calls.append(address)
    raise OSError("no network")
def looked_up(host, *rest, **more):
    calls.append(host)
    raise OSError("no network")
socket.socket.connect = watched
socket.socket.connect_ex = watched
socket.getaddrinfo = looked_up

from absence_risk.models.bundle import Bundle
from absence_risk.tracking import Tracking
folder = Path(sys.argv[1])
bundle = Bundle.load(folder / "bundle")
tracking = Tracking(None, folder / "mlflow")
assert tracking.client is not None
shutil.copy(tracking.database, folder / "empty.db")
run = tracking.log_training("x", params={"a": 1}, measures={}, bundle=bundle)
tracking.promote(tracking.register(run, bundle))
time.sleep(1.0)  # telemetry would go out from a thread of its own
print("CALLS", calls)
"""

UNDER_TEST = (
    "PYTEST",
    "CI",
    "GITHUB",
    "JENKINS",
    "TRAVIS",
    "CIRCLE",
    "GITLAB",
    "TF_BUILD",
    "BUILD",
    "CODEBUILD",
    "MLFLOW",
)


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder with a bundle, a store with one registered model, a copy of the store while it was empty; and what the
    child that made them said."""
    folder = tmp_path_factory.mktemp("watched")
    trees_bundle().save(folder / "bundle")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(UNDER_TEST)}
    plain.pop("DO_NOT_TRACK", None)
    command = [sys.executable, "-c", WATCHED, str(folder)]
    return folder, subprocess.run(command, capture_output=True, text=True, env=plain, cwd=folder, check=False)


@pytest.fixture(scope="session")
def empty_store(watched: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """An MLflow store without runs."""
    assert watched[1].returncode == 0, watched[1].stderr
    return watched[0] / "empty.db"


@pytest.fixture()
def tracking(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracking:
    """A store of its own in ``mlflow``, without runs."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "mlflow"
    folder.mkdir()
    shutil.copy(empty_store, folder / "mlflow.db")
    # The experiment keeps an absolute place for its artefacts, so the copy is told its own.
    with sqlite3.connect(folder / "mlflow.db") as con:
        place = (folder / "artifacts").as_uri()
        con.execute("UPDATE experiments SET artifact_location = ? WHERE name = 'absence_risk'", (place,))
    con.close()
    return Tracking(None, folder)
