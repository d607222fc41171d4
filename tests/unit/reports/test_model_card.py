"""The card says what the bundle holds, and what it is not for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_evidence import evidence_with, made_evidence
from made_matrix import logistic_bundle, trees_bundle

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.logbook import Gate, GateState, Override, Standing
from absence_risk.models.bundle import Bundle
from absence_risk.models.rules import RULES
from absence_risk.reports.briefing.words import verdict
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


def test_without_a_backtest_the_gates_are_not_judged_yet() -> None:
    card = model_card(trees_bundle())
    assert "Not judged yet" in part(card, "Gates")
    for title in ("Does it beat the rule in use", "How often the test year was opened"):
        assert part(card, title) == "*Nothing is recorded here.*"


def part(card: str, title: str) -> str:
    return card.split(f"## {title}\n\n")[1].split("\n\n## ", maxsplit=1)[0].strip()


def test_the_evidence_is_said_in_the_words_of_the_report() -> None:
    policy = DisclosurePolicy()
    card = model_card(trees_bundle(), made_evidence(), policy)
    said = verdict(made_evidence(), policy)
    assert part(card, "Does it beat the rule in use").startswith(f"**{said.headline}**")
    assert "opened 3 times, with 2 different settings" in part(card, "How often the test year was opened")
    gates = part(card, "Gates")
    assert gates.count("**passed**") == 5 and "**failed**" in gates and "**cannot be judged**" in gates


_GATE = Gate("precision_at_capacity", "Are enough rightly listed?", "0.65 or more", "0.41", GateState.FAILED)
_OVERRIDE = Override("A. Person", "Head of Early Help", "A pilot of one term, reviewed each week.")


def test_an_override_is_printed_in_the_words_given() -> None:
    card = model_card(trees_bundle(), standing=Standing("overridden", (_GATE,), _OVERRIDE))
    gates = part(card, "Gates")
    assert "| Are enough rightly listed? | 0.65 or more | 0.41 | **failed** |" in gates
    assert (
        "by A. Person, Head of Early Help" in gates and "> A pilot of one term, reviewed each week." in gates
    )


def test_gates_that_were_passed_need_no_override_on_the_card() -> None:
    passed = Standing("passed", (_GATE._replace(state=GateState.PASSED),))
    gates = part(model_card(trees_bundle(), standing=passed), "Gates")
    assert "**passed**" in gates and "Overridden" not in gates


def test_shares_on_the_card_come_from_rounded_numbers_of_pupils() -> None:
    record = {"capacity": 150.0, "found_at_capacity": 98.0, "events": 512.0, "precision_at_capacity": 98 / 150,
              "recall_at_capacity": 98 / 512}  # fmt: skip
    bundle = replace(trees_bundle(), capacity=150, measures={"model": record})
    assert "| this model | 0.667 | 0.196 |" in model_card(bundle)
    assert "| this model | 0.653 | 0.191 |" in model_card(bundle, policy=DisclosurePolicy(0, 1))
    few = replace(bundle, measures={"model": record | {"found_at_capacity": 7.0}})
    assert "| this model | - | - |" in model_card(few)


def test_what_was_done_to_small_numbers_is_said() -> None:
    assert "1 to 9 are printed as c" in part(model_card(trees_bundle()), "Small numbers")


def test_no_gate_judged_in_a_backtest_is_said_too() -> None:
    none = evidence_with(gates=made_evidence().tables["gates"].iloc[:0])
    assert "Not judged yet" in part(model_card(trees_bundle(), none), "Gates")
