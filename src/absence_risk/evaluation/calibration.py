"""Whether a stated probability can be taken at its word: of pupils told "20 in 100", did about 20 meet the outcome?

Calibration intercept and slope follow Cox (1958) and Van Calster et al. (2019, doi:10.1186/s12916-019-1466-7):
a logistic line of the outcome on the log-odds of the stated probability. Slope 1 and intercept 0 are perfect; a
slope below 1 means that the probabilities are too extreme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .ranking import Array, as_labels, as_scores

if TYPE_CHECKING:
    import pandas as pd

_ROUNDS, _TOLERANCE = 100, 1e-12
_LEAST = 1e-12  #: A stated probability of exactly 0 or 1 has no log-odds; it is read as this close to it.


@dataclass(frozen=True)
class Line:
    """log-odds = intercept + slope * x, as fitted."""

    intercept: float
    slope: float


def probability(log_odds: Any) -> Array:
    """The probability (0-1) of each log-odds, without overflow."""
    values = np.clip(np.asarray(log_odds, dtype=np.float64), -700.0, 700.0)
    return 1.0 / (1.0 + np.exp(-values))


def log_odds_of(y_prob: Any) -> Array:
    """The log-odds of each probability; 0 and 1 are read as very close to them."""
    clipped = np.clip(np.asarray(y_prob, dtype=np.float64), _LEAST, 1.0 - _LEAST)
    return np.log(clipped) - np.log1p(-clipped)


def as_probabilities(y_prob: Any, count: int) -> Array:
    """Probabilities between 0 and 1, one per outcome; a margin or a percentage is refused (ValueError)."""
    values = as_scores(y_prob, count)
    wrong = int(((values < 0) | (values > 1)).sum())
    if wrong:
        raise ValueError(
            f"probabilities lie between 0 and 1; {wrong} values do not (log-odds or percentages?)"
        )
    return values


def _log_loss(labels: Array, eta: Array) -> float:
    return float(np.sum(np.logaddexp(0.0, eta) - labels * eta))


def fit_line(y_true: Any, x: Any) -> Line:
    """The logistic line of the outcome on ``x``, by maximum likelihood (Newton, steps halved until they improve).

    Parameters
    ----------
    y_true : array of int, shape (n,)
        0 or 1; both must occur.
    x : array of float, shape (n,)
        Usually a margin or log-odds.

    Raises
    ------
    ValueError
        If one kind of outcome is absent, ``x`` does not vary, or ``x`` separates the outcomes so that no finite
        line exists.
    """
    labels = as_labels(y_true)
    values = as_scores(x, labels.size)
    if labels.all() or not labels.any():
        raise ValueError("a calibration line needs pupils who met the outcome and pupils who did not")
    centre, spread = float(values.mean()), float(values.std())
    if spread == 0:
        raise ValueError("a calibration line needs scores that differ; they are all the same")
    intercept, slope = _newton(labels, (values - centre) / spread)
    return Line(intercept - slope * centre / spread, slope / spread)


def _newton(labels: Array, z: Array) -> tuple[float, float]:
    rate = float(labels.mean())
    line = np.array([np.log(rate / (1.0 - rate)), 0.0])
    design = np.column_stack([np.ones_like(z), z])
    loss = _log_loss(labels, design @ line)
    for _ in range(_ROUNDS):
        fitted = probability(design @ line)
        weight = fitted * (1.0 - fitted)
        gradient = design.T @ (labels - fitted)
        hessian = (design * weight[:, None]).T @ design
        if np.linalg.cond(hessian) > 1e14:
            break
        step = np.linalg.solve(hessian, gradient)
        better, new_loss = _halved(labels, design, line, step, loss)
        gained, line, loss = loss - new_loss, better, new_loss
        if gained <= _TOLERANCE * max(1.0, loss):
            # Outcomes that a threshold separates have no finite line: the loss goes to nothing.
            if loss < 1e-6 * labels.size:
                break
            return float(line[0]), float(line[1])
    raise ValueError("no finite calibration line exists: the scores separate the outcomes completely")


def _halved(labels: Array, design: Array, line: Array, step: Array, loss: float) -> tuple[Array, float]:
    for _ in range(30):
        tried = line + step
        new_loss = _log_loss(labels, design @ tried)
        if new_loss <= loss:
            return tried, new_loss
        step = step / 2.0
    return line, loss


def calibration_line(y_true: Any, y_prob: Any) -> Line:
    """Intercept and slope of the outcome on the log-odds of the stated probability; 0 and 1 are perfect."""
    labels = as_labels(y_true)
    return fit_line(labels, log_odds_of(as_probabilities(y_prob, labels.size)))


def calibration_in_the_large(y_true: Any, y_prob: Any) -> float:
    """Observed share less the mean stated probability; 0 is perfect, above 0 means too few were foreseen."""
    labels = as_labels(y_true)
    return float(labels.mean() - as_probabilities(y_prob, labels.size).mean())


def brier(y_true: Any, y_prob: Any) -> float:
    """Mean squared distance between outcome and probability; 0 is perfect, lower is better (Brier, 1950)."""
    labels = as_labels(y_true)
    return float(np.mean((labels - as_probabilities(y_prob, labels.size)) ** 2))


def log_loss(y_true: Any, y_prob: Any) -> float:
    """Mean surprise of the outcomes at the stated probabilities, in nats per pupil; lower is better (Good, 1952)."""
    labels = as_labels(y_true)
    return _log_loss(labels, log_odds_of(as_probabilities(y_prob, labels.size))) / labels.size


def bin_of(probs: Array, bins: int = 10) -> tuple[Array, int]:
    """The bin of each probability, from 0, and how many there are: bins of equal numbers, equal ones together.

    >>> bin_of(np.array([0.1, 0.2, 0.2, 0.9]), 2)
    (array([0, 1, 1, 1]), 2)
    """
    edges = np.unique(np.quantile(probs, np.linspace(0, 1, bins + 1)[1:-1], method="higher"))
    levels, codes = np.unique(np.searchsorted(edges, probs, side="right"), return_inverse=True)
    return codes, len(levels)


def calibration_table(y_true: Any, y_prob: Any, *, bins: int = 10) -> pd.DataFrame:
    """Stated and observed shares in bins of equal numbers of pupils.

    Equal probabilities never part, so a bin may be larger and there may be fewer than ``bins``.

    Returns
    -------
    DataFrame
        One row per bin, lowest first: ``bin`` (1 on), ``lowest``, ``highest``, ``n``, ``events``, ``mean_prob``,
        ``observed`` (shares 0-1).
    """
    import pandas as pd

    labels = as_labels(y_true)
    probs = as_probabilities(y_prob, labels.size)
    frame = pd.DataFrame({"bin": bin_of(probs, bins)[0], "y": labels, "prob": probs})
    grouped = frame.groupby("bin", sort=True)
    table = grouped.agg(
        lowest=("prob", "min"), highest=("prob", "max"), n=("y", "size"), events=("y", "sum"),
        mean_prob=("prob", "mean"), observed=("y", "mean"),
    ).reset_index(drop=True)  # fmt: skip
    table.insert(0, "bin", np.arange(1, len(table) + 1))
    return table


def expected_calibration_error(y_true: Any, y_prob: Any, *, bins: int = 10) -> float:
    """Mean distance of stated and observed share over bins of equal numbers of pupils; 0 is perfect.

    Naeini, Cooper and Hauskrecht (2015, Proceedings of AAAI 29), here with the bins of :func:`calibration_table`.
    Chance alone keeps it above 0.
    """
    table = calibration_table(y_true, y_prob, bins=bins)
    away = (table["observed"] - table["mean_prob"]).abs() * table["n"]
    return float(away.sum() / table["n"].sum())
