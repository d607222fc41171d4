"""The files of a bundle, read once: the bytes that are hashed are the bytes that are parsed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ..errors import BundleError
from ..files import MANIFEST, canonical_json

BUNDLE_FILE = "bundle.json"
MANIFEST_ABOUT = "absence_risk bundle"
_MOST_BYTES = 256 * 1024 * 1024
_AGAIN = "fetch it again or train it again"


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BundleError(f"{path} is far larger than a model of this package; {_AGAIN}")
        return path.read_bytes()
    except OSError:
        raise BundleError(f"{path} is absent or cannot be read; {_AGAIN}") from None


def _manifest(folder: Path, expected_format: int) -> dict[str, str]:
    raw = _bytes_of(folder / MANIFEST)
    try:
        found = json.loads(raw.decode("utf-8"))
        files, about, number = found["files"], found["about"], found["format"]
        whole = raw == canonical_json({"about": about, "format": number, "files": files}).encode("utf-8")
        named = all(isinstance(name, str) and isinstance(digest, str) for name, digest in files.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleError(f"{folder / MANIFEST} is damaged; {_AGAIN}") from None
    if about != MANIFEST_ABOUT or not named or not whole:
        raise BundleError(f"{folder} is not a bundle of this package, or its manifest is damaged; {_AGAIN}")
    if type(number) is not int or number != expected_format:
        raise BundleError(
            f"{folder} is a bundle of another format than {expected_format}, the one this version reads; train it again"
        )
    if not all(_is_plain(name) for name in files):
        raise BundleError(f"{folder / MANIFEST} names files outside the bundle; do not use it, {_AGAIN}")
    return files


def _is_plain(name: str) -> bool:
    # One level, no drive, no parent: a manifest must not lead the reader out of its folder.
    return bool(name) and not set(name) & set("/\\:\0") and name not in {".", ".."}


def read_checked(folder: Path, expected_format: int, *, expected_hash: str | None = None) -> dict[str, bytes]:
    """The content of every file the manifest names, all with the right hash.

    Files that the manifest does not name are never opened.

    Raises
    ------
    BundleError
        If the folder, its manifest or a file is absent, damaged or altered, or ``bundle.json`` has another hash than
        ``expected_hash``.
    """
    if not folder.is_dir():
        raise BundleError(f"no model at {folder}; expected a bundle's folder, made by: absence-risk train")
    if not (folder / MANIFEST).is_file():
        raise BundleError(f"{folder} holds no whole bundle ({MANIFEST} is absent); {_AGAIN}")
    content = {}
    for name, digest in sorted(_manifest(folder, expected_format).items()):
        content[name] = _bytes_of(folder / name)
        if digest_of(content[name]) != digest:
            raise BundleError(f"{folder / name} is damaged or was altered (its hash differs); {_AGAIN}")
    if BUNDLE_FILE not in content:
        raise BundleError(f"{folder} holds no {BUNDLE_FILE}; {_AGAIN}")
    if expected_hash is not None and digest_of(content[BUNDLE_FILE]) != expected_hash:
        raise BundleError(
            f"{folder} is not the model that was registered (its hash differs); do not use it, {_AGAIN}"
        )
    return content
