"""How large the trees may grow, by evidence: every choice measured on one year, the smallest with no clear loss taken.

Small trees are many times cheaper to explain, and often no worse. Whether that holds is a question to each authority's
own records, so training asks it: each number of leaves is fitted on the years that train and measured on the year that
calibrates. That year is enough, since no tree has seen it, and the year that tests stays closed, so what is said of the
chosen model there is not flattered by the choice.

Two kinds of optimism remain on the measured year itself. The best of a few is a little lucky; that favours the best,
so it makes the choice of a smaller one harder, not easier. And the two numbers of the calibration are fitted on that
year, so log loss, Brier score and calibration error after it are a little too good, for every choice alike; the slope
before it is not touched by that. Pupils found, average precision and the area under the curve depend on the order
alone, which a line with a slope above nought leaves as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..evaluation.smallest import Size, smallest_as_good

if TYPE_CHECKING:
    from ..dataset import Dataset
    from ..models.bundle import Model
    from ..models.calibration import LinearCalibration

#: Draws of whole schools for each interval, and its confidence.
ROUNDS, LEVEL = 1000, 0.95


@dataclass(frozen=True)
class Choice:
    """One number of leaves, fitted and calibrated."""

    model: Model
    calibration: LinearCalibration


def shape_of(
    choices: Mapping[int, Choice], held_out: Dataset, *, year: str, capacity: int, seed: int
) -> dict[str, Any]:
    """Measure every choice on pupils it was not fitted on, and say which is taken and why.

    Parameters
    ----------
    choices : mapping of int to Choice
        By the most leaves of a tree.
    held_out : Dataset
        The year that calibrates.
    year : str
        That feature year, as 2023/24.
    capacity : int
        Places the team can offer; a year smaller than that is ranked whole.
    seed : int
        Of the draws of schools.

    Returns
    -------
    dict
        Plain values for JSON: ``leaves`` (int, the choice), ``measured_on``, ``rounds``, ``level``, ``seed``,
        ``schools`` and ``choices``: one record per choice, the smallest first, with the columns of the table
        ``model_shape`` of ``evidence.tables`` without the year that tests; what is not defined is None.
    """
    values = {leaves: _values(choice, held_out) for leaves, choice in choices.items()}
    margins = {leaves: choice.model.margin(values[leaves]) for leaves, choice in choices.items()}
    risks = {leaves: choice.calibration.risk(margins[leaves]) for leaves, choice in choices.items()}
    k = min(capacity, len(held_out))
    weighed = smallest_as_good(
        held_out.y, risks, k, cluster=held_out.school_id, rounds=ROUNDS, level=LEVEL, random_state=seed
    )
    most = next(size.found for size in weighed if size.best)
    return {
        "leaves": next(size.size for size in weighed if size.chosen),
        "measured_on": year,
        "rounds": ROUNDS,
        "level": LEVEL,
        "seed": seed,
        "schools": len(set(held_out.school_id)),
        "choices": [
            {
                "measured_on": year,
                **_weight(size, k, most),
                **_measured(choices[size.size], risks[size.size], held_out, k),
            }
            for size in weighed
        ],
    }


def _values(choice: Choice, held_out: Dataset) -> Any:
    return held_out.X[list(choice.model.feature_names)].to_numpy(dtype="float64")


def _weight(size: Size, k: int, most: float) -> dict[str, Any]:
    lost = size.lost
    return {
        "leaves": size.size,
        "chosen": size.chosen,
        "best": size.best,
        "k": k,
        "found": size.found,
        "best_found": most,
        "lost": most - size.found,
        "lost_low": None if lost is None else _known(lost.low),
        "lost_high": None if lost is None else _known(lost.high),
        "precision": size.found / k,
    }


def _measured(choice: Choice, risk: Any, held_out: Dataset, k: int) -> dict[str, float | None]:
    from ..evaluation.calibration import brier, expected_calibration_error, log_loss
    from ..evaluation.ranking import average_precision, roc_auc

    y = held_out.y
    return {
        "average_precision": _known(average_precision(y, risk)),
        "roc_auc": _known(roc_auc(y, risk)),
        "log_loss": log_loss(y, risk),
        "brier": brier(y, risk),
        "calibration_slope_before": choice.calibration.slope,
        "calibration_error": expected_calibration_error(y, risk),
        "cost": cost_of(choice.model),
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def cost_of(model: Model) -> int:
    """How many numbers are added up to explain one pupil, the same on every machine.

    One for each feature of each table that the compiled trees would have, and of each leaf without one. The tables are
    planned and not filled, since all sizes but one are thrown away.
    """
    from ..compiled.trees import read_trees
    from ..compiled.units import group_leaves

    groups, alone = group_leaves(read_trees(model.text()))
    return sum(len(group.features) for group in groups) + sum(len(leaf.features) for leaf in alone)
