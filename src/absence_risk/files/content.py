"""What vouches for content: hashes, JSON with one layout, and manifests that name every file of a set."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20
MANIFEST = "manifest.json"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and a fixed layout: the same value, the same bytes."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def write_manifest(folder: Path, about: dict[str, Any]) -> None:
    """Write ``manifest.json``: what the set is, and the hash of every file in it. Called last."""
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    (folder / MANIFEST).write_bytes(canonical_json({**about, "files": files}).encode("utf-8"))


def sidecar_manifest(target: Path) -> Path:
    """Where the manifest of a single-file output stands: ``scores.parquet`` has ``scores.parquet.manifest.json``."""
    return target.with_name(f"{target.name}.{MANIFEST}")


def files_named(folder: Path) -> dict[str, str] | None:
    """The hash of each file that a folder's manifest names, by its place in the folder; None without a manifest."""
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        return {str(name): str(digest) for name, digest in said["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
