"""Margins become probabilities by two numbers, fitted on a year the model was not trained on.

log-odds = intercept + slope * margin. A straight line in log-odds keeps every explanation adding up: contributions are
multiplied by the slope, the base takes the intercept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import RefusedError
from ..evaluation.calibration import fit_line, probability
from ..evaluation.ranking import Array


@dataclass(frozen=True)
class LinearCalibration:
    """log-odds of the risk shown = ``intercept + slope * margin``; slope above 0."""

    intercept: float
    slope: float

    @classmethod
    def fit(cls, y_true: Any, margin: Any) -> LinearCalibration:
        """Fit by maximum likelihood on a year not trained on.

        Raises
        ------
        RefusedError
            If no line exists (one kind of outcome, equal or separating margins) or its slope is not above 0: then
            the margins do not rank that year at all, and no probability should be shown.
        """
        try:
            line = fit_line(y_true, margin)
        except ValueError as fault:
            # fit_line speaks of counts only, so its words may be passed on.
            raise RefusedError(f"the scores cannot be calibrated on the later year: {fault}") from None
        if line.slope <= 0:
            raise RefusedError(
                "the scores rank the later year the wrong way round (calibration slope not above 0); "
                "there is nothing to show. Look at how the years differ before training again"
            )
        return cls(line.intercept, line.slope)

    def log_odds(self, margin: Array) -> Array:
        """Calibrated log-odds of each margin."""
        return self.intercept + self.slope * margin

    def risk(self, margin: Array) -> Array:
        """Calibrated probability (0-1) of each margin."""
        return probability(self.log_odds(margin))
