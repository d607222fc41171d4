import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.spreadsheet import utf16_length
from absence_risk.support_list.workbook.names import sheet_name

hostile = st.text(alphabet=st.characters() | st.sampled_from("[]:*?/\\' =+@🏫ßİ"), max_size=60)


@given(hostile, st.lists(hostile, max_size=4))
def test_a_sheet_name_is_always_one_that_spreadsheets_take(wanted: str, taken: list[str]) -> None:
    name = sheet_name(wanted, taken)
    assert 1 <= utf16_length(name) <= 31
    assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
    assert name == name.strip(" '")
    assert name.lower() != "history"
    assert name.casefold() not in {other.casefold() for other in taken}
    name.encode("utf-8")


@given(st.lists(hostile, max_size=8))
def test_names_given_one_after_the_other_all_differ(wanted: list[str]) -> None:
    taken: list[str] = []
    for each in wanted:
        taken.append(sheet_name(each, taken))
    assert len({name.lower() for name in taken}) == len(taken)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Hill Top School", "Hill Top School"),
        ("St Mary's [Upper]/Lower", "St Mary's Upper Lower"),
        ("'Quoted'", "Quoted"),
        ("history", "history (2)"),
        ("", "Sheet"),
        ("//", "Sheet"),
        ("The Very Long Named Academy of North East Somewhere", "The Very Long Named Academy of"),
    ],
)
def test_a_name_stays_as_near_to_the_schools_as_it_may(wanted: str, name: str) -> None:
    assert sheet_name(wanted, ()) == name
