"""One process at a time: a lock file that the operating system lets go when its holder ends, however it ends.

So there is no stale lock to judge by its age.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import OutputError

_PAUSE = 0.05
#: What a drive that keeps no locks answers, and what one answers whose lock service is away.
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)

#: Kinds of file system that stand on another computer, where a lock may not hold.
_NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "fuse.sshfs",
    "fuse.glusterfs",
)


class NoLocksHere(OutputError):
    """The drive keeps no locks, so two processes cannot be kept apart on it."""


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
def file_lock(path: Path, *, wait_seconds: float = 120.0, keep: bool = True) -> Iterator[None]:
    """Hold the lock file at ``path`` while the block runs; other processes wait.

    Parameters
    ----------
    path : Path
        Made if absent.
    wait_seconds : float
        How long to wait for another process.
    keep : bool
        Leave the file in place afterwards. Otherwise its holder removes it, where the system lets it; who waited for
        the removed file then waits for its successor.

    Raises
    ------
    NoLocksHere
        If the drive keeps no locks.
    OutputError
        If the file cannot be made, or another process still holds it after ``wait_seconds``.
    """
    descriptor = _held(path, time.monotonic() + wait_seconds, wait_seconds)
    try:
        yield
    finally:
        if not keep and sys.platform != "win32":
            path.unlink(missing_ok=True)
        _let_go(descriptor)
        os.close(descriptor)
        if not keep and sys.platform == "win32":  # which removes no file that somebody has open
            with contextlib.suppress(OSError):
                path.unlink()


def _held(path: Path, deadline: float, wait_seconds: float) -> int:
    """The descriptor of the lock file, once it is ours and still the file of that name."""
    while True:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as fault:
            raise OutputError(
                f"cannot make the lock file {path}: {fault.strerror}; nothing was published. Choose a folder you may "
                "write to"
            ) from None
        try:
            if _try(descriptor) and _is_at(descriptor, path):
                return descriptor
        except OSError as fault:
            os.close(descriptor)
            if fault.errno in _NO_LOCKS:
                raise NoLocksHere(
                    f"the drive of {path} keeps no locks; choose a folder on a disk of this computer"
                ) from None
            raise OutputError(
                f"cannot lock {path}: {fault.strerror}; nothing was published. Try again"
            ) from None
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise OutputError(
                f"another process has held {path} for {wait_seconds:.0f} seconds; nothing was published. Try again "
                "when it is done"
            )
        time.sleep(_PAUSE)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the locked file still has its name: the holder before may have removed it."""
    if sys.platform == "win32":
        return True
    try:
        at, ours = path.stat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (at.st_dev, at.st_ino) == (ours.st_dev, ours.st_ino)


def on_network_drive(path: Path, mounts: str | None = None) -> bool:
    """Whether a path is known to stand on another computer's drive, where SQLite may be ruined by two writers.

    Known from Linux's list of mounts, and on Windows from a path that begins with a server's name; elsewhere nothing
    is known, and the answer is no.

    Parameters
    ----------
    mounts : str, optional
        The content of ``/proc/self/mounts``; read from there by default.
    """
    if sys.platform == "win32":
        return path.resolve().drive.startswith("\\\\")
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    place, best, kind = path.resolve(), -1, ""
    for line in mounts.splitlines():
        _, at, found, *_ = [*line.split(" "), "", "", ""]
        at = at.replace("\\040", " ")
        if at and len(at) >= best and place.is_relative_to(at):
            best, kind = len(at), found
    return kind in _NETWORK
