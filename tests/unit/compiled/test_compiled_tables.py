"""Tables, LightGBM's pred_contrib and shap's own algorithm give the same numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_trees import fitted, rows_like, text_of

from absence_risk.compiled import build, units
from absence_risk.compiled import layout as layouts
from absence_risk.compiled.kernel import BLOCK
from absence_risk.compiled.proof import prove, trial_rows
from absence_risk.compiled.tables import CompiledTrees, NotCompiled
from absence_risk.compiled.trees import read_trees
from absence_risk.errors import BundleError

NEAR = 1e-12


def tables_of(text: str) -> CompiledTrees:
    return CompiledTrees.of(text, hashlib.sha256(text.encode()).hexdigest())


def assert_same(made: CompiledTrees, model: object, values: np.ndarray) -> None:
    theirs = model.predict(values, pred_contrib=True, num_threads=1)  # type: ignore[attr-defined]
    margin = model.predict(values, raw_score=True, num_threads=1)  # type: ignore[attr-defined]
    made = CompiledTrees.from_bytes(made.to_bytes(), model_sha256=made.model_sha256)
    ours, base = made.contributions(values)
    assert np.abs(ours - theirs[:, :-1]).max() < NEAR
    assert base == pytest.approx(theirs[0, -1], abs=NEAR)
    assert np.abs(made.margin(values) - margin).max() < NEAR


def on_the_edges(made: CompiledTrees, draw: np.random.Generator, rows: int) -> np.ndarray:
    """Values on an edge, the next number above, nought of both signs, infinities and none."""
    columns = []
    for begin, end in zip(made.layout.edge_start[:-1], made.layout.edge_start[1:], strict=True):
        edges = made.layout.edges[begin:end]
        also = [0.0, -0.0, 1e-36, -1e-35, np.nan, 1e300, -1e300]
        columns.append(draw.choice([*edges, *np.nextafter(edges, np.inf), *also], rows))
    return np.column_stack(columns)


# --- equality ----------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    leaves=st.sampled_from([2, 3, 4, 8, 15, 31]),
    features=st.integers(1, 14),
    missing=st.sampled_from([0.0, 0.3]),
)
def test_random_trees_and_rows_give_the_librarys_numbers(
    seed: int, leaves: int, features: int, missing: float
) -> None:
    model = fitted(seed, features=features, leaves=leaves, trees=6, missing=missing, rows=300)
    made, draw = tables_of(text_of(model)), np.random.default_rng(seed)
    assert_same(made, model, rows_like(draw, 40, features, 0.4))
    assert_same(made, model, on_the_edges(made, draw, 40))


def test_shaps_own_algorithm_gives_the_same_numbers() -> None:
    import shap

    model = fitted(3)
    values = rows_like(np.random.default_rng(8), 50, 9, 0.3)
    # shap hands LightGBM models back to LightGBM, so its own algorithm is asked for.
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"
    theirs = np.asarray(explainer.shap_values(values, check_additivity=False))
    assert np.abs(tables_of(text_of(model)).contributions(values)[0] - theirs).max() < 1e-6


def test_deep_leaves_without_a_table_and_large_grids_are_explained_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The bounds are lowered, so that a small model meets every form a large one would."""
    model = fitted(5, leaves=31, features=12, trees=4)
    values = rows_like(np.random.default_rng(1), 60, 12, 0.3)
    for cells, deepest in ((4, 2), (16, 3), (4096, 12)):
        monkeypatch.setattr(units, "MOST_CELLS", cells)
        monkeypatch.setattr(build, "DEEPEST_IN_A_TABLE", deepest)
        made = tables_of(text_of(model))
        assert_same(made, model, values)
    packs = len(made.layout.pack_start) - 1
    assert made.layout.deep_from[0] <= packs


def test_a_model_that_found_nothing_to_split_on_has_a_base_alone() -> None:
    import lightgbm

    y = np.arange(100) % 2
    model = lightgbm.train(
        {"objective": "binary", "verbosity": -1},
        lightgbm.Dataset(np.ones((100, 3)), label=y),
        num_boost_round=2,
    )
    made, values = tables_of(text_of(model)), np.full((4, 3), np.nan)
    assert not made.contributions(values)[0].any()
    assert made.margin(values) == pytest.approx(model.predict(values, raw_score=True), abs=NEAR)
    assert CompiledTrees.from_bytes(made.to_bytes(), model_sha256=made.model_sha256).base == made.base


