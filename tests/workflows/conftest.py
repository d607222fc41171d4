"""One demonstration per test session, made by the command a new user types, and looked at from many sides."""

from __future__ import annotations

import pytest
from command_line import Demonstration, run_command

PUPILS = 2_000


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    folder = tmp_path_factory.mktemp("work") / "demo"
    ran = run_command("demo", "--out", str(folder), "--pupils", str(PUPILS))
    assert ran.code == 0, ran.err
    return Demonstration(folder, ran)
