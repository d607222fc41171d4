"""LightGBM's text read by rules of our own: every line accounted for, every number proven, nothing else let through.

LightGBM's own reader ends the process on a damaged text, or reads it as another model without a word, so no text comes
to it that has not passed here. What passes is exactly what LightGBM writes for the one kind of model this package
makes: two outcomes, plain numbers, no categories, no linear leaves. Nothing is guessed and nothing is skipped.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from ..errors import BundleError

#: Far beyond any model of this package (settings allow 2,000 trees of 31 leaves): damage cannot fill memory.
MOST_BYTES = 64 * 1024 * 1024
MOST_TREES = 10_000
MOST_LEAVES = 1_024
#: Rows of a leaf, and any other whole number, are held in 32 bits by LightGBM.
_MOST = 2**31 - 1

_NUMBER = r"-?\d{1,17}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?"
_WHOLE = r"-?\d{1,10}"
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,99}"
_RANGE = rf"(?:none|\[(?:-inf|{_NUMBER}):(?:inf|{_NUMBER})\])"
_HEAD = re.compile(
    r"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=(?P<last>\d{1,6})\n"
    rf"objective=binary sigmoid:1\nfeature_names=(?P<names>{_NAME}(?: {_NAME})*)\n"
    r"(?:monotone_constraints=(?P<directions>(?:-1|0|1)(?: (?:-1|0|1))*)\n)?"
    rf"feature_infos=(?P<infos>{_RANGE}(?: {_RANGE})*)\ntree_sizes=(?P<sizes>\d{{1,9}}(?: \d{{1,9}})*)\n\n"
)
_TAIL = re.compile(
    rf"end of trees\n\nfeature_importances:\n(?:{_NAME}=\d{{1,10}}\n)*\n"
    r"parameters:\n(?:\[[a-z0-9_]+: [ -~]*\]\n)*\nend of parameters\n\npandas_categorical:null\n"
)
#: What LightGBM is given in place of the rest of a text; it needs none of that to score.
_SHORT_TAIL = (
    "end of trees\n\nfeature_importances:\n\nparameters:\n\nend of parameters\n\npandas_categorical:null\n"
)

_WHOLES = re.compile(rf"{_WHOLE}(?: {_WHOLE})*")
_NUMBERS = re.compile(rf"{_NUMBER}(?: {_NUMBER})*")
#: An edge above every number tells the missing values from all others.
_EDGES = re.compile(rf"(?:inf|{_NUMBER})(?: (?:inf|{_NUMBER}))*")
#: The lines of one tree in LightGBM's order, and of what each is made: one entry for each split, for each leaf, or one.
_LINES = (
    ("num_leaves", _WHOLES, "one"),
    ("num_cat", _WHOLES, "one"),
    ("split_feature", _WHOLES, "splits"),
    ("split_gain", _NUMBERS, "splits"),
    ("threshold", _EDGES, "splits"),
    ("decision_type", _WHOLES, "splits"),
    ("left_child", _WHOLES, "splits"),
    ("right_child", _WHOLES, "splits"),
    ("leaf_value", _NUMBERS, "leaves"),
    ("leaf_weight", _NUMBERS, "leaves"),
    ("leaf_count", _WHOLES, "leaves"),
    ("internal_value", _NUMBERS, "splits"),
    ("internal_weight", _NUMBERS, "splits"),
    ("internal_count", _WHOLES, "splits"),
    ("is_linear", _WHOLES, "one"),
    ("shrinkage", _NUMBERS, "one"),
)


class _Unknown(Exception):
    """What is not as it should be, in words of ours; never a piece of the text."""


@dataclass(frozen=True)
class TreeText:
    """The numbers of one tree: one entry for each split in ``feature`` to ``split_count``, for each leaf in the others.

    A child of 0 and above is a split, one below 0 is the leaf ``~child``.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    kind: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    split_count: tuple[int, ...]
    value: tuple[float, ...]
    leaf_count: tuple[int, ...]

    def rows(self, child: int) -> int:
        """Training rows of a split (0 and above) or of a leaf (below 0)."""
        return self.split_count[child] if child >= 0 else self.leaf_count[~child]


@dataclass(frozen=True)
class ModelText:
    """What a text says: the features' names in the model's order, its trees, and the text that LightGBM may read."""

    names: tuple[str, ...]
    trees: tuple[TreeText, ...]
    for_library: str


def read_model_text(text: str) -> ModelText:
    """Every tree of a text that is, line for line, of the form LightGBM writes.

    Every feature and child that a split names exists; each split and leaf is reached once, by one path, from the root;
    every number is finite; counts of rows add up. So neither a loop over the trees nor LightGBM can be led astray.

    Raises
    ------
    BundleError
        If anything is of another form. Words say what; no part of the text is quoted.
    """
    try:
        if len(text) > MOST_BYTES:
            raise _Unknown("it is far longer than a model of this package")
        return _read(text)
    except _Unknown as why:
        raise BundleError(
            f"the model's text is not of the form that is known ({why}); fetch the model again, or train it with the "
            "LightGBM this package names"
        ) from None


