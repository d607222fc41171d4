"""Whether a cohort is like those a model was made from: what cannot be right is refused, what is unusual is reported.

The rules and their sources stand in ``drift_counts.moved`` (shares of a column) and here (pupils, schools, returns);
they were chosen beforehand, from the theory of samples of whole schools.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..features.data_flags import SOURCE_WORDS, Source
from .drift_columns import Finding, columns_moved
from .drift_counts import DriftCounts, Share, moved, surprise
from .drift_words import in_hundred, months
from .met_in_training import Training, YearMet, returns_known

#: A cohort is refused if it has so many times the pupils or schools of the latest year, or one in so many; it is
#: reported if it is larger or smaller by this share.
SIZE_REFUSED, SIZE_REPORTED = 1.5, 0.10

#: So many standard errors of the difference of two counts are chance: what ``FALSE_ALARM`` allows over a dozen
#: comparisons of Poisson counts.
_CHANCE = 4

#: A return is a collection late if it is so many days older than in training; collections are a term apart or more.
_LATE_DAYS = 80


@dataclass(frozen=True)
class Findings:
    """What was found of a cohort, in sentences without a pupil's value.

    Attributes
    ----------
    refused : tuple of str
        What cannot be right, or only if somebody says that it is.
    reported : tuple of str
        What is unusual.
    compared : int
        Shares and numbers that were compared.
    """

    refused: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    compared: int = 0


NOT_RECORDED = (
    "the model does not say what it met in training, so nothing of this cohort was compared with it; "
    "train it again"
)


def findings(
    training: Training,
    found: DriftCounts | None,
    counts: Mapping[str, int],
    as_of: date,
    sources: Sequence[Source],
) -> Findings:
    """Compare a cohort with those of the training years.

    Parameters
    ----------
    training : Training
        What the bundle recorded.
    found : DriftCounts, optional
        Of every row that is scored; None if there are none.
    counts : mapping of str to int
        ``Cohort.counts``: ``seen`` and ``eligible``.
    as_of : datetime.date
    sources : sequence of Source
        ``data_flags.sources_known`` on the as-of date.
    """
    if training.latest is None:
        return Findings(reported=(NOT_RECORDED,))
    returns = list(_returns(training.years, sources, as_of))
    said = [*_dates(sources), *returns, *_cohort(training, found, counts)]
    compared = len(training.latest.returns) + 3
    if found is not None and found.rows:
        columns = list(columns_moved(training, found))
        said += columns
        compared += training.comparisons
    return Findings(
        tuple(one.words for one in said if one.refused),
        tuple(one.words for one in said if not one.refused),
        compared,
    )


def _dates(sources: Sequence[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.kind == "school_census" and source.later is not None and source.latest is not None:
            known, held = date.fromisoformat(source.latest), date.fromisoformat(source.later)
            if (held - known).days > 300:
                yield Finding(
                    f"the store holds a School Census of {held.year} and the as-of date knows none after {known.year}: "
                    "is the as-of date a year early?"
                )


def _returns(years: Sequence[YearMet], sources: Sequence[Source], as_of: date) -> Iterator[Finding]:
    now = returns_known(sources, as_of)
    for name in sorted(set().union(*(met.returns for met in years))):
        had = [met.returns[name] for met in years if name in met.returns]
        words = _return_words(name)
        census = name.startswith("school_census")
        if name not in now:
            if len(had) == len(years):
                yield Finding(
                    f"no {words} is held; every year the model was made from had one. Was it ingested?", True
                )
            else:
                yield Finding(f"no {words} is held; {len(had)} of {len(years)} years in training had one")
            continue
        oldest = max(one["age"] for one in had)
        if now[name]["age"] > oldest + _LATE_DAYS:
            yield Finding(
                f"the latest {words} is {months(now[name]['age'])} old on the as-of date; it was at most "
                f"{months(oldest)} old in training. Was the latest one ingested?",
                # Attendance of a term that was not returned is not known for anybody.
                census,
            )
        yield from _records(
            words, max(met.year for met in years if name in met.returns), years, name, now[name]
        )


def _records(
    words: str, latest: str, years: Sequence[YearMet], name: str, now: Mapping[str, int]
) -> Iterator[Finding]:
    then = next(met.returns[name]["records"] for met in years if met.year == latest)
    if not now["records"] and then:
        yield Finding(f"the latest {words} holds no record; {then:,} in {latest}. Was it read whole?", True)
    elif _size_moved(then, now["records"], SIZE_REFUSED - 1):
        yield Finding(
            f"the latest {words} holds {now['records']:,} records; {then:,} in {latest}. Was it read once, and whole?"
        )


def _return_words(name: str) -> str:
    kind, term = name.split(" ")
    return SOURCE_WORDS[kind] if term == "year" else f"{term} {SOURCE_WORDS[kind]}"


def _size_moved(then: float, now: float, share: float) -> bool:
    """Whether a number moved by more than a share of it, up or down alike, and by more than chance."""
    if abs(now - then) <= _CHANCE * math.sqrt(now + then):
        return False
    return not 1 / (1 + share) <= now / max(then, 1) <= 1 + share


def _cohort(training: Training, found: DriftCounts | None, counts: Mapping[str, int]) -> Iterator[Finding]:
    met = training.latest
    assert met is not None
    schools = len(found.schools) if found is not None else 0
    for what, then, now in (("pupils", met.eligible, counts["eligible"]), ("schools", met.schools, schools)):
        if _size_moved(then, now, SIZE_REFUSED - 1):
            more = "Were they read twice?" if now > then else "Is the store whole?"
            yield Finding(f"{now:,} {what} would be scored; {then:,} in {met.year}. {more}", True)
        elif _size_moved(then, now, SIZE_REPORTED):
            yield Finding(f"{now:,} {what} would be scored; {then:,} in {met.year}")
    seen, eligible = (sum(getattr(year, name) for year in training.years) for name in ("seen", "eligible"))
    if seen and counts["seen"]:
        trained = Share(min(1.0, eligible / seen), seen, training.usual_spread)
        this = Share(counts["eligible"] / counts["seen"], counts["seen"], trained.spread)
        if moved(trained, this, surprise(training.comparisons)):
            yield Finding(
                f"{in_hundred(this.share)} of the pupils seen would be scored; {in_hundred(trained.share)} in training"
            )
