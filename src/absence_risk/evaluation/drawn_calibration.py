"""How far probabilities hold in every draw of schools: the line, the mean, and the Brier score with its parts.

The bins of the Brier parts are those of the pupils as they are; their edges stay fixed from draw to draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .calibration import bin_of, calibration_line, calibration_table, log_odds_of, probability
from .draws import NAN, SchoolDraws, ends, ratio
from .ranking import Array

if TYPE_CHECKING:
    import pandas as pd


def drawn_line(labels: Array, probs: Array, draws: SchoolDraws) -> tuple[Array, Array]:
    """Calibration intercept and slope, of the pupils as they are and of each draw; each of shape (1 + rounds,).

    A draw's line is one step from the line of all pupils, with derivatives summed by school: the one-step bootstrap of
    Moulton and Zeger (1991, Computational Statistics & Data Analysis 11, 53-63), bent by the third derivative
    (Chebyshev's method), so that what is left out is of third order in the step. NaN where no line exists.
    """
    nothing = np.full(1 + draws.rounds, NAN)
    try:
        line = calibration_line(labels, probs)
    except ValueError:  # one kind of outcome, equal scores or separated ones: no line exists, and NaN says so
        return nothing, nothing.copy()
    x = log_odds_of(probs)
    centre = float(
        x.mean()
    )  # the step is taken about the mean, where intercept and slope hardly pull on each other
    z = x - centre
    fitted = probability(line.intercept + line.slope * x)
    off, weight = labels - fitted, fitted * (1.0 - fitted)
    bend = weight * (1.0 - 2.0 * fitted)
    powers = z[:, None] ** np.arange(4)
    columns = np.hstack(
        [off[:, None] * powers[:, :2], weight[:, None] * powers[:, :3], bend[:, None] * powers]
    )
    at_centre, slope = _stepped(draws.whole_and_draws(columns))
    # The pupils as they are have no step to take: theirs is the line itself.
    intercepts = line.intercept + at_centre - slope * centre
    return np.append(line.intercept, intercepts[1:]), np.append(line.slope, line.slope + slope[1:])


def _stepped(sums: Array) -> tuple[Array, Array]:
    """The step in intercept and slope from the sums of gradient (2), Hessian (3) and third derivative (4)."""
    gradient, hessian, third = sums[:, :2], sums[:, 2:5], sums[:, 5:]
    first, second = _solved(hessian, gradient)
    bent = [
        -(third[:, i] * first**2 + 2 * third[:, i + 1] * first * second + third[:, i + 2] * second**2) / 2
        for i in (0, 1)
    ]
    more, further = _solved(hessian, np.column_stack(bent))
    return first + more, second + further


def _solved(hessian: Array, right: Array) -> tuple[Array, Array]:
    flat, mixed, steep = hessian.T
    area = flat * steep - mixed**2
    stands = area > 1e-12 * flat * steep
    nothing = np.full(len(area), NAN)
    first = np.divide(steep * right[:, 0] - mixed * right[:, 1], area, out=nothing.copy(), where=stands)
    return first, np.divide(flat * right[:, 1] - mixed * right[:, 0], area, out=nothing, where=stands)


def drawn_in_the_large(labels: Array, probs: Array, draws: SchoolDraws) -> Array:
    """Observed share less mean stated probability, as it is and in each draw; shape (1 + rounds,)."""
    return draws.whole_and_draws(labels - probs) / draws.sizes


def drawn_brier(labels: Array, probs: Array, draws: SchoolDraws, *, bins: int = 10) -> dict[str, Array]:
    """The Brier score and its parts, as they are and in each draw; each of shape (1 + rounds,).

    ``brier`` = ``brier_reliability`` - ``brier_resolution`` + ``brier_uncertainty`` + ``brier_remainder``. The first
    three parts are Murphy's (1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2); the remainder is what
    differs within bins (Stephenson, Coelho and Jolliffe, 2008, doi:10.1175/2007WAF2006116.1), and is nought where a
    bin holds one probability only. Reliability is a sum of squares, to which every draw adds noise, so where it is
    nearly nought its interval may lie above its value.
    """
    codes, levels = bin_of(probs, bins)
    n, events, stated = (draws.sums_within(codes, levels, values) for values in (None, labels, probs))
    observed, mean = ratio(events, n), ratio(stated, n)
    rate = events.sum(axis=1) / draws.sizes
    size = draws.sizes
    found = {
        "brier": draws.whole_and_draws((labels - probs) ** 2) / size,
        "brier_reliability": np.nansum(n * (mean - observed) ** 2, axis=1) / size,
        "brier_resolution": np.nansum(n * (observed - rate[:, None]) ** 2, axis=1) / size,
        "brier_uncertainty": rate * (1.0 - rate),
    }
    parts = found["brier_reliability"] - found["brier_resolution"] + found["brier_uncertainty"]
    return found | {"brier_remainder": found["brier"] - parts}


def calibration_curve(labels: Array, probs: Array, draws: SchoolDraws, *, bins: int = 10) -> pd.DataFrame:
    """Stated and observed shares in bins of equal numbers of pupils, each observed share with its interval.

    Parameters
    ----------
    labels : array of int, shape (n,)
        0 or 1.
    probs : array of float, shape (n,)
        Probabilities (0-1).
    draws : SchoolDraws
        Of the same pupils; the edges of the bins stay fixed from draw to draw.

    Returns
    -------
    DataFrame
        Columns of :func:`.calibration.calibration_table` and ``observed_low``, ``observed_high``.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """
    table = calibration_table(labels, probs, bins=bins)
    codes, levels = bin_of(np.asarray(probs, dtype=np.float64), bins)
    observed = ratio(draws.sums_within(codes, levels, labels), draws.sums_within(codes, levels))[1:]
    intervals = [ends(column) for column in observed.T]
    return table.assign(
        observed_low=[low for low, _ in intervals], observed_high=[high for _, high in intervals]
    )
