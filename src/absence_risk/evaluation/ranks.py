"""In which order a few things stand, and how sure each place is.

The rank of a number is far less sure than the number: its interval is read off the ranks of every draw
(Goldstein and Spiegelhalter, 1996, doi:10.2307/2983325, on league tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .draws import LEVEL, NAN
from .ranking import Array


@dataclass(frozen=True)
class Ranks:
    """The place of each item, 1 for the largest, and the ends of its interval; each of shape (items,).

    Items that are equal share the mean of their places. NaN where an item has no number.
    """

    value: Array
    low: Array
    high: Array


def rank_interval(draws: Any, values: Any = None, *, level: float = LEVEL) -> Ranks:
    """The place of each item by size, largest first, with an interval from the places in each draw.

    Parameters
    ----------
    draws : array of float, shape (rounds, items)
        A draw in which an item has no number is left out, unless that item never has one.
    values : array of float, shape (items,), optional
        The numbers as they are; without them, the mean over the draws is ranked.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> found = rank_interval([[3.0, 1.0], [5.0, 2.0]], [4.0, 1.0])
    >>> found.value.tolist(), found.low.tolist(), found.high.tolist()
    ([1.0, 2.0], [1.0, 2.0], [1.0, 2.0])
    """
    table = np.asarray(draws, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"expected draws by items, found an array of {table.ndim} dimensions")
    if values is not None and np.shape(values) != table.shape[1:]:
        raise ValueError(f"expected one number for each of the {table.shape[1]} items of the draws")
    ever = ~np.isnan(table).all(axis=0)
    known = table[~np.isnan(table[:, ever]).any(axis=1)][:, ever]
    found = Ranks(*(np.full(table.shape[1], NAN) for _ in range(3)))
    if not len(known) or not ever.any():
        return found
    numbers = known.mean(axis=0) if values is None else np.asarray(values, dtype=np.float64)[ever]
    found.value[ever] = _places(numbers[None, :])[0]
    # A place is a whole number (or a shared half): the ends are places that occur.
    sides = ((1 - level) / 2, (1 + level) / 2)
    found.low[ever], found.high[ever] = np.quantile(_places(known), sides, axis=0, method="inverted_cdf")
    return found


def _places(table: Array) -> Array:
    larger = (table[:, None, :] > table[:, :, None]).sum(axis=2)
    equal = (table[:, None, :] == table[:, :, None]).sum(axis=2)
    places = 1.0 + larger + (equal - 1) / 2
    return np.where(np.isnan(table), NAN, places)
