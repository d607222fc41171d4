"""A model holds no small group and no child: leaves, thresholds, texts, ranges; and an attack on its memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_matrix import ALL, matrix, outcomes

from absence_risk.errors import UsageError
from absence_risk.evaluation.membership import attack_measured
from absence_risk.evidence.memorising import by_pupil, halves, memorising
from absence_risk.features.catalogue import CATALOGUE
from absence_risk.models.boosting import BoostedTrees, TreeShape, fit_boosting
from absence_risk.models.bundle import probe_rows
from absence_risk.models.contract import learn_ranges
from absence_risk.returns.identity import new_key_file
from absence_risk.settings import read_settings
from absence_risk.store import Store
from absence_risk.workflows.fit import check_leaf, parts_of
from absence_risk.workflows.ingest import run_ingest
from absence_risk.workflows.simulate import run_simulate
from absence_risk.workflows.train import folds_of, gather

CONFIGS = Path(__file__).parents[2] / "configs"


def children_by_leaf(model: BoostedTrees, values: Any, pupil: Any) -> list[int]:
    """Different children behind each leaf of each tree."""
    leaves = np.asarray(model.booster.predict(values, pred_leaf=True))
    return [len(set(pupil[column == leaf])) for column in leaves.T for leaf in np.unique(column)]


@pytest.mark.parametrize("rows", [600, pytest.param(20_000, marks=pytest.mark.slow)])
def test_no_leaf_is_about_fewer_than_ten_children_though_each_stands_in_three_years(
    rows: int, counted: Callable[[str, int, int], None]
) -> None:
    X, y = matrix(4, rows), outcomes(4, rows)
    pupil = np.arange(rows) // 3  # a child's three years stand together, as alike as can be
    X = X.loc[(pupil * 3).tolist()].reset_index(drop=True)
    model = fit_boosting(X, y, ALL, TreeShape(trees=40, leaves=8, smallest_leaf=30))
    counts = children_by_leaf(model, X[[f.name for f in ALL]].to_numpy(), pupil)
    counted("small groups: leaves", len(counts), sum(n >= 10 for n in counts))


def test_a_leaf_that_could_be_about_too_few_children_is_refused_before_anything_is_fitted() -> None:
    settings = read_settings(CONFIGS / "four_factors.yaml")
    fewer = settings.model_copy(
        update={"boosting": settings.boosting.model_copy(update={"smallest_leaf": 29})}
    )
    check_leaf(settings, 5)
    check_leaf(fewer, 2)
    with pytest.raises(UsageError, match="expected 30 or more"):
        check_leaf(fewer, 3)
    check_leaf(fewer.model_copy(update={"model": "logistic"}), 3)


def test_a_model_has_no_text_of_a_category_no_ends_of_a_range_and_no_threshold_that_is_a_childs_own_value() -> (
    None
):
    raw = matrix(4, 600)
    model = fit_boosting(raw, outcomes(4, 600), ALL, TreeShape(trees=30, smallest_leaf=20))
    assert set(re.findall(r"^num_cat=(\d+)$", model.model_text, re.MULTILINE)) == {"0"}
    assert "\ncat_threshold=" not in model.model_text and set(model.feature_names) == {f.name for f in ALL}
    (ends,) = re.findall(r"^feature_infos=(.*)$", model.model_text, re.MULTILINE)
    assert set(ends.split()) == {"[-inf:inf]"}  # LightGBM would write the lowest and the highest child's
    shares = {n for n, f in enumerate(ALL) if f.unit in ("share 0-1", "difference")}
    cuts = [
        (int(which), float(cut))
        for features, thresholds in zip(
            re.findall(r"^split_feature=(.*)$", model.model_text, re.MULTILINE),
            re.findall(r"^threshold=(.*)$", model.model_text, re.MULTILINE),
            strict=True,
        )
        for which, cut in zip(features.split(), thresholds.split(), strict=True)
    ]
    own = [cut for which, cut in cuts if which in shares and (raw[ALL[which].name] == cut).any()]
    assert len([1 for which, _ in cuts if which in shares]) > 10 and not own


def test_what_a_bundle_says_of_its_training_is_of_no_one_child() -> None:
    """Ranges are rounded percentiles: neither the outermost child's value nor, to the last digit, anybody's."""
    X = matrix(4, 2_000)[["unauthorised_rate"]]
    features = (CATALOGUE["unauthorised_rate"],)
    outermost = pd.concat([X, X.head(1).assign(unauthorised_rate=1.0)], ignore_index=True)
    for rows in (X, outermost):
        (found,) = learn_ranges(rows, features)
        assert found.high < 0.5 and not rows["unauthorised_rate"].isin([found.low, found.high]).any()
        assert [round(v, 3) for v in (found.low, found.high, found.missing)] == [
            found.low,
            found.high,
            found.missing,
        ]
        known = probe_rows((found,))
        assert set(known[~np.isnan(known)].tolist()) <= {found.low, found.high}


def shadows(data: Any, features: Any, fit: Any, models: int) -> Any:
    """The attack with many models of the attacker's own (Carlini et al., 2022, arXiv:2112.03570, offline form).

    Each is fitted on a random half. A child's outcome under the attacked model is held against the mean of what the
    models say that had not seen the child.
    """
    names = [f.name for f in features]
    values = data.X[names].to_numpy(dtype=np.float64)
    sides, known = [], []
    for seed in range(models + 1):
        inside = halves(data.pupil_id, 100 + seed)
        model = fit(data.X.loc[inside, names].reset_index(drop=True), data.y[inside])
        margin = model.margin(values)
        sides.append(inside)
        known.append(np.where(data.y == 1, margin, -margin))
    own, unseen = np.array(known[1:]), ~np.array(sides[1:])
    said = known[0] - (own * unseen).sum(0) / unseen.sum(0).clip(min=1)
    members, strangers = (by_pupil(data.pupil_id[half], said[half])[1] for half in (sides[0], ~sides[0]))
    return attack_measured(members, strangers)


@pytest.mark.slow
@pytest.mark.parametrize("config", ["four_factors", "with_attendance"])
def test_an_attack_with_models_of_its_own_tells_little_of_a_model_as_shipped(
    config: str, parts_by_config: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    parts, settings = parts_by_config(config)
    features = settings.features

    def fitted(shape: TreeShape) -> Any:
        return lambda X, y: fit_boosting(X, y, features, shape)

    shipped = TreeShape(leaves=8, smallest_leaf=50)
    by_heart = TreeShape(leaves=31, trees=600, learning_rate=0.2, smallest_leaf=10)
    one = memorising(parts.train, features, fitted(shipped), seed=1)
    heart = memorising(parts.train, features, fitted(by_heart), seed=1)
    many = shadows(parts.train, features, fitted(shipped), 16)
    with capsys.disabled():
        print(f"\n{config}: one model {one}\n  sixteen models {many}\n  a model that learns by heart {heart}")
    assert one is not None and heart is not None
    assert one.auc < 0.65 and many.auc < 0.65
    if config == "with_attendance":  # the four factors are too coarse for any model to learn a child by heart
        assert heart.low > one.auc  # the attack finds what there is to find


@pytest.fixture(scope="module")
def parts_by_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """The parts of a made-up authority of 3,000 pupils for a shipped configuration, and its settings."""
    folder = tmp_path_factory.mktemp("authority")
    run_simulate(folder / "returns", pupils=3_000, seed=6)
    new_key_file(folder / "keys" / "a.key")
    run_ingest(folder / "returns", folder / "a.duckdb", key_file=folder / "keys" / "a.key")

    def found(config: str) -> Any:
        settings = read_settings(CONFIGS / f"{config}.yaml")
        with Store(folder / "a.duckdb") as opened:
            folds, years = folds_of(opened, settings)
            gathered = gather(opened.tables(), years.years, settings)
            return parts_of(opened.tables(), gathered, folds[-1], settings), settings

    yield found
