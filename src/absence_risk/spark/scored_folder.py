"""A scored table too large for one file: a folder of Parquet files in the order of pupils, its manifest last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AbsenceRiskError, InputError, UsageError
from ..files import MANIFEST, canonical_json, sha256_of, whole_folder, write_manifest, write_text
from ..scored_file import SCORES, ScoredFile
from ..tables.outputs import LIST_COLUMNS, SCORES_FORMAT
from .faults import in_our_words

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

KIND = "scores"


def write_scored_folder(
    scored: DataFrame, out: Path, expected: int, about: Callable[[], Mapping[str, Any]]
) -> Path:
    """Write scored rows as ``000.parquet``, ``001.parquet`` ... in the order of pupil_id, whole or not at all.

    Parameters
    ----------
    scored : DataFrame
        The columns of ``SCORES`` and ``part``: ranges of pupil_id, each whole in one task (``score.in_parts``).
    out : Path
        A folder that the driver and every worker can write to; an earlier scored folder is replaced.
    expected : int
        How many rows there must be.
    about : callable
        What the manifest says beside the files, their hashes and the rows; asked once the rows stand on disk.

    Raises
    ------
    UsageError
        If ``out`` holds something other than scores.
    AbsenceRiskError
        If a worker failed or a row is missing; an earlier folder stays.
    OutputError
        If it cannot be written.
    """
    _check_target(out)
    with whole_folder(out) as partial:
        rows = partial / "rows"
        with in_our_words():
            # Sorted after scoring: the writer would otherwise sort by part alone and lose the order of pupils.
            ordered = scored.sortWithinPartitions("part", "pupil_id")
            ordered.write.partitionBy("part").option("compression", "zstd").parquet(rows.resolve().as_uri())
        found = _numbered(rows, partial)
        if found != expected:
            raise AbsenceRiskError(
                f"expected {expected:,} rows in {out}, found {found:,} as written; nothing was published"
            )
        said = {**about(), "kind": KIND, "format": SCORES_FORMAT, "rows": found}
        write_manifest(partial, said)
    return out


def write_scored_table(
    scored: DataFrame, out: str, manifest: Path, about: Callable[[], Mapping[str, Any]]
) -> None:
    """Write scored rows as a new table, or as a new folder of Parquet at an address, and the manifest afterwards.

    There is no renaming here: how much of a failed write stays hidden is for the catalogue or the store of objects to
    say. The manifest is written only once every row stands, so rows without it are not to be used.

    Parameters
    ----------
    scored : DataFrame
        As in :func:`write_scored_folder`; ``part`` is left out.
    out : str
        A table's name, or an address with a scheme.
    manifest : Path
        A file; it names ``out``, and cannot vouch for its bytes.
    about : callable
        As in :func:`write_scored_folder`.

    Raises
    ------
    UsageError
        If the table exists already.
    AbsenceRiskError
        If Spark or a worker failed; the manifest is not written, and an address that holds something is left alone.
    """
    rows = scored.sortWithinPartitions("part", "pupil_id").drop("part")
    with in_our_words():
        if "://" in out:
            rows.write.option("compression", "zstd").parquet(out)
        elif scored.sparkSession.catalog.tableExists(out):
            raise UsageError(f"the table {out} exists already; give the name of a new one")
        else:
            rows.write.saveAsTable(out)
    said = {**about(), "kind": KIND, "format": SCORES_FORMAT, "table": out}
    write_text(manifest, canonical_json(said))


def _check_target(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        try:
            _manifest_of(out)
        except InputError:
            raise UsageError(
                f"{out} holds other things than scores; give an empty or a new folder as --out"
            ) from None


def _numbered(rows: Path, target: Path) -> int:
    """Move the files that Spark wrote out of their folders, named by their place; how many rows they hold."""
    import pyarrow.parquet as pq

    parts = sorted(rows.glob("part=*"), key=lambda folder: int(folder.name.removeprefix("part=")))
    files = [path for part in parts for path in sorted(part.glob("*.parquet"))]
    total = 0
    for number, path in enumerate(files):
        total += pq.read_metadata(path).num_rows
        path.replace(target / f"{number:03d}.parquet")
    shutil.rmtree(rows)
    return total


def _manifest_of(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder} has no {MANIFEST}: its writing was cut short; make it again") from None
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be read as a manifest; make the scores again") from None
    if not isinstance(said, dict) or said.get("kind") != KIND or not isinstance(said.get("files"), dict):
        raise InputError(f"{path} is not the manifest of scores; make the scores again")
    if said.get("format") != SCORES_FORMAT:
        raise InputError(
            f"{folder} has format {said.get('format')}; this package reads format {SCORES_FORMAT}: "
            "make the scores again"
        )
    return said


def read_scored_folder(folder: Path) -> ScoredFile:
    """Read a scored folder whose manifest vouches for every byte of it; the rows stand in the order of pupils.

    Raises
    ------
    InputError
        If a file or the manifest is absent, surplus or altered, or the columns or the number of rows differ.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    said = _manifest_of(folder)
    names = sorted(path.name for path in folder.glob("*.parquet"))
    if names != sorted(said["files"]) or any(sha256_of(folder / n) != said["files"][n] for n in names):
        raise InputError(f"{folder} does not hold the files its manifest describes; make the scores again")
    try:
        table = pa.concat_tables([pq.read_table(folder / name) for name in names])
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{folder} cannot be read as scores; make them again") from None
    if tuple(table.column_names) != SCORES.column_names or len(table) != said.get("rows"):
        raise InputError(
            f"{folder} holds {len(table):,} rows of {table.num_columns} columns; expected {said.get('rows')} rows of "
            f"the {len(SCORES.columns)} columns of the scored table: make the scores again"
        )
    frame = table.to_pandas()
    for name in LIST_COLUMNS:
        frame[name] = [list(cell) for cell in frame[name]]
    return ScoredFile(frame, said)
