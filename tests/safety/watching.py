"""Who may open what is written, at every moment while it is."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_to_others(folder: Path) -> list[str]:
    """Files and folders below a folder that others may open."""
    return [
        f"{path.relative_to(folder)} {stat.S_IMODE(path.stat().st_mode):04o}"
        for path in sorted(folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


@contextmanager
def made_below(folder: Path) -> Iterator[list[str]]:
    """Notes each file and folder made below a folder while it is open to others and no folder above it is closed."""
    exposed: list[str] = []
    if not _hooked:
        sys.addaudithook(_look)  # a hook stays for good; with nothing to watch it does nothing
        _hooked.append(True)
    _watched[:] = [(folder, exposed)]
    try:
        yield exposed
    finally:
        _watched.clear()


_hooked: list[bool] = []
_watched: list[tuple[Path, list[str]]] = []


def _look(event: str, _: tuple[object, ...]) -> None:
    # Before each further step everything that stands is looked at, so nothing is open for the length of one.
    if _watched and event in ("open", "os.mkdir", "os.rename", "os.remove", "os.chmod"):
        watched = _watched.pop()
        watched[1].extend(_exposed(watched[0]))
        _watched.append(watched)


def _exposed(folder: Path) -> list[str]:
    found = []
    for path in folder.iterdir():
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue  # another thread has renamed it
        if mode & 0o077:
            found.append(path.name)
        if stat.S_ISDIR(mode) and mode & 0o011:
            found += _exposed(path)
    return found
