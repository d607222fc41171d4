"""The scored rows of a store as they come, part by part, and what is counted of them on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from .parts import Parting, facts_in_parts

if TYPE_CHECKING:
    import pandas as pd

    from ..models.bundle import Bundle
    from ..models.contract import DriftCounts
    from ..store import Store

#: Rows that are scored and put into sentences at a time: sentences take far more memory than the facts they say.
ROWS_AT_A_TIME = 50_000


@dataclass
class ScoredRows:
    """One pass over the cohort of a store; afterwards it tells what a manifest needs.

    Attributes
    ----------
    store, parting, bundle, as_of, excluded
        What is scored, in which parts (``parts.look_over``), by what, and who is left out.
    keep : bool
        Keep every row in memory; without it a row is forgotten once the next ones are asked for.
    rows : int
        Rows that have passed.
    """

    store: Store
    parting: Parting
    bundle: Bundle
    as_of: date
    excluded: Collection[str]
    keep: bool
    rows: int = 0
    _reasons: Counter[str] = field(default_factory=Counter)
    _drift: DriftCounts | None = None
    _kept: list[pd.DataFrame] = field(default_factory=list)

    def frames(self) -> Iterator[pd.DataFrame]:
        """The columns of ``SCORES``, by pupil_id over all frames; at least one frame."""
        from ..scoring import Scorer

        scorer = Scorer(self.bundle, self.as_of, self.parting.sources, self.parting.earliest, num_threads=2)
        for facts in facts_in_parts(self.store, self.parting, self.as_of, self.excluded, self._reasons):
            self._count(facts)
            for start in range(0, len(facts), ROWS_AT_A_TIME):
                frame = scorer.rows(facts.iloc[start : start + ROWS_AT_A_TIME].reset_index(drop=True))
                self.rows += len(frame)
                if self.keep:
                    self._kept.append(frame)
                yield frame

    def _count(self, facts: pd.DataFrame) -> None:
        from ..models.contract import DriftCounts

        values = self.bundle.check_input(facts[list(self.bundle.feature_names)])
        found = DriftCounts.of(values, self.bundle.ranges)
        self._drift = found if self._drift is None else self._drift + found

    @property
    def kept(self) -> pd.DataFrame | None:
        """Every row, if they were to be kept."""
        import pandas as pd

        return pd.concat(self._kept, ignore_index=True) if self.keep else None

    def counts(self) -> dict[str, int]:
        """Pupils seen, eligible, and out by reason (``Cohort.counts``)."""
        from ..cohort import counts_of

        return counts_of(self._reasons)

    def told(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Warnings, judged over all rows, and what the manifest says of the model, the dates and the sources."""
        from ..scoring import told

        drifted = [] if self._drift is None else self._drift.in_words(self.bundle.ranges)
        return told(self.bundle, drifted, self.as_of, self.parting.sources)

    def manifest(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """What ``about`` says, and what was counted."""
        warnings, told = self.told()
        counts = self.counts()
        return {
            **about,
            **told,
            "counts": counts,
            "counts_order": list(counts),
            "warnings": list(warnings),
        }
