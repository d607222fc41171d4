"""A file, several files, or a folder: made out of sight, flushed to the disk, and in place as one or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from ..errors import OutputError, UsageError
from .content import MANIFEST, files_named, sha256_of
from .publishing import flush_to_disk, named, publish, turn, words_of


def private_folder(folder: Path) -> Path:
    """Make a folder, and those above it, that only its owner may open (on Windows they inherit their parent's rights).

    Raises
    ------
    OutputError
        If it cannot be made, or a file has its name.
    """
    try:
        if folder.is_dir():
            return folder
        if folder.exists():
            raise OutputError(f"expected a folder at {folder}, found a file; give another --out")
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise OutputError(
            f"cannot make the folder {folder}: {words_of(fault)}; choose one you may write to"
        ) from None
    return folder


@contextlib.contextmanager
def _ours(target: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise OutputError(
            f"{target} could not be written ({words_of(fault)}); nothing was published and an earlier {kind} stays"
        ) from None


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary path; on success it becomes ``target``, on any fault it is removed.

    The file is readable by its owner only, from before its first byte, and stands alone in a folder that is its
    owner's too: what a library puts beside it meanwhile is seen by nobody and goes with it.

    Raises
    ------
    OutputError
        If it cannot be written or renamed; an earlier ``target`` is untouched.
    """
    with whole_files(target) as (partial,):
        yield partial


@contextlib.contextmanager
def whole_files(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Give a temporary path for each target, all in one folder; they take their places as one, or none does.

    Parameters
    ----------
    targets : Path
        Files of one folder. Readers call ``settled`` on the first one before they read any.

    Raises
    ------
    OutputError
        If one cannot be written; every earlier one is untouched.
    """
    first = named(targets[0])
    private_folder(first.parent)
    with _ours(first, "file"):
        for target in targets:
            if target.is_dir():
                raise OutputError(f"expected a file name at {target}, found a folder; give another name")
    with _ours(first, "file"), turn(first) as partial:
        made = tuple(partial / named(target).name for target in targets)
        for path in made:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        yield made
        for path in made:
            _sealed(path)
        publish(partial, targets)


@contextlib.contextmanager
def whole_folder(target: Path, *, filled_in: Collection[str] = (), own: bool = False) -> Iterator[Path]:
    """Give a temporary folder; on success it takes ``target``'s place as one unit.

    The caller writes a ``manifest.json`` with every file's hash last (``write_manifest``), so that a reader can tell a
    whole set, and the next writer can tell a set of ours from a folder with other things in it.

    Parameters
    ----------
    filled_in : collection of str
        Files of the set that people fill in: an earlier one that was changed since is not replaced.
    own : bool
        The folder is one that nobody puts anything into, or the caller has looked: replace it whatever it holds.

    Raises
    ------
    UsageError
        If the earlier folder holds what this package did not put there.
    OutputError
        If it cannot be written; an earlier folder is untouched.
    """
    target = named(target)
    private_folder(target.parent)
    with _ours(target, "folder"), turn(target) as partial:
        if not own:
            replaceable(target, filled_in)
        folder = partial / target.name
        folder.mkdir(mode=0o700)
        yield folder
        for path in sorted(folder.rglob("*"), reverse=True):
            _sealed(path)
        _sealed(folder)
        publish(partial, [target])


def _sealed(path: Path) -> None:
    # Libraries make files and folders with the usual rights.
    if os.name == "posix":
        path.chmod(0o700 if path.is_dir() else 0o600)
    flush_to_disk(path)


def replaceable(target: Path, filled_in: Collection[str] = ()) -> None:
    """Refuse to replace a folder that holds anything but an earlier set of ours, or work done in that set since.

    Raises
    ------
    UsageError
        If it does; also to be asked before long work whose result would go there.
    OutputError
        If there is a file and no folder.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError(f"expected a folder at {target}, found a file; give another --out")
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    ours = files_named(target) or {}
    strange = len(found - set(ours) - ({MANIFEST} if ours else set()))
    if strange:
        raise UsageError(
            f"{target} holds {strange:,} file{'' if strange == 1 else 's'} that no earlier run wrote, and would be "
            "replaced as a whole; move what you want to keep, or give another --out"
        )
    changed = [name for name in filled_in if name in found and sha256_of(target / name) != ours.get(name)]
    if changed:
        raise UsageError(
            f"{target / changed[0]} was changed since it was made, and would be replaced; read it in with "
            "absence-risk decisions, move it, or give another --out"
        )


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all, with the same line ends on every system."""
    with whole_file(target) as partial:
        partial.write_bytes(text.encode("utf-8"))
