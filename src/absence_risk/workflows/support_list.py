"""Scores + store -> the explained list for an early-help team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..progress import Progress, silent
from .score import as_date


@dataclass(frozen=True)
class ListResult:
    """Where the list stands and how many pupils it names."""

    folder: Path
    listed: int

    def in_words(self) -> str:
        """What was written and where."""
        return (
            f"Who is who: {self.folder / 'who_is_who.csv'}; keep it apart from the page\n"
            f"Wrote the list of {self.listed:,} pupils to {self.folder / 'index.html'}"
        )


def run_list(  # noqa: PLR0913 - the terms of a list stand one by one on purpose
    scores: Path | str,
    store: Path | str,
    out: Path | str,
    *,
    capacity: int,
    owner: str,
    expires: date | str,
    purpose: str = "early_help_offer",
    evidence: Path | str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> ListResult:
    """Write the list as one folder, whole or not at all.

    Parameters
    ----------
    scores : Path
        A file written by ``score``, from the same store.
    capacity : int
        Families the team can offer help to.
    owner : str
        The team that answers for the list.
    expires : date or str
        Last day it may be used.
    purpose : str
        A supportive purpose; others are refused.
    evidence : Path, optional
        The folder of a backtest's evidence of the same model; it says who is firmly on the list and who is borderline.
    today : date, optional
        The day it is made; by default today.

    Raises
    ------
    RefusedError, UsageError, InputError, StoreError, BundleError, OutputError
        An earlier folder at ``out`` stays then.
    """
    from ..store import Store
    from ..support_list.folder import write_support_list

    progress("Choosing pupils, gathering their records and writing the list", 0, 1)
    with Store(Path(store)) as opened:
        written = write_support_list(
            opened,
            Path(scores),
            Path(out),
            capacity=capacity,
            owner=owner,
            expires=as_date(expires),
            purpose=purpose,
            evidence=None if evidence is None else Path(evidence),
            today=today or date.today(),
        )
    return ListResult(Path(out), written.listed)
