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

    from ..features.data_flags import Source
    from ..logbook import Override
    from ..models.bundle import Bundle
    from ..models.drift import Findings
    from ..models.drift_counts import DriftCounts
    from ..store import Store

#: Rows that are scored and put into sentences at a time: sentences take far more memory than the facts they say.
ROWS_AT_A_TIME = 50_000

#: Where a manifest names who accepted a cohort that would have been refused: ``name``, ``role`` and ``reason``.
DRIFT_ACCEPTED = "drift_accepted"


def accepted_by(override: Override | None) -> dict[str, dict[str, str]]:
    """The entry of a manifest for who accepted a cohort; none if nobody did."""
    if override is None:
        return {}
    return {DRIFT_ACCEPTED: {"name": override.name, "role": override.role, "reason": override.reason}}


@dataclass(frozen=True)
class Counted:
    """What is counted of scored rows on the way; counts of parts add up to those of the whole.

    Attributes
    ----------
    rows : int
        Rows scored.
    reasons : Counter
        Pupils seen by the reason why they are out, the empty one for those who are not.
    drift : DriftCounts or None
        None where no row has passed.
    """

    rows: int
    reasons: Counter[str]
    drift: DriftCounts | None

    def __add__(self, other: Counted) -> Counted:
        one, two = self.drift, other.drift
        drift = one + two if one is not None and two is not None else one or two
        return Counted(self.rows + other.rows, self.reasons + other.reasons, drift)

    @property
    def counts(self) -> dict[str, int]:
        """Pupils seen, eligible, and out by reason (``Cohort.counts``)."""
        from ..cohort import counts_of

        return counts_of(self.reasons)

    def findings(self, bundle: Bundle, as_of: date, sources: list[Source]) -> Findings:
        """What of the whole cohort is unlike the years the model was made from."""
        from ..models.drift import findings

        return findings(bundle.training, self.drift, self.counts, as_of, sources)

    def told(
        self,
        bundle: Bundle,
        as_of: date,
        sources: list[Source],
        accepted: Mapping[str, str] | None = None,
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Warnings, judged over all rows, and what the manifest says of the model, the dates and the sources.

        Raises
        ------
        InputError
            If something is refused (``models.drift``) and nobody accepted it.
        """
        from ..scored_about import told

        return told(bundle, self.findings(bundle, as_of, sources), as_of, sources, accepted)

    def manifest(
        self, bundle: Bundle, as_of: date, sources: list[Source], about: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What ``about`` says, and what was counted; :meth:`told` says what is raised.

        Under ``DRIFT_ACCEPTED``, ``about`` names who accepted what would be refused.
        """
        warnings, told = self.told(bundle, as_of, sources, about.get(DRIFT_ACCEPTED))
        return {
            **about,
            **told,
            "counts": self.counts,
            "counts_order": list(self.counts),
            "warnings": list(warnings),
        }


def drift_of(facts: pd.DataFrame, bundle: Bundle) -> DriftCounts:
    """What a judgement on drift rests on, of some facts (``scoring.facts_of``).

    Raises
    ------
    InputError
        If a feature lies outside its unit's limits.
    """
    from ..models.drift_counts import DriftCounts

    bundle.check_input(facts[list(bundle.feature_names)])
    return DriftCounts.of_facts(facts, bundle.training)


@dataclass
class ScoredRows:
    """One pass over the cohort of a store; afterwards it tells what a manifest needs.

    Attributes
    ----------
    store, parting, bundle, as_of, excluded
        What is scored, in which parts (``parts.look_over``), by what, and who is left out.
    keep : bool
        Keep every row in memory; without it a row is forgotten once the next ones are asked for.
    only : int, optional
        The one part that is wanted, if not all are.
    threads : int
    """

    store: Store
    parting: Parting
    bundle: Bundle
    as_of: date
    excluded: Collection[str]
    keep: bool
    only: int | None = None
    threads: int = 2
    _rows: int = 0
    _reasons: Counter[str] = field(default_factory=Counter)
    _drift: DriftCounts | None = None
    _kept: list[pd.DataFrame] = field(default_factory=list)

    def frames(self) -> Iterator[pd.DataFrame]:
        """The columns of ``SCORES``, by pupil_id over all frames; at least one frame, unless one part is wanted."""
        from ..scoring import Scorer

        sources, earliest = self.parting.sources, self.parting.earliest
        scorer = Scorer(self.bundle, self.as_of, sources, earliest, num_threads=self.threads)
        for facts in facts_in_parts(
            self.store, self.parting, self.as_of, self.excluded, self._reasons, self.only
        ):
            found = drift_of(facts, self.bundle)
            self._drift = found if self._drift is None else self._drift + found
            for start in range(0, len(facts), ROWS_AT_A_TIME):
                frame = scorer.rows(facts.iloc[start : start + ROWS_AT_A_TIME].reset_index(drop=True))
                self._rows += len(frame)
                if self.keep:
                    self._kept.append(frame)
                yield frame

    @property
    def kept(self) -> pd.DataFrame | None:
        """Every row, if they were to be kept."""
        import pandas as pd

        return pd.concat(self._kept, ignore_index=True) if self.keep else None

    @property
    def counted(self) -> Counted:
        """What has been counted of the rows that have passed."""
        return Counted(self._rows, self._reasons, self._drift)

    def told(self, accepted: Mapping[str, str] | None = None) -> tuple[tuple[str, ...], dict[str, Any]]:
        """See :meth:`Counted.told`."""
        return self.counted.told(self.bundle, self.as_of, self.parting.sources, accepted)

    def manifest(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """See :meth:`Counted.manifest`."""
        return self.counted.manifest(self.bundle, self.as_of, self.parting.sources, about)
