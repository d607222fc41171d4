"""A whole card: every field filled from what is held, both ways said, and nothing that may not stand on one."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pandas as pd
import pytest
from made_contents import PLAN
from one_pupil import AS_OF, attended, entry, held, on_roll, plain, spell, suspension, whole_year
from small_authority import PUPILS, Authority, pupil

from absence_risk.cohort import select_cohort
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.support_list.card import Card
from absence_risk.support_list.cards.build import NONE_RECORDED, NOTHING_NOTED, cards_of
from absence_risk.support_list.cards.gathered import gather
from absence_risk.support_list.cards.records import Gathered, Records
from absence_risk.support_list.plan import SITUATIONS
from absence_risk.support_list.words import BORDERLINE, FIRM

OUTCOME = OUTCOMES["unauthorised"].definition()
BANDS = {1: {"events": 5, "n": 400}, 2: {"events": 152, "n": 400}}
ROW: dict[str, Any] = {
    "review_ref": "A-001",
    "part": "main",
    "pupil_id": "p",
    "school_id": "8504001",
    "school": "Hill Top School",
    "year_group": 8,
    "band": 2,
    "reasons_up": ["Missed 12 days without authorisation in 2025/26"],
    "reasons_down": [],
    "data_flags": [],
    "standing": "firm",
    "situation": "none",
    "not_yet_persistent": False,
    "siblings": (),
}


def _gathered(records: Records, **more: Any) -> Gathered:
    known = held(**more)
    return Gathered(
        known.as_of, known.coverage, known.latest, known.schools, known.early_help_held, {"p": records}
    )


def _card(records: Records = Records(), gathered: dict[str, Any] | None = None, **changed: Any) -> Card:  # noqa: B008
    chosen = pd.DataFrame([{**ROW, **changed}])
    (card,) = cards_of(chosen, _gathered(records, **(gathered or {})), PLAN, OUTCOME, BANDS)
    return card


def _texts(card: Card) -> list[str]:
    """Every text of a card but references and keys."""
    found: list[str] = []
    for one in fields(card):
        if one.name in ("review_ref", "part", "school_id", "locality", "standing", "route"):
            continue
        values = getattr(card, one.name)
        for value in values if isinstance(values, tuple) else (values,):
            parts = value if isinstance(value, tuple) else (value,)
            found += [part for part in parts if isinstance(part, str) and part]
    return found


def test_a_card_is_filled_from_what_is_held() -> None:
    records = Records(
        spells=(spell("cin_plan", "2026-06-01"),),
        suspensions=(suspension("2026-03-02"),),
        enrolments=(on_roll("2021-09-01"),),
        entries=(entry("K"),),
        sessions=whole_year(2025, unauthorised=6, late=2, illness=8),
    )
    card = _card(records, situation="social_worker", part="lead", standing="borderline", siblings=("A-003",))
    assert (card.review_ref, card.part, card.school, card.locality, card.year_group) == (
        "A-001", "lead", "Hill Top School", "North", "8",
    )  # fmt: skip
    assert card.missed[0] == ("2025/26", "8 days", "8 sessions (4 days)", "16 days")
    assert card.missed[1][1:] == ("not held",) * 3
    assert card.why_listed == ("Missed 12 days without authorisation in 2025/26",)
    assert card.other_way == (NONE_RECORDED,)
    assert card.how_sure.startswith("In past years, about 38 in 100 children with records like these")
    assert (card.standing, card.standing_words) == ("borderline", BORDERLINE)
    assert card.is_involved and "SEN support" in card.context
    assert card.route.when == "social_worker"
    assert card.route_words == "Child in need plan, open since June 2026 (as at 31 March 2026)."
    assert [rule[:25] for rule in card.prompts] == ["Rule: 15 or more days of ", "Rule: has a social worker"]
    assert (card.checks, card.siblings, card.moved, card.is_new) == ((NOTHING_NOTED,), ("A-003",), (), None)
    assert [event.said for event in card.events[1:3]] == ["Child in need plan opened", "Suspension, 1 day"]
    assert len(card.periods) == 12 and card.periods[-1][2:] == (100, 4, 2, 8, 0)


def test_an_empty_record_says_none_recorded_and_not_held_and_invents_nothing() -> None:
    nothing = {"without": ("cin_census", "ssda903", "ap_census", "school_census"), "early_help": False}
    card = _card(gathered=nothing, reasons_up=[], standing="", band=9)
    assert card.why_listed == card.other_way == (NONE_RECORDED,)
    assert card.standing_words == "" and not card.is_involved
    assert card.how_sure.startswith("There were too few children")
    assert card.events == () and card.prompts == ()
    assert not [line for line in card.involved if line.startswith("No ")]
    assert all(part is None for period in card.periods for part in period[2:])
    assert "not held" in card.route_words


def test_at_most_five_reasons_stand_each_way_and_three_of_them_are_the_models() -> None:
    records = Records(
        sessions=(
            *whole_year(2024, unauthorised=5, late=3),
            *(
                attended(2025, term, unauthorised=number)
                for term, number in (("autumn", 24), ("spring", 16), ("summer_1", 4), ("summer_2", 3))
            ),
        ),
        suspensions=(suspension("2025-02-28"),),
        enrolments=(on_roll("2021-09-01", school="8504001"),),
    )
    six = [f"Reason {n}" for n in range(6)]
    card = _card(records, reasons_up=six, reasons_down=six)
    assert card.why_listed == tuple(six[:5])
    assert card.other_way[:3] == tuple(six[:3]) and len(card.other_way) == 5
    assert [line[:22] for line in card.other_way[3:]] == ["Missed less, for any r", "No suspension recorded"]
    assert len(_card(records, reasons_down=[]).other_way) == 4
    again = _card(records, reasons_down=["No suspensions recorded in 2025/26"])
    assert not [line for line in again.other_way[1:] if "suspension" in line]


@pytest.mark.parametrize(("standing", "words"), [("firm", FIRM), ("borderline", BORDERLINE), ("", "")])
def test_standing_is_said_in_its_words(standing: str, words: str) -> None:
    assert _card(standing=standing).standing_words == words


def test_data_flags_are_sentences_and_unsound_attendance_is_one() -> None:
    records = Records(sessions=(attended(2025, "autumn", exceeds=1),))
    assert _card(records, data_flags=["attendance not held for 2024/25"]).checks == (
        "Attendance not held for 2024/25",
        "More absence than possible sessions is returned this year: ask the school to check its marks",
    )


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_route_is_the_plans_for_the_situation(situation: str) -> None:
    card = _card(situation=situation)
    assert card.route.when == situation and card.route in PLAN.routes
    assert plain([card.route_words])


def test_not_yet_persistent_is_a_rule_and_a_mark() -> None:
    card = _card(not_yet_persistent=True)
    assert card.not_yet_persistent and card.prompts[-1].endswith("not yet persistently absent.")


def _whole_cohort(authority: Authority) -> list[Card]:
    """A card for every pupil of the small store, the situations in turn."""
    tables = authority.store.tables()
    cohort = select_cohort(tables, AS_OF.date).frame.to_dict("records")
    situations = list(SITUATIONS)
    chosen = [{**ROW, **row, "situation": situations[n % len(situations)]} for n, row in enumerate(cohort)]
    gathered = gather(tables, [row["pupil_id"] for row in chosen], AS_OF.date, [], {})
    return cards_of(pd.DataFrame(chosen), gathered, PLAN, OUTCOME, BANDS)


def test_every_text_of_a_whole_cohort_is_plain_and_names_nobody(authority: Authority) -> None:
    cards = _whole_cohort(authority)
    assert len(cards) == PUPILS - 4
    texts = [text for card in cards for text in _texts(card)]
    assert len(plain(texts)) > 20 * len(cards)
    identifiers = {pupil(n) for n in range(PUPILS)}
    assert not [
        text for text in texts if any(word in identifiers for word in re.findall(r"[0-9a-f]{32}", text))
    ]
    assert _whole_cohort(authority) == cards
