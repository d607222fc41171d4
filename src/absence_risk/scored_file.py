"""The scored table as a file: Parquet or CSV, written whole, its manifest last, read only when the two agree.

No date of writing goes in, so the same store and model give the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, UsageError
from .features.catalogue import Family
from .files import canonical_json, settled, sha256_of, sidecar_manifest, whole_files
from .tables.outputs import LIST_COLUMNS, SCORES_FORMAT, SENTENCE_MARK, scores_table
from .tables.schema import Type

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SUFFIXES = (".parquet", ".csv")

#: The scored table with a column for every family of the catalogue; a family the model does not use holds zeros.
SCORES = scores_table(family.value for family in Family)


@dataclass(frozen=True)
class ScoredFile:
    """A scored table read back: the rows, and the manifest that vouches for them."""

    frame: pd.DataFrame
    manifest: dict[str, Any]


def _suffix_of(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"expected a name ending in .parquet or .csv, found {path.name}; rename the output")
    return suffix


def write_scored_file(frame: pd.DataFrame, out: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the rows, then the manifest with their hash. Returns the manifest's path.

    Parameters
    ----------
    frame : DataFrame
        The columns of ``SCORES``, in order.
    out : Path
        A name ending in ``.parquet`` or ``.csv``.
    manifest : mapping
        What the manifest says beside the file's name, hash and number of rows.

    Raises
    ------
    UsageError
        If the name ends otherwise.
    OutputError
        If a file cannot be written whole; an earlier file stays.
    """
    return write_scored_parts([frame], out, lambda: manifest)


def write_scored_parts(
    frames: Iterable[pd.DataFrame], out: Path, manifest: Callable[[], Mapping[str, Any]]
) -> Path:
    """Write rows that come in parts; the same rows give the same bytes, however they are parted.

    Parameters
    ----------
    frames : iterable of DataFrame
        The columns of ``SCORES``, in order; rows by pupil_id over all parts. One part is in memory at a time. A fault
        while they come leaves an earlier file as it was.
    out : Path
        As in :func:`write_scored_file`, which see for what is raised.
    manifest : callable
        Asked once, when every part has come, for what the manifest says.
    """
    append = {".csv": _csv_appended, ".parquet": append_rows}[_suffix_of(out)]
    with whole_files(out, sidecar_manifest(out)) as (partial, beside):
        rows = append(frames, partial)
        said = {
            **manifest(),
            "kind": "scores",
            "format": SCORES_FORMAT,
            "file": out.name,
            "rows": rows,
            "sha256": sha256_of(partial),
        }
        beside.write_bytes(canonical_json(said).encode("utf-8"))
    return sidecar_manifest(out)


def _csv_appended(frames: Iterable[pd.DataFrame], path: Path) -> int:
    rows = 0
    with path.open("wb") as handle:
        handle.write((",".join(SCORES.column_names) + "\n").encode("utf-8"))
        for frame in frames:
            joined = frame.assign(**{name: frame[name].map(SENTENCE_MARK.join) for name in LIST_COLUMNS})
            text = joined.to_csv(index=False, header=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            handle.write(text.encode("utf-8"))
            rows += len(frame)
    return rows


def _arrow_type(name: str, kind: Type) -> pa.DataType:
    import pyarrow as pa

    if name in LIST_COLUMNS:
        return pa.list_(pa.string())
    return {Type.TEXT: pa.string(), Type.INTEGER: pa.int64(), Type.NUMBER: pa.float64()}[kind]


def _scores_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(c.name, _arrow_type(c.name, c.type)) for c in SCORES.columns])


def _arrow_column(frame: pd.DataFrame, name: str, kind: Type) -> pa.Array:
    import pyarrow as pa

    numbers = kind is not Type.TEXT
    return pa.array(frame[name].to_numpy() if numbers else frame[name].tolist(), type=_arrow_type(name, kind))


