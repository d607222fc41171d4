"""A second run of the same has nothing to do, and says so: every output's manifest names what it was made of.

The name is a hash of the data, the settings, the model and the code. An output that stands whole under the name asked
for is left as it is; one of another name, or with a byte altered, is made again.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError
from ..files import MANIFEST, canonical_json, settled, sha256_of, sidecar_manifest

if TYPE_CHECKING:
    from ..settings import Settings

#: The entry of a manifest that names what the output was made of.
MADE_OF = "made_of"

#: The file that names it in a bundle's folder, so that the hash of the bundle is that of the model alone.
MADE_OF_FILE = "made_of.txt"

#: Libraries whose numbers, or whose files, stand in an output.
_LIBRARIES = (
    "absence-risk", "duckdb", "jinja2", "lightgbm", "narwhals", "numba", "numpy", "pandas", "pyarrow", "scikit-learn",
    "xlsxwriter",
)  # fmt: skip
_PACKAGE = Path(__file__).resolve().parents[1]


def made_of(kind: str, **what: Any) -> str:
    """SHA-256 that names an output by everything that decides its bytes.

    Parameters
    ----------
    kind : str
        What is made: ``scores``, ``features``.
    **what
        Data, settings and model in plain values, most of them hashes; never anything of a pupil but as a hash.
        What changes no byte (memory, parts, threads) is left out.
    """
    said = {"kind": kind, "code": _code_sha256(), "libraries": _libraries(), "what": what}
    return hashlib.sha256(canonical_json(said).encode("utf-8")).hexdigest()


def name_of_work(kind: str, origin: Mapping[str, str], settings: Settings, **more: Any) -> str:
    """The name of what is trained or tested: from this data, with all of these settings.

    Parameters
    ----------
    kind : str
        ``model`` or ``evidence``.
    origin : mapping
        Where the data came from, children left out included (``train.origin_of``).
    """
    from ..settings import settings_sha256

    return made_of(kind, origin=dict(origin), settings=settings_sha256(settings), **more)


@functools.cache
def _code_sha256() -> str:
    """SHA-256 of every file of this package, in a fixed order: a mended fault makes other outputs."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*"), key=lambda path: path.relative_to(_PACKAGE).as_posix()):
        if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc"):
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n{sha256_of(path)}\n".encode())
    return digest.hexdigest()


@functools.cache
def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in _LIBRARIES}


def stands(out: Path, name: str) -> dict[str, Any] | None:
    """The manifest of what stands at ``out``, if it was made of the same and every byte is as it was written.

    Parameters
    ----------
    out : Path
        A file with its manifest beside it, or a folder with its manifest inside.
    name : str
        As given by :func:`made_of`.

    Returns
    -------
    dict or None
        None where there is nothing, something else, or something altered: then it is to be made.
    """
    try:
        settled(out)
        beside = out / MANIFEST if out.is_dir() else sidecar_manifest(out)
        said = json.loads(beside.read_text(encoding="utf-8"))
        whole = isinstance(said, dict) and said.get(MADE_OF) == name and _is_whole(out, said)
    except (OSError, ValueError, RecursionError, OutputError):
        return None
    return said if whole else None


def _is_whole(out: Path, said: Mapping[str, Any]) -> bool:
    if not out.is_dir():
        return bool(sha256_of(out) == said.get("sha256"))
    named = said.get("files")
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {MANIFEST}
    return (
        isinstance(named, dict)
        and found == set(named)
        and all(sha256_of(out / file) == digest for file, digest in named.items())
    )


def in_words(out: Path) -> str:
    """What is told of an output that was left as it is."""
    return f"Already there, nothing written: {out} was made of the same data, settings, model and code"
