"""Fixtures that several rooms' tests share: one small store and one model, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from small_authority import Authority, fit_bundle, write_store

    with write_store(tmp_path_factory.mktemp("authority") / "a.duckdb") as store:
        yield Authority(store, fit_bundle(store))
