"""The benchmarks are scripts beside the package: their folder is put on the path, as running one does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
sys.path.insert(0, str(HERE / "benchmarks"))
sys.path.append(str(HERE / "tests" / "unit"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The small store and model that the tests of rooms share."""
    from small_authority import Authority, fit_bundle, write_store

    with write_store(tmp_path_factory.mktemp("authority") / "a.duckdb") as store:
        yield Authority(store, fit_bundle(store))
