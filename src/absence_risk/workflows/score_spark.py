"""Tables on Spark + saved model -> scored folder or table, and a manifest that accounts for every pupil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, numbered, silent
from .exclusions import about_exclusions, exclusions_of, notes_on
from .score import as_date, fetch_bundle, outcome_named, where_everybody_went

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ..models.bundle import Bundle
    from ..returns.pupil_files import Exclusions
    from ..spark.tables import SparkTables

STEPS = ("Fetching the model", "Starting Spark and reading the tables", "Building, scoring and writing")


@dataclass(frozen=True)
class SparkScoreResult:
    """Where the scores stand, what was counted, and what is to be said; the rows stay where Spark wrote them."""

    out: str
    counts: dict[str, int]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Warnings first, then where every pupil went, then what was written."""
        lines = [f"Note: {warning}" for warning in (*self.notes, *self.warnings)]
        lines.append(where_everybody_went(self.counts))
        lines.append(f"Wrote {self.out} ({self.counts['eligible']:,} pupils) and its manifest")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Request:
    """What is asked of the engine, once the model is at hand and the children to leave out are known."""

    bundle: Bundle
    label: str
    as_of: date
    left_out: Exclusions


def run_score_spark(  # noqa: PLR0913 - one argument for each thing that may be asked
    store: Path | str | None,
    model: Path | str,
    as_of: date | str,
    out: Path | str,
    *,
    tables: str | Mapping[str, str] | None = None,
    manifest: Path | str | None = None,
    tracking: str | None = None,
    outcome: str | None = None,
    exclusions: Path | str | None = None,
    today: date | None = None,
    session: SparkSession | None = None,
    progress: Progress = silent,
) -> SparkScoreResult:
    """Score every eligible pupil as things were known on a day, on Spark.

    Parameters
    ----------
    store : Path or str, optional
        A folder of tables (``absence-risk export-tables``), or its address like ``s3a://box/tables``.
    model, as_of, tracking, outcome, exclusions, today
        As in ``run_score``. A file of exclusions needs the lookup beside a store, so a folder that has one.
    out : Path or str
        A folder, written whole or not at all, its manifest last; or with ``manifest``, the name of a new table or
        the address of a new folder.
    tables : str or mapping, optional
        Instead of ``store``: what stands before the tables' names in a catalogue, or the name of each.
    manifest : Path, optional
        Where the manifest of a table or of an address is written, once every row stands.
    session : SparkSession, optional
        The session in hand; without it a local one is made, and stopped at the end.

    Raises
    ------
    UsageError, StoreError, BundleError, InputError, OutputError
        An earlier folder at ``out`` stays then.
    """
    from ..errors import UsageError
    from ..spark.session import session_at_hand
    from ..spark.tables import tables_in_folder, tables_named

    if bool(store) == bool(tables):
        raise UsageError(
            "expected either a store's folder or the names of tables; give one of --store, --tables"
        )
    day, meant, home = as_date(as_of), outcome_named(outcome), Path(store or ".")
    left_out = exclusions_of(home, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    say(0)
    bundle, label = fetch_bundle(model, home, tracking)
    if meant is not None:
        bundle.check_outcome(meant)
    say(1)
    with session_at_hand(session) as at_hand:
        read = tables_in_folder(at_hand, store) if store else tables_named(at_hand, tables or "")
        say(2)
        asked = _Request(bundle, label, day, left_out)
        return _score(read, asked, out, None if manifest is None else Path(manifest))


def _score(read: SparkTables, asked: _Request, out: Path | str, manifest: Path | None) -> SparkScoreResult:
    from ..features.data_flags import earliest_year, sources_known
    from ..scoring import told
    from ..spark.faults import in_our_words
    from ..spark.score import cohort_on, drift_seen, facts_on, in_parts, scored_from, watched
    from ..spark.scored_folder import write_scored_folder, write_scored_table
    from ..tables.frames import without_pupils

    bundle, as_of, pupils = asked.bundle, asked.as_of, asked.left_out.pupils
    cohorted = cohort_on(read.frames, as_of, pupils)
    warned: list[str] = []
    with in_our_words():
        kept = without_pupils(read.frames, pupils)
        sources, earliest = sources_known(kept, as_of), earliest_year(kept, as_of)
        facts, passed = watched(in_parts(facts_on(kept, cohorted.seen, as_of), cohorted.parts), bundle)
        scored = scored_from(facts, bundle, as_of, sources, earliest)

    def about() -> dict[str, Any]:
        drifted = drift_seen(passed, bundle, cohorted.counts["eligible"]).in_words(bundle.ranges)
        warnings, said = told(bundle, drifted, as_of, sources)
        warned.extend(warnings)
        return {
            **said,
            **about_exclusions(asked.left_out),
            "engine": "spark",
            "store_fingerprint": read.fingerprint,
            "model_label": asked.label,
            "counts": cohorted.counts,
            "counts_order": list(cohorted.counts),
            "warnings": list(warnings),
        }

    if manifest is None:
        write_scored_folder(scored, Path(out), cohorted.counts["eligible"], about)
    else:
        write_scored_table(scored, str(out), manifest, about)
    return SparkScoreResult(str(out), cohorted.counts, tuple(warned), notes_on(asked.left_out))
