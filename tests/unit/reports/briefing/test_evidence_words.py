"""The verdict says what the numbers say, no more, and the same everywhere."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from made_evidence import CAPACITY, FINAL, evidence_with, made_evidence

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.evidence.result import Evidence
from absence_risk.features.words import BANNED_WORDS
from absence_risk.reports.briefing.standing import Standing, besides, judged_year, ours_and_best
from absence_risk.reports.briefing.words import (
    NOT_TO_CONCLUDE,
    in_words,
    openings_sentence,
    summary_lines,
    verdict,
)

POLICY = DisclosurePolicy()
EXACT = DisclosurePolicy(0, 1)
RULE = "last_year_unauthorised"


def beside_rule(difference: float, low: float, high: float, rival: str = RULE) -> Evidence:
    """Evidence whose model stands so beside one rule on the final year."""
    uplift = made_evidence().tables["uplift"].copy()
    row = (uplift["rival"] == rival) & (uplift["year"] == FINAL)
    uplift.loc[row, ["difference", "low", "high"]] = difference, low, high
    return evidence_with(uplift=uplift)


def all_gates(state: str) -> pd.DataFrame:
    return made_evidence().tables["gates"].assign(state=state)


@pytest.mark.parametrize(
    ("numbers", "standing", "says"),
    [
        ((24.0, 14.0, 34.0), Standing.CLEARLY_BETTER, "clearly more pupils than the rule in use: about 24 more"),
        ((6.0, -3.0, 15.0), Standing.MAY_BE_CHANCE, "about 6 more pupils than the rule in use on a list of 150, but"),
        ((6.0, 0.0, 12.0), Standing.MAY_BE_CHANCE, "that may be chance"),
        ((0.0, -6.0, 6.0), Standing.NO_BETTER, "The rule in use does at least as well"),
        ((-4.0, -12.0, 4.0), Standing.NO_BETTER, "the model finds 4 fewer. Use the rule."),
        ((-14.0, -22.0, -5.0), Standing.CLEARLY_WORSE, "The rule in use finds clearly more pupils than the model"),
        ((5.0, float("nan"), float("nan")), Standing.CANNOT_SAY, "too few schools"),
        ((-5.0, float("nan"), float("nan")), Standing.NO_BETTER, "Use the rule."),
    ],
)  # fmt: skip
def test_the_headline_follows_the_interval(
    numbers: tuple[float, float, float], standing: Standing, says: str
) -> None:
    said = verdict(beside_rule(*numbers), POLICY)
    assert said.standing is standing and says in said.headline


def test_a_rule_that_beats_the_rule_in_use_is_named_too() -> None:
    evidence = evidence_with(about={"rule_in_use": "four_factors"})
    said = verdict(evidence, POLICY)
    assert "Beside the rule in use (count of the four factors)" in said.sentences[0]
    assert said.sentences[1].startswith("Beside the best simple rule (last year's unauthorised rate)")


def test_without_a_rule_in_use_the_best_simple_rule_is_the_bar() -> None:
    evidence = evidence_with(about={"rule_in_use": None})
    assert "than the best simple rule" in verdict(evidence, POLICY).headline
    assert "the rule in use" not in " ".join(verdict(evidence, POLICY).sentences)


def test_the_best_rule_is_no_model() -> None:
    ours, best = ours_and_best(made_evidence(), FINAL)
    assert ours.rival == best.rival == RULE and best.kind == "rule"
    assert besides(made_evidence(), FINAL)[0].kind == "model"


def test_right_and_wrong_add_up_to_the_list_and_go_through_the_policy() -> None:
    measures = made_evidence().tables["measures"]
    row = (
        (measures["year"] == FINAL)
        & (measures["rival"] == "boosting")
        & (measures["measure"] == "precision_at_capacity")
    )
    exact = int(measures.loc[row, "part"].iloc[0])
    said = " ".join(verdict(made_evidence(), EXACT).sentences)
    assert f"{exact} of the 150 pupils on the list went on to miss 19 or more days" in said
    assert f"So {CAPACITY - exact} families would be offered help whose child did not." in said
    rounded = " ".join(verdict(made_evidence(), POLICY).sentences)
    assert (
        "About 100 of the 150" in rounded and "So about 50 families" in rounded and str(exact) not in rounded
    )


def test_a_hidden_number_is_never_said_to_be_small_since_a_large_one_may_be_hidden_too() -> None:
    measures = made_evidence().tables["measures"].copy()
    row = (measures["rival"] == "boosting") & (measures["measure"] == "precision_at_capacity")
    measures.loc[row, "part"] = 4.0
    said = " ".join(verdict(evidence_with(measures=measures), POLICY).sentences)
    assert "A number not shown of the 150 pupils on the list" in said and " 4 of" not in said


def test_what_is_missed_is_said_as_plainly_as_what_is_found() -> None:
    said = verdict(made_evidence(), POLICY).sentences
    assert any("were not on the list (4 in 5)" in sentence for sentence in said)


def test_every_other_test_year_is_said_too() -> None:
    assert any(s.startswith("In the test year 2023/24") for s in verdict(made_evidence(), POLICY).sentences)


def test_a_gate_that_was_not_passed_stands_in_the_headline() -> None:
    assert "The model did not pass every gate." in verdict(made_evidence(), POLICY).headline
    passed = evidence_with(gates=all_gates("passed"))
    assert "gate" not in verdict(passed, POLICY).headline
    assert "All 7 gates were passed." in verdict(passed, POLICY).sentences
    cannot = evidence_with(gates=all_gates("cannot be judged"))
    assert "The model did not pass every gate." in verdict(cannot, POLICY).headline


def test_before_any_gate_is_judged_that_is_said() -> None:
    none = evidence_with(gates=made_evidence().tables["gates"].iloc[:0])
    assert "No gate has been judged yet." in verdict(none, POLICY).sentences


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"openings": 1, "opened_with": 1}, "was opened once: by this test"),
        ({"openings": 2, "opened_with": 1}, "opened twice, always with the same settings"),
        ({"openings": 5, "opened_with": 3}, "opened 5 times, with 3 different settings"),
        (
            {"openings": 2, "opened_with": 2, "gates_moved": True},
            "The gates are not those that were set before",
        ),
        ({"final_year": "2025/26"}, "The final test year was kept closed"),
        ({"final_year_closed": True}, "The final test year was kept closed"),
    ],
)
def test_how_often_the_final_year_was_opened_is_said(about: dict[str, Any], says: str) -> None:
    assert says in openings_sentence(evidence_with(about=about))


def test_while_the_final_year_is_closed_the_latest_tested_one_is_judged() -> None:
    assert judged_year(evidence_with(about={"final_year": "2025/26"})) == FINAL


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.64, "5 in 8"),
        (2 / 3, "2 in 3"),
        (0.1, "1 in 10"),
        (0.75, "3 in 4"),
        (0.0, "none"),
        (0.004, "1 in 250"),
    ],
)
def test_shares_are_said_in_small_whole_numbers(rate: float, words: str) -> None:
    assert in_words(rate) == words


@pytest.mark.parametrize("hundredths", range(1, 100))
def test_a_share_in_words_is_never_far_off(hundredths: int) -> None:
    part, of = map(int, in_words(hundredths / 100).split(" in "))
    assert 0 < part < of and abs(part / of - hundredths / 100) <= 0.0301


def test_the_lines_for_a_terminal_say_the_same_verdict() -> None:
    lines = summary_lines(made_evidence(), POLICY)
    said = verdict(made_evidence(), POLICY)
    assert said.headline in lines and all(f"- {sentence}" in lines for sentence in said.sentences)
    assert lines[0].startswith("Made-up authority") and lines[-1] == POLICY.words
    real = summary_lines(evidence_with(about={"made_up": False}), POLICY)
    assert real[0] == said.headline


def test_the_words_are_fit_for_people() -> None:
    text = " ".join([*summary_lines(made_evidence(), POLICY), *NOT_TO_CONCLUDE]).lower()
    for word in (*BANNED_WORDS, "high risk"):
        assert f" {word} " not in text.replace(",", " ").replace(".", " "), word
