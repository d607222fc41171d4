"""The lookup beside the store: which UPN stands behind each pupil_id. Read here alone, for the two doors of UPNs."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from ..store import lookup_path


def upn_of_each_pupil(store: Path) -> dict[str, str]:
    """The UPN (the child's latest) of every pupil of a store, by pupil_id.

    Parameters
    ----------
    store : Path
        The authority store; its lookup stands beside it.

    Raises
    ------
    InputError
        If the lookup is absent or cannot be read.
    """
    import pandas as pd

    path = lookup_path(Path(store))
    try:
        frame = pd.read_parquet(path, columns=["pupil_id", "upn"])
    except (OSError, ValueError, KeyError):
        raise InputError(
            f"expected the lookup of UPNs at {path}, found none that can be read; ingest the returns again"
        ) from None
    return dict(zip(frame["pupil_id"].astype(str), frame["upn"].astype(str), strict=True))
