"""Make a registered version the champion."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from .tracked import tracking_for


def run_promote(version: int, *, store: Path | None = None, tracking: str | None = None) -> str:
    """Give a version of the registered model the alias ``champion``; says which version had it before.

    Raises
    ------
    UsageError
        If neither a store nor a tracking address says where the registry is, or the version does not exist.
    """
    import os

    if store is None and tracking is None and not os.environ.get("MLFLOW_TRACKING_URI"):
        raise UsageError("expected --store, --tracking or MLFLOW_TRACKING_URI to say where the registry is")
    registry = tracking_for(store or Path("authority.duckdb"), tracking)
    before = registry.promote(version)
    was = f" (before: version {before})" if before is not None else ""
    return f"Version {version} of absence-risk is now the champion{was}"
