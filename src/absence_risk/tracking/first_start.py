"""The first start of a SQLite store, by one process at a time.

Two first starts at once ruin an MLflow store for good, and so does one that is killed half-way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..errors import UsageError
from ..locks import file_lock, on_network_drive

T = TypeVar("T")

#: What SQLite keeps beside a database while it writes. Left by a dead process, it would be played into the next one.
_BESIDE = ("-journal", "-wal", "-shm")


def made_once(database: Path, opened: Callable[[], T]) -> T:
    """Open a database that is whole; whoever comes first makes it while the others wait.

    A note stands beside the file while the first start runs. If the note is found, that start was cut short: nothing
    was ever recorded in such a file, so it is made afresh.

    Parameters
    ----------
    database : Path
        The SQLite file; it gets a ``.lock`` beside it.
    opened : callable
        Opens the database; an empty file is made into one.

    Raises
    ------
    UsageError
        If the file would stand on another computer's drive, where two writers can ruin it.
    """
    if on_network_drive(database.parent):
        raise UsageError(
            f"{database} stands on a network drive, where two people who record at once can ruin it; give a file on a "
            "disk of this computer (--tracking sqlite:///FILE) or the address of an MLflow server"
        )
    note = database.with_name(database.name + ".starting")
    with file_lock(database.with_name(database.name + ".lock")):
        if note.exists():
            for path in (database, *(database.with_name(database.name + end) for end in _BESIDE)):
                path.unlink(missing_ok=True)
        if not database.exists() or not database.stat().st_size:
            note.touch(mode=0o600)
            database.touch(mode=0o600)  # its owner's alone from before its first byte
        found = opened()
        if os.name == "posix":
            database.chmod(0o600)
        note.unlink(missing_ok=True)
        return found
