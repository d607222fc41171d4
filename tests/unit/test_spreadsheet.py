import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.spreadsheet import (
    CELL_LIMIT,
    guarded,
    looks_like_formula,
    unguarded,
    utf16_cut,
    utf16_length,
    workbook_text,
)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t1", "\n1", "  =1", "\ufeff=1", "＝1", "－1"])
def test_what_a_spreadsheet_may_run_is_seen_and_guarded(text: str) -> None:
    assert looks_like_formula(text)
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Hill School", "3 = 3", "10 days", "a-b"])
def test_plain_words_are_left_as_they_are(text: str) -> None:
    assert not looks_like_formula(text)
    assert guarded(text) == workbook_text(text) == text


@given(st.text(alphabet="'=+-@a ＝\t", max_size=8) | st.text(max_size=50))
def test_a_guard_can_be_taken_off_again(text: str) -> None:
    cell = guarded(text)
    assert not looks_like_formula(cell)
    assert unguarded(cell) == guarded(f"x{text}")[1:]  # the same text, its control characters blanks


@given(st.text(max_size=200))
def test_text_for_a_cell_can_be_written_and_says_no_control_character(text: str) -> None:
    clean = workbook_text(text)
    clean.encode("utf-8")
    assert not any(ord(c) < 32 and c != "\n" for c in clean)
    assert workbook_text(clean) == clean


@given(st.text(alphabet="a🏫", max_size=20), st.integers(0, 30))
def test_a_cut_never_halves_a_character_nor_passes_its_limit(text: str, limit: int) -> None:
    cut = utf16_cut(text, limit)
    assert text.startswith(cut) and utf16_length(cut) <= limit
    assert cut == text or utf16_length(text[: len(cut) + 1]) > limit


def test_a_cell_takes_no_more_than_excel_does() -> None:
    assert workbook_text("a" * CELL_LIMIT) == "a" * CELL_LIMIT
    assert utf16_length(workbook_text("🏫" * CELL_LIMIT)) <= CELL_LIMIT