def _read(text: str) -> ModelText:
    if not text.isascii():
        raise _Unknown("it holds other than plain letters")
    if re.search(r"^(?:num_class=(?!1$)|num_tree_per_iteration=(?!1$)|average_output$)", text, re.MULTILINE):
        raise _Unknown("it has several classes or averages its trees")
    head = _HEAD.match(text)
    if head is None:
        raise _Unknown("its first lines")
    names, sizes = tuple(head["names"].split(" ")), [int(size) for size in head["sizes"].split(" ")]
    rows = [head["infos"].split(" "), (head["directions"] or head["names"]).split(" ")]
    if len(set(names)) != len(names) or {len(names)} != {int(head["last"]) + 1, *map(len, rows)}:
        raise _Unknown("its list of features")
    if len(sizes) > MOST_TREES:
        raise _Unknown(f"more than {MOST_TREES:,} trees")
    trees, end = _trees(text, head.end(), sizes, len(names))
    if _TAIL.fullmatch(text, end) is None:
        raise _Unknown("its last lines")
    return ModelText(names, trees, text[:end] + _SHORT_TAIL)


def _trees(text: str, at: int, sizes: list[int], features: int) -> tuple[tuple[TreeText, ...], int]:
    found = []
    for number, size in enumerate(sizes):
        block = text[at : at + size]
        begin, end = f"Tree={number}\n", "\n\n\n"
        if not block.startswith(begin) or not block.endswith(end) or len(block) != size:
            raise _Unknown(f"where tree {number} begins or ends")
        try:
            found.append(_tree(block[len(begin) : -len(end)].split("\n"), features))
        except _Unknown as why:
            raise _Unknown(f"tree {number}: {why}") from None
        at += size
    return tuple(found), at


def _tree(lines: list[str], features: int) -> TreeText:
    if len(lines) != len(_LINES):
        raise _Unknown("its lines")
    said = {}
    for line, (key, form, _) in zip(lines, _LINES, strict=True):
        name, _, value = line.partition("=")
        if name != key or not (value == "" or form.fullmatch(value)):
            raise _Unknown(key)
        said[key] = value.split(" ") if value else []
    _refuse_other_kinds(said)
    leaves = int(said["num_leaves"][0])
    if not 1 <= leaves <= MOST_LEAVES:
        raise _Unknown("num_leaves")
    length = {"one": 1, "leaves": leaves, "splits": leaves - 1}
    for key, _, each in _LINES:
        # A tree that never splits states no weight of its one leaf.
        if len(said[key]) != length[each] and not (key == "leaf_weight" and leaves == 1 and not said[key]):
            raise _Unknown(f"how many entries {key} has")
    return _sound(said, features)


def _refuse_other_kinds(said: dict[str, list[str]]) -> None:
    kinds = [int(kind) for kind in said["decision_type"]]
    if said["num_cat"] != ["0"] or any(kind & 1 for kind in kinds):
        raise _Unknown("it has categorical splits")
    if said["is_linear"] != ["0"]:
        raise _Unknown("it has linear leaves")
    if any(kind in (4, 6) for kind in kinds):
        raise _Unknown("it reads nought as missing")
    if any(kind not in (0, 2, 8, 10) for kind in kinds) or len(said["num_leaves"]) != 1:
        raise _Unknown("decision_type")


def _sound(said: dict[str, list[str]], features: int) -> TreeText:
    """The numbers, once each is finite and every place they name exists."""
    for key, form, _ in _LINES:
        most = _MOST if form is _WHOLES else sys.float_info.max
        if not all(abs(float(one)) <= most for one in said[key] if one != "inf"):
            raise _Unknown(f"a number of {key}")

    def wholes(key: str) -> tuple[int, ...]:
        return tuple(map(int, said[key]))

    tree = TreeText(
        wholes("split_feature"), tuple(map(float, said["threshold"])), wholes("decision_type"), wholes("left_child"),
        wholes("right_child"), wholes("internal_count"), tuple(map(float, said["leaf_value"])), wholes("leaf_count"),
    )  # fmt: skip
    if not all(0 <= feature < features for feature in tree.feature):
        raise _Unknown("a split on a feature that is not there")
    _check_children(tree)
    return tree


def _check_children(tree: TreeText) -> None:
    """Each split and each leaf has one parent that stands before it, so that there is one path to it and no circle."""
    children = [*tree.left, *tree.right]
    if sorted(children) != [*range(-len(tree.value), 0), *range(1, len(tree.feature))] and tree.feature:
        raise _Unknown("a child that is absent, or has two parents")
    for parent, (left, right) in enumerate(zip(tree.left, tree.right, strict=True)):
        if parent >= left >= 0 or parent >= right >= 0:
            raise _Unknown("a child that stands before its parent")
        if tree.split_count[parent] != tree.rows(left) + tree.rows(right):
            raise _Unknown("rows that do not add up")
    if min(tree.leaf_count) < 1:
        raise _Unknown("a leaf without rows")
