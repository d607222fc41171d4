"""The measures of one list on one year, as one flat record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from .calibration import as_probabilities, brier, calibration_in_the_large, calibration_line
from .ranking import Array, as_labels, as_scores, average_precision, precision_at_k, recall_at_k, roc_auc


def measure(
    y_true: Any, y_score: Any = None, *, y_prob: Any = None, capacity: int
) -> dict[str, float | None]:
    """Every measure of one ranking, and of its probabilities where there are any.

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1, on a year the model was not trained on.
    y_score, y_prob : array of float, shape (n,)
        Exactly one of them. ``y_prob`` (0-1) also gets the measures of calibration; ``y_score`` is only a ranking.
    capacity : int
        Places the team can offer; a cohort smaller than that is ranked whole.

    Returns
    -------
    dict
        ``n``, ``events``, ``prevalence``, ``capacity``, ``precision_at_capacity``, ``recall_at_capacity``,
        ``found_at_capacity``, ``tied_at_capacity``, the same two shares at half and at double capacity,
        ``average_precision``, ``roc_auc``; for ``y_prob`` also ``brier``, ``calibration_in_the_large``,
        ``calibration_intercept`` and ``calibration_slope``. None where a measure is not defined.

    Raises
    ------
    ValueError
        If both or neither of ``y_score`` and ``y_prob`` are given, or an array is not what it should be.
    """
    if (y_score is None) == (y_prob is None):
        raise ValueError(
            "give either y_score (a ranking) or y_prob (probabilities), not both and not neither"
        )
    labels = as_labels(y_true)
    scores = as_scores(y_score if y_prob is None else y_prob, labels.size)
    found = {**_counts(labels, capacity), **_at_capacity(labels, scores, capacity)}
    found["average_precision"] = average_precision(labels, scores)
    found["roc_auc"] = roc_auc(labels, scores)
    if y_prob is not None:
        found.update(_calibration(labels, as_probabilities(y_prob, labels.size)))
    return {name: None if math.isnan(value) else value for name, value in found.items()}


def _counts(labels: Array, capacity: int) -> dict[str, float]:
    return {
        "n": labels.size,
        "events": int(labels.sum()),
        "prevalence": float(labels.mean()),
        "capacity": capacity,
    }


def _at_capacity(labels: Array, scores: Array, capacity: int) -> dict[str, float]:
    if capacity < 1:
        raise ValueError(f"capacity is the number of places, 1 or more, not {capacity}")
    found: dict[str, float] = {}
    for name, wanted in (("half", max(1, capacity // 2)), ("", capacity), ("double", 2 * capacity)):
        k = min(wanted, labels.size)
        at = f"at_{name}_capacity" if name else "at_capacity"
        precision = precision_at_k(labels, scores, k)
        found[f"precision_{at}"] = precision.value
        found[f"recall_{at}"] = recall_at_k(labels, scores, k).value
        if not name:
            found["found_at_capacity"], found["tied_at_capacity"] = precision.found, precision.tied
    return found


def _calibration(labels: Array, probs: Array) -> dict[str, float]:
    try:
        line = calibration_line(labels, probs)
        intercept, slope = line.intercept, line.slope
    except (
        ValueError
    ):  # one kind of outcome, equal scores or separated ones: no line exists, and None says so
        intercept = slope = math.nan
    return {
        "brier": brier(labels, probs),
        "calibration_in_the_large": calibration_in_the_large(labels, probs),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
    }


def found_at_capacity(record: Mapping[str, float | None]) -> float:
    """Pupils rightly listed at capacity, ties at the edge in expectation; 0 where the record does not say."""
    return float(record.get("found_at_capacity") or 0.0)


def rule_wins(model: Mapping[str, float | None], rules: Iterable[Mapping[str, float | None]]) -> bool:
    """Whether a simple rule finds at least as many at capacity as the model: then the rule is the better tool."""
    best = max(map(found_at_capacity, rules), default=None)
    return best is not None and best >= found_at_capacity(model)
