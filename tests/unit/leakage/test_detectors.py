"""Columns that know too much, by hand; histories under two ids, drawn."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from absence_risk.leakage.alarm import SINGLE_COLUMN
from absence_risk.leakage.detectors import (
    FEWEST_OF_EACH,
    HIGHEST_AUC,
    can_be_judged,
    columns_that_know_too_much,
    histories_under_two_ids,
)
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.schema import Type

RNG = np.random.default_rng(5)
Y = (np.arange(400) % 20 == 0).astype("int64")


def data(y: np.ndarray = Y, **columns: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(X=pd.DataFrame(columns), y=y)


def names(found) -> list[str]:
    return [alarm.where for alarm in found]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (Y.astype("float64"), True),
        (1.0 - Y, True),
        (Y + RNG.normal(0, 0.25, len(Y)), True),
        (RNG.normal(size=len(Y)), False),
        (np.where(Y == 1, np.nan, RNG.normal(size=len(Y))), True),
        (np.where(Y == 0, np.nan, 1.0), True),
        (np.full(len(Y), np.nan), False),
        (np.zeros(len(Y)), False),
    ],
    ids=["a copy", "turned round", "with noise", "noise", "missing if met", "missing if not", "empty", "one value"],
)  # fmt: skip
def test_a_column_that_ranks_the_outcome_alone_is_named(column, found) -> None:
    alarms = columns_that_know_too_much(data(planted=column, honest=RNG.normal(size=len(Y))))
    assert names(alarms) == (["planted"] if found else [])
    assert all(alarm.detector == SINGLE_COLUMN and "ROC AUC" in alarm.words for alarm in alarms)


def test_the_level_is_the_area_that_scikit_learn_gives() -> None:
    from sklearn.metrics import roc_auc_score

    column = Y + np.linspace(-0.9, 0.9, len(Y))
    area = roc_auc_score(Y, column)
    assert 0.5 < area < HIGHEST_AUC
    assert columns_that_know_too_much(data(column=column), highest=area) == ()
    assert names(columns_that_know_too_much(data(column=column), highest=area - 1e-9)) == ["column"]


def test_too_few_pupils_of_an_outcome_cannot_be_judged() -> None:
    few = np.zeros(400, dtype="int64")
    few[: FEWEST_OF_EACH - 1] = 1
    assert not can_be_judged(few)
    assert not can_be_judged(1 - few)
    assert columns_that_know_too_much(data(few, copy=few.astype("float64"))) == ()
    few[FEWEST_OF_EACH - 1] = 1
    assert can_be_judged(few)
    assert names(columns_that_know_too_much(data(few, copy=few.astype("float64")))) == ["copy"]


def attendance(histories: dict[str, list[tuple[str, int, str, str, int]]]) -> dict[str, pd.DataFrame]:
    """An attendance table from pupils' lists of school, year, term, code and sessions."""
    types = {Type.TEXT: "string", Type.BOOLEAN: "boolean"}
    columns = CANONICAL_TABLES["attendance"].columns
    rows = [(pupil, *row, 100, None) for pupil, history in histories.items() for row in history]
    frame = pd.DataFrame(rows, columns=[c.name for c in columns])
    typed = frame.astype({c.name: types.get(c.type, "Int64") for c in columns})
    return {"attendance": typed, "pupils": typed[["pupil_id"]]}


def history(school: str = "s1", year: int = 2024, more: int = 0) -> list[tuple[str, int, str, str, int]]:
    codes = [("autumn", "O"), ("autumn", "I"), ("autumn", "L"), ("spring", "I"), ("spring", "U")]
    return [(school, year, term, code, place + 1 + more) for place, (term, code) in enumerate(codes)]


def test_one_history_in_two_years_of_one_school_under_two_ids_is_found() -> None:
    both = history() + history(year=2023, more=3)
    (alarm,) = histories_under_two_ids(attendance({"a": both, "b": both, "c": history(more=1)}), 200)
    assert alarm.words.startswith("1 pairs of pupil ids")
    assert histories_under_two_ids(attendance({"a": both, "b": both}), 99) == ()


WHOLE = history() + history(year=2023, more=3)
PRESENT = [
    ("s1", 2024, term, code, 150)
    for term in ("autumn", "spring", "summer_1")
    for code in ("/", "\\", "V", "B")
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WHOLE, history()),
        (WHOLE, history("s2") + history("s2", 2023, 3)),
        (WHOLE, history(year=2022) + history(year=2023, more=3)),
        (WHOLE, history() + history(year=2023, more=4)),
        (PRESENT, PRESENT),
    ],
    ids=["one year of few counts", "another school", "another year", "other counts", "presence alone"],
)
def test_histories_that_differ_or_say_little_are_let_pass(one, other) -> None:
    assert histories_under_two_ids(attendance({"a": one, "b": other}), 200) == ()
