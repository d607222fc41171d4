"""Evidence: every later year tests every rival on the same pupils, and gates decide before anything is promoted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BundleError, UsageError
from ..progress import Progress, numbered, silent
from .already_there import MADE_OF, name_of_work
from .assemble import evidence_of
from .contend import Judged, judge
from .exclusions import exclusions_of, notes_on
from .fit import KINDS, bundle_of, compare
from .keep_evidence import enter_gates, record_evidence, write_evidence
from .tracked import tracking_for
from .train import folds_of, gather, open_test_year, origin_of, settings_of

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import PupilYears
    from ..disclosure import DisclosurePolicy
    from ..evidence.result import Evidence
    from ..models.bundle import Bundle
    from ..settings import Settings
    from ..splits import Split

STEPS = (
    "Finding the years that can be tested",
    "Building features, before any outcome is looked at",
    "Fitting every rival and measuring, year by year",
    "Refitting: how much of the list stays, and what each family of records is worth",
    "Writing the report",
    "Recording in MLflow",
)


@dataclass(frozen=True)
class Backtest:
    """What a backtest found and left behind.

    Attributes
    ----------
    evidence : Evidence
        Exact tables; for an analyst inside the authority.
    policy : DisclosurePolicy
        What was applied to everything written.
    folder : Path or None
        Report, model card, tables and refits; None if nothing was written.
    run_id : str or None
        The parent run in MLflow.
    notes : tuple of str
        What is to be said of children left out; empty if no file named any.
    """

    evidence: Evidence
    policy: DisclosurePolicy
    folder: Path | None
    run_id: str | None
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every tidy table, exact; ``evidence/tables.py`` says what each column holds."""
        return dict(self.evidence.tables)

    @property
    def figures(self) -> dict[str, bytes]:
        """Every figure of the report as SVG, by name; the disclosure policy is applied."""
        from ..reports.briefing.figures import evidence_figures

        return evidence_figures(self.evidence, self.policy)

    @property
    def gates_passed(self) -> bool:
        """Whether every gate was passed; one that cannot be judged was not."""
        return self.evidence.gates_passed

    def in_words(self) -> str:
        """The verdict first, then years, rivals and gates, then what was written."""
        from ..reports.briefing.words import summary_lines

        lines = [*self.notes, *summary_lines(self.evidence, self.policy)]
        if self.folder is not None:
            lines += [
                "",
                f"Wrote the report to {self.folder / 'report.html'}; tables, card and refits beside it",
            ]
        if self.run_id is not None:
            lines.append(f"Recorded as run {self.run_id} in MLflow")
        return "\n".join(lines)


