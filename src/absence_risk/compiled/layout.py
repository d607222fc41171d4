"""The arrays of a compiled model, and their form as bytes: a line of JSON, then the numbers. No pickle."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from ..errors import BundleError

Array = np.ndarray[Any, np.dtype[Any]]

FORMAT = 1
ABOUT = "absence_risk compiled trees"

#: The first line names each feature once; no model of this package comes near this length.
LONGEST_HEAD = 1024 * 1024
#: Codes are held in 16 bits: one for each edge, one for what lies above the last, one for a missing value.
MOST_EDGES = 2**16 - 2


class Layout(NamedTuple):
    """What the kernel reads.

    A *pack* is a set of tables whose cells are found together: word = sum over the pack's features of
    ``lookups[lookup_at[i] + code]``. Table t of the pack has the cell ``word >> shift[t] & mask[t]``; it adds
    ``columns[column_at[k] + cell]`` to the feature ``column_feature[k]`` for each of its columns k. Packs from
    ``deep_from[0]`` on hold single leaves, whose cell is a pattern of answers (see ``shapley``).
    """

    edges: Array
    edge_start: Array
    lookups: Array
    lookup_feature: Array
    lookup_at: Array
    pack_start: Array
    item_start: Array
    shift: Array
    mask: Array
    column_start: Array
    column_feature: Array
    column_at: Array
    columns: Array
    deep_from: Array


#: The kernel is compiled for these types; a file with others is refused.
TYPES = {
    "edges": "<f8",
    "edge_start": "<u4",
    "lookups": "<u8",
    "lookup_feature": "<u4",
    "lookup_at": "<u4",
    "pack_start": "<u4",
    "item_start": "<u4",
    "shift": "<u8",
    "mask": "<u8",
    "column_start": "<u4",
    "column_feature": "<u4",
    "column_at": "<u4",
    "columns": "<f8",
    "deep_from": "<u4",
}


def to_bytes(layout: Layout, about: dict[str, Any]) -> bytes:
    """The arrays behind one line of JSON; the same layout, the same bytes."""
    lengths = {name: len(getattr(layout, name)) for name in TYPES}
    head = {"about": ABOUT, "format": FORMAT, "lengths": lengths, **about}
    line = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    # Filled up so that the numbers behind it stand on eight-byte places.
    line += b" " * (-(len(line) + 1) % 8) + b"\n"
    arrays = (np.ascontiguousarray(getattr(layout, name), dtype=kind) for name, kind in TYPES.items())
    return line + b"".join(_filled(array.tobytes()) for array in arrays)


def _filled(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % 8)


def from_bytes(raw: bytes) -> tuple[Layout, dict[str, Any]]:
    """The arrays, and what the first line says.

    Raises
    ------
    BundleError
        If the bytes are not of this form, are cut short, or hold a place outside the tables: the kernel checks none.
    """
    refused = BundleError("the compiled tables are damaged or of another format; train the model again")
    try:
        line, _, _ = raw[:LONGEST_HEAD].partition(b"\n")
        head = json.loads(line.decode("ascii"))
        lengths = {name: int(head["lengths"][name]) for name in TYPES}
        known = head["about"] == ABOUT and head["format"] == FORMAT and min(lengths.values()) >= 0
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise refused from None
    if not known:
        raise refused
    arrays, at = {}, len(line) + 1
    for name, kind in TYPES.items():
        size = lengths[name] * np.dtype(kind).itemsize
        if at + size > len(raw):
            raise refused
        # A copy, since the kernel is compiled anew for arrays that may not be written to.
        arrays[name] = np.frombuffer(raw, dtype=kind, count=lengths[name], offset=at).copy()
        at += size + (-size % 8)
    layout = Layout(**arrays)
    if at != len(raw) or not _in_bounds(layout):
        raise refused
    return layout, head


def _in_bounds(layout: Layout) -> bool:
    """Whether every place that the kernel can come to lies inside its array."""
    starts = (layout.edge_start, layout.pack_start, layout.item_start, layout.column_start)
    if any(len(one) == 0 or one[0] != 0 or (np.diff(one.astype(np.int64)) < 0).any() for one in starts):
        return False
    features, packs, items = len(layout.edge_start) - 1, len(layout.pack_start) - 1, len(layout.shift)
    ends = (
        layout.edge_start[-1] == len(layout.edges),
        layout.pack_start[-1] == len(layout.lookup_feature) == len(layout.lookup_at),
        len(layout.item_start) == packs + 1 and layout.item_start[-1] == items == len(layout.mask),
        len(layout.column_start) == items + 1,
        layout.column_start[-1] == len(layout.column_feature) == len(layout.column_at),
        len(layout.deep_from) == 1 and layout.deep_from[0] <= packs,
    )
    if not all(ends) or (layout.shift > 63).any():
        return False
    asked = np.concatenate([layout.lookup_feature, layout.column_feature])
    if asked.size and asked.max() >= features:
        return False
    codes = np.diff(layout.edge_start.astype(np.int64)) + 2
    if codes.size and codes.max() > MOST_EDGES + 2:
        return False
    if np.isnan(layout.edges).any() or not np.isfinite(layout.columns).all():
        return False
    reach = layout.lookup_at.astype(np.int64) + codes[layout.lookup_feature]
    return bool((reach <= len(layout.lookups)).all()) and _columns_in_bounds(layout)


def _columns_in_bounds(layout: Layout) -> bool:
    counts: Array = layout.column_start[1:].astype(np.int64) - layout.column_start[:-1]
    first_deep = int(layout.item_start[layout.deep_from[0]])
    tables = slice(0, int(layout.column_start[first_deep]))
    highest = np.repeat(layout.mask[:first_deep].astype(np.float64), counts[:first_deep])
    at = layout.column_at.astype(np.float64)
    # The mask may allow a few cells more than a table has; the last table is filled up to its mask by `build`.
    if (at >= len(layout.columns)).any() or (at[tables] + highest >= len(layout.columns)).any():
        return False
    deep = counts[first_deep:]
    if deep.size and (deep.max() > 16 or deep.min() < 1):
        return False
    if (layout.mask[first_deep:] != np.left_shift(np.uint64(1), deep.astype(np.uint64)) - np.uint64(1)).any():
        return False
    half = deep // 2
    needed = (deep + 1) // 2 * (np.left_shift(1, half) + np.left_shift(1, deep - half) + 2 * deep)
    begins = layout.column_at[layout.column_start[:-1][first_deep:].astype(np.int64)].astype(np.int64)
    return bool((begins + needed <= len(layout.columns)).all())
