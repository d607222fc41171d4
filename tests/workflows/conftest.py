"""One demonstration per test session, made by the command a new user types, and looked at from many sides."""

from __future__ import annotations

import pytest
from command_line import Demonstration, run_command

PUPILS = 2_000


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share the demonstration on one worker, so that it is made once."""
    for item in items:
        if "demonstration" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("demonstration"))


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    folder = tmp_path_factory.mktemp("work") / "demo"
    ran = run_command("demo", "--out", str(folder), "--pupils", str(PUPILS))
    assert ran.code == 0, ran.err
    return Demonstration(folder, ran)
