"""What every test run shares."""

from __future__ import annotations

import gc
import os

import pytest

# Two workers on two cores: threads within a worker would only wait for each other. Read when numpy is first imported.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole commands: a file stays on one worker, and the longest files must not come last.

    The notebooks need no demonstration: the second worker runs them while the first one makes it.
    """
    first = ("test_after_the_list.py", "test_notebooks.py")
    items.sort(
        key=lambda item: (
            "workflows" not in item.path.parent.name or "unit" in item.path.parts,
            first.index(item.path.name) if item.path.name in first else len(first),
        )
    )


def pytest_sessionfinish() -> None:
    """Let go of connections before the interpreter ends; the engine complains at length of those still held."""
    gc.collect()
