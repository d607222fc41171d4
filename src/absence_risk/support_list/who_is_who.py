"""Who is who: the one room in which a pupil_id becomes a UPN again, for one file of one list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import InputError
from ..store import lookup_path

HEADER = ("review_ref", "upn", "handling")
KEEP_APART = "Keep this file apart from the list, as you keep UPNs"


def who_is_who(store: Path, refs: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """A row for each review reference: the reference, the UPN, and how to keep it.

    Parameters
    ----------
    store : Path
        The authority store; its lookup stands beside it.
    refs : mapping of str to str
        The pupil_id behind each review reference, in list order.

    Raises
    ------
    InputError
        If the lookup cannot be read or lacks a pupil on the list.
    """
    upns = _lookup(lookup_path(store))
    missing = sum(pupil not in upns for pupil in refs.values())
    if missing:
        raise InputError(
            f"{lookup_path(store)} lacks {missing:,} of the {len(refs):,} pupils to list; ingest the returns again"
        )
    return ((ref, upns[pupil], KEEP_APART) for ref, pupil in refs.items())


def _lookup(path: Path) -> dict[str, str]:
    import pandas as pd

    try:
        frame = pd.read_parquet(path, columns=["pupil_id", "upn"])
    except (OSError, ValueError, KeyError):
        raise InputError(
            f"expected the lookup of UPNs at {path}, found none that can be read; ingest the returns again"
        ) from None
    return dict(zip(frame["pupil_id"].astype(str), frame["upn"].astype(str), strict=True))
