from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from made_statements import (
    DECIDED,
    FIRST,
    MADE_ON,
    NEXT,
    READ_IN,
    SECOND,
    UNLISTED,
    decide,
    entry,
    listed,
    visible,
)
from small_authority import pupil

from absence_risk.decisions.entries import Record
from absence_risk.decisions.register import Register
from absence_risk.support_list.statement import words
from absence_risk.support_list.statement.listings import listings_of
from absence_risk.support_list.statement.statement import Statement, statement_page


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "decisions.sqlite") as book:
        book.add_list(entry())
        yield book


def say(child: str, register: Register | None = None) -> Statement:
    """A statement that holds nothing but lists and decisions."""
    return Statement(
        found_by="a test",
        as_of="31 October 2026",
        feature_year="2025/26",
        why_none=words.WHY_NO_ESTIMATE["not_on_roll"],
        used=None,
        how_sure="",
        estimate=(),
        listings=None if register is None else listings_of(register, child),
        contact="",
        made_up=False,
    )


def test_a_listed_child_reads_which_list_why_who_decided_what_and_who_saw_it(register: Register) -> None:
    decide(register, "A-001")
    register.note_contacts("0badcafe", rows=1, by="Dana Reviewer", at=datetime(2026, 11, 16, 11, 0))
    page = visible(statement_page(say(FIRST, register=register), MADE_ON))
    for said in (
        "named on 1 list",
        "Reference A-001 on the list made on 2 November 2026",
        "To offer families early help",
        "Early Help, East",
        "12 February 2027",
        "Decision Offer early help",
        "Early Help manager",
        "Looked at on 5 November 2026",
        "Read in on 9 November 2026 by Dana Reviewer",
        "Dana Reviewer read in 1 copy of it",
        "took out a contact list on 16 November 2026; your child was on it",
    ):
        assert said in page


def test_a_contact_list_taken_out_before_anything_was_decided_did_not_hold_the_child(
    register: Register,
) -> None:
    register.note_contacts("0badcafe", rows=0, by="Dana", at=datetime(2026, 11, 8, 9, 0))
    decide(register, "A-001")
    assert not [line for line in listings_of(register, FIRST)[0].seen if "contact list" in line]


def test_a_decision_that_sends_nobody_to_the_family_puts_no_child_on_a_contact_list(
    register: Register,
) -> None:
    decide(register, "A-001", final_decision="No action")
    register.note_contacts("0badcafe", rows=0, by="Dana", at=datetime(2026, 11, 16, 9, 0))
    assert not [line for line in listings_of(register, FIRST)[0].seen if "your child was on it" in line]


def test_an_earlier_version_shows_only_what_was_changed_later(register: Register) -> None:
    decide(register, "A-001")
    decide(register, "A-001", READ_IN.replace(day=16), "b", family_response="Accepted")
    now, before = listings_of(register, FIRST)[0].decided
    assert "Accepted" in [answer.said for answer in now.answers]
    assert before.answers == ()
    record = Record("0badcafe", "A-001", {**DECIDED, "final_decision": "No action"})
    register.record(
        "0badcafe", [record], copy_sha256="c" * 64, by="Sam", at=READ_IN.replace(day=17), settle=("A-001",)
    )
    settled, changed, _ = listings_of(register, FIRST)[0].decided
    assert "No action" in [answer.said for answer in settled.answers]
    assert "Offer early help" in [answer.said for answer in changed.answers]


def test_where_two_records_differ_the_fields_are_named_and_the_family_is_told_to_ask(
    register: Register,
) -> None:
    decide(register, "A-001")
    decide(register, "A-001", READ_IN.replace(day=16), "b", final_decision="No action")
    page = visible(statement_page(say(FIRST, register=register), MADE_ON))
    assert "Two people’s records differ and nobody has settled it yet (Decision)" in page


def test_a_child_on_no_list_a_child_next_in_line_and_a_register_not_looked_at_are_three_things(
    register: Register,
) -> None:
    unlisted = visible(statement_page(say(UNLISTED, register=register), MADE_ON))
    assert words.NOT_LISTED in unlisted
    assert "A note beside the list" not in unlisted
    following = visible(statement_page(say(NEXT, register=register), MADE_ON))
    assert words.NOT_LISTED in following
    assert words.PART_WORDS["next_in_line"] in following
    assert "Who has seen it" not in following
    unasked = visible(statement_page(say(UNLISTED), MADE_ON))
    assert words.NO_RECORD_OF_LISTS in unasked
    assert words.NOT_LISTED not in unasked


def test_every_part_of_a_list_has_words_for_the_family(register: Register) -> None:
    parts = ("main", "lead", "onset", "reserve", "severe", "virtual_school", "off_roll")
    rows = tuple(listed(f"X-{n:03d}", pupil(100 + n), part) for n, part in enumerate(parts))
    register.add_list(entry("0badbeef", pupils=rows))
    said = [listings_of(register, pupil(100 + n))[0].meaning for n in range(len(parts))]
    assert said == [words.PART_WORDS[part] for part in parts]


def test_nothing_of_another_child_stands_in_a_statement(register: Register) -> None:
    decide(register, "A-001", reason_text="Only of the first child")
    decide(register, "A-002", reason_text="Only of the second child")
    first = statement_page(say(FIRST, register=register), MADE_ON)
    second = statement_page(say(SECOND, register=register), MADE_ON)
    for own, other, ref, other_ref in (
        (first, "second", "A-001", "A-002"),
        (second, "first", "A-002", "A-001"),
    ):
        assert ref in own
        assert other_ref not in own
        assert f"Only of the {other} child" not in own


def test_the_sheet_for_staff_comes_first_and_names_the_fields_with_words_of_a_worker(
    register: Register,
) -> None:
    plain = statement_page(say(FIRST, register=register), MADE_ON)
    assert plain.index(words.HAND_OVER) < plain.index(f"<h1>{words.TITLE}")
    assert words.NO_FREE_TEXT in plain
    decide(register, "A-001")
    assert "Reason in words. Read each before" in visible(
        statement_page(say(FIRST, register=register), MADE_ON)
    )
