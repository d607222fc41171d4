"""A made-up record of how the size of trees was chosen: 4 leaves taken, 15 found the most, 31 clearly fewer."""

from __future__ import annotations

from typing import Any

_FOUND = {4: 92.0, 8: 94.5, 15: 95.0, 31: 84.0}
_ENDS = {4: (-4.0, 9.0), 8: (-3.0, 4.0), 15: (0.0, 0.0), 31: (2.0, 20.0)}


def made_shape(
    year: str = "2023/24", *, k: int = 150, taken: int = 4, schools: int = 21, **changed: Any
) -> dict[str, Any]:
    """The record as ``workflows.shape.shape_of`` makes it."""
    most = max(_FOUND.values())
    choices = [
        {
            "measured_on": year, "leaves": leaves, "chosen": leaves == taken, "best": found == most, "k": k,
            "found": found, "best_found": most, "lost": most - found,
            "lost_low": _ENDS[leaves][0] if schools > 1 else None,
            "lost_high": _ENDS[leaves][1] if schools > 1 else None,
            "precision": found / k, "average_precision": 0.271 + leaves / 1e4, "roc_auc": 0.815, "log_loss": 0.1405,
            "brier": 0.0349, "calibration_slope_before": 1.01 - leaves / 500, "calibration_error": 0.0026,
            "cost": 200 * leaves,
        }
        for leaves, found in _FOUND.items()
    ]  # fmt: skip
    record = {
        "leaves": taken,
        "measured_on": year,
        "rounds": 1000,
        "level": 0.95,
        "seed": 1,
        "schools": schools,
    }
    return {**record, "choices": choices, **changed}
