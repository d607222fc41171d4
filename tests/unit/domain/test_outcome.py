import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.domain.attendance_codes import AUTHORISED_CODES, UNAUTHORISED_CODES
from absence_risk.domain.outcome import OUTCOMES, SEVERE_DENOMINATOR, Outcome


@pytest.mark.parametrize(
    ("counted", "possible", "met"),
    [(38, 380, True), (37, 380, False), (19, 189, True), (19, 190, True), (19, 191, False), (0, 380, False)],
)
def test_a_tenth_of_the_pupils_own_sessions_is_the_line_and_counts(
    counted: int, possible: int, met: bool
) -> None:
    assert OUTCOMES["unauthorised"].is_met(counted, possible) is met


def test_totals_serve_only_the_outcomes_they_equal() -> None:
    assert {name: o.from_totals for name, o in OUTCOMES.items()} == {
        "unauthorised": "unauthorised",
        "unauthorised_other": None,
        "unauthorised_not_holiday": None,
        "overall": "overall",
    }


def test_every_outcome_has_its_own_stamp() -> None:
    stamps = [str(o.definition()) for o in OUTCOMES.values()]
    assert len(set(stamps)) == len(stamps)


@given(st.integers(0, 400), st.integers(1, 420))
def test_one_more_missed_session_never_undoes_the_outcome(counted: int, possible: int) -> None:
    outcome = OUTCOMES["unauthorised"]
    assert outcome.is_met(counted + 1, possible) >= outcome.is_met(counted, possible)


@pytest.mark.parametrize(("counted", "met"), [(57, True), (56, False), (0, False)])
def test_a_threshold_of_three_in_twenty_is_reached_by_57_of_380(counted: int, met: bool) -> None:
    assert Outcome("three in twenty", ("O",), "", numerator=3, denominator=20).is_met(counted, 380) is met


def test_totals_serve_by_what_the_codes_are_and_not_by_where_they_came_from() -> None:
    again = tuple(code for code in UNAUTHORISED_CODES)
    every = tuple(sorted([*UNAUTHORISED_CODES, *AUTHORISED_CODES]))
    assert Outcome("again", again, "").from_totals == "unauthorised"
    assert Outcome("every", every, "").from_totals == "overall"
    assert Outcome("fewer", ("C",), "").from_totals is None
    assert Outcome("more", ("U", "Z"), "").from_totals is None


def test_the_lines_are_those_of_the_statistics() -> None:
    found = {(o.numerator, o.denominator, o.minimum_sessions) for o in OUTCOMES.values()}
    assert found == {(1, 10, 190)} and SEVERE_DENOMINATOR == 2


def test_an_outcome_that_is_stamped_on_a_model_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        OUTCOMES["overall"].denominator = 5  # type: ignore[misc]
