"""From contributions to what is kept of a row: its log-odds, the sum of each family, and the largest topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .kernel import BLOCK, block_contributions, block_room, in_threads, machine_code
from .layout import Layout

Array = np.ndarray[Any, np.dtype[Any]]

#: No topic in this place.
NONE = -1


class Grouping(NamedTuple):
    """Which family and which topic each feature belongs to, by number; features in the model's order."""

    family_of: Array
    topic_of: Array
    families: int
    topics: int


class Scale(NamedTuple):
    """log-odds = ``intercept + slope * (base + contributions)``, in this order, as the calibration adds them up.

    Topics nearer nought than ``smallest`` (log-odds) are not named.
    """

    slope: float
    intercept: float
    base: float
    smallest: float


@dataclass(frozen=True)
class Summary:
    """What is kept of n rows.

    Attributes
    ----------
    log_odds : array of float64, shape (n,)
        Calibrated.
    families : array of float32, shape (families, n)
        Contributions summed over each family (log-odds).
    topics, sizes : arrays of int8 and float32, shape (top, n)
        The largest topics upwards and how much each adds (log-odds), largest first, ties by number; ``NONE`` and NaN
        where fewer are worth saying.
    topics_down, sizes_down : likewise, shape (top_down, n)
        Downwards; sizes are below 0.
    """

    log_odds: Array
    families: Array
    topics: Array
    sizes: Array
    topics_down: Array
    sizes_down: Array

    @classmethod
    def empty(cls, rows: int, families: int, top: int, top_down: int) -> Summary:
        """Room for a number of rows."""
        largest = (
            (np.full((n, rows), NONE, dtype=np.int8), np.full((n, rows), np.nan, dtype=np.float32))
            for n in (top, top_down)
        )
        (up, sizes), (down, sizes_down) = largest
        return cls(np.empty(rows), np.empty((families, rows), dtype=np.float32), up, sizes, down, sizes_down)


@machine_code
def _insert(topic, size, topics, sizes, row):  # type: ignore[no-untyped-def]
    """Put a topic among the largest of a row; one that came before stays before an equal one."""
    place = topics.shape[0]
    while place > 0 and (topics[place - 1, row] < 0 or sizes[place - 1] < size):
        place -= 1
    if place == topics.shape[0]:
        return
    for later in range(topics.shape[0] - 1, place, -1):
        topics[later, row] = topics[later - 1, row]
        sizes[later] = sizes[later - 1]
    topics[place, row] = topic
    sizes[place] = size


@machine_code
def _name_topics(by_topic, smallest, found, at, highest, lowest):  # type: ignore[no-untyped-def]
    """The largest topics of one row, and their sizes."""
    _, _, up, up_sizes, down, down_sizes = found
    for topic in range(len(by_topic)):
        size = by_topic[topic]
        if size >= smallest:
            _insert(topic, size, up, highest, at)
        elif -size >= smallest:
            _insert(topic, -size, down, lowest, at)
    for place in range(up.shape[0]):
        if up[place, at] >= 0:
            up_sizes[place, at] = highest[place]
    for place in range(down.shape[0]):
        if down[place, at] >= 0:
            down_sizes[place, at] = -lowest[place]


@machine_code
def _summarise(sums, begin, count, scale, grouping, found):  # type: ignore[no-untyped-def]
    """Rows of ``sums`` (p, block) into the arrays of a summary from row ``begin`` on."""
    log_odds, families = found[0], found[1]
    by_topic, by_family = np.empty(grouping.topics), np.empty(grouping.families)
    highest, lowest = np.empty(found[2].shape[0]), np.empty(found[4].shape[0])
    for row in range(count):
        by_topic[:] = 0.0
        by_family[:] = 0.0
        total = 0.0
        for feature in range(sums.shape[0]):
            adds = sums[feature, row]
            total += adds
            by_topic[grouping.topic_of[feature]] += scale.slope * adds
            by_family[grouping.family_of[feature]] += scale.slope * adds
        log_odds[begin + row] = scale.intercept + scale.slope * (scale.base + total)
        for family in range(grouping.families):
            families[family, begin + row] = by_family[family]
        _name_topics(by_topic, scale.smallest, found, begin + row, highest, lowest)


@machine_code
def _tables_summarised(layout, values, start, stop, scale, grouping, found):  # type: ignore[no-untyped-def]
    room = block_room(values.shape[0])
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        sums = block_contributions(layout, values, begin, count, room)
        _summarise(sums, begin, count, scale, grouping, found)


def summarise_tables(
    layout: Layout,
    values: Array,
    scale: Scale,
    grouping: Grouping,
    *,
    top: int,
    top_down: int,
    num_threads: int = 1,
) -> Summary:
    """One pass over rows: codes, contributions, sums, largest topics; no matrix of contributions is ever held.

    Parameters
    ----------
    values : array of float64, shape (p, n)
        One feature per row of the array, NaN where missing.
    top, top_down : int
        Most topics upwards and downwards.
    """
    found = Summary.empty(values.shape[1], grouping.families, top, top_down)

    def work(start: int, stop: int) -> None:
        _tables_summarised(layout, values, start, stop, scale, grouping, _arrays(found))

    in_threads(work, values.shape[1], num_threads)
    return found


def summarise(contributions: Array, scale: Scale, grouping: Grouping, *, top: int, top_down: int) -> Summary:
    """The same of contributions to the margin that are at hand, shape (p, n)."""
    found = Summary.empty(contributions.shape[1], grouping.families, top, top_down)
    sums = np.array(contributions, dtype=np.float64, order="C")
    _summarise(sums, 0, sums.shape[1], scale, grouping, _arrays(found))
    return found


def _arrays(found: Summary) -> tuple[Array, ...]:
    return (
        found.log_odds,
        found.families,
        found.topics,
        found.sizes,
        found.topics_down,
        found.sizes_down,
    )
