"""The four lists of one run, put together from a real scored table of a small authority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from made_contents import PLAN
from small_authority import AS_OF, PUPILS, Authority, pupil

from absence_risk.cohort import select_cohort
from absence_risk.features.build import collect_features
from absence_risk.scored_file import ScoredFile, read_scores
from absence_risk.scoring import score, write_scores
from absence_risk.support_list.card import PARTS, Card, Changes, ListContents
from absence_risk.support_list.changes import Compared
from absence_risk.support_list.contents import list_contents, with_changes
from absence_risk.support_list.plan import Plan

CAPACITY = 20
LED_ELSEWHERE = ("looked_after", "social_worker", "early_help")
#: As the shipped settings have it: an existing lead keeps the family.
OWN_PLAN = replace(
    PLAN,
    routes=tuple(replace(route, takes_a_place=route.when not in LED_ELSEWHERE) for route in PLAN.routes),
)
Made = Callable[..., ListContents]


@pytest.fixture(scope="module")
def scored(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> ScoredFile:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    found = score(authority.store.tables(), authority.bundle, AS_OF)
    write_scores(found, path, {"store_fingerprint": authority.store.fingerprint})
    return read_scores(path)


@pytest.fixture(scope="module")
def made(authority: Authority, scored: ScoredFile) -> Made:
    def of(plan: Plan = OWN_PLAN, frame: pd.DataFrame | None = None, **given: Any) -> ListContents:
        file = scored if frame is None else ScoredFile(frame, scored.manifest)
        return list_contents(authority.store.tables(), file, plan, **{"capacity": CAPACITY, **given})

    return of


#: One family of everybody: the plan does not show brothers and sisters unless a test says so.
ONE_FAMILY = dict.fromkeys(map(pupil, range(PUPILS)), "f")


@pytest.fixture(scope="module")
def contents(made: Made) -> ListContents:
    return made(siblings=ONE_FAMILY)


def pupils_of(contents: ListContents, *parts: str) -> list[str]:
    return [one.pupil_id for one in contents.listed if one.part in parts]


def test_places_are_exact_and_the_list_is_a_beginning_of_the_ranking(
    contents: ListContents, scored: ScoredFile
) -> None:
    order = scored.frame.sort_values(["risk", "pupil_id"], ascending=[False, True])["pupil_id"].tolist()
    met = pupils_of(contents, "main", "lead")
    assert len(contents.of_part("main")) == CAPACITY and len(contents.of_part("onset")) == 10
    assert set(met) == set(order[: len(met)])
    assert pupils_of(contents, "lead")[0] in (pupil(10), pupil(11))
    assert all(not card.route.takes_a_place for card in contents.of_part("lead"))
    assert all(card.route.takes_a_place for card in contents.cards if card.part != "lead")


def test_each_pupil_has_one_reference_and_each_part_its_letter(contents: ListContents) -> None:
    refs = [one.review_ref for one in contents.listed]
    pupils = [one.pupil_id for one in contents.listed]
    assert len(set(refs)) == len(refs) and len(set(pupils)) == len(pupils)
    assert refs[: len(contents.cards)] == [card.review_ref for card in contents.cards]
    letters = PARTS | {"severe": "B", "virtual_school": "V", "off_roll": "N"}
    assert all(one.review_ref[0] == letters[one.part] for one in contents.listed)
    assert {one.part for one in contents.listed if one.must_decide} == {"main", "lead", "onset"}
    assert all(bool(one.situation) == (one.part in PARTS) for one in contents.listed)


def test_every_row_of_a_further_list_has_a_reference_of_this_list(contents: ListContents) -> None:
    refs = {one.review_ref for one in contents.listed}
    rows = (*contents.severe, *contents.virtual_school, *contents.off_roll)
    assert rows and {row.review_ref for row in rows} <= refs


def test_no_identifier_of_a_pupil_stands_on_what_is_read(contents: ListContents) -> None:
    read = repr((contents.cards, contents.severe, contents.virtual_school, contents.off_roll))
    assert not [one.pupil_id for one in contents.listed if one.pupil_id in read]
    assert not [one.pupil_id for one in contents.listed if one.pupil_id in repr(contents)]


def test_onset_and_reserve_have_no_standing_and_onset_is_not_yet_persistently_absent(
    contents: ListContents, authority: Authority
) -> None:
    further = contents.of_part("onset") + contents.of_part("reserve")
    assert {card.standing for card in further} == {""}
    assert all(card.not_yet_persistent for card in contents.of_part("onset"))
    facts = _facts(authority).loc[pupils_of(contents, "onset")]
    assert (facts["sessions_absent"] * 10 < facts["sessions_possible"]).all()


def _facts(authority: Authority) -> pd.DataFrame:
    tables = authority.store.tables()
    return collect_features(tables, select_cohort(tables, AS_OF).frame, AS_OF).set_index("pupil_id")


def test_severe_absence_is_counted_whole_whoever_has_a_card(
    contents: ListContents, authority: Authority
) -> None:
    facts = _facts(authority)
    half = set(facts.index[facts["sessions_absent"] * 2 >= facts["sessions_possible"]])
    assert contents.severe_total == len(contents.severe) == len(half) > 1
    carded = {one.review_ref for one in contents.listed if one.pupil_id in half and one.part in PARTS}
    assert {row.review_ref for row in contents.severe if row.on_the_list} == carded


def test_the_next_in_line_are_seen_by_nobody_and_are_as_many_again(
    contents: ListContents, scored: ScoredFile
) -> None:
    assert len(contents.next_in_line) == CAPACITY
    assert not set(contents.next_in_line) & {one.pupil_id for one in contents.listed}
    risk = scored.frame.set_index("pupil_id")["risk"]
    assert risk[list(contents.next_in_line)].is_monotonic_decreasing
    assert risk[list(contents.next_in_line)].max() <= risk[pupils_of(contents, "main")].min()


def test_the_order_of_the_scored_rows_changes_nothing(
    contents: ListContents, made: Made, scored: ScoredFile
) -> None:
    assert made(frame=scored.frame.sample(frac=1, random_state=5)) == contents


def test_excluded_pupils_are_on_no_list_and_their_places_are_taken_by_others(
    contents: ListContents, made: Made
) -> None:
    out = {pupil(0), pupil(10), contents.next_in_line[0]}
    out |= {pupils_of(contents, part)[0] for part in ("main", "onset", "reserve")}
    without = made(excluded=frozenset(out))
    assert not out & {*without.next_in_line, *(one.pupil_id for one in without.listed)}
    assert len(without.of_part("main")) == CAPACITY
    assert without.off_roll_total == contents.off_roll_total - 1
    assert without.severe_total == contents.severe_total - 1


def test_early_help_that_is_open_passes_a_pupil_to_their_lead_without_taking_a_place(
    contents: ListContents, made: Made
) -> None:
    first = next(one for one in contents.listed if one.part == "main")
    given = made(early_help={first.pupil_id: date(2026, 9, 1)})
    moved = next(one for one in given.listed if one.pupil_id == first.pupil_id)
    assert (moved.part, moved.situation) == ("lead", "early_help")
    assert len(given.of_part("main")) == CAPACITY


def _but_for_the_lead(card: Card) -> Card:
    return replace(card, route=PLAN.routes[-1], route_words="")


def test_another_order_of_routes_changes_who_leads_and_nothing_else(made: Made) -> None:
    # So few days of illness are many that more than one situation holds for the pupils whose social care closed.
    plan = replace(OWN_PLAN, stepped_down_months=36, illness_days=5)
    by_key = {route.when: number for number, route in enumerate(plan.routes)}
    routes = list(plan.routes)
    one, other = by_key["stepped_down"], by_key["illness"]
    routes[one], routes[other] = routes[other], routes[one]
    before, after = made(plan, capacity=60), made(replace(plan, routes=tuple(routes)), capacity=60)
    leads = [
        (a.route.when, b.route.when)
        for a, b in zip(before.cards, after.cards, strict=True)
        if a.route.when != b.route.when
    ]
    assert leads and set(leads) == {("stepped_down", "illness")}
    assert [*map(_but_for_the_lead, before.cards)] == [*map(_but_for_the_lead, after.cards)]
    assert (before.severe, before.virtual_school, before.off_roll) == (
        after.severe,
        after.virtual_school,
        after.off_roll,
    )
    assert before.next_in_line == after.next_in_line


def test_brothers_and_sisters_are_named_only_where_the_plan_shows_them(
    contents: ListContents, made: Made
) -> None:
    two = pupils_of(contents, "main")[:2]
    families = dict.fromkeys([*two, pupil(299)], "f")
    assert {card.siblings for card in contents.cards} == {()}
    shown = made(replace(OWN_PLAN, show_siblings=True), siblings=families)
    said = {card.review_ref: card.siblings for card in shown.cards if card.siblings}
    assert said == {"A-001": ("A-002",), "A-002": ("A-001",)}


def test_what_changed_stands_on_the_cards_of_those_whom_it_names(contents: ListContents) -> None:
    first, second, *_ = pupils_of(contents, "main")
    changes = Changes("0badcafe", "31 October 2025", ("A-001",), (), {}, 1, True)
    found = with_changes(contents, Compared(changes, {second: ("Moved.",)}, {first: True, second: False}))
    assert found.changes == changes and found.listed == contents.listed
    said = [(card.is_new, card.moved) for card in found.cards[:3]]
    assert said == [(True, ()), (False, ("Moved.",)), (None, ())]
    assert contents.changes is None and {card.is_new for card in contents.cards} == {None}


def test_a_capacity_beyond_the_cohort_lists_everybody_once(made: Made, scored: ScoredFile) -> None:
    found = made(capacity=1000)
    assert len(found.cards) == len(scored.frame) and not found.next_in_line
    assert {card.part for card in found.cards} == {"main", "lead"}
    assert {card.standing for card in found.cards} == {""}
