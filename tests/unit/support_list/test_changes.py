import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.decisions.entries import ListedPupil, ListEntry
from absence_risk.errors import InputError
from absence_risk.features.catalogue import Family
from absence_risk.features.words import BANNED_WORDS
from absence_risk.support_list import changes
from absence_risk.support_list.changes import Shift, compare, moved_words, shift

MODEL = "ab" * 32


def row(ref: str, pupil: str, part: str = "main", **contributions: float) -> ListedPupil:
    return estimated(ref, pupil, part, -2.0, contributions)


def estimated(
    ref: str, pupil: str, part: str, base: float, contributions: Mapping[str, float]
) -> ListedPupil:
    log_odds = base + math.fsum(contributions.values())
    return ListedPupil(ref, pupil, part, "none", True, log_odds, base, contributions)


def entry(pupils: Sequence[ListedPupil], **changed: Any) -> ListEntry:
    made = ListEntry(
        list_id="0badcafe",
        made_on=date(2025, 11, 3),
        as_of=date(2025, 10, 31),
        purpose="early_help_offer",
        owner="Early Help, East",
        capacity=len(pupils),
        expires=date(2026, 2, 12),
        outcome={"name": "unauthorised", "threshold": "1/10"},
        model=MODEL,
        scores_sha256="5c" * 32,
        store_fingerprint="f" * 64,
        pupils=tuple(pupils),
        next_in_line=(),
    )
    return replace(made, **changed)


BEFORE = (
    row("A-001", "p1", suspensions=0.1, attendance=0.5),
    row("A-002", "p2", attendance=1.0),
    row("L-001", "p3", "lead", social_care=0.4),
    row("C-001", "p4", "onset", attendance=0.2),
    row("A-003", "p5", attendance=0.7),
)
NOW = (
    row("A-001", "p6", attendance=0.9),
    row("A-002", "p1", suspensions=0.6, attendance=0.1),
    row("A-003", "p3", "main", social_care=0.4),
    row("C-001", "p7", "onset", attendance=0.1),
)
COHORT = {"p1", "p2", "p3", "p6", "p7"}


def test_a_first_list_has_no_changes_and_nobody_is_new_or_moved() -> None:
    assert compare(None, NOW, model=MODEL, still_in_cohort=COHORT) == (None, {}, {})


def test_who_is_new_who_left_and_who_stayed_goes_by_the_pupil_not_by_the_reference() -> None:
    found = compare(entry(BEFORE), NOW, model=MODEL, still_in_cohort=COHORT)
    said = found.changes
    assert said is not None
    assert (said.earlier_list, said.earlier_day, said.same_model) == ("0badcafe", "31 October 2025", True)
    assert said.new == ("A-001", "C-001")
    assert said.left == ("A-002", "C-001", "A-003")
    assert said.stayed == 2
    assert found.is_new == {"p6": True, "p1": False, "p3": False, "p7": True}
    assert set(found.moved) == {"p1", "p3"}


def test_why_a_child_left_is_said_neutrally_and_never_that_a_family_objected_or_is_protected() -> None:
    found = compare(entry(BEFORE), NOW, model=MODEL, still_in_cohort=COHORT)
    assert found.changes is not None
    assert found.changes.left_words == {
        "A-002": "No longer among the first.",
        "C-001": changes.NOT_LOOKED_AT,
        "A-003": changes.NOT_LOOKED_AT,
    }


@pytest.mark.parametrize("part", ["reserve", "severe", "virtual_school", "off_roll"])
def test_the_reserve_and_rows_without_a_card_are_not_compared(part: str) -> None:
    beyond = replace(row("R-001", "p1"), part=part)
    nan = math.nan
    without = replace(beyond, log_odds=nan, base=nan, contributions={})
    assert compare(entry([without]), [beyond], model=MODEL, still_in_cohort=()).is_new == {}
    dropped = compare(entry(BEFORE[:1]), [without], model=MODEL, still_in_cohort={"p1"}).changes
    assert dropped is not None
    assert dropped.left_words == {"A-001": changes.NOT_AMONG_FIRST}


