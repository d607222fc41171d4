"""The cohort, its features and its estimates on Spark: the house's own functions on Spark frames, the model on workers.

Nothing about a pupil is worked out here: ``cohort`` and ``features`` write the plan, ``scoring`` writes the rows.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..cohort import check_census, counts_of, seen_pupils
from ..errors import AbsenceRiskError
from ..features.data_flags import Source, earliest_year, sources_known
from ..features.written import facts_frame
from ..scored_file import SCORES
from ..tables.frames import without_pupils
from ..tables.outputs import LIST_COLUMNS
from ..tables.schema import Type
from .faults import in_our_words
from .worker import Asked, files_of, scored_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Observation, SparkSession

    from ..models.bundle import Bundle
    from ..models.drift_counts import DriftCounts

#: The parts of a scored folder hold at least this many pupils each, and there are at most so many parts.
PART_PUPILS, MOST_PARTS = 25_000, 256

_SPARK_TYPES = {Type.TEXT: "string", Type.INTEGER: "bigint", Type.NUMBER: "double"}


class CarriedFiles:
    """Files handed to workers with the plan itself, where a session has no broadcast (Spark Connect)."""

    def __init__(self, value: Mapping[str, bytes]) -> None:
        self.value = value


@dataclass(frozen=True)
class Cohorted:
    """Everybody seen, worked out once, and what was counted of them.

    ``seen`` is the frame of ``cohort.seen_pupils``; ``reasons`` are pupils by the reason why they are out, ``schools``
    the eligible ones by school.
    """

    seen: DataFrame
    reasons: Counter[str]
    schools: Counter[str]

    @property
    def counts(self) -> dict[str, int]:
        """Pupils seen, eligible, and out by reason."""
        return counts_of(self.reasons)

    @property
    def parts(self) -> int:
        """In how many parts the eligible pupils are scored; it depends on their number alone."""
        return min(MOST_PARTS, max(1, -(-self.counts["eligible"] // PART_PUPILS)))


def cohort_on(tables: Mapping[str, DataFrame], as_of: date, excluded: Collection[str] = ()) -> Cohorted:
    """Everybody seen on the as-of date, worked out once and counted.

    Raises
    ------
    InputError
        If the autumn census is not known on the date.
    """
    with in_our_words():
        check_census(tables, as_of)
        # Every part of the features begins with the cohort. Kept as rows, and not as a plan to be read again by each.
        seen = nw.to_native(seen_pupils(tables, as_of, excluded)).localCheckpoint()
        rows = seen.groupBy("reason", "school_id").count().collect()
    reasons, schools = Counter[str](), Counter[str]()
    for row in rows:
        reasons[row["reason"]] += row["count"]
        if not row["reason"]:
            schools[row["school_id"]] += row["count"]
    return Cohorted(seen, reasons, schools)


def facts_on(tables: Mapping[str, DataFrame], seen: DataFrame, as_of: date) -> DataFrame:
    """What a model and its flags are told of each eligible pupil: one row each, in no order.

    Returns
    -------
    DataFrame
        ``pupil_id``, ``school_id``, ``first_seen``, and every feature as double, missing as null.
    """
    eligible = nw.from_native(seen).lazy().filter(nw.col("reason") == "").drop("reason")
    return nw.to_native(facts_frame(tables, eligible, as_of))


def scored_from(
    facts: DataFrame, bundle: Bundle, as_of: date, sources: list[Source], earliest: int | None
) -> DataFrame:
    """The columns of ``SCORES`` for each row of facts; columns of the facts named ``part`` stay, at the end."""
    kept = tuple(name for name in ("part",) if name in facts.columns)
    asked = Asked(bundle.hash, as_of, tuple(sources), earliest)
    run = functools.partial(
        scored_batches, files=carried(facts.sparkSession, files_of(bundle)), asked=asked, kept=kept
    )
    return facts.mapInArrow(run, ", ".join([*_columns(), *(f"{name} int" for name in kept)]))


def score_frame(
    tables: Mapping[str, DataFrame], bundle: Bundle, as_of: date, *, excluded: Collection[str] = ()
) -> DataFrame:
    """The scored table of a cohort as a Spark frame, for a notebook with a session in hand.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``SparkTables.frames``: the canonical tables, dates as day numbers.
    bundle : Bundle
        The saved model.
    as_of : datetime.date
        Only what was known on this day is used.
    excluded : collection of str
        ``pupil_id`` of pupils who are left out.

    Returns
    -------
    DataFrame
        The columns of ``scored_file.SCORES``, one row per eligible pupil, in no order. Nothing has run but the
        cohort, whose rows Spark keeps while the frame is in use.

    Raises
    ------
    InputError
        If the autumn census is not known on the date. A fault on a worker shows only when the frame is used.
    """
    seen = cohort_on(tables, as_of, excluded).seen
    kept = without_pupils(tables, excluded)
    with in_our_words():
        sources, earliest = sources_known(kept, as_of), earliest_year(kept, as_of)
        return scored_from(facts_on(kept, seen, as_of), bundle, as_of, sources, earliest)


def in_parts(facts: DataFrame, parts: int) -> DataFrame:
    """The facts with each pupil's ``part``, each part whole in one task: ranges of pupil_id, as in a store's folder."""
    from pyspark.sql import functions as F

    prefix = F.conv(F.substring("pupil_id", 1, 2), 16, 10).cast("int")
    part = F.floor(prefix * parts / 256).cast("int")
    return facts.withColumn("part", F.coalesce(part, F.lit(0))).repartition(parts, "part")


def watched(facts: DataFrame, bundle: Bundle) -> tuple[DataFrame, Observation]:
    """The facts, counted as they pass; see :func:`drift_seen`. The counting costs no pass of its own."""
    from pyspark.sql import Observation
    from pyspark.sql import functions as F

    counts = [F.count(F.lit(1)).alias("rows")]
    for place, met in enumerate(bundle.training.columns):
        value = F.col(met.name)
        missing = value.isNull() | F.isnan(value)
        # Spark holds NaN to be larger than any number, so what is missing is at most none.
        conditions = [missing, *(~missing & (value <= cut) for cut in met.cuts)]
        counts += [
            F.count(F.when(condition, 1)).alias(f"counted_{place}_{number}")
            for number, condition in enumerate(conditions)
        ]
    observation = Observation("absence_risk facts")
    return facts.observe(observation, *counts), observation


def drift_seen(observation: Observation, bundle: Bundle, schools: Counter[str]) -> DriftCounts:
    """What was counted while the facts passed; ``schools`` are ``Cohorted.schools``, the rows that must have passed.

    Raises
    ------
    AbsenceRiskError
        If other than the expected number of rows passed: then some pupil is not scored, or scored twice.
    """
    import numpy as np

    from ..models.drift_counts import DriftCounts

    found, expected = observation.get, sum(schools.values())
    if found["rows"] != expected:
        raise AbsenceRiskError(
            f"expected {expected:,} eligible pupils to be scored, found {found['rows']:,} rows; nothing was published"
        )
    columns = list(enumerate(bundle.training.columns))
    missing = [found[f"counted_{place}_0"] for place, _ in columns]
    at_most = [found[f"counted_{place}_{1 + cut}"] for place, met in columns for cut in range(len(met.cuts))]
    return DriftCounts(
        expected, np.array(missing, dtype=np.int64), np.array(at_most, dtype=np.int64), schools
    )


def carried(session: SparkSession, files: Mapping[str, bytes]) -> Any:
    """Files for workers: broadcast, or with the plan itself where the session has no broadcast."""
    try:
        return session.sparkContext.broadcast(dict(files))
    except Exception:  # Spark Connect has no context and says so by several kinds of exception
        return CarriedFiles(files)


def _columns() -> list[str]:
    lists = dict.fromkeys(LIST_COLUMNS, "array<string>")
    return [f"{c.name} {lists.get(c.name, _SPARK_TYPES[c.type])}" for c in SCORES.columns]
