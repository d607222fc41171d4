"""How the choice of a size is told: the table, one sentence of why, and nothing that the intervals do not say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_matrix import logistic_bundle, trees_bundle
from made_shape import made_shape

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.models.bundle import Bundle
from absence_risk.reports.model_card import model_card
from absence_risk.reports.shape import shape_for_card, shape_in_words

POLICY = DisclosurePolicy()


def said(**changed: object) -> str:
    return shape_in_words(made_shape(**changed))[-2]  # type: ignore[arg-type]


def test_every_choice_stands_in_a_line_and_the_taken_one_is_marked() -> None:
    title, heads, *rows, why, last = shape_in_words(made_shape())
    assert "measured on 2023/24" in title and "Right of 150" in heads and last == ""
    assert [row.split()[0] for row in rows] == ["4", "8", "15", "31"]
    assert [("(taken)" in row) for row in rows] == [True, False, False, False]
    assert "3 (-4 to 9)" in rows[0] and rows[3].endswith("6,200")
    assert "which may be chance" in why and "95% interval -4 to 9" in why


def test_a_smaller_size_is_never_said_to_lose_nothing() -> None:
    assert "It does not show that nothing is lost." in said()
    assert "15 leaves found the most of 150 on 2023/24" in said()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"taken": 15}, "every smaller size found clearly fewer"),
        ({"taken": 15, "choices": made_shape(taken=15)["choices"][2:]}, "no size tried is smaller"),
        ({"taken": 15, "schools": 1}, "too few schools to say how sure"),
    ],
)
def test_the_sentence_says_why_the_best_was_taken(changed: dict[str, object], words: str) -> None:
    assert words in said(**changed) and "chance" not in said(**changed)


def test_a_given_number_of_leaves_leaves_nothing_to_tell() -> None:
    assert shape_in_words({}) == [] and shape_for_card({}, "2024/25", POLICY) == ""


def test_the_card_holds_the_table_with_rounded_counts_and_the_page_needs_no_signs_of_a_terminal() -> None:
    card = model_card(replace(trees_bundle(), shape=made_shape()))
    assert "## How large its trees may grow" in card
    row = next(line for line in card.splitlines() if line.startswith("| 4 (taken)"))
    assert row.split(" | ")[1] == "90" and "−4" in row
    assert "no other was tried" in model_card(trees_bundle())
    assert "It has no trees." in model_card(logistic_bundle())


def test_small_counts_are_hidden_and_what_rests_on_them_too_where_counts_are_not_rounded() -> None:
    few = made_shape()
    for row in few["choices"]:
        row |= {"found": row["found"] - 84 or 1.0, "best_found": 11.0}
    rounded = shape_for_card(few, "2024/25", POLICY)
    whole = shape_for_card(few, "2024/25", DisclosurePolicy(suppress_below=10, round_to=1))
    first = [
        next(line for line in text.splitlines() if line.startswith("| 4 (")) for text in (rounded, whole)
    ]
    assert [line.split(" | ")[1] for line in first] == ["c", "c"]
    assert [line.split(" | ")[3] for line in first] == ["–", "–"], "a share of a hidden count is not printed"
    assert first[1].split(" | ")[2] == "–"


def test_the_record_is_part_of_the_bundle_and_its_hash(tmp_path: Path) -> None:
    bundle = replace(trees_bundle(), shape=made_shape())
    assert Bundle.load(bundle.save(tmp_path / "bundle")).shape == made_shape()
    assert bundle.hash != replace(bundle, shape=made_shape(taken=8)).hash
