"""Which leaves share a table: whole trees or branches are merged while the joint grid of their answers stays small.

A table holds one cell for every combination of what its leaves can tell apart, so a group of leaves costs a row one
look-up per feature, however many leaves it has. Merging saves look-ups where leaves ask about the same features, and
costs cells; each unit joins the group with which it shares most for the growth it brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .trees import Ensemble, Leaf

Array = np.ndarray[Any, np.dtype[Any]]

#: Cells of a group by its edges: a column of this many numbers stays in the nearest cache.
MOST_CELLS = 512
#: What a doubling of a table may cost, in look-ups saved.
PRICE_OF_DOUBLING = 0.3


@dataclass(frozen=True)
class Marks:
    """Sets of edges as bits: each feature has words of its own, so that its edges can be counted apart."""

    starts: Array
    words: int

    @classmethod
    def of(cls, edges: Sequence[Array]) -> Marks:
        ends = np.cumsum([max(1, -(-len(one) // 64)) for one in edges])
        return cls(np.concatenate([[0], ends[:-1]]), int(ends[-1]))

    def set(self, leaves: Sequence[Leaf]) -> Array:
        """The edges that some leaves compare with: shape (words,)."""
        marked = np.zeros(64 * self.words, dtype=np.uint8)
        for leaf in leaves:
            for feature, places in zip(leaf.features, leaf.edges, strict=True):
                marked[64 * self.starts[feature] + places] = 1
        return np.packbits(marked, bitorder="little").view("<u8")

    def cells_and_features(self, bits: Array) -> tuple[Array, Array]:
        """Cells of the joint grid, and features asked about, of each row of ``bits``: shape (n, words)."""
        per_feature = np.add.reduceat(np.bitwise_count(bits).astype(np.float64), self.starts, axis=-1)
        return np.prod(per_feature + 1, axis=-1), (per_feature > 0).sum(axis=-1)


@dataclass
class Group:
    """Leaves that share one table."""

    leaves: list[Leaf] = field(default_factory=list)

    @property
    def features(self) -> tuple[int, ...]:
        return tuple(sorted({feature for leaf in self.leaves for feature in leaf.features}))


def group_leaves(ensemble: Ensemble) -> tuple[list[Group], list[Leaf]]:
    """Groups whose joint grid is small, and the single leaves whose own is not.

    The same ensemble gives the same groups in the same order.
    """
    marks = Marks.of(ensemble.edges)
    units = [unit for tree in ensemble.trees for unit in _units(tree, marks)]
    if not units:
        return [], []
    bits = np.stack([marks.set(unit) for unit in units])
    cells, asked = marks.cells_and_features(bits)
    alone = [units[place][0] for place in np.flatnonzero(cells > MOST_CELLS)]
    order = [int(place) for place in np.argsort(-cells, kind="stable") if cells[place] <= MOST_CELLS]
    return _merged(units, bits, asked, order, marks), alone


def _units(leaves: Sequence[Leaf], marks: Marks) -> Iterator[Sequence[Leaf]]:
    """A tree whole if its grid is small, else its branches; at last a leaf, however large its grid."""
    waiting = [(tuple(leaves), 0)] if leaves else []
    while waiting:
        branch, depth = waiting.pop()
        cells, _ = marks.cells_and_features(marks.set(branch)[None, :])
        if len(branch) == 1 or cells[0] <= MOST_CELLS:
            yield branch
            continue
        sides = [tuple(leaf for leaf in branch if leaf.left[depth] is side) for side in (False, True)]
        waiting += [(side, depth + 1) for side in sides if side]


def _merged(
    units: Sequence[Sequence[Leaf]], bits: Array, asked: Array, order: Sequence[int], marks: Marks
) -> list[Group]:
    groups: list[Group] = []
    edges = np.zeros_like(bits[order]) if order else bits[:0]
    cells, features = np.ones(len(order)), np.zeros(len(order), dtype=np.int64)
    for place in order:
        count = len(groups)
        joint = edges[:count] | bits[place]
        joint_cells, joint_features = marks.cells_and_features(joint)
        shared = features[:count] + asked[place] - joint_features
        gain = shared - PRICE_OF_DOUBLING * np.log2(joint_cells / cells[:count])
        gain[joint_cells > MOST_CELLS] = -np.inf
        best = int(np.argmax(gain)) if count else 0
        if not count or gain[best] == -np.inf:
            best = count
            groups.append(Group())
        edges[best] |= bits[place]
        new_cells, new_features = marks.cells_and_features(edges[best][None, :])
        cells[best], features[best] = new_cells[0], new_features[0]
        groups[best].leaves += units[place]
    return groups
