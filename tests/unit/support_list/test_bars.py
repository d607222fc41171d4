import re

from hypothesis import given
from hypothesis import strategies as st

from absence_risk.support_list.card import Period
from absence_risk.support_list.page.bars import GROUND, HIGHEST, Bars, axes_of, bars_of

TERMS = ("Autumn", "Spring", "Summer to half-term", "Summer after half-term")
PART = st.one_of(st.none(), st.integers(0, 140))


def drawn(*periods: Period) -> Bars:
    made = bars_of(periods, axes_of([periods]))
    assert made is not None
    return made


def term(*parts: int | None, words: str = "Autumn", possible: int | None = 120) -> Period:
    return Period("2025/26", words, possible, *parts)


def test_a_bar_is_a_stack_from_the_ground_in_the_order_of_its_parts() -> None:
    made = drawn(term(10, 5, 5, 0))
    assert made.strokes == (("u", "M12 90V54"), ("l", "M12 54V36"), ("i", "M12 36V18"))
    assert made.numbers == ((12, 14, "10"),)


def test_nothing_missed_is_a_nought_and_not_held_is_a_dash() -> None:
    made = drawn(term(0, 0, 0, 0), term(None, None, None, None, words="Spring", possible=None))
    assert made.strokes == ()
    assert [number for _, _, number in made.numbers] == ["0", "–"]
    assert made.lines == (
        "2025/26 (Autumn, Spring): not authorised 0, not held; late 0, not held; illness 0, not held; "
        "other 0, not held; of 60, not held days.",
    )
    assert drawn(term(0, 0, 0, 0)).lines == ("2025/26 (Autumn): none missed; of 60 days.",)
    nothing = drawn(term(None, None, None, None, possible=None))
    assert nothing.lines == ("2025/26: not held.",)
    assert made.missing and not made.partly


def test_a_bar_that_is_known_in_part_says_so() -> None:
    made = drawn(term(8, None, 3, 0, possible=None))
    assert made.numbers[0][2] == "5½+"
    assert made.partly
    assert made.lines == (
        "2025/26 (Autumn): not authorised 4; late not held; illness 1½; possible days not held.",
    )


def test_pupils_with_the_same_terms_share_what_stands_below_their_bars() -> None:
    short, long = (term(1, 1, 1, 1),), tuple(term(1, 1, 1, 1, words=words) for words in TERMS)
    axes = axes_of([short, long, short, ()])
    assert [axis.name for axis in axes.values()] == ["axis-1", "axis-2"]
    assert [word for _, word in axes[tuple((p.year, p.words) for p in long)].terms] == [
        "Aut",
        "Spr",
        "Su1",
        "Su2",
    ]
    assert bars_of((), axes) is None


@given(st.lists(st.tuples(PART, PART, PART, PART), min_size=1, max_size=4))
def test_no_stroke_leaves_its_place_and_every_day_missed_is_drawn(
    found: list[tuple[int | None, ...]],
) -> None:
    periods = [term(*parts, words=words) for parts, words in zip(found, TERMS, strict=False)]
    made = drawn(*periods)
    strokes = {part: re.findall(r"M(\d+) (\d+)V(-?\d+)", path) for part, path in made.strokes}
    for place, parts in enumerate(found):
        below = GROUND
        for letter, sessions in zip("ulio", parts, strict=True):
            own = [
                (int(low), int(high)) for x, low, high in strokes.get(letter, []) if int(x) == 24 * place + 12
            ]
            assert len(own) == bool(sessions)
            for low, high in own:
                assert low == below > high >= GROUND - HIGHEST - 4
                below = high
