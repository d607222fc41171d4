"""What became of an offer, and in which group a pupil is followed into the next year."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_two_years import NO_OFFER, OFFER, made_entry, standing

from absence_risk.decisions.declaration import FIELD_BY_NAME
from absence_risk.impact.done import PART_WORDS, SITUATION_WORDS
from absence_risk.impact.groups import (
    NEXT_IN_LINE,
    NOT_DECIDED,
    NOT_OFFERED,
    OFFERED_ACCEPTED,
    OFFERED_NOT_TAKEN,
)
from absence_risk.support_list.card import PARTS
from absence_risk.support_list.plan import SITUATIONS


@pytest.mark.parametrize(
    ("offered", "answer", "expected"),
    [
        ("2025-11-20", "Accepted", "accepted"),
        ("2025-11-20", "Declined", "declined"),
        ("", "Not reached", "not reached"),
        ("2025-11-20", "", "no answer recorded"),
        ("", "", "no offer recorded"),
    ],
)
def test_what_became_of_an_offer_is_read_from_the_record(offered: str, answer: str, expected: str) -> None:
    entry = made_entry(["p1"], [])
    records = standing(entry, {0: {**OFFER, "help_offered_on": offered, "family_response": answer}})
    assert records.help_of(entry.pupils[0]) == expected


def test_a_row_without_a_record_is_not_decided_and_never_not_offered() -> None:
    entry = made_entry(["p1"], [])
    records = standing(entry, {})
    assert records.help_of(entry.pupils[0]) == "not decided yet"
    assert records.next_year_groups() == {"p1": NOT_DECIDED}


def test_every_answer_of_the_drop_down_is_understood() -> None:
    entry = made_entry(["p1"], [])
    for answer in FIELD_BY_NAME["family_response"].choices:
        records = standing(entry, {0: {**OFFER, "family_response": answer}})
        assert records.help_of(entry.pupils[0]) == answer.lower()


def test_the_next_in_line_were_on_no_list_of_that_year() -> None:
    entry = made_entry(["a", "b", "c", "d"], ["e", "f", "g"])
    onset = replace(entry.pupils[3], part="onset", pupil_id="f")
    entry = replace(entry, pupils=(*entry.pupils[:3], onset))
    declined = {**OFFER, "family_response": "Declined"}
    records = replace(standing(entry, {0: OFFER, 1: declined, 2: NO_OFFER}), listed_elsewhere={"g"})
    assert records.next_year_groups() == {
        "a": OFFERED_ACCEPTED,
        "b": OFFERED_NOT_TAKEN,
        "c": NOT_OFFERED,
        "e": NEXT_IN_LINE,
    }


def test_rows_to_decide_are_those_that_must_be_and_those_that_were() -> None:
    entry = made_entry(["a", "b", "c"], [])
    entry = replace(
        entry, pupils=tuple(replace(p, must_decide=False) for p in entry.pupils[:2]) + entry.pupils[2:]
    )
    assert [p.pupil_id for p in standing(entry, {1: NO_OFFER}).to_decide] == ["b", "c"]


def test_every_part_and_situation_of_a_list_has_words() -> None:
    assert set(SITUATION_WORDS) == set(SITUATIONS)
    assert set(PART_WORDS) >= set(PARTS) | {"severe", "virtual_school", "off_roll"}
