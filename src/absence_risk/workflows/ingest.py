"""Statutory returns -> authority store, with a quality report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import Progress, silent

if TYPE_CHECKING:
    from ..returns.ingest import IngestResult


def run_ingest(
    returns: Path | str, store: Path | str, *, key_file: Path | None = None, progress: Progress = silent
) -> IngestResult:
    """Read a folder of returns into a store; an earlier store stays until the new one is whole.

    Parameters
    ----------
    returns : Path
        Folder of School Census CSVs, CIN census XML, SSDA903 CSVs and AP census CSVs, in any sub-folders.
    store : Path
        The .duckdb file to write; the quality report and the UPN lookup are written beside it.
    key_file : Path, optional
        File with the key as 64 hexadecimal characters; by default the one ABSENCE_RISK_KEY_FILE names.

    Raises
    ------
    KeyFileError, InputError, OutputError
        See ``absence_risk.errors``; nothing is published then.
    """
    from ..returns.identity import read_key
    from ..returns.ingest import ingest

    key = read_key(key_file)
    return ingest(Path(returns), Path(store), key=key, progress=progress)
