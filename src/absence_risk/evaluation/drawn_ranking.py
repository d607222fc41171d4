"""One ranking in every draw of schools: who is on the list, and the areas under its curves.

A draw of another size than the year gets a list of the same share, and pupils who share the score at its edge are
counted in expectation, as in :mod:`.ranking`. Three facts keep it cheap. Only pupils near the edge are on the list in
one draw and off it in another; all above them are sums by school. Pupils of one school with one score move together.
And average precision looks only where somebody met the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .draws import NAN, SchoolDraws, column_sums, ratio, sums_by_cell
from .ranking import Array, as_scores

_BLOCKS = (
    512  #: Runs of equal scores are first looked at in this many blocks, to find how deep the edge can lie.
)
_STEPS = 512  #: Runs taken at a time when areas are summed.
_KEPT = 12_000_000  #: Shares of cells by draw that may be kept: about 100 MB.


class DrawnRanking:
    """Pupils in runs of equal scores, highest first, beside the draws of their schools.

    Parameters
    ----------
    y_score : array of float, shape (n,)
        Higher comes first; every pupil needs one.
    draws : SchoolDraws
        Of the same pupils in the same order.
    """

    def __init__(self, y_score: Any, draws: SchoolDraws) -> None:
        self.draws = draws
        _, self.run = np.unique(-as_scores(y_score, draws.n), return_inverse=True)
        self.runs = int(self.run.max()) + 1

    def top(self, k: int) -> DrawnList:
        """The list of the first ``k`` pupils, and of the same share of each draw.

        Raises
        ------
        ValueError
            If ``k`` is not within 1 and n.
        """
        if not 1 <= k <= self.draws.n:
            raise ValueError(f"k must lie between 1 and the {self.draws.n} pupils ranked, not {k}")
        # Multiplied before it is divided, so that the pupils as they are get exactly k places.
        places = k * self.draws.sizes / self.draws.n
        first, last = self._window(places)
        near = np.flatnonzero((self.run >= first) & (self.run < last))
        schools = len(self.draws.schools)
        cells, cell_of = np.unique(self.run[near] * schools + self.draws.places[near], return_inverse=True)
        return DrawnList(
            self.draws, places, np.flatnonzero(self.run < first), near, cell_of, cells // schools, cells % schools
        )  # fmt: skip

    def _window(self, places: Array) -> tuple[int, int]:
        """The runs among which the edge lies in every draw: from the first, up to but without the last."""
        size, reached = self._reached
        edge = (reached < places[:, None]).sum(axis=1)
        return int(edge.min()) * size, (int(edge.max()) + 1) * size

    @cached_property
    def _reached(self) -> tuple[int, Array]:
        """Runs to a block, and pupils down to the end of each block; shape (1 + rounds, blocks)."""
        size = -(-self.runs // _BLOCKS)
        blocks = -(-self.runs // size)
        table = sums_by_cell(self.run // size, self.draws.places, (blocks, len(self.draws.schools)))
        return size, self.draws.weights @ np.cumsum(table, axis=0).T

    def areas(self, labels: Array) -> tuple[Array, Array]:
        """Average precision and ROC AUC, of the pupils as they are and of each draw; each of shape (1 + rounds,).

        Ties are one step in the one and half a pair in the other, as in scikit-learn. NaN where a draw has nobody who
        met the outcome, and for ROC AUC also where it has nobody who did not.
        """
        met = labels == 1
        if not met.any():
            nothing = np.full(1 + self.draws.rounds, NAN)
            return nothing, nothing.copy()
        steps = _Steps.of(self, met)
        return steps.average_precision(self.draws), steps.roc_auc(self.draws)


@dataclass(frozen=True)
class DrawnList:
    """Who is listed: surely those above the window, and those near the edge by draw.

    Attributes
    ----------
    places : array of float, shape (1 + rounds,)
        Length of the list; a draw's is the same share of its size.
    above, near : arrays of int
        Rows surely listed, and rows that some draw lists and another does not.
    cell_of, run, school : arrays of int
        Near rows of one run and one school are one cell; its run and its school, in order of run.
    """

    draws: SchoolDraws
    places: Array
    above: Array
    near: Array
    cell_of: Array
    run: Array
    school: Array

    def sums(self, values: Any) -> Array:
        """The sum of a column, or of several, over those listed: as they are first, then in each draw.

        Parameters
        ----------
        values : array of float, shape (n,) or (n, m)

        Returns
        -------
        array of float, shape (1 + rounds,) or (1 + rounds, m)
        """
        column = np.asarray(values, dtype=np.float64)
        total = self.draws.weights @ self.draws.by_school(column, self.above)
        cells = column_sums(self.cell_of, column[self.near], len(self.run))
        for rows, listed in self._listed_near():
            total[rows] += listed @ cells
        return total

    def _listed_near(self) -> Iterator[tuple[slice, Array]]:
        """How much of each cell near the edge is listed, in blocks of draws; kept if it is small, since it is asked for
        once per column."""
        if len(self.draws.weights) * len(self.run) <= _KEPT:
            yield slice(None), self._kept
        else:
            for rows in self.draws.blocks(len(self.run)):
                yield rows, self._listed_in(rows)

    @cached_property
    def _kept(self) -> Array:
        return self._listed_in(slice(None))

    def _listed_in(self, rows: slice) -> Array:
        pupils = np.bincount(self.cell_of, minlength=len(self.run))
        starts = np.flatnonzero(np.diff(self.run, prepend=-1))
        run_of_cell = np.cumsum(np.diff(self.run, prepend=self.run[0]) != 0)
        weight = self.draws.weights[rows][:, self.school]
        return weight * _listed(weight * pupils, self._left[rows], starts)[:, run_of_cell]

    @cached_property
    def _left(self) -> Array:
        """Places that remain below those surely listed."""
        return self.places - self.draws.weights @ self.draws.by_school(np.ones(self.draws.n), self.above)


def _listed(pupils: Array, left: Array, starts: Array) -> Array:
    """The share of each run that is listed when ``left`` places remain: 1 above the edge, 0 below it."""
    in_run = np.add.reduceat(pupils, starts, axis=1)
    remaining = left[:, None] - (np.cumsum(in_run, axis=1) - in_run)
    return np.divide(np.clip(remaining, 0.0, in_run), in_run, out=np.zeros_like(in_run), where=in_run > 0)


@dataclass(frozen=True)
class _Steps:
    """Sums by school at each run where somebody met the outcome; tables of shape (steps, schools)."""

    met: Array  #: pupils of the run who met the outcome
    reached: Array  #: pupils of the run and of all runs above it
    others_above: Array  #: pupils who did not meet it: those of runs above, and half of those of the run

    @classmethod
    def of(cls, ranking: DrawnRanking, met: Array) -> _Steps:
        runs = np.unique(ranking.run[met])
        step = np.searchsorted(runs, ranking.run)
        counted = step < len(runs)
        shape, places = (len(runs), len(ranking.draws.schools)), ranking.draws.places
        tied = ~met & counted
        tied[counted] &= runs[step[counted]] == ranking.run[counted]

        def table(rows: Array) -> Array:
            return sums_by_cell(step[rows], places[rows], shape)

        others = np.cumsum(table(counted & ~met), axis=0)
        return cls(table(met), np.cumsum(table(counted), axis=0), others - table(tied) / 2)

    def average_precision(self, draws: SchoolDraws) -> Array:
        found, area = np.zeros(1 + draws.rounds), np.zeros(1 + draws.rounds)
        for start in range(0, len(self.met), _STEPS):
            part = slice(start, start + _STEPS)
            met = draws.weights @ self.met[part].T
            reached = draws.weights @ self.reached[part].T
            so_far = found[:, None] + np.cumsum(met, axis=1)
            area += np.divide(met * so_far, reached, out=np.zeros_like(met), where=reached > 0).sum(axis=1)
            found = so_far[:, -1]
        return ratio(area, found)

    def roc_auc(self, draws: SchoolDraws) -> Array:
        # Pairs out of order are a form in the counts of two schools: one table of schools by schools serves all draws.
        out_of_order = ((draws.weights @ (self.met.T @ self.others_above)) * draws.weights).sum(axis=1)
        met = draws.weights @ self.met.sum(axis=0)
        return 1.0 - ratio(out_of_order, met * (draws.sizes - met))
