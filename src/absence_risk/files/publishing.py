"""How a new set takes the place of the old one, so that a kill at any moment leaves the one or the other.

One writer at a time has the turn for a target: a lock, and a folder ``.NAME.xxxxxxxx.partial`` beside it in which all
is made, its owner's alone. One file takes its place by one rename. Several files, or a folder in the place of another,
need several renames: a note of them, ``.NAME.publishing``, is on the disk before the first one and goes after the last.
Whoever finds the note does what is left of them: the next writer, and every reader, by :func:`settled`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import OutputError
from ..locks import NoLocksHere, file_lock
from .content import canonical_json

_NOTE_MOVES, _NOTE_PARTIAL = "moves", "partial"
_EARLIER = "earlier"


def named(target: Path) -> Path:
    """The target with a name of its own: ``.`` and ``list/..`` are the folders that they stand for."""
    return target if target.name not in ("", "..") else target.resolve()


def _beside(target: Path, ending: str) -> Path:
    target = named(target)
    return target.with_name(f".{target.name}.{ending}")


def flush_to_disk(path: Path) -> None:
    """Have a file's bytes, or on POSIX a folder's names, on the disk before anything else is done."""
    folder = path.is_dir()
    if folder and os.name != "posix":
        return
    # Windows can flush only a handle opened for writing, and cannot open a folder at all.
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def turn(target: Path) -> Iterator[Path]:
    """Have the turn to write a target, and an empty folder beside it, its owner's alone, to make it in.

    What a killed run left is put in order first: what it had begun to publish is finished, the rest removed, since it
    may hold records of children. On a drive that keeps no locks nothing of another run is removed.
    """
    partial = _beside(target, f"{uuid.uuid4().hex[:8]}.partial")
    with contextlib.ExitStack() as stack:
        alone = True
        try:
            stack.enter_context(file_lock(_beside(target, "lock"), keep=False))
        except NoLocksHere:
            alone = False
        _finish(target)
        if alone:
            _sweep(target)
        try:
            partial.mkdir(mode=0o700)
            yield partial
        finally:
            # A set whose last renames failed stays with its note, to be finished when it can be.
            if not _beside(target, "publishing").exists():
                shutil.rmtree(partial, ignore_errors=True)


def _sweep(target: Path) -> None:
    ours = re.compile(re.escape(f".{named(target).name}.") + r"[0-9a-f]{8}\.partial")
    for path in named(target).parent.iterdir():
        if ours.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def publish(partial: Path, targets: Sequence[Path]) -> None:
    """Let what was made in ``partial``, under the names of the targets, take their places as one; called in the turn.

    Raises
    ------
    OSError
        If they cannot; the earlier ones stay.
    """
    first = named(targets[0])
    if len(targets) == 1 and not first.is_dir():
        (partial / first.name).replace(first)
        flush_to_disk(first.parent)
        return
    for path in (partial, first.parent):
        flush_to_disk(path)
    said = {_NOTE_PARTIAL: partial.name, _NOTE_MOVES: [named(target).name for target in targets]}
    ready = partial / "note"
    ready.touch(mode=0o600)
    ready.write_bytes(canonical_json(said).encode("utf-8"))
    flush_to_disk(ready)
    ready.replace(_beside(first, "publishing"))
    flush_to_disk(first.parent)
    _finish(first)


def _finish(target: Path) -> None:
    """Do the renames that a note speaks of and that are not done yet, then remove the note."""
    note = _beside(target, "publishing")
    if not note.exists():
        return
    partial, names = _noted(note, target)
    begun = any(not (partial / name).exists() for name in names)
    for name in names:
        made, place = partial / name, note.with_name(name)
        if not made.exists():
            continue
        try:
            _put(made, place, partial / _EARLIER)
        except OSError as fault:
            if begun:
                raise OutputError(
                    f"{place} could not take its place ({words_of(fault)}) and others of its set have; close what "
                    "holds it: the next command that reads or writes the set finishes it"
                ) from None
            note.unlink()
            raise
        begun = True
    flush_to_disk(note.parent)
    note.unlink()
    shutil.rmtree(partial, ignore_errors=True)


def _put(made: Path, place: Path, aside: Path) -> None:
    # A folder cannot be renamed over a full one: the old set steps aside first and comes back on a fault.
    if place.is_dir():
        place.replace(aside)
    try:
        made.replace(place)
    except OSError:
        if aside.exists():
            aside.replace(place)
        raise


def _noted(note: Path, target: Path) -> tuple[Path, list[str]]:
    try:
        said = json.loads(note.read_bytes())
        partial, names = str(said[_NOTE_PARTIAL]), [str(name) for name in said[_NOTE_MOVES]]
    except (OSError, ValueError, KeyError, TypeError):
        partial, names = "", []
    ours = partial.startswith(f".{named(target).name}.") and partial.endswith(".partial")
    if not ours or not names or any(Path(name).name != name for name in (partial, *names)):
        raise OutputError(f"{note} is no note of this package; remove it and make {target} again")
    return note.with_name(partial), names


def settled(target: Path) -> Path:
    """The target, once what a killed run had begun to publish there is finished; readers ask before they read.

    Raises
    ------
    OutputError
        If it cannot be finished, as in a folder that may not be written to.
    """
    if _beside(target, "publishing").exists():
        with file_lock(_beside(target, "lock"), keep=False):
            try:
                _finish(target)
            except OSError as fault:
                raise OutputError(
                    f"an earlier run had not quite published {target} and it cannot be finished ({words_of(fault)}); "
                    "close what holds it, or make it again"
                ) from None
    return target


def words_of(fault: OSError) -> str:
    """What the system says of a fault. A library's own text may quote more, so it is not taken."""
    return os.strerror(fault.errno) if fault.errno else type(fault).__name__
