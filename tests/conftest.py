"""What every test run shares."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Two workers on two cores: threads within a worker would only wait for each other. Read when numpy is first imported.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "ABSENCE_RISK_THREADS"):
    os.environ.setdefault(threads, "1")


@pytest.fixture
def counted(record_property: Callable[[str, Any], None]) -> Callable[[str, int, int], None]:
    """Say how many cases a suite tried and how many held; all must hold, and a table at the end shows them."""

    def count(suite: str, cases: int, held: int) -> None:
        record_property("suite", [suite, cases, held])
        assert cases > 0
        assert held == cases, f"{suite}: {held} of {cases} cases held"

    return count


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--suites", type=Path, help="keep the table of suites as JSON, for tests/safety/page.py")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of the standing suites: suite, cases, held."""
    tried, held = Counter[str](), Counter[str]()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == "suite":
                tried[value[0]] += value[1]
                held[value[0]] += value[2]
    if tried:
        width = max(map(len, tried))
        terminalreporter.section("standing suites: suite, cases, held")
        for suite in sorted(tried):
            terminalreporter.write_line(f"{suite:<{width}}  {tried[suite]:>9,}  {held[suite]:>9,}")
    if kept := config.getoption("--suites"):
        found = {suite: [tried[suite], held[suite]] for suite in sorted(tried)}
        kept.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in `slow`, and begin with whole commands: the longest files must not come last.

    A file stays on one worker. Kills need no demonstration: the second worker tries them while the first one makes it.
    """
    for item in items:
        if Path(__file__).parent / "slow" in item.path.parents:
            item.add_marker(pytest.mark.slow)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    first = ("test_after_the_list.py", "test_kills.py")
    if item.path.name in first:
        return first.index(item.path.name)
    return len(first) + (item.path.parent != Path(__file__).parent / "workflows")


def pytest_sessionfinish() -> None:
    """Let go of connections before the interpreter ends; the engine complains at length of those still held."""
    gc.collect()
