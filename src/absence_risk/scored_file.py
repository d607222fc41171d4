"""The scored table as a file: Parquet or CSV, written whole, its manifest last, read only when the two agree.

No date of writing goes in, so the same store and model give the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, UsageError
from .features.catalogue import Family
from .files import canonical_json, sha256_of, sidecar_manifest, whole_file, write_text
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
    append = {".csv": _csv_appended, ".parquet": _parquet_appended}[_suffix_of(out)]
    with whole_file(out) as partial:
        rows = append(frames, partial)
        about = manifest()
        found = sha256_of(partial)
    said = {
        **about,
        "kind": "scores",
        "format": SCORES_FORMAT,
        "file": out.name,
        "rows": rows,
        "sha256": found,
    }
    # The manifest comes last: a file without a manifest that matches it is one whose writing was cut short.
    write_text(sidecar_manifest(out), canonical_json(said))
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


def _arrow_column(frame: pd.DataFrame, name: str, kind: Type) -> pa.Array:
    import pyarrow as pa

    numbers = kind is not Type.TEXT
    return pa.array(frame[name].to_numpy() if numbers else frame[name].tolist(), type=_arrow_type(name, kind))


def _parquet_appended(frames: Iterable[pd.DataFrame], path: Path) -> int:
    import pyarrow as pa

    from .tables.row_groups import RowGroups

    schema = pa.schema([(c.name, _arrow_type(c.name, c.type)) for c in SCORES.columns])
    with RowGroups(path, schema) as file:
        for frame in frames:
            # Arrays, not Table.from_pandas: its metadata names library versions of the writing computer.
            columns = [_arrow_column(frame, c.name, c.type) for c in SCORES.columns]
            file.append(pa.table(columns, schema=schema))
    return file.rows


def _manifest_of(path: Path) -> dict[str, Any]:
    beside = sidecar_manifest(path)
    try:
        manifest = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path} has no manifest ({beside.name}): its writing was cut short; make it again"
        ) from None
    except (OSError, ValueError):
        raise InputError(f"{beside} cannot be read as a manifest; make the scores again") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != "scores":
        raise InputError(f"{beside} is not the manifest of a scored table; make the scores again")
    if manifest.get("format") != SCORES_FORMAT:
        raise InputError(
            f"{path} has format {manifest.get('format')}; this package reads format {SCORES_FORMAT}: "
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
    if not path.is_file():
        raise InputError(f"no scored table at {path}; make one with: absence-risk score")
    manifest = _manifest_of(path)
    if sha256_of(path) != manifest.get("sha256"):
        raise InputError(
            f"{path} is not the file its manifest describes (another hash); make the scores again"
        )
    frame = _read_csv(path) if suffix == ".csv" else _read_parquet(path)
    if tuple(frame.columns) != SCORES.column_names or len(frame) != manifest.get("rows"):
        raise InputError(
            f"{path} holds {len(frame):,} rows of {len(frame.columns)} columns; expected {manifest.get('rows')} rows "
            f"of the {len(SCORES.columns)} columns of the scored table: make the scores again"
        )
    return ScoredFile(frame, manifest)


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


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(path).to_pandas()
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{path} cannot be read as Parquet; make the scores again") from None
    for name in LIST_COLUMNS:
        if name in frame.columns:
            frame[name] = [list(cell) for cell in frame[name]]
    return frame
