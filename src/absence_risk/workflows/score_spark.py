"""Tables on Spark + saved model -> scored folder or table, and a manifest that accounts for every pupil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, numbered, silent
from .exclusions import about_exclusions, exclusions_of, notes_on
from .parts import open_within
from .score import as_date, fetch_bundle, notes_on_model, outcome_named, where_everybody_went
from .scored_rows import Counted, accepted_by

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ..logbook import Override
    from ..models.bundle import Bundle
    from ..returns.pupil_files import Exclusions
    from ..spark.tables import SparkTables
    from ..store import Store
    from .spark_parts import StoreParts

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
    accept_drift: Override | None = None

    def about(self, fingerprint: str) -> dict[str, Any]:
        """What a manifest says of what was asked."""
        of_store = {"store_fingerprint": fingerprint, "model_label": self.label, "engine": "spark"}
        return {**of_store, **about_exclusions(self.left_out), **accepted_by(self.accept_drift)}

    def notes(self) -> tuple[str, ...]:
        """What is told to the person who runs it."""
        return (*notes_on(self.left_out), *notes_on_model(self.label))


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
    memory_limit: str | None = None,
    parts: int | None = None,
    accept_drift: Override | None = None,
    today: date | None = None,
    session: SparkSession | None = None,
    progress: Progress = silent,
) -> SparkScoreResult:
    """Score every eligible pupil as things were known on a day, on Spark.

    Parameters
    ----------
    store : Path or str, optional
        An authority store that the driver and every worker can open, best a folder of tables (``absence-risk
        export-tables``); its parts are handed out. Or the address of such a folder, like ``s3a://box/tables``.
    model, as_of, tracking, outcome, exclusions, accept_drift, today
        As in ``run_score``. A file of exclusions needs the lookup beside a store, so a folder that has one.
    out : Path or str
        A folder, written whole or not at all, its manifest last; or with ``manifest``, the name of a new table or
        the address of a new folder.
    tables : str or mapping, optional
        Instead of ``store``: what stands before the tables' names in a catalogue, or the name of each.
    memory_limit : str, optional
        Memory that a worker keeps to, like 4GB, which is what is taken without it. For a store that workers open.
    parts : int, optional
        In how many ranges of pupils to work, 1 to 256; by default one for each three million rows. Likewise.
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
    from .spark_parts import store_parts

    if bool(store) == bool(tables):
        raise UsageError(
            "expected either a store's folder or the names of tables; give one of --store, --tables"
        )
    by_parts = bool(store) and manifest is None and "://" not in str(store)
    if not by_parts and (memory_limit is not None or parts is not None):
        raise UsageError(
            "a limit of memory and a number of parts are for a store that the workers open; tables by name or at an "
            "address are Spark's own to part"
        )
    day, meant, home = as_date(as_of), outcome_named(outcome), Path(store or ".")
    left_out = exclusions_of(home, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    say(0)
    bundle, label = fetch_bundle(model, home, tracking)
    if meant is not None:
        bundle.check_outcome(meant)
    asked = _Request(bundle, label, day, left_out, accept_drift)
    say(1)
    with session_at_hand(session) as at_hand:
        if by_parts:
            with open_within(home, memory_limit) as opened:
                excluded = frozenset(left_out.pupils)
                work = store_parts(opened, day, excluded, memory_limit=memory_limit, parts=parts)
                say(2)
                return _score_by_parts(at_hand, opened, work, asked, Path(out))
        read = tables_in_folder(at_hand, store) if store else tables_named(at_hand, tables or "")
        say(2)
        return _score_frames(read, asked, out, None if manifest is None else Path(manifest))


def _score_by_parts(
    session: SparkSession, store: Store, work: StoreParts, asked: _Request, out: Path
) -> SparkScoreResult:
    """Have the workers score their parts of a store into a folder."""
    from ..scored_folder import write_scored_folder
    from .spark_parts import parting_on, write_parts_on

    parting = parting_on(session, work, store)
    passed: list[Counted] = []
    said: dict[str, Any] = {}

    def fill(folder: Path) -> int:
        passed.append(write_parts_on(session, work, parting, asked.bundle, folder))
        return passed[0].counts["eligible"]

    def about() -> dict[str, Any]:
        of_request = asked.about(store.fingerprint)
        said.update(passed[0].manifest(asked.bundle, asked.as_of, parting.sources, of_request))
        return said

    write_scored_folder(out, fill, about)
    return SparkScoreResult(str(out), said["counts"], tuple(said["warnings"]), asked.notes())


def _score_frames(
    read: SparkTables, asked: _Request, out: Path | str, manifest: Path | None
) -> SparkScoreResult:
    """Score tables that only Spark can read, as its own frames."""
    from ..features.data_flags import earliest_year, sources_known
    from ..scored_folder import write_scored_folder
    from ..spark.faults import in_our_words
    from ..spark.rows_out import write_parts, write_scored_table
    from ..spark.score import cohort_on, drift_seen, facts_on, in_parts, scored_from, watched
    from ..tables.frames import without_pupils

    bundle, as_of, pupils = asked.bundle, asked.as_of, asked.left_out.pupils
    cohorted = cohort_on(read.frames, as_of, pupils)
    said: dict[str, Any] = {}
    with in_our_words():
        kept = without_pupils(read.frames, pupils)
        sources, earliest = sources_known(kept, as_of), earliest_year(kept, as_of)
        facts, passed = watched(in_parts(facts_on(kept, cohorted.seen, as_of), cohorted.parts), bundle)
        scored = scored_from(facts, bundle, as_of, sources, earliest)

    def fill(folder: Path) -> int:
        write_parts(scored, folder)
        return cohorted.counts["eligible"]

    def about() -> dict[str, Any]:
        rows = cohorted.counts["eligible"]
        counted = Counted(rows, cohorted.reasons, drift_seen(passed, bundle, cohorted.schools))
        said.update(counted.manifest(bundle, as_of, sources, asked.about(read.fingerprint)))
        return said

    if manifest is None:
        write_scored_folder(Path(out), fill, about)
    else:
        write_scored_table(scored, str(out), manifest, about)
    return SparkScoreResult(str(out), said["counts"], tuple(said["warnings"]), asked.notes())
