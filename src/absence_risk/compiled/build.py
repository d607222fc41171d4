"""Groups of leaves become arrays: look-ups that turn codes into cells, and tables that hold each cell's sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .layout import TYPES, Layout
from .shapley import MOST_FEATURES, contributions_by_pattern, factors, products, rule, slopes
from .trees import Ensemble, Leaf, NotCompiled
from .units import Group, group_leaves

Array = np.ndarray[Any, np.dtype[Any]]

#: A leaf that asks about more features than this has no table: its integral is taken for every row.
DEEPEST_IN_A_TABLE = 9
#: Bits of one word that cells of several tables share.
BITS = 63
#: Tables beyond this many bytes are not worth keeping beside a model.
MOST_BYTES = 128 * 1024 * 1024
#: Planning takes a minute for so many leaves, and grows with their square.
MOST_LEAVES = 20_000

_WHOLE = ("edges", "edge_start", "lookups", "columns")


@dataclass(frozen=True)
class _Item:
    """One table, or one leaf without: which features it reads, the step each code takes, and its cells."""

    features: tuple[int, ...]
    steps: tuple[Array, ...]
    cells: int
    leaf: Leaf | None = None
    columns: Array | None = None

    @property
    def bits(self) -> int:
        return max(1, (self.cells - 1).bit_length())


def layout_of(ensemble: Ensemble) -> Layout:
    """Every table of an ensemble, laid out for the kernel.

    Raises
    ------
    NotCompiled
        If there are too many leaves, or one asks about more features than quadrature can hold, or the tables would
        grow beyond their bound.
    """
    leaves = sum(map(len, ensemble.trees))
    if leaves > MOST_LEAVES:
        raise NotCompiled(f"its trees have {leaves:,} leaves; at most {MOST_LEAVES:,} can be held")
    groups, alone = group_leaves(ensemble)
    deepest = max((len(leaf.features) for leaf in alone), default=0)
    if deepest > MOST_FEATURES:
        raise NotCompiled(f"a leaf asks about {deepest} features; at most {MOST_FEATURES} can be held")
    small = [Group([leaf]) for leaf in alone if len(leaf.features) <= DEEPEST_IN_A_TABLE]
    deep = [leaf for leaf in alone if len(leaf.features) > DEEPEST_IN_A_TABLE]
    return _laid_out(ensemble, _tables((*groups, *small)), [_deep_leaf(one) for one in deep])


def _tables(groups: Sequence[Group]) -> list[_Item]:
    """The table of each group; none is kept once they take too much room together."""
    made: list[_Item] = []
    room = 0
    for group in groups:
        made.append(_table(group))
        room += made[-1].cells * len(made[-1].features) * 8
        if room > MOST_BYTES:
            raise NotCompiled(f"its tables would take more than {MOST_BYTES / 2**20:,.0f} MiB")
    return made


def _table(group: Group) -> _Item:
    """The summed contributions of a group's leaves in every cell of what they can tell apart."""
    features = group.features
    alphabets = [_alphabet(group.leaves, feature) for feature in features]
    sizes = [int(codes.max()) + 1 for codes, _ in alphabets]
    strides = np.cumprod([1, *sizes])
    cell = np.arange(strides[-1])
    letter = [cell // strides[k] % sizes[k] for k in range(len(features))]
    columns = np.zeros((len(features), len(cell)))
    place_of = {feature: k for k, feature in enumerate(features)}
    for number, leaf in enumerate(group.leaves):
        pattern = np.zeros(len(cell), dtype=np.int64)
        for bit, feature in enumerate(leaf.features):
            k = place_of[feature]
            accepted = alphabets[k][1][number]
            pattern |= accepted[letter[k]].astype(np.int64) << bit
        told = contributions_by_pattern(leaf)
        for bit, feature in enumerate(leaf.features):
            columns[place_of[feature]] += told[bit][pattern]
    steps = tuple(codes * int(stride) for (codes, _), stride in zip(alphabets, strides, strict=False))
    return _Item(features, steps, len(cell), columns=columns)


def _alphabet(leaves: Sequence[Leaf], feature: int) -> tuple[Array, dict[int, Array]]:
    """For one feature: the letter of each code, and per leaf (by its number) which letters it accepts.

    Codes that no leaf of the group tells apart share a letter, and a missing value shares that of those it goes with.
    """
    asking = {
        number: leaf.accepted[leaf.features.index(feature)]
        for number, leaf in enumerate(leaves)
        if feature in leaf.features
    }
    answers = np.stack(list(asking.values()))
    codes = np.zeros(answers.shape[1], dtype=np.int64)
    for begin in range(0, len(answers), 32):
        # Sets of 32 answers at a time, behind the letter that the answers before them gave.
        few = answers[begin : begin + 32]
        word = (few.astype(np.int64) << np.arange(len(few))[:, None]).sum(axis=0)
        codes = np.unique(codes << 32 | word, return_inverse=True)[1]
    example = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    example[codes] = np.arange(len(codes))
    return codes, dict(zip(asking, answers[:, example], strict=True))


def _deep_leaf(leaf: Leaf) -> _Item:
    steps = tuple(accepted.astype(np.int64) << bit for bit, accepted in enumerate(leaf.accepted))
    return _Item(leaf.features, steps, 1 << len(leaf.features), leaf=leaf)


def _packs(items: Sequence[_Item], features: int) -> list[list[int]]:
    """Items whose cells fit one word together, those that read the same features beside each other."""
    reads = np.zeros((len(items), features), dtype=bool)
    for place, item in enumerate(items):
        reads[place, list(item.features)] = True
    bits = np.array([item.bits for item in items], dtype=np.int64)
    asked = reads.sum(axis=1)
    left = np.ones(len(items), dtype=bool)
    packs: list[list[int]] = []
    while left.any():
        first = int(np.argmax(np.where(left, asked, -1)))
        left[first] = False
        pack, union, used = [first], reads[first].copy(), int(bits[first])
        while (fitting := left & (bits <= BITS - used)).any():
            # Fewest features beyond those read already, then most of its own.
            cost = (reads & ~union).sum(axis=1) * (features + 1) - asked
            place = int(np.argmin(np.where(fitting, cost, np.iinfo(np.int64).max)))
            left[place] = False
            pack.append(place)
            union |= reads[place]
            used += int(bits[place])
        packs.append(pack)
    return packs


def _laid_out(ensemble: Ensemble, tables: Sequence[_Item], deep: Sequence[_Item]) -> Layout:
    found: dict[str, list[Any]] = {name: [] for name in TYPES if name not in _WHOLE}
    found["pack_start"], found["item_start"], found["column_start"] = [0], [0], [0]
    lookups: list[Array] = []
    columns: list[Array] = []
    at_lookup = at_column = 0
    for of_kind in (tables, deep):
        for pack in _packs(of_kind, len(ensemble.edges)):
            members = [of_kind[place] for place in pack]
            shifts = np.cumsum([0, *(item.bits for item in members[:-1])])
            for feature in sorted({one for item in members for one in item.features}):
                found["lookup_feature"].append(feature)
                found["lookup_at"].append(at_lookup)
                lookups.append(_lookup(members, shifts, feature, len(ensemble.edges[feature]) + 2))
                at_lookup += len(lookups[-1])
            found["pack_start"].append(len(found["lookup_feature"]))
            for item, shift in zip(members, shifts, strict=True):
                found["shift"].append(int(shift))
                found["mask"].append((1 << item.bits) - 1)
                numbers = _numbers(item)
                found["column_feature"] += item.features
                found["column_at"] += [at_column + k * numbers.shape[1] for k in range(len(item.features))]
                found["column_start"].append(len(found["column_feature"]))
                columns.append(numbers.ravel())
                at_column += numbers.size
            found["item_start"].append(len(found["shift"]))
        if of_kind is tables:
            found["deep_from"] = [len(found["pack_start"]) - 1]
    columns.append(np.zeros(_room_behind(tables)))
    counts = [len(one) for one in ensemble.edges]
    whole = {
        "edges": np.concatenate(ensemble.edges),
        "edge_start": np.concatenate([[0], np.cumsum(counts)]),
        "lookups": np.concatenate([*lookups, np.zeros(0, dtype=np.uint64)]),
        "columns": np.concatenate(columns),
    }
    return Layout(**{name: np.asarray((found | whole)[name], dtype=kind) for name, kind in TYPES.items()})


def _room_behind(tables: Sequence[_Item]) -> int:
    """Numbers to stand behind all columns: a mask may reach past its table's cells, and who checks it sees no more."""
    return max(((1 << item.bits) - item.cells for item in tables), default=0)


def _lookup(members: Sequence[_Item], shifts: Array, feature: int, codes: int) -> Array:
    word = np.zeros(codes, dtype=np.uint64)
    for item, shift in zip(members, shifts, strict=True):
        if feature in item.features:
            step = item.steps[item.features.index(feature)].astype(np.uint64)
            word += step << np.uint64(shift)
    return word


def _numbers(item: _Item) -> Array:
    """A table's columns; for a deep leaf, what its integral needs: first half, second half, then the slopes."""
    if item.leaf is None:
        assert item.columns is not None
        return item.columns
    parts, half = factors(item.leaf), len(item.features) // 2
    weights = rule(len(item.features))[1]
    first = products(parts[:half], item.leaf.value * weights)
    second = products(parts[half:], np.ones_like(weights))
    whole = np.concatenate([first.ravel(), second.ravel(), slopes(item.leaf).ravel()])
    # Rows of one length each, so that a deep leaf is stored as a table is; the kernel reads it as one run of numbers.
    width = -(-len(whole) // len(item.features))
    return np.pad(whole, (0, width * len(item.features) - len(whole))).reshape(len(item.features), width)
