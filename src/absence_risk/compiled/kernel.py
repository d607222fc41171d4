"""The loops over rows, compiled by numba, which enters here alone.

Rows are taken a block at a time, one table after the other, so that a table is read from memory once per block and its
columns stay in the nearest cache. Every row is worked out alone and in a fixed order: blocks and threads change no bit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from .layout import Layout

Array = np.ndarray[Any, np.dtype[Any]]

BLOCK = 2048

#: LightGBM reads a value this near nought as nought (include/LightGBM/meta.h: kZeroThreshold, a float).
NOUGHT = float(np.float32(1e-35))


def machine_code(function: Callable[..., Any]) -> Any:
    """Compiled once per computer where there is a place to keep it, else once per process."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder may be written
        return numba.njit(nogil=True)(function)


@machine_code
def _codes(values, start, count, layout, codes):  # type: ignore[no-untyped-def]
    """How many edges lie below each value; the code after the last for a missing one. ``values`` (p, n)."""
    for feature in range(values.shape[0]):
        begin, edges = layout.edge_start[feature], layout.edge_start[feature + 1] - layout.edge_start[feature]
        for row in range(count):
            value = values[feature, start + row]
            if np.isnan(value):
                codes[feature, row] = edges + 1
                continue
            if abs(value) <= NOUGHT:
                value = 0.0
            low, length = np.uint32(0), edges
            while length > 0:
                half = length >> np.uint32(1)
                if layout.edges[begin + low + half] < value:
                    low += half + np.uint32(1)
                    length -= half + np.uint32(1)
                else:
                    length = half
            codes[feature, row] = low


@machine_code
def _deep(layout, first, last, patterns, products, count, sums):  # type: ignore[no-untyped-def]
    """Rows of one leaf without a table: the product of its factors at every point, then what each feature adds."""
    features = np.uint32(last - first)
    half, points = features >> np.uint32(1), (features + np.uint32(1)) >> np.uint32(1)
    low = (np.uint32(1) << half) - np.uint32(1)
    left = layout.columns[layout.column_at[first] :]
    right = left[points << half :]
    steps = right[points << (features - half) :]
    for point in range(points):
        at = np.uint32(point)
        for row in range(count):
            pattern = patterns[row]
            products[row] = left[points * (pattern & low) + at] * right[points * (pattern >> half) + at]
        for k in range(features):
            place = points * np.uint32(2 * k) + at
            refused, accepted = steps[place], steps[place + points]
            bit = np.uint32(1) << np.uint32(k)
            total = sums[layout.column_feature[first + np.uint32(k)]]
            for row in range(count):
                total[row] += products[row] * (accepted if patterns[row] & bit else refused)


@machine_code
def _block(layout, codes, count, words, cells, products, sums):  # type: ignore[no-untyped-def]
    """Contributions of ``count`` coded rows into ``sums`` (p, block)."""
    sums[:, :count] = 0.0
    for pack in range(len(layout.pack_start) - 1):
        words[:count] = np.uint64(0)
        for place in range(layout.pack_start[pack], layout.pack_start[pack + 1]):
            lookup = layout.lookups[layout.lookup_at[place] :]
            code = codes[layout.lookup_feature[place]]
            for row in range(count):
                words[row] += lookup[code[row]]
        for item in range(layout.item_start[pack], layout.item_start[pack + 1]):
            shift, mask = layout.shift[item], layout.mask[item]
            first, last = layout.column_start[item], layout.column_start[item + 1]
            for row in range(count):
                cells[row] = np.uint32((words[row] >> shift) & mask)
            if pack >= layout.deep_from[0]:
                _deep(layout, first, last, cells, products, count, sums)
                continue
            for k in range(first, last):
                column = layout.columns[layout.column_at[k] :]
                total = sums[layout.column_feature[k]]
                for row in range(count):
                    total[row] += column[cells[row]]


@machine_code
def block_room(features):  # type: ignore[no-untyped-def]
    """Scratch for the rows of one block: codes, words, cells, products and sums."""
    return (
        np.empty((features, BLOCK), dtype=np.uint16),
        np.empty(BLOCK, dtype=np.uint64),
        np.empty(BLOCK, dtype=np.uint32),
        np.empty(BLOCK),
        np.empty((features, BLOCK)),
    )


@machine_code
def block_contributions(layout, values, begin, count, room):  # type: ignore[no-untyped-def]
    """Contributions of ``count`` rows of ``values`` (p, n) from row ``begin`` on: the sums of the room, (p, BLOCK)."""
    codes, words, cells, products, sums = room
    _codes(values, begin, count, layout, codes)
    _block(layout, codes, count, words, cells, products, sums)
    return sums


@machine_code
def _contributions(layout, values, start, stop, found):  # type: ignore[no-untyped-def]
    room = block_room(values.shape[0])
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        sums = block_contributions(layout, values, begin, count, room)
        for row in range(count):
            for feature in range(values.shape[0]):
                found[begin + row, feature] = sums[feature, row]


def contributions(layout: Layout, values: Array, num_threads: int) -> Array:
    """Contributions to the margin, shape (n, p), of values with shape (p, n)."""
    found = np.empty((values.shape[1], values.shape[0]))
    in_threads(
        lambda start, stop: _contributions(layout, values, start, stop, found), values.shape[1], num_threads
    )
    return found


def in_threads(work: Callable[[int, int], object], rows: int, num_threads: int) -> None:
    """Do some work on runs of whole blocks, one run per thread."""
    blocks = -(-rows // BLOCK)
    threads = max(1, min(num_threads, blocks))
    ends = [min(rows, blocks * part // threads * BLOCK) for part in range(threads + 1)]
    if threads == 1:
        work(0, rows)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, *run) for run in itertools.pairwise(ends)]:
            done.result()
