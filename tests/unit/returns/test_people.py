"""Which UPNs are one child."""

from __future__ import annotations

import random
from datetime import date

import pytest
from made_returns import upn

from absence_risk.domain.pupil import UpnState
from absence_risk.returns.people import Claim, resolve

_BORN, _OTHER = date(2013, 3, 5), date(2012, 7, 1)


def _claim(text: str, former: str | None = None, born: date | None = _BORN, used: int = 2024) -> Claim:
    return text, former, born, date(used, 1, 1), 1


def test_a_temporary_upn_becomes_the_permanent_one() -> None:
    old = upn(1, temporary=True)
    people = resolve([_claim(old, used=2023), _claim(upn(1), old, used=2024)])
    assert people.canonical == {old: upn(1), upn(1): upn(1)}
    assert people.merged == 1


def test_a_chain_of_three_is_one_child_whatever_the_order() -> None:
    a, b, c = upn(3, temporary=True), upn(2), upn(1)
    claims = [_claim(a, used=2022), _claim(b, a, used=2023), _claim(c, b, used=2024)]
    for seed in range(6):
        random.Random(seed).shuffle(claims)
        assert set(resolve(claims).canonical.values()) == {c}


def test_the_upn_most_recently_in_use_stands_for_the_child() -> None:
    people = resolve([_claim(upn(1), used=2025), _claim(upn(2), upn(1), used=2024)])
    assert set(people.canonical.values()) == {upn(1)}


def test_two_dates_of_birth_are_never_joined() -> None:
    people = resolve([_claim(upn(1), born=_OTHER), _claim(upn(2), upn(1), born=_BORN)])
    assert people.canonical == {upn(1): upn(1), upn(2): upn(2)}
    assert people.conflicts == 1


def test_a_chain_does_not_join_two_dates_of_birth_through_a_upn_without_one() -> None:
    people = resolve(
        [_claim(upn(1), born=_OTHER), _claim(upn(2), upn(1), born=None), _claim(upn(3), upn(2), born=_BORN)]
    )
    assert len(set(people.canonical.values())) == 2 and people.conflicts == 1


def test_un_codes_and_blanks_name_nobody() -> None:
    people = resolve([_claim("UN1"), _claim("un7"), _claim(" "), (None, upn(1), _BORN, date(2024, 1, 1), 1)])
    assert people.canonical == {}


def test_a_malformed_upn_is_kept_unless_it_stands_for_several_births() -> None:
    people = resolve([_claim("cbd0f54b-6c4"), _claim("UNKNOWN", born=_BORN), _claim("unknown", born=_OTHER)])
    assert people.canonical == {"cbd0f54b-6c4": "CBD0F54B-6C4"}
    assert people.placeholders == 1 and people.states[UpnState.MALFORMED] == 2


def test_a_malformed_former_upn_joins_nobody() -> None:
    people = resolve([_claim(upn(1), "NONE"), _claim(upn(2), "NONE")])
    assert people.merged == 0


def test_a_wrong_check_letter_still_names_the_child() -> None:
    wrong = ("A" if upn(1)[0] != "A" else "B") + upn(1)[1:]
    people = resolve([_claim(wrong), _claim(f" {wrong.lower()} ")])
    assert set(people.canonical.values()) == {wrong}
    assert people.states == {UpnState.WRONG_CHECK_LETTER: 1}


def test_a_former_upn_that_no_return_of_the_store_used_still_joins_two_children_who_claim_it() -> None:
    people = resolve([_claim(upn(1), upn(3), used=2023), _claim(upn(2), upn(3), used=2024)])
    assert people.canonical == dict.fromkeys((upn(1), upn(2), upn(3)), upn(2))
    assert people.merged == 2


def test_a_former_upn_that_no_return_uses_itself_still_names_the_child() -> None:
    people = resolve([_claim(upn(1), upn(2))])
    assert people.canonical == {upn(1): upn(1), upn(2): upn(1)}


def test_of_two_upns_last_used_on_one_day_the_permanent_one_stands() -> None:
    old = upn(1, temporary=True)
    assert set(resolve([_claim(old), _claim(upn(1), old)]).canonical.values()) == {upn(1)}


def test_a_record_without_a_upn_does_not_end_the_reading() -> None:
    assert resolve([_claim(" "), _claim("UN1"), _claim(upn(1))]).canonical == {upn(1): upn(1)}


def test_a_well_formed_upn_with_two_dates_of_birth_is_kept_and_counted() -> None:
    people = resolve([_claim(upn(1)), _claim(upn(1), born=_OTHER), _claim(upn(2)), _claim(upn(3), born=None)])
    assert people.canonical == {upn(n): upn(n) for n in (1, 2, 3)}
    assert (people.several_births, people.placeholders) == (1, 0)


def test_a_malformed_upn_without_a_date_of_birth_is_no_placeholder() -> None:
    people = resolve([_claim("unknown", born=None)])
    assert people.canonical == {"unknown": "UNKNOWN"} and people.placeholders == 0


def test_a_upn_written_with_two_dates_of_birth_joins_only_the_one_that_was_joined_first() -> None:
    first, second, third = sorted(upn(n) for n in (1, 2, 3))
    both = [_claim(first, born=_BORN), _claim(first, born=_OTHER)]
    people = resolve([*both, _claim(second, first), _claim(third, second, born=_OTHER)])
    assert people.canonical[first] == people.canonical[second] != people.canonical[third] == third
    assert (people.merged, people.conflicts) == (1, 1)


def test_two_upns_that_each_name_the_other_are_joined_once() -> None:
    people = resolve([_claim(upn(1), upn(2)), _claim(upn(2), upn(1))])
    assert (people.merged, people.conflicts) == (1, 0)


@pytest.mark.parametrize("nobody", [[_claim("UN1")], [_claim("nobody"), _claim("nobody", born=_OTHER)]])
def test_a_upn_that_names_nobody_does_not_end_the_reading(nobody: list[Claim]) -> None:
    # UPNs are judged in the order of the alphabet, and the last of it is still to come.
    assert resolve([*nobody, _claim("zebra")]).canonical == {"zebra": "ZEBRA"}


_A, _B, _C, _D = sorted(upn(n) for n in range(1, 5))


@pytest.mark.parametrize(
    "not_followed",
    [
        [_claim(_A, _B), _claim(_B, born=_OTHER)],  # two dates of birth
        [_claim(_A, _B), _claim(_B, _A)],  # joined already
        [_claim(_A, "NONE")],  # a malformed former UPN
    ],
)
def test_a_link_that_is_not_followed_does_not_end_the_joining(not_followed: list[Claim]) -> None:
    found = resolve([*not_followed, _claim(_C, _D)]).canonical
    assert found[_C] == found[_D] == _C
