"""A file of sealed lines: each is one JSON object, numbered, and sealed with a hash over itself and the line before.

A line that was changed, cut short or taken out by accident is found. The seal is no lock: somebody who sets out to
forge a logbook can seal it anew, so keep copies where you keep your records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import whole_file

#: Kinds of line, and what each must say beside ``kind``, ``number``, ``on`` and ``seal``.
KINDS: dict[str, frozenset[str]] = {
    kind: frozenset(keys.split())
    for kind, keys in {
        "opening": "test_year command settings settings_sha256 gates_sha256 store_fingerprint",
        "judged": "bundle_sha256 model capacity outcome gates evidence_sha256",
        "override": "bundle_sha256 version failed name role reason",
        "promoted": "bundle_sha256 version",
    }.items()
}

Line = dict[str, Any]


def _plain(line: Mapping[str, Any]) -> str:
    return json.dumps(dict(line), sort_keys=True, ensure_ascii=False, allow_nan=False)


def _seal(line: Mapping[str, Any], before: str) -> str:
    return hashlib.sha256(f"{before}\n{_plain(line)}".encode()).hexdigest()


def read_sealed(path: Path) -> list[Line]:
    """Every line, oldest first; an absent file is a logbook in which nothing stands yet.

    Raises
    ------
    InputError
        If any line is damaged, missing or of a kind unknown here; none is skipped.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise InputError(f"the logbook {path} cannot be read as UTF-8; {_RESTORE}") from None
    if not text.endswith("\n"):
        raise InputError(f"the logbook {path} is cut short; {_RESTORE}")
    lines: list[Line] = []
    for number, raw in enumerate(text[:-1].split("\n"), start=1):
        line = _read_line(raw, number, lines[-1]["seal"] if lines else "")
        if line is None:
            raise InputError(
                f"line {number} of the logbook {path} is damaged, out of place, or was changed since it was written; "
                + _RESTORE
            )
        if line["kind"] not in KINDS:
            raise InputError(
                f"line {number} of the logbook {path} is of a kind this version does not know; install the version "
                "that wrote it"
            )
        lines.append(line)
    return lines


_RESTORE = (
    "put back a copy of it. Nothing is judged, promoted or listed on a logbook that cannot be read whole, and it is "
    "never edited by hand"
)


def _read_line(raw: str, number: int, before: str) -> Line | None:
    """The line, or None if it is not what was written there."""
    try:
        line = json.loads(raw)
        rest = {key: value for key, value in line.items() if key != "seal"}
        sound = rest["number"] == number and line["seal"] == _seal(rest, before)
        sound = sound and KINDS.get(rest["kind"], frozenset()) <= set(rest) and isinstance(rest["on"], str)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return dict(line) if sound else None


def write_sealed(path: Path, lines: Sequence[Line], new: Mapping[str, Any]) -> list[Line]:
    """Write the lines with one more at the end, whole or not at all; returns them.

    Parameters
    ----------
    lines : sequence of dict
        All that stands there already, as read under the same lock.
    new : mapping
        ``kind``, ``on`` and what that kind must say; its number and seal are added here.
    """
    if set(new) - {"kind", "on"} != KINDS[new["kind"]]:
        raise ValueError(f"a line of kind {new['kind']} says {sorted(KINDS[new['kind']])}")
    line = {**new, "number": len(lines) + 1}
    sealed = {**line, "seal": _seal(line, lines[-1]["seal"] if lines else "")}
    written = [*lines, sealed]
    with whole_file(path) as partial:
        partial.write_bytes("".join(f"{_plain(one)}\n" for one in written).encode("utf-8"))
    return written
