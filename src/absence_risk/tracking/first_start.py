"""The first start of a SQLite store, by one process at a time.

Two first starts at once ruin an MLflow store for good, and so does one that is killed half-way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..locks import file_lock

T = TypeVar("T")


def made_once(database: Path, opened: Callable[[], T]) -> T:
    """Open a database that is whole; whoever comes first makes it while the others wait.

    A note stands beside the file while the first start runs. If the note is found, that start was cut short: nothing
    was ever recorded in such a file, so it is made afresh.

    Parameters
    ----------
    database : Path
        The SQLite file; it gets a ``.lock`` beside it.
    opened : callable
        Opens the database, making it if absent.
    """
    note = database.with_name(database.name + ".starting")
    with file_lock(database.with_name(database.name + ".lock")):
        if note.exists():
            database.unlink(missing_ok=True)
        if not database.exists():
            note.touch(mode=0o600)
        found = opened()
        if os.name == "posix":
            database.chmod(0o600)
        note.unlink(missing_ok=True)
        return found
