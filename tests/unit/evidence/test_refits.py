"""The same model trained again on other draws of the same pupils, and its files."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_years import FEW, fit_few, three_years

from absence_risk.errors import BundleError
from absence_risk.evidence.refits import (
    REFITS_FILE,
    Refit,
    drawn_pupils,
    read_refits,
    refit,
    risks_of,
    write_refits,
)
from absence_risk.files import canonical_json
from absence_risk.models.boosting import BoostedTrees
from absence_risk.models.calibration import LinearCalibration
from absence_risk.models.logistic import fit_logistic

HASH = "a" * 64
NAMES = [feature.name for feature in FEW]


@pytest.fixture(scope="module")
def refits() -> tuple[Refit, ...]:
    train, calibrate, _ = three_years()
    return refit(train, calibrate, FEW, fit_few, refits=3, seed=7)


@pytest.fixture
def written(refits: tuple[Refit, ...], tmp_path: Path) -> Path:
    write_refits(tmp_path, refits, HASH)
    return tmp_path


# --- drawing pupils ----------------------------------------------------------------------------------------------


def test_all_rows_of_a_pupil_are_drawn_together_and_as_many_pupils_as_there_are() -> None:
    pupils = np.array(["a", "b", "a", "c", "b", "a"], dtype=object)
    weight = drawn_pupils(pupils, np.random.default_rng(1))
    by_pupil = {p: set(weight[pupils == p].tolist()) for p in "abc"}
    assert all(len(found) == 1 for found in by_pupil.values())
    assert sum(min(found) for found in by_pupil.values()) == 3


def test_the_order_of_rows_does_not_change_who_is_drawn() -> None:
    pupils = np.array([f"p{n}" for n in range(50)], dtype=object)
    weight, turned = (drawn_pupils(p, np.random.default_rng(4)) for p in (pupils, pupils[::-1]))
    assert weight.tolist() == turned[::-1].tolist()


def test_over_many_draws_each_pupil_comes_up_once_on_average() -> None:
    pupils = np.array([f"p{n}" for n in range(40)], dtype=object)
    drawn = np.array([drawn_pupils(pupils, np.random.default_rng(seed)) for seed in range(600)])
    assert drawn.mean(axis=0) == pytest.approx(1.0, abs=0.2)
    assert drawn.var() == pytest.approx(1 - 1 / 40, abs=0.05)  # binomial(40, 1/40)


# --- refitting ---------------------------------------------------------------------------------------------------


def test_each_refit_is_the_fit_on_its_own_draw_calibrated_on_the_same_year(refits: tuple[Refit, ...]) -> None:
    train, calibrate, _ = three_years()
    weight = drawn_pupils(train.pupil_id, np.random.default_rng([7, 2]))
    second = fit_few(train.X[NAMES], train.y, weight, 7 + 2)
    margin = second.margin(calibrate.X[NAMES].to_numpy())
    assert refits[1].model.text() == second.text()
    assert refits[1].calibration == LinearCalibration.fit(calibrate.y, margin)
    assert len({one.model.text() for one in refits}) == 3


def test_a_second_run_and_slow_first_fits_give_the_same_models(refits: tuple[Refit, ...]) -> None:
    def slow_first(X: Any, y: Any, sample_weight: Any, seed: int) -> BoostedTrees:
        time.sleep(0.3 if seed == 8 else 0.0)  # the second fit ends before the first
        return fit_few(X, y, sample_weight, seed)

    train, calibrate, _ = three_years()
    done: list[int] = []
    again = refit(train, calibrate, FEW, slow_first, refits=3, seed=7, told=done.append)
    assert [one.model.text() for one in again] == [one.model.text() for one in refits]
    assert done == [1, 2, 3]


def test_a_model_that_cannot_be_calibrated_keeps_its_own_odds() -> None:
    train, calibrate, test = three_years()
    backwards = replace(calibrate, y=1 - calibrate.y)
    (only,) = refit(train, backwards, FEW, fit_few, refits=1, seed=7)
    assert only.calibration == LinearCalibration(0.0, 1.0)
    margin = only.model.margin(test.X[NAMES].to_numpy())
    assert only.risk(test.X) == pytest.approx(1 / (1 + np.exp(-margin)))


# --- files -------------------------------------------------------------------------------------------------------


def test_refits_read_back_score_to_the_same_bit(refits: tuple[Refit, ...], written: Path) -> None:
    X = three_years()[2].X
    assert np.array_equal(risks_of(read_refits(written, HASH), X), risks_of(refits, X))
    assert sorted(p.name for p in (written / "inside" / "refits").iterdir()) == [
        "01.txt",
        "02.txt",
        "03.txt",
        REFITS_FILE,
    ]


def test_logistic_refits_are_kept_as_json(tmp_path: Path) -> None:
    train, calibrate, test = three_years()
    refits = refit(
        train,
        calibrate,
        FEW,
        lambda X, y, sample_weight, seed: fit_logistic(X, y, FEW, sample_weight=sample_weight),
        refits=2,
        seed=1,
    )
    write_refits(tmp_path, refits, HASH)
    assert (tmp_path / "inside" / "refits" / "02.json").is_file()
    assert np.array_equal(risks_of(read_refits(tmp_path, HASH), test.X), risks_of(refits, test.X))


def test_the_same_refits_give_the_same_bytes_and_hold_no_pupil(
    refits: tuple[Refit, ...], tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_refits(tmp_path / name, refits, HASH)
    one, other = (
        {p.name: p.read_bytes() for p in (tmp_path / n / "inside" / "refits").iterdir()} for n in "ab"
    )
    assert one == other
    assert not any(
        pupil.encode() in content for pupil in three_years()[0].pupil_id[:50] for content in one.values()
    )


def test_an_altered_model_is_refused_before_lightgbm_sees_it(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(text: str) -> BoostedTrees:
        raise AssertionError("parsed before every hash was checked")

    monkeypatch.setattr(BoostedTrees, "from_text", never)
    path = written / "inside" / "refits" / "03.txt"
    path.write_bytes(path.read_bytes().replace(b"learning_rate", b"learning_rote", 1))
    with pytest.raises(BundleError, match="damaged or was altered"):
        read_refits(written, HASH)


def test_refits_of_another_model_are_refused(written: Path) -> None:
    with pytest.raises(BundleError, match="another model"):
        read_refits(written, "b" * 64)


def test_absent_refits_and_an_absent_file_are_told_apart(written: Path, tmp_path: Path) -> None:
    (written / "inside" / "refits" / "01.txt").unlink()
    with pytest.raises(BundleError, match="absent or cannot be read"):
        read_refits(written, HASH)
    shutil.rmtree(written / "inside" / "refits")
    with pytest.raises(BundleError, match="absence-risk backtest"):
        read_refits(written, HASH)


def _change(said: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**said, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        lambda said: _change(said, format=2),
        lambda said: _change(said, about="something else"),
        lambda said: _change(said, kind="pickle"),
        lambda said: _change(said, refits=[]),
        lambda said: _change(said, refits=[{**said["refits"][0], "file": "../01.txt"}]),
        lambda said: _change(said, refits=[{**said["refits"][0], "calibration": {"intercept": 0.0}}]),
        lambda said: _change(
            said, refits=[{**said["refits"][0], "calibration": {"intercept": 0.0, "slope": -1.0}}]
        ),
        lambda said: [said],
    ],
)
def test_a_list_of_refits_of_another_form_is_refused(written: Path, changed: Any) -> None:
    path = written / "inside" / "refits" / REFITS_FILE
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(canonical_json(changed(said)), encoding="utf-8")
    with pytest.raises(BundleError, match="damaged or of another form"):
        read_refits(written, HASH)


def test_a_list_cut_short_is_refused(written: Path) -> None:
    path = written / "inside" / "refits" / REFITS_FILE
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BundleError, match="damaged or of another form"):
        read_refits(written, HASH)


def test_an_earlier_set_is_replaced_as_a_whole(written: Path, refits: tuple[Refit, ...]) -> None:
    write_refits(written, refits[:1], "c" * 64)
    assert len(read_refits(written, "c" * 64)) == 1
    assert not (written / "inside" / "refits" / "03.txt").exists()


def test_features_that_this_package_does_not_have_are_refused(tmp_path: Path) -> None:
    train, calibrate, _ = three_years()
    (one,) = refit(train, calibrate, FEW, fit_few, refits=1, seed=1)
    strange = Refit(BoostedTrees(one.model.text().replace("fsm_now", "shoe_size")), one.calibration)
    write_refits(tmp_path, [strange], HASH)
    with pytest.raises(BundleError, match="1 features of the refits are not known here"):
        read_refits(tmp_path, HASH)
