"""Where the tracking store of an authority store stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..tracking import Tracking


def tracking_for(store: Path, address: str | None) -> Tracking:
    """The address asked for, else MLFLOW_TRACKING_URI, else SQLite in ``mlflow`` beside the store."""
    from ..tracking import Tracking

    return Tracking(address, Path(store).resolve().parent / "mlflow")
