"""A model's text is read line by line, or refused in words that quote none of it."""

from __future__ import annotations

import re

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_trees import fitted, rows_like, text_of

from absence_risk.compiled import model_text
from absence_risk.compiled.model_text import read_model_text
from absence_risk.errors import BundleError


def resized(text: str) -> str:
    """The text with the sizes of its trees stated anew."""
    begin, end = text.index("\nTree=") + 1, text.index("end of trees")
    sizes = [str(len(part)) for part in re.split("(?=Tree=)", text[begin:end])[1:]]
    return re.sub("tree_sizes=.*", f"tree_sizes={' '.join(sizes)}", text, count=1)


def line_changed(key: str, value: str) -> str:
    return resized(re.sub(rf"^{key}=.*$", f"{key}={value}", text_of(fitted()), count=1, flags=re.MULTILINE))


@pytest.mark.parametrize("leaves", [2, 8, 31])
def test_lightgbm_reads_the_same_model_from_what_it_is_given(leaves: int) -> None:
    model = fitted(leaves, leaves=leaves)
    said = read_model_text(text_of(model))
    again = lightgbm.Booster(model_str=said.for_library)
    values = rows_like(np.random.default_rng(2), 80, 9, 0.3)
    whole = lightgbm.Booster(model_str=text_of(model))
    for kind in ({"raw_score": True}, {"pred_contrib": True}):
        assert np.array_equal(again.predict(values, **kind), whole.predict(values, **kind))
    assert said.names == tuple(model.feature_name()) and len(said.trees) == model.num_trees()


def test_what_lightgbm_does_not_need_to_score_is_not_given_to_it() -> None:
    text = text_of(fitted())
    assert "[objective: binary]" in text and "[objective: binary]" not in read_model_text(text).for_library


def test_every_number_of_a_tree_is_lightgbms_own() -> None:
    model = fitted()
    told = model.dump_model()["tree_info"]
    for tree, theirs in zip(read_model_text(text_of(model)).trees, told, strict=True):
        waiting = [(0, theirs["tree_structure"])]
        while waiting:
            at, node = waiting.pop()
            if at < 0:
                assert (tree.value[~at], tree.leaf_count[~at]) == (node["leaf_value"], node["leaf_count"])
                continue
            assert (tree.feature[at], tree.threshold[at]) == (node["split_feature"], node["threshold"])
            assert tree.split_count[at] == node["internal_count"]
            waiting += [(tree.left[at], node["left_child"]), (tree.right[at], node["right_child"])]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("num_cat", "1", "categorical"),
        ("is_linear", "1", "linear"),
        ("decision_type", "6 6 6 6 6 6 6", "nought as missing"),
        ("decision_type", "1 2 2 2 2 2 2", "categorical"),
        ("decision_type", "16 2 2 2 2 2 2", "decision_type"),
        ("num_leaves", "0", "num_leaves"),
        ("num_leaves", "9", "entries"),
        ("num_leaves", "99999", "num_leaves"),
        ("split_feature", "9 1 3 1 3 1 0", "feature that is not there"),
        ("split_feature", "-1 1 3 1 3 1 0", "feature that is not there"),
        ("left_child", "0 2 -1 -4 -3 -2 -5", "absent, or has two parents"),
        ("left_child", "1 1 -1 -4 -3 -2 -5", "absent, or has two parents"),
        ("right_child", "5 4 3 6 -6 -7 -99", "absent, or has two parents"),
        ("leaf_value", "nan 0 0 0 0 0 0 0", "leaf_value"),
        ("leaf_value", "inf 0 0 0 0 0 0 0", "leaf_value"),
        ("leaf_value", "1e999 0 0 0 0 0 0 0", "a number of leaf_value"),
        ("leaf_value", "0x10 0 0 0 0 0 0 0", "leaf_value"),
        ("leaf_value", "0  0 0 0 0 0 0 0", "leaf_value"),
        ("leaf_value", "0 0", "entries leaf_value"),
        ("threshold", "nan 0 0 0 0 0 0", "threshold"),
        ("threshold", "-inf 0 0 0 0 0 0", "threshold"),
        ("internal_count", "99999999999 1 1 1 1 1 1", "internal_count"),
        ("internal_count", "9999999999 1 1 1 1 1 1", "a number of internal_count"),
        ("internal_count", "601 1 1 1 1 1 1", "do not add up"),
        ("num_leaves", "8\nnum_leaves=8", "its lines"),
    ],
)
def test_a_tree_of_another_form_is_refused_in_words(key: str, value: str, words: str) -> None:
    with pytest.raises(BundleError, match=rf"not of the form that is known \(tree 0: .*{words}"):
        read_model_text(line_changed(key, value))


