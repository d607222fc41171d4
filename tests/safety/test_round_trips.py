"""What is written is what is read: scores, decisions, settings, small files, for generated contents."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_copies import write_copy

from absence_risk.decisions.returned import read_returned
from absence_risk.errors import InputError
from absence_risk.returns.small_files import date_in, read_small_file
from absence_risk.scored_file import SCORES, read_scores, write_scored_file
from absence_risk.settings import flat_settings, read_settings
from absence_risk.tables.outputs import LIST_COLUMNS, SENTENCE_MARK
from absence_risk.tables.schema import Type

CONFIGS = Path(__file__).parents[2] / "configs"
#: Text without control characters and halves of characters, which no store holds.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
SENTENCES = st.lists(WORDS.filter(lambda text: text != "" and SENTENCE_MARK not in text), max_size=3)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
CELLS = st.sampled_from(
    ("", "a", "B2", " x ", '"', "a,b", "é", "\u00a0", "31/10/2026", "2026-10-31", "nan", "objected")
)


def _value(name: str, kind: Type) -> st.SearchStrategy[Any]:
    if name in LIST_COLUMNS:
        return SENTENCES
    if kind is Type.INTEGER:
        return st.integers(-(2**53), 2**53)
    return st.floats(allow_nan=False, allow_infinity=False) if kind is Type.NUMBER else WORDS


ROWS = st.lists(st.tuples(*(_value(c.name, c.type) for c in SCORES.columns)), min_size=1, max_size=4)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@QUICK
@given(ROWS)
def test_scores_come_back_as_they_were_written(suffix: str, rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame([list(row) for row in rows], columns=list(SCORES.column_names))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"scores{suffix}"
        write_scored_file(frame, path, {})
        found = read_scores(path).frame
    for column in SCORES.columns:
        for before, after in zip(frame[column.name], found[column.name], strict=True):
            assert after == before or (isinstance(before, float) and math.isclose(before, after, rel_tol=0))


@QUICK
@given(st.dictionaries(st.sampled_from(("A-001", "A-002", "A-003")), WORDS.filter(str.strip), min_size=1))
def test_notes_come_back_from_a_workbook_or_are_refused_in_words(notes: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.xlsx"
        try:
            write_copy(path, {ref: {"reason_text": note} for ref, note in notes.items()})
        except ValueError:  # the writing library takes no such text
            return
        try:
            found = {one.review_ref: one.values["reason_text"] for one in read_returned(path).records}
        except InputError as fault:
            assert "nothing was recorded" in str(fault)  # a formula, a pupil's number
            return
    assert set(found) <= set(notes)
    for ref, note in notes.items():
        kept = found.get(ref, "")
        assert len(kept) <= 2 * len(note) and (kept != "" or not any(c.isalnum() for c in note))


@QUICK
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from(",;\t"))
def test_every_row_of_a_small_file_is_read_empty_or_named_in_a_fault(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter).writerows([("upn", "reason", "until"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(held.getvalue().encode("utf-8"))
        found = list(read_small_file(path, "exclusions", ("upn", "reason"), ("until",)))
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert [tuple(cells.values()) for _, cells in found] == [
        tuple(cell.strip() for cell in row) for row in filled
    ]
    assert all(date_in(cells["until"]) is None or cells["until"][:2] in ("31", "20") for _, cells in found)


@pytest.mark.parametrize("name", ["four_factors", "with_attendance"])
def test_settings_printed_are_the_settings_read(name: str, tmp_path: Path) -> None:
    first = read_settings(CONFIGS / f"{name}.yaml")
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(first.model_dump(mode="json"), allow_unicode=True), encoding="utf-8")
    assert flat_settings(read_settings(path)) == flat_settings(first)
