"""Outputs appear whole or not at all: temporary name, flush to disk, rename; the manifest last.

A killed plain write leaves a shorter file that opens without complaint, and a short list is the worst outcome
here: children missing and nobody told.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import OutputError

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


def _partial_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")


def _flush_to_disk(path: Path) -> None:
    # Windows can flush only a handle opened for writing, and cannot open a folder at all.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may open (on Windows it inherits its parent's rights)."""
    if not folder.exists():
        try:
            folder.mkdir(parents=True, mode=0o700)
        except OSError as fault:
            raise OutputError(
                f"cannot make the folder {folder}: {fault.strerror}; choose one you may write to"
            ) from None
    elif not folder.is_dir():
        raise OutputError(f"expected a folder at {folder}, found a file; give another --out")
    return folder


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target``; on success it becomes ``target``, on any fault it is removed.

    The file is readable by its owner only, from before its first byte.

    Raises
    ------
    OutputError
        If it cannot be written or renamed; an earlier ``target`` is untouched.
    """
    private_folder(target.parent)
    if target.is_dir():
        raise OutputError(f"expected a file name at {target}, found a folder; give another name")
    partial = _partial_name(target)
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        yield partial
        _flush_to_disk(partial)
        partial.replace(target)
        _flush_folder(target.parent)
    except OSError as fault:
        raise OutputError(
            f"{target} could not be written ({fault.strerror}); nothing was published and an earlier file stays"
        ) from None
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``target``; on success it takes ``target``'s place as one unit.

    A ``manifest.json`` with every file's hash is written last, so that a reader can tell a whole set.
    """
    private_folder(target.parent)
    partial = _partial_name(target)
    try:
        partial.mkdir(mode=0o700)
        yield partial
        for path in sorted(partial.rglob("*")):
            if path.is_file():
                if os.name == "posix":
                    path.chmod(0o600)
                _flush_to_disk(path)
        _swap_folder(partial, target)
    except OSError as fault:
        raise OutputError(
            f"{target} could not be written ({fault.strerror}); nothing was published and an earlier folder stays"
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap_folder(partial: Path, target: Path) -> None:
    # A folder cannot be renamed over a full one: the old set steps aside first and comes back on a fault.
    aside = _partial_name(target)
    if target.exists():
        target.replace(aside)
    try:
        partial.replace(target)
    except OSError:
        if aside.exists():
            aside.replace(target)
        raise
    _flush_folder(target.parent)
    if aside.exists():
        shutil.rmtree(aside, ignore_errors=True)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all, with the same line ends on every system."""
    with whole_file(target) as partial:
        partial.write_bytes(text.encode("utf-8"))


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