@pytest.mark.parametrize(
    ("left", "right", "rows", "words"),
    [
        # Splits 1 and 2 are each other's child; the root has leaves alone, so every one has one parent.
        ((-1, 2, 1), (-2, -3, -4), (2, 3, 3), "do not add up"),
        ((-1, -2, 1), (2, -3, -4), (4, 2, 3), "before its parent"),
        ((1, -1, -3), (2, -2, -4), (4, 2, 2), ""),
    ],
)
def test_there_is_one_path_to_every_split_and_leaf(
    left: tuple[int, ...], right: tuple[int, ...], rows: tuple[int, ...], words: str
) -> None:
    tree = model_text.TreeText((0, 0, 0), (1.0,) * 3, (2,) * 3, left, right, rows, (0.1,) * 4, (1,) * 4)
    if words:
        with pytest.raises(model_text._Unknown, match=words):
            model_text._check_children(tree)
    else:
        model_text._check_children(tree)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "several classes"),
        ("objective=binary", "average_output\nobjective=binary", "averages"),
        ("feature_names=", "feature_words=", "first lines"),
        ("version=v4", "version=v3", "first lines"),
        ("Column_1 ", "Column_0 ", "list of features"),
        ("max_feature_idx=8", "max_feature_idx=9", "list of features"),
        ("tree_sizes=970", "tree_sizes=971", "tree 0 begins or ends"),
        ("tree_sizes=970", "tree_sizes=999999999", "tree 0 begins or ends"),
        ("tree_sizes=970 ", "tree_sizes=", "tree 0 begins or ends"),
        ("Tree=3\n", "Tree=4\n", "tree 3 begins or ends"),
        ("end of parameters", "end", "last lines"),
        ("[num_gpu: 1]", "num_gpu: 1", "last lines"),
        ("pandas_categorical:null", 'pandas_categorical:[["a"]]', "last lines"),
        ("Column_0", "Colümn_0", "plain letters"),
    ],
)
def test_a_text_of_another_form_is_refused_in_words(old: str, new: str, words: str) -> None:
    text = text_of(fitted())
    assert old in text
    with pytest.raises(BundleError, match=words):
        read_model_text(text.replace(old, new, 1))


@pytest.mark.parametrize("name", ["MOST_BYTES", "MOST_TREES", "MOST_LEAVES"])
def test_a_text_beyond_any_model_of_this_package_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_text, name, 7)
    with pytest.raises(BundleError, match="not of the form"):
        read_model_text(text_of(fitted()))


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), new=st.characters(max_codepoint=255), lost=st.integers(0, 40))
def test_no_change_of_a_character_is_anything_but_read_or_refused(place: float, new: str, lost: int) -> None:
    text = text_of(fitted())
    at = int(place * len(text))
    try:
        said = read_model_text(text[:at] + new + text[at + lost :])
    except BundleError as fault:
        assert str(fault).isprintable() and len(str(fault)) < 300
        return
    assert len(said.trees) == 12 and all(len(tree.value) == len(tree.feature) + 1 for tree in said.trees)
