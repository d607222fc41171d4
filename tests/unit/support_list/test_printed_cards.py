import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from made_contents import made_contents

from absence_risk.support_list.card import Event
from absence_risk.support_list.page.printed import FEWEST_EVENTS, css_string, fit_of, printed_style

CARD = made_contents(1).cards[0]
EVENT = Event("2026-05-04", "4 May 2026", "Suspension, 2 days")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_text_ends_the_string_it_stands_in_and_all_of_it_is_kept(text: str) -> None:
    safe = css_string(text)
    assert re.fullmatch(r'"([a-zA-Z0-9 ]|\\[0-9a-f]+ )*"', safe)
    back = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found.group(1), 16)), safe[1:-1])
    assert back == text


def test_a_name_cannot_end_the_style() -> None:
    style = printed_style('</style>"; } body { display: none }', "", ("</style>",))
    assert "<" not in style
    assert "display: none }" not in style.replace("content: none", "")


def test_a_short_card_is_printed_whole_in_the_usual_size() -> None:
    assert fit_of(replace(CARD, events=(EVENT,) * 3), ()) == (3, False)


def test_of_a_long_record_as_many_of_the_latest_events_are_printed_as_there_is_room_for() -> None:
    few, many = (fit_of(replace(CARD, events=(EVENT,) * n), ()) for n in (60, 200))
    assert few == many
    assert FEWEST_EVENTS < few.events < 60
    assert not few.dense


def test_a_card_with_very_much_to_say_is_printed_small_and_keeps_its_latest_events() -> None:
    wordy = replace(CARD, involved=("Child in need plan, open since March 2026 (as at 31 March 2026)",) * 30)
    fit = fit_of(replace(wordy, events=(EVENT,) * 20), ())
    assert fit.dense
    assert fit.events >= FEWEST_EVENTS


def test_a_card_without_events_prints_none() -> None:
    assert fit_of(replace(CARD, events=()), ("Who else helps?",)) == (0, False)
