import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.domain.outcome import OUTCOMES


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
