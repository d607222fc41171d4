import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.domain.pupil import (
    SCORED_YEAR_GROUPS,
    UpnState,
    check_letter,
    is_temporary,
    normalise_upn,
    phase_of,
    upn_state,
    year_group_number,
)

TAILS = st.from_regex(r"[0-9]{12}", fullmatch=True)


def test_the_check_letter_of_207000016049_is_p_whatever_two_vendor_pages_print() -> None:
    assert check_letter("207000016049") == "P"


@given(TAILS, st.integers(0, 11), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(tail: str, place: int, shift: int) -> None:
    wrong = tail[:place] + str((int(tail[place]) + shift) % 10) + tail[place + 1 :]
    assert check_letter(wrong) != check_letter(tail)


@given(TAILS, st.integers(0, 10))
def test_every_swap_of_neighbours_is_caught(tail: str, place: int) -> None:
    swapped = tail[:place] + tail[place + 1] + tail[place] + tail[place + 2 :]
    assert (check_letter(swapped) != check_letter(tail)) == (swapped != tail)


@pytest.mark.parametrize(
    ("upn", "state"),
    [
        ("P207000016049", UpnState.VALID),
        ("Q207000016049", UpnState.WRONG_CHECK_LETTER),
        ("A207000016049", UpnState.WRONG_CHECK_LETTER),
        ("Z207000016049", UpnState.WRONG_CHECK_LETTER),
        ("UN3", UpnState.NOT_GIVEN),
        ("", UpnState.NOT_GIVEN),
        ("P20700001604", UpnState.MALFORMED),
        ("P20700001604I", UpnState.MALFORMED),
        ("P٢07000016049", UpnState.MALFORMED),
    ],
)
def test_a_upn_is_judged_by_its_form_and_letter(upn: str, state: UpnState) -> None:
    assert upn_state(upn) is state


def test_a_temporary_upn_ends_in_a_letter_that_counts_in_the_sum() -> None:
    upn = check_letter("20700001604B") + "20700001604B"
    assert is_temporary(upn)
    assert upn_state(upn) is UpnState.VALID


def test_a_permanent_upn_and_no_upn_are_not_temporary() -> None:
    assert not is_temporary("P207000016049") and not is_temporary("")
    # The letter before the last character says nothing, and so does that at the front.
    assert not is_temporary("20700001604B9")


def test_years_1_to_11_are_scored() -> None:
    assert SCORED_YEAR_GROUPS == (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)


def test_spaces_and_small_letters_do_not_make_another_child() -> None:
    assert normalise_upn(" p2070 00016049 ") == "P207000016049"
    assert normalise_upn(None) == ""


def test_year_groups_are_numbers_where_they_are_years() -> None:
    assert [year_group_number(g) for g in ("R", "1", "11", "N2", "X", "", None, "٣")] == [
        0,
        1,
        11,
        None,
        None,
        None,
        None,
        None,
    ]
    assert [phase_of(g) for g in (0, 6, 7, None)] == ["primary", "primary", "secondary", "unknown"]