def append_rows(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Write the rows of frames as one Parquet file, for a set whose manifest comes later; how many there were."""
    import pyarrow as pa

    from .tables.row_groups import RowGroups

    schema = _scores_schema()
    with RowGroups(path, schema) as file:
        for frame in frames:
            # Arrays, not Table.from_pandas: its metadata names library versions of the writing computer.
            columns = [_arrow_column(frame, c.name, c.type) for c in SCORES.columns]
            file.append(pa.table(columns, schema=schema))
    return file.rows


def scores_manifest(scores: Path, beside: Path) -> dict[str, Any]:
    """What the manifest ``beside`` says of scores, in a file or in a folder.

    Raises
    ------
    InputError
        If it is absent, unreadable, of another kind or of another format.
    """
    try:
        manifest = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{scores} has no manifest ({beside.name}): its writing was cut short; make it again"
        ) from None
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{beside} cannot be read as a manifest; make the scores again") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != "scores":
        raise InputError(f"{beside} is not the manifest of a scored table; make the scores again")
    if manifest.get("format") != SCORES_FORMAT:
        raise InputError(
            f"{scores} has format {manifest.get('format')}; this package reads format {SCORES_FORMAT}: "
            "make the scores again"
        )
    return manifest


def read_scores(path: Path) -> ScoredFile:
    """Read a scored table whose manifest vouches for every byte of it.

    Raises
    ------
    InputError
        If the file or its manifest is absent or unreadable, or the hash or the columns differ.
    UsageError
        If the name ends in neither ``.parquet`` nor ``.csv``.
    """
    suffix = _suffix_of(path)
    if not settled(path).is_file():
        raise InputError(f"no scored table at {path}; make one with: absence-risk score")
    manifest = scores_manifest(path, sidecar_manifest(path))
    if sha256_of(path) != manifest.get("sha256"):
        raise InputError(
            f"{path} is not the file its manifest describes (another hash); make the scores again"
        )
    if suffix == ".csv":
        return ScoredFile(_counted(_read_csv(path), path, manifest), manifest)
    return ScoredFile(scores_of([path], path, manifest), manifest)


def scores_of(files: Sequence[Path], scores: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of Parquet files in order, once columns and rows are those that the manifest of ``scores`` says.

    Raises
    ------
    InputError
        If a file cannot be read, or the columns or the number of rows differ.
    """
    import pyarrow as pa

    from .tables.parquet_in import NotTheTable, read_table

    schema, most = _scores_schema(), manifest.get("rows")
    try:
        tables = [read_table(path, schema, most_rows=most if isinstance(most, int) else 0) for path in files]
        frame = pa.concat_tables(tables).to_pandas()
    except NotTheTable as fault:
        raise InputError(f"{scores} is no scored table: {fault}; make the scores again") from None
    for name in LIST_COLUMNS:
        frame[name] = [list(cell) for cell in frame[name]]
    return _counted(frame, scores, manifest)


def _counted(frame: pd.DataFrame, scores: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    if tuple(frame.columns) != SCORES.column_names or len(frame) != manifest.get("rows"):
        raise InputError(
            f"{scores} holds {len(frame):,} rows of {len(frame.columns)} columns; expected {manifest.get('rows')} "
            f"rows of the {len(SCORES.columns)} columns of the scored table: make the scores again"
        )
    return frame


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    kinds = {
        c.name: {Type.INTEGER: "int64", Type.NUMBER: "float64"}.get(c.type, "str") for c in SCORES.columns
    }
    try:
        frame = pd.read_csv(
            path, dtype=kinds, keep_default_na=False, float_precision="round_trip", encoding="utf-8"
        )
    except (ValueError, KeyError):
        raise InputError(
            f"{path} does not hold the columns of the scored table; make the scores again"
        ) from None
    for name in LIST_COLUMNS:
        frame[name] = [cell.split(SENTENCE_MARK) if cell else [] for cell in frame[name]]
    return frame
