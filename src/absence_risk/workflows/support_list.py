"""Scores + store -> the list for an early-help team: page, workbook, who is who, and its place in the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import Progress, silent
from .already_there import in_words
from .score import as_date

if TYPE_CHECKING:
    from ..settings import ListSettings
    from ..support_list.asked import Beside
    from ..support_list.folder import SupportList


@dataclass(frozen=True)
class PupilFiles:
    """Files keyed by UPN that stand beside the returns; each may be left out.

    ``exclusions`` names children who are left out before anything is built; ``early_help`` those with early help open;
    ``siblings`` families, said only where the settings say so.
    """

    exclusions: Path | str | None = None
    early_help: Path | str | None = None
    siblings: Path | str | None = None


@dataclass(frozen=True)
class ListResult:
    """Where the list stands, how many pupils it names, and where it is registered.

    ``already`` where the same list stood there and nothing was written.
    """

    written: SupportList
    register: Path
    notes: tuple[str, ...] = ()
    already: bool = False

    @property
    def folder(self) -> Path:
        return self.written.folder

    @property
    def listed(self) -> int:
        """Pupils who take one of the team's places."""
        return self.written.listed

    def in_words(self) -> str:
        """What was written and where."""
        cards, folder = self.written.cards, self.folder
        return "\n".join(
            [
                *(f"Note: {note}" for note in self.notes),
                f"List {self.written.list_id}: {cards['main']:,} for the team, {cards['lead']:,} more who already have "
                f"a lead, {cards['onset']:,} not yet persistently absent, {cards['reserve']:,} in reserve; "
                f"{self.written.missed_half:,} missed half or more of school, whatever the model says",
                f"To work in: {folder / 'support_list.xlsx'}; when it comes back filled in: "
                f"absence-risk decisions {folder} RETURNED.xlsx",
                f"Who is who: {folder / 'who_is_who.csv'}; keep it apart from the page",
                f"Register: {self.register}; keep it with the store, it knows who stands behind each reference",
                in_words(folder)
                if self.already
                else f"Wrote the list of {self.listed:,} pupils to {folder / 'index.html'}",
            ]
        )


def run_list(  # noqa: PLR0913 - the terms of a list stand one by one on purpose
    scores: Path | str,
    store: Path | str,
    out: Path | str,
    *,
    capacity: int | None = None,
    owner: str = "",
    expires: date | str | None = None,
    purpose: str = "early_help_offer",
    config: ListSettings | Path | str | None = None,
    evidence: Path | str | None = None,
    register: Path | str | None = None,
    files: PupilFiles | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> ListResult:
    """Write the list as one folder, whole or not at all, and keep it in the register; the same list is left as it is.

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
    config : ListSettings or Path, optional
        How lists are made here; by default the package's ``configs/support_list.yaml``.
    evidence : Path, optional
        The folder of a backtest's evidence of the same model; it says who is firmly on the list and who is borderline,
        and how often lists of this model were right in past years.
    register : Path, optional
        The register of lists and decisions; by default ``decisions.sqlite`` beside ``out``.
    files : PupilFiles, optional
        Exclusions, early help, families.
    today : date, optional
        The day it is made; by default today.

    Raises
    ------
    RefusedError, UsageError, InputError, StoreError, BundleError, OutputError
        An earlier folder at ``out`` stays then.
    """
    from ..decisions.register import Register
    from ..store import Store
    from ..support_list.asked import Asked
    from ..support_list.folder import write_support_list
    from ..support_list.terms import Terms
    from .list_again import listed_already, name_of_list
    from .list_at_hand import register_of
    from .list_plan import list_settings, plan_of

    day, files = today or date.today(), files or PupilFiles()
    terms = Terms.of(purpose, capacity, owner, None if expires is None else as_date(expires, "expires"))
    settings = list_settings(config)
    plan = plan_of(settings)
    known = None if evidence is None else Path(evidence)
    beside, notes = _beside(Path(store), files, known, terms.capacity, day)
    kept = register_of(Path(out), register)
    progress("Choosing pupils, gathering their records and writing the list", 0, 1)
    with Store(Path(store)) as opened, Register(kept) as book:
        given = {**vars(files), "evidence": known}
        name = name_of_list(opened, Path(scores), terms, settings, given, day)
        if (there := listed_already(Path(out), name, book)) is not None:
            return ListResult(there, kept, notes, already=True)
        asked = Asked(terms, plan, day, beside, known, name)
        written = write_support_list(opened, Path(scores), Path(out), asked, book)
    return ListResult(written, kept, notes)


def _beside(
    store: Path, files: PupilFiles, evidence: Path | None, capacity: int, today: date
) -> tuple[Beside, tuple[str, ...]]:
    """What stands beside the returns, and what the person who makes the list should know of it."""
    from ..reports.exclusion_words import exclusion_counts
    from ..returns.pupil_files import read_early_help, read_siblings
    from ..support_list.asked import Beside
    from .exclusions import exclusions_of, notes_on
    from .past_lists import past_lists

    left_out = exclusions_of(store, files.exclusions, today)
    early_help = None if files.early_help is None else read_early_help(Path(files.early_help), store)
    siblings = None if files.siblings is None else read_siblings(Path(files.siblings), store)
    beside = Beside(
        excluded=left_out.pupils,
        excluded_by_reason=exclusion_counts(left_out.by_reason),
        early_help=early_help,
        siblings=siblings,
        past=past_lists(evidence, capacity),
    )
    told = [found.notes() for found in (early_help, siblings) if found is not None]
    return beside, (*notes_on(left_out), *(note for notes in told for note in notes))