def run_backtest(  # noqa: PLR0913 - one argument for each thing that may be asked
    store: Path | str,
    settings: Settings | Path | str,
    *,
    out: Path | str | None = None,
    tracking: str | None = None,
    model: str | None = None,
    keep_final_closed: bool = False,
    exclusions: Path | str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Backtest:
    """Test every later year, judge the gates, and write the evidence as one folder.

    Parameters
    ----------
    store : Path
        An authority store with at least three complete pairs of years.
    settings : Settings or Path
        The model to judge, its capacity and the gates; a path is read as YAML.
    out : Path, optional
        Folder for the report, card, tables and refits, whole or not at all. Without it nothing is written but the
        opening of the test year and the gates, in the store's logbook.
    tracking : str, optional
        MLflow tracking address.
    model : str, optional
        A registered model or a bundle's folder: refused unless the evidence is about that very model.
    keep_final_closed : bool
        Test the earlier years only, while settings are being tried; no gate is recorded then.
    exclusions : Path, optional
        A CSV of children to leave out (``returns.pupil_files.read_exclusions``); the same file that training was given.
    today : date, optional
        The day it is made; by default today.

    Raises
    ------
    UsageError
        If there are too few years, or the capacity is not below the pupils of a test year.
    InputError, StoreError, BundleError, OutputError
        An earlier folder at ``out`` stays then.
    """
    from ..disclosure import DisclosurePolicy
    from ..store import Store

    asked, say, day = settings_of(settings), numbered(progress, STEPS), today or date.today()
    left_out = exclusions_of(store, exclusions, day)
    named = _named(model, Path(store), tracking, asked)
    with Store(Path(store)) as opened:
        say(0)
        folds, found = folds_of(opened, asked)
        tested = _tested(folds, keep_final_closed)
        say(1)
        gathered = gather(opened.tables(), found.years, asked, excluded=left_out.pupils, with_audit=True)
        _check_capacity(gathered, tested, asked)
        opening = open_test_year(opened, tested[-1], asked, "backtest", day)
        say(2)
        judged = [judge(opened.tables(), gathered, split, asked) for split in tested]
        origin = origin_of(opened, left_out)
        bundle = _bundle(judged[-1], asked, origin)
        _check_named(named, bundle)
        say(3)
        evidence, refits = evidence_of(opened, judged, found, gathered, bundle, opening, asked, folds[-1])
    policy = DisclosurePolicy(**asked.disclosure.model_dump())
    name = name_of_work("evidence", origin, asked, keep_final_closed=keep_final_closed)
    say(4)
    folder = None if out is None else Path(out)
    if folder is not None:
        write_evidence(folder, evidence, policy, bundle, refits, name)
    if not evidence.about["final_year_closed"]:
        enter_gates(Path(store), evidence, day)
    if folder is None:
        return Backtest(evidence, policy, None, None, notes_on(left_out))
    say(5)
    run_id = record_evidence(
        evidence, policy, folder, asked, tracking_for(Path(store), tracking), tags={MADE_OF: name}
    )
    return Backtest(evidence, policy, folder, run_id, notes_on(left_out))


def _tested(folds: tuple[Split, ...], keep_final_closed: bool) -> tuple[Split, ...]:
    tested = folds[:-1] if keep_final_closed else folds
    if not tested:
        raise UsageError(
            "expected an earlier year to test while the final one is kept closed, found none; four complete pairs of "
            "years are needed for that, or leave out --keep-final-closed"
        )
    return tested


def _check_capacity(gathered: PupilYears, tested: tuple[Split, ...], settings: Settings) -> None:
    """Refuse a list as long as the cohort before any outcome of a test year is looked at."""
    for split in tested:
        pupils = len(gathered.in_years([split.test_year]))
        if settings.capacity >= pupils:
            raise UsageError(
                f"capacity {settings.capacity:,} is not below the {pupils:,} pupils of {split.test_year}: every pupil "
                "would be listed; give the places the team can offer in a year"
            )


def _named(model: str | None, store: Path, tracking: str | None, settings: Settings) -> Bundle | None:
    """The bundle that was named, once it is known to foresee the outcome that is to be judged."""
    from .score import fetch_bundle

    if model is None:
        return None
    bundle, _ = fetch_bundle(model, store, tracking)
    bundle.check_outcome(settings.outcome_definition)
    return bundle


def _check_named(named: Bundle | None, bundle: Bundle) -> None:
    if named is not None and named.hash != bundle.hash:
        differ = {
            key for key in ("fingerprint", "exclusions_sha256") if named.data.get(key) != bundle.data.get(key)
        }
        why = "it was trained with other children left out" if differ else "its settings or capacity differ"
        why = "it was trained from another store" if "fingerprint" in differ else why
        raise BundleError(
            f"the evidence would be about another model than {named.name} as registered ({why}); give the settings it "
            "was trained with, or train again from this store"
        )


def _bundle(last: Judged, settings: Settings, origin: dict[str, str]) -> Bundle:
    """The very bundle that training saves from this store and these settings."""
    kinds = tuple(fitted for fitted in last.fitted if fitted.name in KINDS)
    comparison = compare(last.parts.test, kinds, settings.capacity)
    return bundle_of(last.parts, last.split, last.fitted[0], comparison, settings, origin)
