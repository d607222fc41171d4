"""The same contributions as LightGBM's, about ten times faster: rows that answer a tree alike are explained once.

A tree's path-dependent contributions depend only on how a row answers each of its splits. A tree of eight leaves has
seven splits, so at most 128 words of answers, however many pupils there are. One row per word is given to LightGBM,
tree by tree, and its numbers are handed to every row with that word. No part of TreeSHAP is written again here, and
``explain`` still checks that parts and whole agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

#: More splits than this make too many words for the method to pay.
MOST_SPLITS = 14


@dataclass(frozen=True)
class Splits:
    """The splits of one tree: which feature, up to which value left, and where a missing value goes.

    ``missing_left`` None: no value was missing in training, and LightGBM reads a missing one as nought.
    """

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    missing_left: tuple[bool | None, ...]


@dataclass(frozen=True)
class Columns:
    """Rows turned for comparing: one feature per row of the arrays, shape (p, n); nought where missing."""

    filled: Array
    missing: Array

    @classmethod
    def of(cls, values: Array) -> Columns:
        columns = np.ascontiguousarray(values.T)
        missing = np.isnan(columns)
        return cls(np.where(missing, 0.0, columns), missing)

    def words(self, tree: Splits) -> Array:
        """The word of each row: bit i is set if the row goes left at split i."""
        word = np.zeros(self.filled.shape[1], dtype=np.uint16)
        for place, feature in enumerate(tree.features):
            left = self.filled[feature] <= tree.thresholds[place]
            if tree.missing_left[place] is True:
                left |= self.missing[feature]
            elif tree.missing_left[place] is False:
                left &= ~self.missing[feature]
            word |= left.astype(np.uint16) << np.uint16(place)
        return word


def splits_of(model_text: str) -> tuple[Splits, ...] | None:
    """The splits of every tree in LightGBM's text; None if a tree is of a kind that this method does not know."""
    body = model_text.partition("\nend of trees")[0]
    found = [_splits(block) for block in re.split(r"^Tree=\d+$", body, flags=re.MULTILINE)[1:]]
    known = tuple(one for one in found if one is not None)
    return known if known and len(known) == len(found) else None


def _splits(block: str) -> Splits | None:
    fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    if fields.get("num_cat") != "0" or fields.get("is_linear", "0") != "0":
        return None
    if fields.get("num_leaves") == "1":
        return Splits((), (), ())
    # Bit 0 marks a categorical split, bit 1 "missing goes left", bits 2 and 3 what counts as missing:
    # 0 nothing, 1 nought, 2 NaN (LightGBM, include/LightGBM/tree.h).
    kinds = [int(kind) for kind in fields["decision_type"].split()]
    if len(kinds) > MOST_SPLITS or any(kind & 1 or kind >> 2 & 3 == 1 for kind in kinds):
        return None
    return Splits(
        features=tuple(int(place) for place in fields["split_feature"].split()),
        thresholds=tuple(float(value) for value in fields["threshold"].split()),
        missing_left=tuple(bool(kind & 2) if kind >> 2 & 3 else None for kind in kinds),
    )


def contributions_by_word(
    splits: tuple[Splits, ...], values: Array, explain_tree: Callable[[int, Array], Array]
) -> tuple[Array, float]:
    """Contributions of all trees, shape (n, p), and their base.

    Parameters
    ----------
    splits : tuple of Splits
        One per tree.
    values : array of float, shape (n, p)
        One row or more.
    explain_tree : callable
        Given a tree's number and some rows, the contributions of that tree alone with its base as last column.
    """
    columns = Columns.of(values)
    total, base = np.zeros_like(columns.filled), 0.0
    for number, tree in enumerate(splits):
        word = columns.words(tree)
        example = np.full(1 << len(tree.features), -1)
        example[word[::-1]] = np.arange(len(word))[::-1]  # the first row with each word
        seen = np.flatnonzero(example >= 0)
        told = explain_tree(number, values[example[seen]])
        table = np.zeros(len(example))
        for feature in sorted(set(tree.features)):
            table[seen] = told[:, feature]
            total[feature] += table[word]
        base += float(told[0, -1])
    return np.ascontiguousarray(total.T), base
