"""What every test run shares."""

from __future__ import annotations

import gc


def pytest_sessionfinish() -> None:
    """Let go of connections before the interpreter ends; the engine complains at length of those still held."""
    gc.collect()
