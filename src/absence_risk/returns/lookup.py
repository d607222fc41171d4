"""The lookup beside the store: which UPN stands behind each pupil_id. Read here alone, for the two doors of UPNs."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from ..files import settled
from ..store import lookup_path
from .identity import Key

#: More than the pupils of England in ten years.
_MOST_PUPILS = 50_000_000


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
    import pyarrow as pa

    from ..tables.parquet_in import NotTheTable, read_table

    path = lookup_path(settled(Path(store)))
    try:
        table = read_table(
            path, pa.schema([("pupil_id", pa.string()), ("upn", pa.string())]), most_rows=_MOST_PUPILS
        )
    except NotTheTable as fault:
        raise InputError(
            f"expected the lookup of UPNs at {path}, found none ({fault}); ingest the returns again"
        ) from None
    pupils, upns = (column.to_pylist() for column in table.columns)
    found = dict(zip(pupils, upns, strict=True))
    if None in pupils or None in upns or len(found) != len(pupils):
        raise InputError(
            f"{path} has rows without a pupil or UPN, or a pupil twice; ingest the returns again"
        )
    return found


def under_another_key(store: Path, key: Key) -> dict[str, str]:
    """The pseudonym that each pupil of a store has under another key; the key that made the store is not needed.

    Raises
    ------
    InputError
        If the lookup is absent or cannot be read.
    """
    return {pupil: key.pupil_id(upn) for pupil, upn in upn_of_each_pupil(store).items()}
