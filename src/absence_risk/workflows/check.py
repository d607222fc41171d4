"""Store + saved model -> whether this year's cohort is like those the model was made from; nothing is scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress, numbered, silent
from .exclusions import exclusions_of, notes_on
from .score import as_date, fetch_bundle, where_everybody_went

if TYPE_CHECKING:
    from ..models.drift import Findings
    from ..models.drift_counts import DriftCounts
    from ..store import Store

STEPS = ("Fetching the model", "Building the cohort and its features, and comparing them with training")


@dataclass(frozen=True)
class CheckResult:
    """What of a cohort was refused and what reported; nothing is scored.

    Attributes
    ----------
    refused : tuple of str
        Scoring refuses it for these; empty if it does not.
    reported : tuple of str
        What scoring would say as a warning.
    compared : int
        Shares and numbers compared with training.
    years : tuple of str
        The feature years the model was made from.
    counts : dict of str to int
        Pupils seen, eligible, and out by reason; empty where the records could not be read as features.
    """

    refused: tuple[str, ...]
    reported: tuple[str, ...]
    compared: int
    years: tuple[str, ...]
    counts: dict[str, int]
    notes: tuple[str, ...] = field(default=())

    @property
    def clean(self) -> bool:
        """Whether there is nothing to refuse and nothing to report."""
        return not self.refused and not self.reported

    def as_dict(self) -> dict[str, Any]:
        """The result in plain values, in a fixed order."""
        names = ("refused", "reported", "compared", "years", "counts")
        plain = {name: getattr(self, name) for name in names}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    def in_words(self) -> str:
        """What is refused, what is reported, what was compared, and the verdict last."""
        years = ", ".join(self.years) or "no year"
        lines = [f"Note: {note}" for note in self.notes]
        lines += [f"Refused: {words}" for words in self.refused]
        lines += [f"Reported: {words}" for words in self.reported]
        lines += [where_everybody_went(self.counts, "to be scored")] if self.counts else []
        lines.append(
            f"Compared {self.compared:,} shares and numbers with the years the model was made from ({years}): columns "
            "known and how they lie, year groups, pupils, schools and returns; and every value with its unit"
        )
        if self.refused:
            verdict = "This cohort would be refused; nothing was written"
        elif self.reported:
            verdict = "This cohort can be scored; what is reported above will be printed with it"
        else:
            verdict = "This cohort is like those the model was made from"
        return "\n".join([*lines, verdict])


def run_check(  # noqa: PLR0913 - one argument for each thing that may be asked
    store: Path | str,
    model: Path | str,
    as_of: date | str,
    *,
    out: Path | str | None = None,
    tracking: str | None = None,
    exclusions: Path | str | None = None,
    memory_limit: str | None = None,
    parts: int | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> CheckResult:
    """Compare a cohort with the years a model was made from, exactly as scoring does; nothing is scored.

    Parameters
    ----------
    store, model, as_of, tracking, exclusions, memory_limit, parts, today
        As in ``run_score``.
    out : Path, optional
        A JSON file for the result; without it nothing is written.

    Raises
    ------
    UsageError, StoreError, BundleError, OutputError
        As ``run_score``. What scoring would refuse is in the result, not raised.
    """
    from ..files import canonical_json, write_text
    from .parts import open_within

    day = as_date(as_of)
    left_out = exclusions_of(store, exclusions, today or date.today())
    say = numbered(progress, STEPS)
    say(0)
    bundle, _ = fetch_bundle(model, Path(store), tracking)
    say(1)
    with open_within(store, memory_limit) as opened:
        found, counts = _compared(
            opened, bundle, day, left_out.pupils, memory_limit=memory_limit, parts=parts
        )
    years = tuple(met.year for met in bundle.training.years)
    result = CheckResult(found.refused, found.reported, found.compared, years, counts, notes_on(left_out))
    if out is not None:
        write_text(Path(out), canonical_json(result.as_dict()))
    return result


def _compared(
    store: Store, bundle: Any, day: date, excluded: Any, *, memory_limit: str | None, parts: int | None
) -> tuple[Findings, dict[str, int]]:
    """What is found of the cohort, and its counts; records that are no features are refused, not raised."""
    from ..errors import InputError
    from ..features.data_flags import source_flags
    from ..models.contract import check_between
    from ..models.drift import Findings
    from ..scored_about import date_warnings
    from .parts import facts_in_parts, look_over
    from .scored_rows import Counted, drift_of

    reasons: Counter[str] = Counter()
    drift: DriftCounts | None = None
    rows = 0
    try:
        parting = look_over(store, day, excluded, memory_limit=memory_limit, parts=parts)
        for facts in facts_in_parts(store, parting, day, excluded, reasons):
            seen = drift_of(facts, bundle)
            check_between(facts, len(facts))
            drift = seen if drift is None else drift + seen
            rows += len(facts)
    except InputError as fault:
        return Findings(refused=(str(fault),)), {}
    counted = Counted(rows, reasons, drift)
    found = counted.findings(bundle, day, parting.sources)
    said = (*source_flags(parting.sources), *date_warnings(bundle, day), *found.reported)
    return Findings(found.refused, said, found.compared), counted.counts