def test_no_row_gives_no_contribution() -> None:
    found, _ = tables_of(text_of(fitted())).contributions(np.zeros((0, 9)))
    assert found.shape == (0, 9)


def test_threads_blocks_and_neighbours_change_no_bit() -> None:
    made = tables_of(text_of(fitted()))
    values = rows_like(np.random.default_rng(4), 2 * BLOCK + 17, 9, 0.2)
    whole, _ = made.contributions(values)
    for threads in (2, 3, 8):
        assert np.array_equal(made.contributions(values, num_threads=threads)[0], whole)
    some = np.random.default_rng(5).permutation(len(values))[:100]
    assert np.array_equal(made.contributions(values[some])[0], whole[some])


# --- what is merged ----------------------------------------------------------------------------------------------


def test_every_leaf_is_in_one_table_and_no_table_is_large() -> None:
    ensemble = read_trees(text_of(fitted(leaves=31, features=12)))
    groups, alone = units.group_leaves(ensemble)
    held = [id(leaf) for group in groups for leaf in group.leaves] + [id(leaf) for leaf in alone]
    assert sorted(held) == sorted(id(leaf) for tree in ensemble.trees for leaf in tree)
    marks = units.Marks.of(ensemble.edges)
    for group in groups:
        assert marks.cells_and_features(marks.set(group.leaves)[None, :])[0] <= units.MOST_CELLS


def test_merging_saves_look_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of(fitted(trees=40, leaves=4))
    merged = tables_of(text).lookups_per_row
    monkeypatch.setattr(units, "MOST_CELLS", 8)
    assert merged < tables_of(text).lookups_per_row


# --- what is refused ---------------------------------------------------------------------------------------------


def test_tables_over_their_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MOST_BYTES", 1000)
    with pytest.raises(NotCompiled, match="MiB"):
        tables_of(text_of(fitted()))


def test_more_leaves_than_can_be_planned_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MOST_LEAVES", 20)
    with pytest.raises(NotCompiled, match="96 leaves; at most 20"):
        tables_of(text_of(fitted()))


def test_a_leaf_that_asks_about_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MOST_CELLS", 1)
    monkeypatch.setattr(build, "MOST_FEATURES", 1)
    with pytest.raises(NotCompiled, match="at most 1"):
        tables_of(text_of(fitted()))


def test_tables_that_differ_from_the_library_are_not_kept() -> None:
    model = fitted()
    made = tables_of(text_of(model))

    def told(values: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict(values, pred_contrib=True))

    def asked(values: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict(values, raw_score=True))

    prove(made, told, asked)
    with pytest.raises(NotCompiled, match="differ from LightGBM"):
        prove(made, lambda values: told(values) + 1e-6, asked)
    with pytest.raises(NotCompiled, match="differ from LightGBM"):
        prove(made, told, lambda values: asked(values) + np.nan)


def test_the_rows_of_the_proof_hold_edges_and_missing_values() -> None:
    made = tables_of(text_of(fitted()))
    rows = trial_rows(made)
    assert np.isnan(rows[:32]).any() and not np.isnan(rows[32:]).any()
    assert np.isin(rows, made.layout.edges).mean() > 0.2


# --- as a file ---------------------------------------------------------------------------------------------------


def test_the_file_reads_back_to_the_same_numbers_and_bytes() -> None:
    made = tables_of(text_of(fitted()))
    raw = made.to_bytes()
    again = CompiledTrees.from_bytes(raw, model_sha256=made.model_sha256)
    values = rows_like(np.random.default_rng(6), 30, 9, 0.3)
    assert np.array_equal(again.contributions(values)[0], made.contributions(values)[0])
    assert again.to_bytes() == raw == tables_of(text_of(fitted())).to_bytes()
    assert again.names == made.names and again.base == made.base
    head = json.loads(raw.split(b"\n", 1)[0])
    assert head["model_sha256"] == made.model_sha256


def test_a_table_whose_mask_reaches_far_past_its_cells_is_read_back() -> None:
    # Missing values have letters of their own, so that a table of 512 cells by its edges may have over 1,024.
    made = tables_of(text_of(fitted(4, leaves=8, features=5)))
    assert made.layout.mask.max() > 1023
    again = CompiledTrees.from_bytes(made.to_bytes(), model_sha256=made.model_sha256)
    assert again.agrees(made)


