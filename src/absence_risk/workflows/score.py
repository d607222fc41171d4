"""Store + saved model -> scored table with reasons, and a manifest that accounts for every pupil."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, numbered, silent
from .already_there import MADE_OF, in_words, made_of, stands
from .exclusions import about_exclusions, exclusions_of, notes_on
from .tracked import tracking_for

if TYPE_CHECKING:
    import pandas as pd
    import shap

    from ..domain.outcome import Outcome
    from ..logbook import Override
    from ..models.bundle import Bundle

#: Stands behind the name of a model in every manifest and on every list, whatever its folder calls itself.
FROM_A_FOLDER = " (from a folder, checked against no registry)"

STEPS = ("Fetching the model", "Building the cohort and its features, scoring, explaining and writing")


@dataclass(frozen=True)
class ScoreResult:
    """A scored cohort, the file it was written to, if any, and what is to be said of children left out.

    Attributes
    ----------
    counts : dict of str to int
        Pupils seen, those out by reason, and those eligible; the sums balance.
    warnings : tuple of str
        Sentences for the person who runs it.
    about : dict
        What the manifest says of the model, the dates and the sources.
    rows : int
        Pupils scored.
    parts : int
        In how many parts the store was worked through; 0 where the same scores stood at ``out`` already.
    out : Path or None
    notes : tuple of str
    """

    counts: dict[str, int]
    warnings: tuple[str, ...]
    about: dict[str, Any]
    rows: int
    parts: int
    out: Path | None
    notes: tuple[str, ...] = ()
    kept: pd.DataFrame | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """One row per pupil of the cohort; columns as declared in ``tables/outputs.py``.

        Where the store was scored in several parts into a file, it is read back from there, whole.
        """
        if self.kept is not None:
            return self.kept
        from ..scored_folder import read_scored

        assert self.out is not None, "rows are kept or written"
        return read_scored(self.out).frame

    def in_words(self) -> str:
        """Warnings first, then where every pupil went, then what was written."""
        lines = [f"Note: {warning}" for warning in (*self.notes, *self.warnings)]
        lines.append(where_everybody_went(self.counts))
        wrote = f"Wrote {self.out} ({self.rows:,} pupils) and its manifest"
        lines.append(wrote if self.parts or self.out is None else in_words(self.out))
        return "\n".join(lines)


def where_everybody_went(counts: Mapping[str, int], scored: str = "scored") -> str:
    """How many pupils were seen, how many scored, and why the others were not; from ``Cohort.counts``."""
    out_by_reason = ", ".join(
        f"{words.replace('_', ' ')} {n:,}"
        for words, n in counts.items()
        if words not in ("seen", "eligible") and n
    )
    here = f"{counts['seen']:,} pupils seen; {counts['eligible']:,} {scored}"
    return f"{here}; not {scored}: {out_by_reason or 'none'}"


def run_score(  # noqa: PLR0913 - one argument for each thing that may be asked
    store: Path | str,
    model: Path | str,
    as_of: date | str,
    out: Path | str | None = None,
    *,
    tracking: str | None = None,
    outcome: str | None = None,
    exclusions: Path | str | None = None,
    memory_limit: str | None = None,
    parts: int | None = None,
    accept_drift: Override | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> ScoreResult:
    """Score every eligible pupil as things were known on a day; what stands at ``out`` made of the same is left.

    Parameters
    ----------
    store : Path
        An authority store: a file, or a folder made by ``absence-risk export-tables``.
    model : str or Path
        ``models:/absence-risk@champion``, ``models:/absence-risk/3``, or the folder of a bundle.
    as_of : date or str
        Only what was known on this day is used; text is read as 2026-10-31.
    outcome : str, optional
        The outcome meant, by name; a model of another is refused.
    out : Path, optional
        ``.parquet`` or ``.csv``; without it nothing is written, and every row is kept in memory.
    exclusions : Path, optional
        A CSV of children to leave out (``returns.pupil_files.read_exclusions``): they are in no row and no feature.
    memory_limit : str, optional
        Memory to keep to, like 4GB, which is what is taken without it. Half of it is the engine's, which then spills
        nothing to disk.
    parts : int, optional
        In how many ranges of pupils to work, 1 to 256; by default as many as the memory asks for, which for an
        ordinary authority is one. The bytes written are the same for any number.
    accept_drift : Override, optional
        Who answers for scoring a cohort that would be refused as unlike those the model was made from.
    today : date, optional
        The day on which an exclusion must not have ended; by default today.

    Raises
    ------
    UsageError, StoreError, BundleError, InputError, OutputError
        An earlier file at ``out`` stays then.
    """
    from ..scored_file import write_scored_parts
    from ..store import within_memory
    from .parts import look_over, open_within
    from .scored_rows import DRIFT_ACCEPTED, ScoredRows, accepted_by

    day, meant = as_date(as_of), outcome_named(outcome)
    left_out = exclusions_of(store, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    say(0)
    bundle, label = fetch_bundle(model, Path(store), tracking)
    notes = (*notes_on(left_out), *notes_on_model(label))
    if meant is not None:
        bundle.check_outcome(meant)
    say(1)
    with open_within(store, memory_limit) as opened:
        about = {"store_fingerprint": opened.fingerprint, "model_label": label, **about_exclusions(left_out)}
        about |= accepted_by(accept_drift)
        kind = "scores" if out is None else f"scores{Path(out).suffix}"
        about[MADE_OF] = made_of(kind, about=about, model=bundle.hash, as_of=day.isoformat())
        if out is not None and (said := stands(Path(out), about[MADE_OF])) is not None:
            return _as_it_stands(said, Path(out), notes)
        parting = look_over(opened, day, left_out.pupils, memory_limit=memory_limit, parts=parts)
        # One part's rows are kept for whoever called; those of several are read back when they are asked for.
        keep = out is None or parting.parts == 1
        scored = ScoredRows(opened, parting, bundle, day, left_out.pupils, keep)
        with within_memory(parting.parts):
            if out is None:
                deque(scored.frames(), maxlen=0)
            else:
                write_scored_parts(scored.frames(), Path(out), lambda: scored.manifest(about))
    warnings, told = scored.told(about.get(DRIFT_ACCEPTED))
    return ScoreResult(
        scored.counted.counts,
        warnings,
        told,
        scored.counted.rows,
        parting.parts,
        None if out is None else Path(out),
        notes,
        scored.kept,
    )


def _as_it_stands(said: Mapping[str, Any], out: Path, notes: tuple[str, ...]) -> ScoreResult:
    """What a run would have said of the scores that stand at ``out``, from their manifest."""
    counts = {name: int(said["counts"][name]) for name in said["counts_order"]}
    return ScoreResult(counts, tuple(said["warnings"]), dict(said), int(said["rows"]), 0, out, notes)


def run_explain(
    store: Path | str,
    model: Path | str,
    as_of: date | str,
    *,
    tracking: str | None = None,
    exclusions: Path | str | None = None,
    today: date | None = None,
) -> shap.Explanation:
    """The contributions of a cohort as a ``shap.Explanation``, for an analyst's plots inside the authority.

    Children left out are in no row. Values are on the calibrated log-odds scale: base value plus the values of a row
    give its log-odds.
    """
    from ..cohort import select_cohort
    from ..explanation.contributions import explain, to_shap
    from ..features.build import collect_features
    from ..store import Store
    from ..tables.frames import without_pupils

    day = as_date(as_of)
    left_out = exclusions_of(store, exclusions, today or date.today())
    bundle, _ = fetch_bundle(model, Path(store), tracking)
    with Store(Path(store)) as opened:
        tables = without_pupils(opened.tables(), left_out.pupils)
        X = collect_features(tables, select_cohort(tables, day).frame, day)[list(bundle.feature_names)]
    return to_shap(explain(bundle, X, num_threads=2), X)


def as_date(day: date | str, name: str = "") -> date:
    """A date, or text written like 2026-10-31; ``name`` says in the refusal what was asked for."""
    from ..errors import UsageError

    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise UsageError(f"{name + ': ' if name else ''}expected a date written like 2026-10-31") from None


def outcome_named(name: str | None) -> Outcome | None:
    """The outcome of a name; an unknown name is refused with those that are known."""
    from ..domain.outcome import OUTCOMES
    from ..errors import UsageError

    if name is not None and name not in OUTCOMES:
        raise UsageError(f"expected an outcome among {', '.join(OUTCOMES)}; found another word")
    return None if name is None else OUTCOMES[name]


def fetch_bundle(model: Path | str, store: Path, tracking: str | None) -> tuple[Bundle, str]:
    """The bundle a name stands for, checked against the registry's record, and the name to write down."""
    from ..models.bundle import Bundle

    if not str(model).startswith("models:/"):
        return Bundle.load(Path(model)), f"{Path(model).name}{FROM_A_FOLDER}"
    resolved = tracking_for(store, tracking).resolve(str(model))
    return resolved.load(), resolved.label


def notes_on_model(label: str) -> tuple[str, ...]:
    """What is told to the person who runs a recipe with a model that nothing but its own files vouches for."""
    if not label.endswith(FROM_A_FOLDER):
        return ()
    return (
        "the model was read from a folder, whose own files alone say that it is whole; a registered one "
        "(models:/absence-risk@champion) is checked against its record",
    )
