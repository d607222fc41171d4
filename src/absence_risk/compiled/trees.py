"""LightGBM's text read as leaves: what each asks of every feature on its path, and how many rows it was made of.

A value matters only by its *code*: how many of the model's edges for that feature lie below it, and one further code
for a missing value. Two rows with the same codes have the same margin and the same contributions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import AbsenceRiskError

Array = np.ndarray[Any, np.dtype[Any]]


class NotCompiled(AbsenceRiskError):
    """A model that the tables cannot hold; the words say why."""


@dataclass(frozen=True)
class Leaf:
    """One leaf.

    Attributes
    ----------
    value : float
        What it adds to the margin (log-odds).
    features : tuple of int
        The features asked about on its path, each once, in increasing order.
    accepted : tuple of bool arrays
        For each of them, by code: whether a row with this code goes on towards the leaf at every split on it.
    shares : tuple of float
        For each of them, the share of the training rows at its splits that went towards the leaf (their product).
    edges : tuple of int arrays
        For each of them, the places of the edges its splits compare with.
    left : tuple of bool
        The turns from the root; leaves of one branch have equal beginnings.
    """

    value: float
    features: tuple[int, ...]
    accepted: tuple[Array, ...]
    shares: tuple[float, ...]
    edges: tuple[Array, ...]
    left: tuple[bool, ...]


@dataclass(frozen=True)
class Ensemble:
    """The leaves of every tree, the edges of every feature, and the base that contributions are added to."""

    names: tuple[str, ...]
    edges: tuple[Array, ...]
    trees: tuple[tuple[Leaf, ...], ...]
    base: float


@dataclass(frozen=True)
class _Split:
    """One split: rows up to the edge go left; ``missing_left`` says where a missing value goes."""

    feature: int
    threshold: float
    missing_left: bool
    left: int
    right: int
    count: int


@dataclass(frozen=True)
class _Tree:
    splits: tuple[_Split, ...]
    values: tuple[float, ...]
    counts: tuple[int, ...]

    def count(self, child: int) -> int:
        """Training rows of a split (0 and above) or of a leaf (below 0)."""
        return self.splits[child].count if child >= 0 else self.counts[~child]


def read_trees(model_text: str) -> Ensemble:
    """The ensemble of a binary LightGBM model.

    Raises
    ------
    NotCompiled
        If the text holds what the tables cannot: categorical splits, linear leaves, nought read as missing, several
        classes, averaged trees, or a text of another form.
    """
    head, _, rest = model_text.partition("\nTree=0")
    body = "\nTree=0" + rest.partition("\nend of trees")[0] if rest else ""
    fields = _fields(head)
    if fields.get("num_tree_per_iteration") != "1" or re.search(r"^average_output$", head, re.MULTILINE):
        raise NotCompiled("the model has several classes or averages its trees")
    try:
        names = tuple(fields["feature_names"].split())
        trees = tuple(_tree(_fields(block)) for block in re.split(r"\nTree=\d+\n", body)[1:])
    except (KeyError, ValueError, IndexError):
        raise NotCompiled("the model's text is not of the form that is known") from None
    edges = _edges(trees, len(names))
    base = sum(_expected(tree) for tree in trees)
    return Ensemble(names, edges, tuple(tuple(_leaves(tree, edges)) for tree in trees), base)


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _tree(fields: Mapping[str, str]) -> _Tree:
    if fields.get("num_cat") != "0":
        raise NotCompiled("the model has categorical splits")
    if fields.get("is_linear", "0") != "0":
        raise NotCompiled("the model has linear leaves")
    values = tuple(float(value) for value in fields["leaf_value"].split())
    if fields["num_leaves"] == "1":
        return _Tree((), values, (1,))
    names = ("split_feature", "decision_type", "left_child", "right_child", "internal_count")
    whole = zip(*([int(one) for one in fields[name].split()] for name in names), strict=True)
    thresholds = [float(value) for value in fields["threshold"].split()]
    splits = tuple(
        _Split(feature, threshold, _missing_left(kind, threshold), left, right, count)
        for (feature, kind, left, right, count), threshold in zip(whole, thresholds, strict=True)
    )
    return _Tree(splits, values, tuple(int(count) for count in fields["leaf_count"].split()))


def _missing_left(kind: int, threshold: float) -> bool:
    # Bit 0 marks a categorical split, bit 1 "missing goes left", bits 2 and 3 what counts as missing: 0 nothing (then
    # a missing value is read as nought), 1 nought, 2 NaN (LightGBM, include/LightGBM/tree.h).
    if kind & 1:
        raise NotCompiled("the model has categorical splits")
    counts_as_missing = kind >> 2 & 3
    if counts_as_missing == 1:
        raise NotCompiled("the model reads nought as missing")
    return bool(kind & 2) if counts_as_missing else threshold >= 0.0


def _edges(trees: tuple[_Tree, ...], features: int) -> tuple[Array, ...]:
    found: list[set[float]] = [set() for _ in range(features)]
    for tree in trees:
        for split in tree.splits:
            found[split.feature].add(split.threshold)
    return tuple(np.array(sorted(one), dtype=np.float64) for one in found)


def _expected(tree: _Tree) -> float:
    total = tree.count(0) if tree.splits else 1
    return sum(count / total * value for count, value in zip(tree.counts, tree.values, strict=True))


def _leaves(tree: _Tree, edges: tuple[Array, ...]) -> Iterator[Leaf]:
    """Every leaf of a tree from left to right; a tree that never splits has none, since it tells nobody apart."""
    turns = [_turns(tree, split, edges[split.feature]) for split in tree.splits]
    waiting: list[tuple[int, tuple[tuple[int, bool], ...]]] = [(0, ())] if tree.splits else []
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            yield _leaf(
                tree.values[~node], [(tree.splits[at].feature, turns[at][side]) for at, side in path], path
            )
            continue
        split = tree.splits[node]
        waiting.append((split.right, (*path, (node, False))))
        waiting.append((split.left, (*path, (node, True))))


@dataclass(frozen=True)
class _Turn:
    """One side of a split: the codes that go there, the share of training rows that did, and the edge compared with."""

    codes: Array
    share: float
    place: int


def _turns(tree: _Tree, split: _Split, edges: Array) -> tuple[_Turn, _Turn]:
    place = int(np.searchsorted(edges, split.threshold))
    left = np.arange(len(edges) + 2) <= place
    left[-1] = split.missing_left
    sides = ((~left, split.right), (left, split.left))
    right_turn, left_turn = (_Turn(codes, tree.count(child) / split.count, place) for codes, child in sides)
    return right_turn, left_turn


def _leaf(value: float, turns: list[tuple[int, _Turn]], path: tuple[tuple[int, bool], ...]) -> Leaf:
    features = tuple(sorted({feature for feature, _ in turns}))
    accepted, shares, places = [], [], []
    for feature in features:
        own = [turn for asked, turn in turns if asked == feature]
        codes, share = own[0].codes, own[0].share
        for turn in own[1:]:
            codes, share = codes & turn.codes, share * turn.share
        accepted.append(codes)
        shares.append(share)
        places.append(np.array(sorted({turn.place for turn in own}), dtype=np.int64))
    return Leaf(
        value, features, tuple(accepted), tuple(shares), tuple(places), tuple(side for _, side in path)
    )
