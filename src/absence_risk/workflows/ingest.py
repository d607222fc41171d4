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
    from ..returns.identity import key_path, read_key
    from ..returns.ingest import ingest
    from ..returns.key_check import beside_outputs

    key = read_key(key_file)
    name = name_of_returns(Path(returns), key.key_id)
    beside = beside_outputs(key_path(key_file), Path(store))
    return ingest(Path(returns), Path(store), key=key, made_of=name, key_beside=beside, progress=progress)


def name_of_returns(returns: Path, key_id: str) -> str:
    """What names a store by what it is made of: every file of the returns, with its name, and the key; empty if none.

    Names are taken in, since the quality report prints them.
    """
    from ..files import sha256_of
    from ..returns.recognise import files_below
    from .already_there import made_of

    try:
        files = list(files_below(returns))
        # What is no file, as a pipe, is not opened here; the reader says which cannot be read, and why.
        found = {p.relative_to(returns).as_posix(): sha256_of(p) for p in files if p.is_file()}
    except OSError:
        return ""
    if len(found) < len(files):
        return ""
    return made_of("store", returns=found, key_id=key_id)
