"""Whole schools drawn again, by counts: how far a number might have fallen elsewhere by the luck of the schools.

Pupils of one school are alike, so the schools are what is drawn with replacement (cluster bootstrap; Field and Welsh,
2007, doi:10.1111/j.1467-9868.2007.00593.x). A draw is a row of counts, how often each school came up; no pupil is
copied. Any sum over the pupils of a draw is then the counts times the sums by school, so that 2,000 draws of a number
cost one product of two small matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .ranking import Array

LEVEL = 0.95  #: Confidence of every interval, unless another is asked for.
NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number, the ends of its interval, and the counts it rests on.

    Attributes
    ----------
    value, low, high : float
        NaN where it is not defined.
    part, of : float
        Pupils above and below the line where the number is a share (ties in expectation); else NaN.
    """

    value: float
    low: float
    high: float
    part: float = NAN
    of: float = NAN


@dataclass(frozen=True)
class SchoolDraws:
    """How often each school came up in each draw.

    Attributes
    ----------
    schools : array, shape (schools,)
        Names in sorted order: the same seed and the same schools give the same draws, so that two runs can be paired.
    places : array of int, shape (n,)
        Each pupil's school, as its place in ``schools``.
    counts : array of float, shape (rounds, schools)
        Whole numbers; each row adds up to the number of schools.
    """

    schools: Array
    places: Array
    counts: Array

    @property
    def n(self) -> int:
        """Pupils."""
        return len(self.places)

    @property
    def rounds(self) -> int:
        """Draws."""
        return len(self.counts)

    @cached_property
    def weights(self) -> Array:
        """The counts under a first row of ones, which is the pupils as they are; shape (1 + rounds, schools)."""
        return np.vstack([np.ones((1, len(self.schools))), self.counts])

    @cached_property
    def sizes(self) -> Array:
        """Pupils as they are, then in each draw; shape (1 + rounds,)."""
        return self.whole_and_draws(np.ones(self.n))

    def whole_and_draws(self, values: Any) -> Array:
        """The sum over the pupils as they are, then over each draw.

        Parameters
        ----------
        values : array of float, shape (n,) or (n, m)

        Returns
        -------
        array of float, shape (1 + rounds,) or (1 + rounds, m)
        """
        return self.weights @ self.by_school(values)

    def sums(self, values: Any) -> Array:
        """The sum over the pupils of each draw; shape (rounds,) or (rounds, m)."""
        return self.whole_and_draws(values)[1:]

    def sums_within(self, codes: Array, levels: int, values: Any = None) -> Array:
        """Sums by level: of pupils, or of ``values``; the pupils as they are first, then each draw.

        Parameters
        ----------
        codes : array of int, shape (n,)
            The level of each pupil, 0 to ``levels`` - 1.

        Returns
        -------
        array of float, shape (1 + rounds, levels)
        """
        return self.weights @ sums_by_cell(codes, self.places, (levels, len(self.schools)), values).T

    def by_school(self, values: Any, rows: Array | None = None) -> Array:
        """The sum over the pupils of each school, or over some of them; shape (schools,) or (schools, m)."""
        column = np.asarray(values, dtype=np.float64)
        if len(column) != self.n:
            raise ValueError(f"expected one value for each of the {self.n} pupils drawn, found {len(column)}")
        places = self.places if rows is None else self.places[rows]
        column = column if rows is None else column[rows]
        return column_sums(places, column, len(self.schools))

    def blocks(self, width: int, room: int = 1_000_000) -> Iterator[slice]:
        """Rows of ``weights`` taken so many at a time that a table of ``width`` columns stays within ``room`` cells."""
        step = max(1, room // max(1, width))
        return (slice(start, start + step) for start in range(0, 1 + self.rounds, step))


def draw_schools(cluster: Any, *, rounds: int = 2000, random_state: int = 0) -> SchoolDraws:
    """Draw as many schools as there are, with replacement, ``rounds`` times.

    Parameters
    ----------
    cluster : array, shape (n,)
        The school of each pupil; none may be missing.
    rounds : int
        Draws.
    random_state : int
        The same seed and the same sorted schools give the same draws.

    Raises
    ------
    ValueError
        If a school is missing, there are fewer than two, or ``rounds`` is not 1 or more.

    Examples
    --------
    >>> draws = draw_schools(["a", "a", "b"], rounds=3)
    >>> draws.counts.sum(axis=1).tolist()
    [2.0, 2.0, 2.0]
    """
    names, places = np.unique(_as_names(cluster), return_inverse=True)
    if len(names) < 2:
        raise ValueError("an interval needs the school of each pupil, and two schools or more")
    if rounds < 1:
        raise ValueError(f"an interval needs one draw or more, not {rounds}")
    random = np.random.default_rng(random_state)
    counts = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    return SchoolDraws(names, places, counts.astype(np.float64))


def _as_names(cluster: Any) -> Array:
    import pandas as pd

    names = np.asarray(cluster)
    if names.ndim != 1:
        raise ValueError("an interval needs the school of each pupil, one after the other")
    missing = int(pd.isna(names).sum())
    if missing:
        raise ValueError(f"an interval needs the school of each pupil; {missing} have none")
    return names.astype(str) if names.dtype == object else names


def column_sums(places: Array, values: Array, levels: int) -> Array:
    """Sums of one column, or of each of several, by place; shape (levels,) or (levels, m)."""
    if values.ndim == 1:
        return np.bincount(places, weights=values, minlength=levels)
    columns = [np.bincount(places, weights=column, minlength=levels) for column in values.T]
    return np.column_stack(columns) if columns else np.zeros((levels, 0))


def sums_by_cell(rows: Array, columns: Array, shape: tuple[int, int], values: Any = None) -> Array:
    """A table of how often each pair of row and column occurs, or of the sums of ``values`` there."""
    cells = rows * shape[1] + columns
    weights = None if values is None else np.asarray(values, dtype=np.float64)
    return (
        np.bincount(cells, weights=weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    )


def ratio(part: Any, of: Any) -> Array:
    """``part`` / ``of``; NaN where there is nothing beneath the line."""
    above, below = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(of, dtype=np.float64))
    return np.divide(above, below, out=np.full(above.shape, NAN), where=below > 0)


def ends(draws: Any, level: float = LEVEL) -> tuple[float, float]:
    """The ends of the percentile interval of a number's draws.

    Draws where the number is not defined are left out; where that is more than half of them, the ends are NaN. An end
    that lies at infinity is NaN as well: it cannot be said.

    Examples
    --------
    >>> ends([0.0, 1.0, 2.0, 3.0, 4.0], level=0.5)
    (1.0, 3.0)
    """
    values = np.asarray(draws, dtype=np.float64)
    known = values[~np.isnan(values)]
    if not known.size or 2 * known.size < values.size:
        return NAN, NAN
    sides = ((1 - level) / 2, (1 + level) / 2)
    with np.errstate(invalid="ignore"):
        low, high = (float(end) if np.isfinite(end) else NAN for end in np.quantile(known, sides))
    return low, high


def estimate(values: Array, part: float = NAN, of: float = NAN, *, level: float = LEVEL) -> Estimate:
    """The estimate in an array that holds the pupils as they are first and the draws after; shape (1 + rounds,)."""
    value = float(values[0])
    if not np.isfinite(value):
        return Estimate(NAN, NAN, NAN, part, of)
    return Estimate(value, *ends(values[1:], level), part, of)
