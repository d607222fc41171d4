"""The files of a bundle, read once: the bytes that are hashed are the bytes that are parsed.

A folder may come from anywhere, so its own manifest leads nowhere: names are plain, files are ordinary ones of this
folder, sizes are bounded before anything is read, and JSON is taken only in the one form this package writes. That form
has no NaN, no second value under one name, no half of a letter, and no number too large to hold.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from ..errors import BundleError
from ..files import MANIFEST, canonical_json, plain_bytes, settled

BUNDLE_FILE = "bundle.json"
MANIFEST_ABOUT = "absence_risk bundle"

MOST_BYTES = 256 * 1024 * 1024
#: A manifest holds a line for each file, and a bundle's JSON a few for each feature: both are far below these.
_MOST_OF_MANIFEST = 64 * 1024
MOST_OF_JSON = 8 * 1024 * 1024
_MOST_OF = {".json": MOST_OF_JSON, ".txt": 64 * 1024 * 1024, ".md": MOST_OF_JSON}
MOST_FILES = 100
#: Windows gives these names to devices, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_AGAIN = "fetch it again or train it again"


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def json_of(content: bytes) -> Any:
    """A value from JSON that is, byte for byte, as ``files.canonical_json`` writes it.

    Raises
    ------
    ValueError
        If it is anything else, or nested too deeply to be ours.
    """
    if len(content) > MOST_OF_JSON:
        raise ValueError("far longer than a model's")
    try:
        found = json.loads(content.decode("utf-8"))
        same = canonical_json(found).encode("utf-8") == content
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not same:
        raise ValueError("not as this package writes it")
    return found


def file_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file of a model.

    Raises
    ------
    BundleError
        If it is absent, larger than any model of this package, or no ordinary file.
    """
    try:
        return plain_bytes(path, most)
    except OSError:
        raise BundleError(
            f"{path} is absent, cannot be read, or is no ordinary file of at most {most:,} bytes; {_AGAIN}"
        ) from None


def _manifest(folder: Path, expected_format: int) -> dict[str, str]:
    raw = file_bytes(folder / MANIFEST, _MOST_OF_MANIFEST)
    try:
        found = json_of(raw)
        files, about, number = found["files"], found["about"], found["format"]
        whole = set(found) == {"files", "about", "format"}
        named = all(isinstance(name, str) and isinstance(digest, str) for name, digest in files.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BundleError(f"{folder / MANIFEST} is damaged; {_AGAIN}") from None
    if about != MANIFEST_ABOUT or not named or not whole:
        raise BundleError(f"{folder} is not a bundle of this package, or its manifest is damaged; {_AGAIN}")
    if type(number) is not int or number != expected_format:
        raise BundleError(
            f"{folder} is a bundle of another format than {expected_format}, the one this version reads; train it again"
        )
    if not all(is_plain(name) for name in files):
        raise BundleError(f"{folder / MANIFEST} names files outside the bundle; do not use it, {_AGAIN}")
    if len({name.lower() for name in files}) != len(files) or len(files) > MOST_FILES:
        raise BundleError(f"{folder / MANIFEST} names a file twice, or far too many; do not use it, {_AGAIN}")
    return files


def is_plain(name: str) -> bool:
    """Whether a name is that of a file in its own folder on every system: one level, no drive, no device."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,98}[A-Za-z0-9]", name)
    return (
        plain is not None
        and name.split(".", maxsplit=1)[0].lower() not in _DEVICES
        and name.lower() != MANIFEST
    )


def read_checked(folder: Path, expected_format: int, *, expected_hash: str | None = None) -> dict[str, bytes]:
    """The content of every file the manifest names, all with the right hash.

    Files that the manifest does not name are never opened.

    Raises
    ------
    BundleError
        If the folder, its manifest or a file is absent, damaged or altered, or ``bundle.json`` has another hash than
        ``expected_hash``.
    """
    if not settled(folder).is_dir():
        raise BundleError(f"no model at {folder}; expected a bundle's folder, made by: absence-risk train")
    if not (folder / MANIFEST).is_file():
        raise BundleError(f"{folder} holds no whole bundle ({MANIFEST} is absent); {_AGAIN}")
    content: dict[str, bytes] = {}
    room = MOST_BYTES
    for name, digest in sorted(_manifest(folder, expected_format).items()):
        content[name] = file_bytes(folder / name, min(room, _MOST_OF.get(Path(name).suffix, room)))
        room -= len(content[name])
        if digest_of(content[name]) != digest:
            raise BundleError(f"{folder / name} is damaged or was altered (its hash differs); {_AGAIN}")
    if BUNDLE_FILE not in content:
        raise BundleError(f"{folder} holds no {BUNDLE_FILE}; {_AGAIN}")
    if expected_hash is not None and digest_of(content[BUNDLE_FILE]) != expected_hash:
        raise BundleError(
            f"{folder} is not the model that was registered (its hash differs); do not use it, {_AGAIN}"
        )
    return content
