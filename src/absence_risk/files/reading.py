"""Files that others made are read as plain files of a bounded size, once: no link, no pipe, no device, no flood."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def plain_bytes(path: Path, most: int) -> bytes:
    """The content of an ordinary file of at most ``most`` bytes.

    The file is opened once and looked at through that opening, so that nothing can take its place in between. A pipe
    nobody writes to is not waited for.

    Raises
    ------
    OSError
        If it is absent, cannot be read, is larger, or is a link, a pipe, a device or a folder.
    """
    # The first two are POSIX, the last is Windows, which has no links without a right of its own.
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    descriptor = os.open(path, os.O_RDONLY | sum(flags))
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not an ordinary file")
        content = handle.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, "larger than it can be")
    return content
