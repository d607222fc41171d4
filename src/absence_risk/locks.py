"""One process at a time: a lock file that the operating system lets go when its holder ends, however it ends.

So there is no stale lock to judge by its age.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import OutputError

_PAUSE = 0.05

if sys.platform == "win32":
    import msvcrt

    def _try(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _let_go(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def file_lock(path: Path, *, wait_seconds: float = 120.0) -> Iterator[None]:
    """Hold the lock file at ``path`` while the block runs; other processes wait.

    Parameters
    ----------
    path : Path
        Made if absent, and left in place: removing it would let two processes lock two different files.
    wait_seconds : float
        How long to wait for another process.

    Raises
    ------
    OutputError
        If the file cannot be made, or another process still holds it after ``wait_seconds``.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as fault:
        raise OutputError(
            f"cannot make the lock file {path}: {fault.strerror}; choose a folder you may write to"
        ) from None
    try:
        deadline = time.monotonic() + wait_seconds
        while not _try(descriptor):
            if time.monotonic() > deadline:
                raise OutputError(
                    f"another process has held {path} for {wait_seconds:.0f} seconds; try again when it is done"
                )
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _let_go(descriptor)
    finally:
        os.close(descriptor)
