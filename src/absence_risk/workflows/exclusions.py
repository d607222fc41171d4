"""The children to leave out, for every recipe that reads a store: read once, counted coarsely, told in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..returns.pupil_files import Exclusions


def exclusions_of(store: Path | str, path: Path | str | None, today: date) -> Exclusions:
    """The children named by a file of exclusions; nobody where there is no file.

    Raises
    ------
    UsageError, InputError
        If the file or the store's lookup cannot be read; nothing is worked out then.
    """
    from ..returns.pupil_files import NOBODY, read_exclusions

    return NOBODY if path is None else read_exclusions(Path(path), Path(store), today)


def about_exclusions(left_out: Exclusions) -> dict[str, Any]:
    """What a manifest says of them: coarse reasons with small counts hidden, and a hash. Empty if there was no file.

    The manifest of scores also holds how many of those seen were left out, because its counts must balance; it is
    kept with a table of every pupil, as that table is. By reason, no count stands there that could name a child.
    """
    from ..reports.exclusion_words import exclusion_counts

    if not left_out.sha256:
        return {}
    return {"exclusions": {"by_reason": exclusion_counts(left_out.by_reason), "sha256": left_out.sha256}}


def notes_on(left_out: Exclusions) -> tuple[str, ...]:
    """What is told to the person who runs a recipe; empty if there was no file."""
    from ..reports.exclusion_words import exclusion_words

    if not left_out.sha256:
        return ()
    return (exclusion_words(left_out.by_reason), *left_out.notes())
