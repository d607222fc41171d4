"""The card says what the bundle holds, and what it is not for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_matrix import logistic_bundle, trees_bundle

from absence_risk.models.bundle import Bundle
from absence_risk.models.rules import RULES
from absence_risk.reports.model_card import model_card


def test_every_feature_every_rule_and_every_year_is_on_the_card() -> None:
    bundle = trees_bundle()
    card = model_card(bundle)
    assert all(f"`{name}`" in card for name in bundle.feature_names)
    assert all(rule.words in card for rule in RULES)
    for year in ("2021/22", "2022/23", "2023/24", "2024/25"):
        assert year in card
    assert bundle.hash in card and "codes G, N, O and U" in card


def test_a_made_up_authority_is_said_first() -> None:
    bundle = trees_bundle()
    assert model_card(bundle).index("made-up authority") < 120
    assert "made-up" not in model_card(replace(bundle, data={"made_up": "no"}))


def test_the_card_says_what_the_model_is_not_for() -> None:
    card = model_card(trees_bundle())
    assert "never to be used\nfor fines, prosecution" in card


def test_a_rule_that_wins_is_said_in_bold() -> None:
    bundle = trees_bundle()
    beaten = {**bundle.measures, "school_rate": {"found_at_capacity": 1e6}}
    assert "use the rule.**" in model_card(replace(bundle, measures=beaten))
    won = {"model": {"found_at_capacity": 9.0}, "school_rate": {"found_at_capacity": 1.0}}
    assert "use the rule.**" not in model_card(replace(bundle, measures=won))


def test_a_part_with_nothing_to_say_is_a_visible_gap() -> None:
    assert "*Nothing is recorded here.*" in model_card(replace(trees_bundle(), measures={}))


@pytest.mark.parametrize("make", [trees_bundle, logistic_bundle])
def test_no_word_that_brands_a_child_is_on_the_card(make: object) -> None:
    card = model_card(make()).lower()  # type: ignore[operator]
    for word in ("high risk", "vulnerable", "flagged", "because", "predicted to", "will become", "student"):
        assert not re.search(rf"\b{word}\b", card), word


def test_a_bundle_read_back_gives_the_same_card(tmp_path: Path) -> None:
    saved = trees_bundle().save(tmp_path / "bundle")
    assert model_card(Bundle.load(saved)) == model_card(trees_bundle())
