"""One demonstration per test run, made by the command a new user types, and looked at from many sides."""

from __future__ import annotations

import os
import shutil

import pytest
from command_line import Demonstration, Ran, run_command

from absence_risk.locks import file_lock

PUPILS = 1_500


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Each worker's own copy, since tests add to its logbook and runs; the first worker to come makes it for all."""
    folder = tmp_path_factory.mktemp("work") / "demo"
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    shared = folder.parent if alone else tmp_path_factory.getbasetemp().parent
    with file_lock(shared / "demonstration.lock"):
        made, said = shared / "demonstration", shared / "demonstration.txt"
        if not said.exists():
            ran = run_command("demo", "--out", str(made), "--pupils", str(PUPILS), own_process=True)
            assert ran.code == 0, ran.err
            said.write_text(ran.out, encoding="utf-8")
        # MLflow notes where a folder of runs stands, so runs of a copy are kept in the first one's folder; no matter.
        shutil.copytree(made, folder)
    printed = said.read_text(encoding="utf-8").replace(str(made), str(folder))
    return Demonstration(folder, Ran(0, printed, ""))
