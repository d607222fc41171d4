"""LightGBM's text read as leaves: what each asks of every feature on its path, and how many rows it was made of.

A value matters only by its *code*: how many of the model's edges for that feature lie below it, and one further code
for a missing value. Two rows with the same codes have the same margin and the same contributions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import AbsenceRiskError
from .model_text import TreeText, read_model_text

Array = np.ndarray[Any, np.dtype[Any]]


class NotCompiled(AbsenceRiskError):
    """A model that tables cannot hold; the words say why."""


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


def read_trees(model_text: str) -> Ensemble:
    """The ensemble of a binary LightGBM model.

    Raises
    ------
    BundleError
        If the text is not of the form that ``model_text`` knows.
    """
    said = read_model_text(model_text)
    edges = _edges(said.trees, len(said.names))
    base = sum(_expected(tree) for tree in said.trees)
    return Ensemble(said.names, edges, tuple(tuple(_leaves(tree, edges)) for tree in said.trees), base)


def _missing_left(tree: TreeText, split: int) -> bool:
    # Bit 1 of the kind says "missing goes left", bits 2 and 3 what counts as missing: 0 nothing (then a missing value
    # is read as nought), 2 NaN (LightGBM, include/LightGBM/tree.h). `model_text` lets no other kind through.
    kind = tree.kind[split]
    return bool(kind & 2) if kind >> 2 & 3 else tree.threshold[split] >= 0.0


def _edges(trees: tuple[TreeText, ...], features: int) -> tuple[Array, ...]:
    found: list[set[float]] = [set() for _ in range(features)]
    for tree in trees:
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            found[feature].add(threshold)
    return tuple(np.array(sorted(one), dtype=np.float64) for one in found)


def _expected(tree: TreeText) -> float:
    total = tree.rows(0) if tree.feature else tree.leaf_count[0]
    return sum(count / total * value for count, value in zip(tree.leaf_count, tree.value, strict=True))


def _leaves(tree: TreeText, edges: tuple[Array, ...]) -> Iterator[Leaf]:
    """Every leaf of a tree from left to right; a tree that never splits has none, since it tells nobody apart."""
    turns = [_turns(tree, split, edges[feature]) for split, feature in enumerate(tree.feature)]
    waiting: list[tuple[int, tuple[tuple[int, bool], ...]]] = [(0, ())] if tree.feature else []
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            asked = [(tree.feature[at], turns[at][side]) for at, side in path]
            yield _leaf(tree.value[~node], asked, path)
            continue
        waiting.append((tree.right[node], (*path, (node, False))))
        waiting.append((tree.left[node], (*path, (node, True))))


@dataclass(frozen=True)
class _Turn:
    """One side of a split: the codes that go there, the share of training rows that did, and the edge compared with."""

    codes: Array
    share: float
    place: int


def _turns(tree: TreeText, split: int, edges: Array) -> tuple[_Turn, _Turn]:
    place = int(np.searchsorted(edges, tree.threshold[split]))
    left = np.arange(len(edges) + 2) <= place
    left[-1] = _missing_left(tree, split)
    sides, rows = ((~left, tree.right[split]), (left, tree.left[split])), tree.rows(split)
    right_turn, left_turn = (_Turn(codes, tree.rows(child) / rows, place) for codes, child in sides)
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