def test_tables_that_cannot_be_read_back_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_room_behind", lambda tables: 0)
    model = fitted(4, leaves=8, features=5)
    with pytest.raises(NotCompiled, match="read back"):
        prove(tables_of(text_of(model)), lambda rows: rows, lambda rows: rows)


def test_tables_of_another_model_are_refused() -> None:
    with pytest.raises(BundleError, match="another model"):
        CompiledTrees.from_bytes(tables_of(text_of(fitted())).to_bytes(), model_sha256="0" * 64)


@pytest.mark.parametrize("kept", [0, 10, 1000, -8, -1])
def test_a_file_cut_short_or_too_long_is_refused(kept: int) -> None:
    made = tables_of(text_of(fitted()))
    raw = made.to_bytes()
    for damaged in (raw[:kept], raw + b"\0" * 8):
        with pytest.raises(BundleError):
            CompiledTrees.from_bytes(damaged, model_sha256=made.model_sha256)


def test_a_place_outside_the_tables_is_refused_since_the_loops_check_none() -> None:
    made = tables_of(text_of(fitted(leaves=31, features=12)))
    for name in layouts.TYPES:
        if name in ("edges", "columns", "lookups"):  # what is looked up, not where
            continue
        array = getattr(made.layout, name).copy()
        array[0 if name == "mask" else -1] = np.iinfo(array.dtype).max
        forged = layouts.to_bytes(made.layout._replace(**{name: array}), {})
        with pytest.raises(BundleError):
            layouts.from_bytes(forged)


def test_a_look_up_that_leads_outside_its_table_is_refused() -> None:
    """A forged word has bits above those of its tables; the mask cuts them off, so no place outside is read."""
    made = tables_of(text_of(fitted()))
    wild = made.layout._replace(lookups=np.full_like(made.layout.lookups, np.iinfo(np.uint64).max))
    layout, _ = layouts.from_bytes(layouts.to_bytes(wild, {}))
    found, _ = CompiledTrees(layout, 0.0, made.names, "").contributions(np.zeros((5, 9)))
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("lengths", {"edges": float("inf")}),
        ("lengths", {}),
        ("lengths", []),
        ("base", "nan"),
        ("base", "0x1p+99999"),
        ("base", None),
        ("names", "abcdefghi"),
        ("names", None),
        ("about", "other"),
        ("more", 1),
    ],
)
def test_a_first_line_that_says_something_else_is_refused(part: str, value: object) -> None:
    made = tables_of(text_of(fitted()))
    line, _, rest = made.to_bytes().partition(b"\n")
    head = json.dumps({**json.loads(line), part: value}, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(BundleError):
        CompiledTrees.from_bytes(
            head + b" " * (-(len(head) + 1) % 8) + b"\n" + rest, model_sha256=made.model_sha256
        )


def test_a_number_that_is_none_is_refused() -> None:
    made = tables_of(text_of(fitted()))
    for name, value in (("columns", np.nan), ("columns", np.inf), ("edges", np.nan)):
        array = getattr(made.layout, name).copy()
        array[0] = value
        with pytest.raises(BundleError):
            layouts.from_bytes(layouts.to_bytes(made.layout._replace(**{name: array}), {}))


def test_more_edges_than_codes_can_count_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = layouts.to_bytes(tables_of(text_of(fitted())).layout, {})
    layouts.from_bytes(raw)
    monkeypatch.setattr(layouts, "MOST_EDGES", 3)
    with pytest.raises(BundleError):
        layouts.from_bytes(raw)


def test_tables_agree_with_themselves_to_the_last_bits_and_with_no_others() -> None:
    made = tables_of(text_of(fitted()))
    columns = made.layout.columns
    assert made.agrees(tables_of(text_of(fitted()))) and not made.agrees(tables_of(text_of(fitted(1))))
    assert made.agrees(replace(made, layout=made.layout._replace(columns=columns + 1e-15)))
    for other in (
        replace(made, layout=made.layout._replace(columns=columns + 1e-9)),
        replace(made, layout=made.layout._replace(columns=columns[:-1])),
        replace(made, layout=made.layout._replace(columns=columns * np.nan)),
        replace(made, layout=made.layout._replace(shift=made.layout.shift + 1)),
        replace(made, base=made.base + 1e-9),
        replace(made, names=made.names[::-1]),
    ):
        assert not made.agrees(other)
