from pathlib import Path
from typing import get_args

import pytest

from absence_risk.errors import UsageError
from absence_risk.features.catalogue import FEATURES, Family
from absence_risk.models.rules import RULES
from absence_risk.settings import (
    RuleName,
    flat_settings,
    read_settings,
    settings_from,
    settings_sha256,
    with_leaves,
)

CONFIGS = Path(__file__).parents[2] / "configs"
MODELS = sorted(CONFIGS / f"{name}.yaml" for name in ("four_factors", "last_years_rate", "with_attendance"))
GOOD = {"name": "mine", "families": ["suspensions"], "capacity": 10}


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.name)
def test_the_settings_we_ship_are_good_and_remark_on_every_key(path: Path) -> None:
    settings = read_settings(path)
    assert settings.name == path.stem
    text = path.read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        assert "#" in block, f"no remark on: {block.splitlines()[0]}"


def test_the_four_factors_use_no_attendance_history_and_the_other_settings_do() -> None:
    families = {p.stem: {f.family for f in read_settings(p).features} for p in MODELS}
    assert Family.ATTENDANCE not in families["four_factors"]
    assert families["with_attendance"] == set(Family)


def test_the_rule_in_use_is_shipped_as_a_model_of_the_one_feature_it_reads() -> None:
    settings = read_settings(CONFIGS / "last_years_rate.yaml")
    assert [feature.name for feature in settings.features] == ["unauthorised_rate"]
    assert (settings.model, settings.rule_in_use) == ("logistic", "last_year_unauthorised")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"familes": []}, "did you mean `families`"),
        ({"families": ["ethnicity"]}, "can never be a feature"),
        ({"families": ["suspension"]}, "did you mean `suspensions`"),
        ({"boosting": {"leafs": 3}}, "did you mean `leaves`"),
        ({"leave_out": ["fsm"]}, "did you mean `fsm_now`"),
        ({"capacity": 0}, "greater than or equal to 1"),
        ({"capacity": True}, "`capacity` is a number, found yes or no"),
        ({"disclosure": {"suppress_below": False}}, "suppress_below` is a number, found yes or no"),
        ({"gates": {"beats_best_rule_by": "inf"}}, "finite number"),
        ({"outcome": "truancy"}, "outcome"),
        ({"as_of": {"month": 2}}, "as_of.month"),
        ({"boosting": {"smallest_leaf": 5}}, "smallest_leaf"),
        (
            {"boosting": {"leaves": 32}},
            "`boosting.leaves` is a number from 2 to 31, or by_evidence; found 32",
        ),
        ({"boosting": {"leaves": "evidence"}}, "`boosting.leaves` is a number from 2 to 31, or by_evidence"),
        ({"boosting": {"leaves": True}}, "`boosting.leaves` is a number"),
        ({"boosting": {"leaf_choices": [8, 4]}}, "leaf_choices` names each number once, the smallest first"),
        ({"boosting": {"leaf_choices": []}}, "leaf_choices` names each number once"),
        ({"boosting": {"leaf_choices": [4, 64]}}, "less than or equal to 31"),
        ({"leave_out": [f.name for f in FEATURES]}, "no feature is left"),
        ({"rule_in_use": "last_year_unauthorized"}, "did you mean `last_year_unauthorised`"),
        ({"gate": {}}, "did you mean `gates`"),
        ({"gates": {"precision": 0.5}}, "did you mean `precision_at_capacity`"),
        ({"gates": {"precision_at_capacity": 65}}, "gates.precision_at_capacity.*less than or equal to 1"),
        ({"gates": {"calibration_slope": [1.2, 0.8]}}, "the lowest before the highest"),
        ({"gates": {"calibration_slope": [0.8]}}, "gates.calibration_slope"),
        ({"disclosure": {"supress_below": 5}}, "did you mean `suppress_below`"),
        ({"disclosure": {"round_to": 0}}, "disclosure.round_to"),
        ({"evidence": {"bootstraps": 5}}, "`evidence.bootstraps` is not a setting"),
        ({"evidence": {"rounds": 1}}, "evidence.rounds"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_hint(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        settings_from({**GOOD, **change})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        settings_from({"nam": "a", "families": ["sex"]})
    assert "`nam`" in str(refused.value) and "`capacity`" in str(refused.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "capacity: 10\ncapacity: 20"])
def test_a_file_that_is_no_settings_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        read_settings(path)
    with pytest.raises(UsageError, match="no settings at"):
        read_settings(tmp_path / "none.yaml")


def test_a_key_named_twice_is_refused_because_yaml_would_take_the_last(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: mine\nfamilies: [suspensions]\ncapacity: 10\n"
        "gates: {precision_at_capacity: 0.6, precision_at_capacity: 0.7}\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match="named twice: `precision_at_capacity`"):
        read_settings(path)


def test_every_settings_file_we_ship_is_one_of_a_model_or_of_lists() -> None:
    assert set(CONFIGS.glob("*.yaml")) == {*MODELS, CONFIGS / "support_list.yaml"}


def test_the_rules_that_may_be_in_use_are_the_rules_there_are() -> None:
    assert set(get_args(RuleName)) == {rule.name for rule in RULES}
    assert settings_from({**GOOD, "rule_in_use": None}).rule_in_use is None
    assert settings_from(GOOD).rule_in_use == "last_year_unauthorised"


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.name)
def test_the_settings_we_ship_state_the_bars_that_stand_without_them(path: Path) -> None:
    found, plain = read_settings(path), settings_from(GOOD)
    for section in ("rule_in_use", "gates", "disclosure", "evidence"):
        assert getattr(found, section) == getattr(plain, section)
        assert f"\n{section}:" in path.read_text(encoding="utf-8")


def test_the_hash_of_settings_follows_what_they_say_and_not_how_they_are_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("capacity: 10 # places\nfamilies: [suspensions]\nname: mine\n", encoding="utf-8")
    assert settings_sha256(read_settings(path)) == settings_sha256(settings_from(GOOD))
    changed = settings_from({**GOOD, "gates": {"group_gap_limit": 0.3}})
    assert settings_sha256(changed) != settings_sha256(settings_from(GOOD))


def test_the_size_of_trees_is_left_to_the_evidence_until_it_is_known() -> None:
    settings = settings_from(GOOD)
    assert settings.boosting.leaves == "by_evidence" and settings.boosting.leaf_choices == (4, 8, 15, 31)
    known = with_leaves(settings, 15)
    assert known.boosting.leaves == 15 and known == settings_from({**GOOD, "boosting": {"leaves": 15}})


def test_flat_settings_name_every_setting_once() -> None:
    flat = flat_settings(settings_from(GOOD))
    assert (
        flat["name"] == "mine" and flat["gates.precision_at_capacity"] == 0.65 and flat["as_of.month"] == 10
    )
    assert not [name for name, value in flat.items() if isinstance(value, dict)]
