"""A scored table too large for one file: a folder of Parquet files in the order of pupils, its manifest last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from .errors import AbsenceRiskError, InputError, UsageError
from .files import MANIFEST, canonical_json, settled, sha256_of, whole_folder, write_manifest
from .scored_file import ScoredFile, read_scores, scores_manifest, scores_of
from .tables.outputs import SCORES_FORMAT


def part_file(part: int) -> str:
    """The name of a part's file: ``000.parquet``, ``001.parquet`` ... in the order of pupil_id."""
    return f"{part:03d}.parquet"


def write_scored_folder(
    out: Path, fill: Callable[[Path], int], about: Callable[[], Mapping[str, Any]]
) -> Path:
    """Write a scored folder whole or not at all.

    Parameters
    ----------
    out : Path
        An earlier scored folder is replaced.
    fill : callable
        Writes the files of the parts (:func:`part_file`) into the folder it is given, and says how many rows there
        must be.
    about : callable
        What the manifest says beside the files, their hashes and the rows; asked once the rows stand on disk.

    Raises
    ------
    UsageError
        If ``out`` holds something other than scores.
    AbsenceRiskError
        If a row is missing or one too many; an earlier folder stays.
    OutputError
        If it cannot be written.
    """
    _check_target(out)
    with whole_folder(out) as partial:
        expected = fill(partial)
        found = _rows_in(partial)
        if found != expected:
            raise AbsenceRiskError(
                f"expected {expected:,} rows in {out}, found {found:,} as written; nothing was published"
            )
        write_manifest(partial, {**about(), "kind": "scores", "format": SCORES_FORMAT, "rows": found})
    return out


def _check_target(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        try:
            scores_manifest(out, out / MANIFEST)
        except InputError:
            raise UsageError(
                f"{out} holds other things than scores; give an empty or a new folder as --out"
            ) from None


def _rows_in(folder: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


def read_scored(path: Path) -> ScoredFile:
    """Read scores that one file holds, or a folder of them (``read_scores``, :func:`read_scored_folder`)."""
    return read_scored_folder(path) if settled(path).is_dir() else read_scores(path)


def read_scored_folder(folder: Path) -> ScoredFile:
    """Read a scored folder whose manifest vouches for every byte of it; the rows stand in the order of pupils.

    Raises
    ------
    InputError
        If a file or the manifest is absent, surplus or altered, or the columns or the number of rows differ.
    """
    said = scores_manifest(folder, folder / MANIFEST)
    names = sorted(path.name for path in folder.glob("*.parquet"))
    files = said.get("files")
    if not isinstance(files, dict) or not names or names != sorted(files):
        raise InputError(f"{folder} does not hold the files its manifest describes; make the scores again")
    if any(sha256_of(folder / name) != files[name] for name in names):
        raise InputError(f"{folder} does not hold the files its manifest describes; make the scores again")
    frame = scores_of([folder / name for name in names], folder, said)
    # One number for the whole set, as a single file has.
    return ScoredFile(frame, {**said, "sha256": sha256(canonical_json(files).encode("utf-8")).hexdigest()})
