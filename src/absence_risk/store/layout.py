"""A large store as a folder: each table's pupils in buckets, one Parquet file a bucket, a manifest last.

``<table>/000.parquet``, ``001.parquet`` ... for tables with a pupil_id; ``<table>/all.parquet`` for the others.
A pupil's bucket comes from the first two hexadecimal digits of the pupil_id, so buckets are ranges of pupil_id, and
reading them in order gives the order of pupils. Inside a file rows are sorted by pupil_id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StoreError, UsageError
from ..files import MANIFEST, sha256_of, write_manifest
from ..tables.canonical import CANONICAL_TABLES, STORE_VERSION
from ..tables.schema import Table

ABOUT = "absence_risk tables"
FORMAT = 1

#: Two hexadecimal digits name 256 ranges; there can be no more buckets, and no more parts, than these.
RANGES = 256

#: Below this the hashes of a folder are checked at every opening; above it sizes are, and hashes on request.
SMALL = 64 << 20


def by_pupil(table: Table) -> bool:
    """Whether a table stands in buckets of pupils."""
    return "pupil_id" in table.column_names


def check_number(number: int, name: str) -> int:
    """Refuse a number of buckets or parts outside 1 to 256.

    Raises
    ------
    UsageError
        In words that name what was asked for.
    """
    if not 1 <= number <= RANGES:
        raise UsageError(f"expected 1 to {RANGES} {name}, found {number}")
    return number


def prefixes(part: int, parts: int) -> tuple[int, int]:
    """First prefix of a part, and the first one after it; prefixes are the first two digits, 0 to 255.

    A prefix p belongs to part ``p * parts // 256``: the rule for buckets and for parts alike.

    >>> [prefixes(part, 3) for part in range(3)]
    [(0, 86), (86, 171), (171, 256)]
    """
    check_number(parts, "parts")
    if not 0 <= part < parts:
        raise UsageError(f"expected a part from 0 to {parts - 1}, found {part}")
    return -(-RANGES * part // parts), -(-RANGES * (part + 1) // parts)


def bucket_file(bucket: int) -> str:
    """The name of a bucket's file within its table's folder."""
    return f"{bucket:03d}.parquet"


def write_layout_manifest(
    folder: Path, meta: Mapping[str, str], buckets: int, rows: Mapping[str, int], *, made_of: str = ""
) -> None:
    """Write the manifest of a folder of tables, once every file stands in it: sizes and hashes, rows and meta.

    Parameters
    ----------
    folder : Path
        It holds every file of the layout.
    meta : mapping of str to str
        As in a store file; ``store_version`` and ``fingerprint`` are needed.
    buckets : int
        1 to 256.
    rows : mapping of str to int
        Rows of each canonical table.
    made_of : str
        See ``export.export_tables``.
    """
    files = sorted(folder.rglob("*.parquet"))
    about = {
        "about": ABOUT,
        "format": FORMAT,
        "meta": dict(meta),
        "buckets": check_number(buckets, "buckets"),
        "rows": dict(rows),
        "made_of": made_of,
        "sizes": {path.relative_to(folder).as_posix(): path.stat().st_size for path in files},
    }
    write_manifest(folder, about)


@dataclass(frozen=True)
class Layout:
    """A folder of tables whose manifest vouches for it.

    Attributes
    ----------
    folder : Path
    meta : dict of str to str
        As in a store file: ``store_version``, ``fingerprint``, ``made_up`` and what else its maker wrote.
    buckets : int
    rows : dict of str to int
        Rows of each table, over all buckets.
    """

    folder: Path
    meta: dict[str, str]
    buckets: int
    rows: dict[str, int]

    def files(self, table: Table, first: int = 0, after: int = RANGES) -> list[Path]:
        """The files of a table whose pupils' prefixes lie from ``first`` up to, not with, ``after``."""
        folder = self.folder / table.name
        if not by_pupil(table):
            return [folder / "all.parquet"]
        held = range(first * self.buckets // RANGES, (after - 1) * self.buckets // RANGES + 1)
        return [folder / bucket_file(bucket) for bucket in held]

    def cuts(self, first: int, after: int) -> bool:
        """Whether the range begins or ends inside a bucket, so that rows must be filtered too."""
        edges = {-(-RANGES * bucket // self.buckets) for bucket in range(self.buckets + 1)}
        return not {first, after} <= edges


def read_layout(folder: Path, *, verify: bool = False) -> Layout:
    """Check a folder of tables against its manifest.

    Parameters
    ----------
    folder : Path
    verify : bool
        Check every file's hash, however large the folder; otherwise only where it is small.

    Raises
    ------
    StoreError
        If there is no manifest, it is damaged or of another kind, or a file is absent, surplus or altered.
    """
    said = _manifest(folder)
    layout = _layout(folder, said)
    _check_files(layout, said, verify)
    return layout


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise StoreError(
            f"{folder} holds no {MANIFEST}: it is no store, or its writing was cut short. "
            "Make it with: absence-risk export-tables"
        )
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise StoreError(f"{path} cannot be read as a manifest; export the tables again") from None
    if not isinstance(said, dict) or said.get("about") != ABOUT:
        raise StoreError(f"{path} is not the manifest of a folder of tables; give the folder of a store")
    if said.get("format") != FORMAT:
        raise StoreError(
            f"{folder} has format {said.get('format')}; this package reads format {FORMAT}: export the tables again"
        )
    return said


def _layout(folder: Path, said: dict[str, Any]) -> Layout:
    try:
        meta = {str(name): str(value) for name, value in said["meta"].items()}
        rows = {name: int(said["rows"][name]) for name in CANONICAL_TABLES}
        layout = Layout(folder, meta, int(said["buckets"]), rows)
        sound = 1 <= layout.buckets <= RANGES and "fingerprint" in meta and isinstance(said["files"], dict)
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise StoreError(f"{folder / MANIFEST} lacks what a reader needs; export the tables again")
    return layout


def _check_files(layout: Layout, said: dict[str, Any], verify: bool) -> None:
    folder, hashes = layout.folder, said["files"]
    expected = {
        path.relative_to(folder).as_posix()
        for table in CANONICAL_TABLES.values()
        for path in layout.files(table)
    }
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    absent, surplus = len(expected - found), len((found | set(hashes)) - expected)
    if absent or surplus or not expected <= set(hashes):
        raise StoreError(
            f"{folder}: of its {len(expected)} files {absent} are absent, and {surplus} are not among those its "
            "manifest should name; export the tables again"
        )
    sizes = {name: (folder / name).stat().st_size for name in sorted(expected)}
    stated = said.get("sizes") or {}
    altered = [name for name, size in sizes.items() if stated.get(name, size) != size]
    if not altered and (verify or sum(sizes.values()) <= SMALL):
        altered = [name for name in sizes if sha256_of(folder / name) != hashes[name]]
    if altered:
        raise StoreError(
            f"{folder}: {len(altered)} files are not the ones its manifest describes, the first being {altered[0]}; "
            "export the tables again"
        )


def check_version(meta: Mapping[str, str], path: Path) -> None:
    """Refuse a store of another version than this package reads.

    Raises
    ------
    StoreError
        With both versions.
    """
    found = meta.get("store_version")
    if found != str(STORE_VERSION):
        raise StoreError(
            f"{path} was written as store version {found}; this package reads version {STORE_VERSION}. "
            "Ingest the returns again."
        )
