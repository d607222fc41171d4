"""Every drawn definition runs on each engine."""

from __future__ import annotations

import pytest
from drawn import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)