def test_the_families_that_moved_a_child_are_said_in_words_largest_first_in_both_directions() -> None:
    found = compare(entry(BEFORE), NOW, model=MODEL, still_in_cohort=COHORT)
    assert found.moved["p1"] == (
        "Records of suspensions moved this child up since the last list.",
        "Records of attendance moved this child down since the last list.",
    )
    assert found.moved["p3"] == (changes.LITTLE,)


def test_at_most_three_families_are_said_and_equals_stand_in_catalogue_order() -> None:
    equal = Shift(5.0, 0.0, {family.value: 1.0 for family in Family})
    said = moved_words(equal, same_model=True)
    assert [re.findall("of (.*) moved", line)[0] for line in said] == [
        "suspensions",
        "social care",
        "alternative provision",
    ]


@pytest.mark.parametrize(("change", "said"), [(math.log(1.1), True), (math.log(1.1) - 1e-9, False)])
def test_a_family_that_moves_the_odds_by_less_than_a_tenth_is_not_said(change: float, said: bool) -> None:
    for sign in (1, -1):
        lines = moved_words(Shift(change, 0.0, {"attendance": sign * change}), same_model=True)
        assert (lines == (changes.LITTLE,)) is not said


def test_another_model_is_said_once_for_the_list_and_in_every_sentence() -> None:
    found = compare(entry(BEFORE, model="cd" * 32), NOW, model=MODEL, still_in_cohort=COHORT)
    assert found.changes is not None
    assert not found.changes.same_model
    assert all("another model made this" in line for lines in found.moved.values() for line in lines)


parts = st.dictionaries(
    st.sampled_from([family.value for family in Family]), st.floats(-6, 6, allow_subnormal=False)
)


@given(parts, parts, st.floats(-6, 0), st.floats(-6, 0))
def test_the_difference_of_two_estimates_is_that_of_their_bases_and_families_with_nothing_over(
    before: Mapping[str, float], after: Mapping[str, float], base: float, later_base: float
) -> None:
    moved = shift(
        estimated("A-001", "p", "main", base, before), estimated("A-002", "p", "main", later_base, after)
    )
    assert abs(moved.total - (moved.base + math.fsum(moved.families.values()))) < 1e-9


@given(parts, parts, st.booleans())
def test_a_child_moved_up_by_a_family_is_moved_down_by_it_the_other_way_round(
    before: Mapping[str, float], after: Mapping[str, float], same_model: bool
) -> None:
    one, other = (estimated("A-001", "p", "main", -2.0, parts) for parts in (before, after))
    there = moved_words(shift(one, other), same_model)
    back = moved_words(shift(other, one), same_model)
    swap = {"up": "down", "down": "up"}
    assert tuple(re.sub(r"\b(up|down)\b", lambda way: swap[way[0]], line) for line in there) == back


@pytest.mark.parametrize(
    "altered",
    [{"log_odds": 0.0}, {"base": math.nan}, {"contributions": {"attendance": 0.6, "weather": 0.0}}],
)
def test_parts_that_do_not_add_up_to_their_estimate_are_refused(altered: dict[str, Any]) -> None:
    wrong = replace(BEFORE[0], **altered)
    with pytest.raises(InputError, match="A-001 do not add up"):
        compare(entry([wrong]), NOW, model=MODEL, still_in_cohort=COHORT)


def test_nothing_said_of_changes_has_a_number_a_cause_or_a_banned_word() -> None:
    families = [Shift(1.0, 0.0, {family.value: sign}) for family in Family for sign in (1.0, -1.0)]
    lines = [line for move in families for same in (True, False) for line in moved_words(move, same)]
    lines += [changes.LITTLE, changes.LITTLE_OTHER_MODEL, changes.NOT_LOOKED_AT, changes.NOT_AMONG_FIRST]
    for line in lines:
        assert not re.search(r"\d|protect[^i]", line)
        assert not [word for word in BANNED_WORDS if re.search(rf"\b{word}\b", line, re.IGNORECASE)]
