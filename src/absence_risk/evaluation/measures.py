"""Every measure of one ranking on one year, each with an interval and the counts it rests on.

The value of each measure is that of the pupils as they are; its interval comes from draws of whole schools
(:mod:`.draws`). Two rankings of the same pupils, measured with the same draws, are compared draw by draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .calibration import as_probabilities
from .drawn_calibration import drawn_brier, drawn_in_the_large, drawn_line
from .drawn_ranking import DrawnRanking
from .draws import LEVEL, NAN, Estimate, SchoolDraws, ends, estimate, ratio
from .measure_names import LENGTHS, MEASURES, Measure
from .ranking import Array, as_labels, as_scores

__all__ = ["MEASURES", "Measure", "MeasuredYear", "measure_year", "paired", "paired_draws"]


@dataclass(frozen=True)
class MeasuredYear:
    """The measures of one ranking on one year.

    Attributes
    ----------
    n, events : int
        Pupils, and those of them who met the outcome.
    estimates : dict of str to Estimate
        By name of ``MEASURES``; a measure that does not apply is not there.
    draws : dict of str to array, shape (rounds,)
        The same measures in each draw of schools; NaN where a draw has nothing beneath the line.
    """

    n: int
    events: int
    estimates: dict[str, Estimate]
    draws: dict[str, Array]


@dataclass(frozen=True)
class _Drawn:
    """One measure: as it is first and then by draw, and the counts beneath it."""

    values: Array
    part: float = NAN
    of: float = NAN


def _shared(part: Array, of: Array) -> _Drawn:
    return _Drawn(ratio(part, of), float(part[0]), float(of[0]))


def measure_year(
    y_true: Any,
    score: Any,
    draws: SchoolDraws,
    *,
    capacity: int,
    is_probability: bool,
    persistent: Any = None,
    in_service: Any = None,
) -> MeasuredYear:
    """Every measure of one ranking on one year, with intervals.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1.
    score : array of float, shape (n,)
        Higher comes first. Probabilities (0-1) also get the measures of calibration.
    draws : SchoolDraws
        Of the same pupils in the same order.
    capacity : int
        Places the team can offer; a year smaller than that is ranked whole. Half of it is at least 1.
    is_probability : bool
        Whether ``score`` is a calibrated probability.
    persistent : array of 1, 0 or NaN, shape (n,), optional
        Persistent absence in the feature year; NaN is unknown. Without it, onset and continuing are not measured.
    in_service : array of 1, 0 or NaN, shape (n,), optional
        Open to a service on the as-of date. ``newly_known_share`` needs both; a pupil of whom either is unknown counts
        as not newly known.

    Raises
    ------
    ValueError
        If the arrays do not fit each other or ``capacity`` is below 1.
    """
    labels = as_labels(y_true)
    scores = as_scores(score, labels.size)
    if draws.n != labels.size:
        raise ValueError(f"the draws are of {draws.n} pupils, and there are {labels.size} outcomes")
    if capacity < 1:
        raise ValueError(f"capacity is the number of places, 1 or more, not {capacity}")
    before, service = _as_marks(persistent, labels.size), _as_marks(in_service, labels.size)
    ranking = DrawnRanking(scores, draws)
    found = _at_lengths(ranking, labels, capacity)
    found |= _of_whole_ranking(ranking, labels)
    found |= _by_history(ranking, labels, min(capacity, labels.size), before, service)
    if is_probability:
        found |= _of_probabilities(labels, as_probabilities(scores, labels.size), draws)
    named = {name: found[name] for name in MEASURES if name in found}
    return MeasuredYear(
        n=labels.size,
        events=int(labels.sum()),
        estimates={name: estimate(drawn.values, drawn.part, drawn.of) for name, drawn in named.items()},
        draws={name: drawn.values[1:] for name, drawn in named.items()},
    )


def _as_marks(marks: Any, count: int) -> Array | None:
    if marks is None:
        return None
    values = np.asarray(marks, dtype=np.float64)
    if values.shape != (count,) or not np.isin(values[~np.isnan(values)], (0, 1)).all():
        raise ValueError(f"expected {count} marks of 1, 0 or NaN (unknown), one per pupil")
    return values


def _at_lengths(ranking: DrawnRanking, labels: Array, capacity: int) -> dict[str, _Drawn]:
    events, sizes = ranking.draws.whole_and_draws(labels), ranking.draws.sizes
    found: dict[str, _Drawn] = {}
    for at, wanted in zip(LENGTHS, (max(1, capacity // 2), capacity, 2 * capacity), strict=True):
        k = min(wanted, labels.size)
        top = ranking.top(k)
        right = top.sums(labels)
        found[f"precision_{at}"] = _shared(right, top.places)
        found[f"recall_{at}"] = _shared(right, events)
        found[f"reviews_per_find_{at}"] = _Drawn(_reviews_per_find(top.places, right))
        if wanted == capacity:
            # A draw has more or fewer pupils than the year: what it finds is scaled to the size of the year.
            found["found_at_capacity"] = _Drawn(ratio(right * labels.size, sizes))
    return found


def _reviews_per_find(places: Array, right: Array) -> Array:
    """Pupils listed for each one rightly listed; a draw that finds nobody needs endlessly many, and counts as that."""
    return np.divide(places, right, out=np.full(len(places), np.inf), where=right > 0)


def _of_whole_ranking(ranking: DrawnRanking, labels: Array) -> dict[str, _Drawn]:
    precision, auc = ranking.areas(labels)
    return {"average_precision": _Drawn(precision), "roc_auc": _Drawn(auc)}


def _by_history(
    ranking: DrawnRanking, labels: Array, k: int, before: Array | None, service: Array | None
) -> dict[str, _Drawn]:
    if before is None:
        return {}
    top, found = ranking.top(k), {}
    for name, mark in (("onset", 0), ("continuing", 1)):
        held = (before == mark).astype(np.float64)
        listed, right = top.sums(np.column_stack([held, held * labels])).T
        events = ranking.draws.whole_and_draws(held * labels)
        found[f"{name}_precision"] = _shared(right, listed)
        found[f"{name}_recall"] = _shared(right, events)
    if service is not None:
        # NaN equals nothing, so what is unknown is not newly known.
        new = ((before == 0) & (service == 0)).astype(np.float64)
        fresh, right = top.sums(np.column_stack([new * labels, labels])).T
        found["newly_known_share"] = _shared(fresh, right)
    return found


def _of_probabilities(labels: Array, probs: Array, draws: SchoolDraws) -> dict[str, _Drawn]:
    intercept, slope = drawn_line(labels, probs, draws)
    found = {
        "calibration_in_the_large": drawn_in_the_large(labels, probs, draws),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
        **drawn_brier(labels, probs, draws),
    }
    return {name: _Drawn(values) for name, values in found.items()}


def paired(first: MeasuredYear, second: MeasuredYear, measure: str) -> Estimate:
    """The first's value less the second's, with an interval from the same draws of the same schools.

    What is common to both falls out, so the interval is narrower than those of the two apart. NaN where either has no
    such measure.

    Raises
    ------
    ValueError
        If the name is unknown, or the two were not measured with as many draws of as many pupils.
    """
    if measure not in MEASURES:
        raise ValueError(f"no measure is called {measure}; expected one of {', '.join(MEASURES)}")
    if first.n != second.n:
        raise ValueError(f"a paired difference needs the same pupils; found {first.n} and {second.n}")
    if measure not in first.estimates or measure not in second.estimates:
        return Estimate(NAN, NAN, NAN)
    one, other = first.estimates[measure].value, second.estimates[measure].value
    return paired_draws(one, other, first.draws[measure], second.draws[measure])


def paired_draws(
    first_value: float, second_value: float, first: Any, second: Any, *, level: float = LEVEL
) -> Estimate:
    """The same from bare numbers and their draws, shape (rounds,) each, paired by their place.

    Raises
    ------
    ValueError
        If there are not as many draws of the one as of the other.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError(f"draws are paired one by one; found {one.size} and {other.size}")
    with np.errstate(invalid="ignore"):  # endless less endless is not a number, and such a draw is left out
        gaps = one - other
    value = float(first_value) - float(second_value)
    if not np.isfinite(value):
        return Estimate(NAN, NAN, NAN)
    return Estimate(value, *ends(gaps, level))
