"""This year's store and a saved model give one scored table: the same cohort and features as training, no label.

The table and its manifest are written whole; a reader accepts the table only with a manifest that matches it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from .domain.academic_year import feature_year_of
from .errors import AbsenceRiskError, UsageError
from .features.catalogue import Family
from .features.data_flags import (
    Source,
    earliest_year,
    first_seen_years,
    flags_from,
    sources_known,
)
from .scored_about import told
from .scored_file import SCORES, ScoredFile, read_scores, write_scored_file
from .tables.frames import to_pandas, without_pupils
from .tables.outputs import contribution_column

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from .domain.outcome import Outcome
    from .models.bundle import Bundle

__all__ = [
    "SCORES",
    "Scored",
    "ScoredFile",
    "Scorer",
    "facts_of",
    "read_scores",
    "score",
    "write_scores",
]


@dataclass(frozen=True)
class Scored:
    """A scored cohort.

    ``frame`` has the columns of ``SCORES``; ``counts`` is the cohort's flow (seen, each reason for being out,
    eligible); ``warnings`` are sentences for the person who runs it; ``about`` goes into the manifest.
    """

    frame: pd.DataFrame
    counts: dict[str, int]
    warnings: tuple[str, ...]
    about: dict[str, Any]


@dataclass(frozen=True)
class Scorer:
    """Turns facts about pupils into rows of the scored table, any number at a time.

    A row depends on its own facts alone, so the parts of a large cohort give the rows of the whole.

    Attributes
    ----------
    bundle : Bundle
    as_of : datetime.date
    sources : list of Source
        ``data_flags.sources_known``; what is said of them is said of every row.
    earliest : int or None
        ``data_flags.earliest_year``, of every pupil of the store and not of a part.
    num_threads : int
        The same bits for any number.
    """

    bundle: Bundle
    as_of: date
    sources: list[Source]
    earliest: int | None
    num_threads: int = 1

    def rows(self, facts: pd.DataFrame) -> pd.DataFrame:
        """The columns of ``SCORES``, one row for each row of ``facts`` in its order.

        Parameters
        ----------
        facts : DataFrame
            ``pupil_id``, ``school_id``, ``first_seen`` (``data_flags.first_seen_years``) and every feature of the
            catalogue as float64; ``year_group`` is one of them, and known for every pupil of a cohort.

        Raises
        ------
        InputError
            If a feature lies outside its unit's limits, or features of a pupil contradict each other.
        """
        import numpy as np

        from .explanation.contributions import by_family, by_topic, explain
        from .explanation.reasons import reasons_for
        from .models.contract import check_between

        bundle = self.bundle
        X = facts[list(bundle.feature_names)]
        explained = explain(bundle, X, num_threads=self.num_threads)
        # After the units, which explaining checks: a percentage for a share is better said so.
        check_between(facts, len(facts))
        frame = facts[["pupil_id", "school_id"]].copy()
        frame["year_group"] = facts["year_group"].astype("int64")
        frame["academic_year"] = feature_year_of(self.as_of).start_year
        frame["as_of"] = self.as_of.isoformat()
        frame["risk"] = np.asarray(explained.risk, dtype=np.float64)
        frame["band"] = bundle.band(frame["risk"].to_numpy())
        frame["log_odds"] = np.asarray(explained.log_odds, dtype=np.float64)
        frame["base"] = float(explained.base)
        families = by_family(explained.contributions, bundle.features)
        for family in Family:
            column = families.get(family.value)
            frame[contribution_column(family.value)] = (
                0.0 if column is None else np.asarray(column, dtype=np.float64)
            )
        reasons = reasons_for(facts, by_topic(explained.contributions, bundle.features), self.as_of)
        frame["reasons_up"], frame["reasons_down"] = reasons["up"], reasons["down"]
        frame["model"] = bundle.hash
        frame["data_flags"] = flags_from(facts, self.as_of, self.sources, self.earliest)
        return frame[list(SCORES.column_names)]


def score(
    tables: Mapping[str, Any],
    bundle: Bundle,
    as_of: date,
    *,
    outcome: Outcome | None = None,
    excluded: Collection[str] = (),
    num_threads: int = 1,
) -> Scored:
    """Every eligible pupil has an estimate, its exact parts, and the parts in words.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables, dates as day numbers (``Store.tables()``).
    bundle : Bundle
        The saved model. Its outcome is stamped on the result.
    as_of : date
        The date on which facts must have been known.
    outcome : Outcome, optional
        The outcome the caller means; a model of another outcome is refused.
    excluded : collection of str
        pupil_id of pupils who are left out on request or for protection. They are counted as out of the cohort, and
        every feature is built as if they had never been there.

    Raises
    ------
    BundleError
        If the model was made for another outcome.
    InputError
        If the autumn census of the cohort is not held, a feature lies outside its unit's limits, or the cohort is so
        unlike those the model was made from that it cannot be right (``models.drift``).
    """
    from .cohort import select_cohort
    from .models.drift import findings
    from .models.drift_counts import DriftCounts

    if outcome is not None:
        bundle.check_outcome(outcome)
    cohort = select_cohort(tables, as_of, excluded=excluded)
    tables = without_pupils(tables, excluded)
    facts = facts_of(tables, cohort.frame, as_of)
    sources = sources_known(tables, as_of)
    frame = Scorer(bundle, as_of, sources, earliest_year(tables, as_of), num_threads).rows(facts)
    passed = DriftCounts.of_facts(facts, bundle.training)
    found = findings(bundle.training, passed, cohort.counts, as_of, sources)
    return Scored(frame, dict(cohort.counts), *told(bundle, found, as_of, sources))


def facts_of(tables: Mapping[str, Any], cohort: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What ``Scorer.rows`` reads: school and year first seen beside the features, one row a pupil, by pupil_id.

    Parameters
    ----------
    tables : mapping of str to native frame
        Canonical tables, without the pupils who are left out.
    cohort : DataFrame
        ``Cohort.frame``, or the part of it whose pupils the tables hold.
    """
    from .features.build import collect_features

    rows = cohort.sort_values("pupil_id", kind="stable", ignore_index=True)
    features = collect_features(tables, rows, as_of)
    if not features["pupil_id"].equals(rows["pupil_id"].astype(features["pupil_id"].dtype)):
        raise AbsenceRiskError(
            f"expected features for {len(rows):,} pupils in order, found {len(features):,} that differ"
        )
    first = to_pandas(first_seen_years(tables, as_of)).set_index("pupil_id")["first_seen"]
    return features.assign(
        school_id=rows["school_id"], first_seen=rows["pupil_id"].map(first).astype("Int64")
    )


def write_scores(scored: Scored, out: Path, about: Mapping[str, Any]) -> Path:
    """Write the scored table (Parquet or CSV by its name) whole, and its manifest last.

    Parameters
    ----------
    scored : Scored
        What ``score`` gave.
    out : Path
        A name ending in ``.parquet`` or ``.csv``.
    about : mapping
        What else the manifest says. ``store_fingerprint`` is needed: a list is made only from the store that was
        scored. ``best_rule_wins`` (bool or words) is printed first on every list.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    UsageError
        If the name ends otherwise, or ``store_fingerprint`` is missing.
    OutputError
        If a file cannot be written whole.
    """
    if not about.get("store_fingerprint"):
        raise UsageError(
            "expected the fingerprint of the scored store (`store_fingerprint`); pass store.fingerprint"
        )
    manifest = {
        **about,
        **scored.about,
        "counts": scored.counts,
        "counts_order": list(scored.counts),
        "warnings": list(scored.warnings),
    }
    return write_scored_file(scored.frame, out, manifest)
