"""A list drawn from pupils not yet persistently absent is judged on those pupils alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from absence_risk.evidence.one_year import measure_contest
from absence_risk.evidence.rivals import Contest, Rival

N, PLACES = 600, 40


def contest(persistent: Any, seed: int = 3) -> Contest:
    rng = np.random.default_rng(seed)
    risk = rng.random(N)
    y = (rng.random(N) < risk / 2).astype(np.int64)
    school = np.asarray([f"s{i % 20:02d}" for i in range(N)], dtype=object)
    everyone = np.asarray(["all"] * N, dtype=object)
    rule = Rival("by_lot", "by lot", "rule", rng.random(N))
    return Contest(
        "2024/25", y, school, (Rival("boosting", "boosted trees", "model", risk, candidate=True), rule),
        np.asarray(persistent, dtype=np.float64), np.zeros(N), {"sex": everyone}, {"seen": everyone}, {"all": everyone},
    )  # fmt: skip


def rows_of(judged: Contest) -> list[dict[str, Any]]:
    return measure_contest(judged, capacity=PLACES, rounds=40, seed=1).rows["onset_list"]


def test_the_first_places_go_to_pupils_not_yet_persistently_absent_and_only_they_count() -> None:
    persistent = np.where(np.arange(N) % 3 == 0, 1.0, 0.0)
    persistent[1] = np.nan  # not known: on no such list
    judged = contest(persistent)
    among = np.flatnonzero(persistent == 0)
    for row, rival in zip(rows_of(judged), judged.rivals, strict=True):
        first = among[np.argsort(-rival.score[among])][:PLACES]
        assert (row["k"], row["n"], row["events"]) == (PLACES, len(among), judged.y[among].sum())
        assert row["found"] == judged.y[first].sum()
        assert row["precision"] == pytest.approx(judged.y[first].mean())
        assert row["recall"] == pytest.approx(judged.y[first].sum() / judged.y[among].sum())
        assert row["precision_low"] <= row["precision"] <= row["precision_high"]


def test_where_all_are_persistently_absent_or_nothing_is_known_no_such_list_is_judged() -> None:
    assert rows_of(contest(np.ones(N))) == []
    assert rows_of(contest(np.full(N, np.nan))) == []


def test_a_cohort_smaller_than_the_places_is_listed_whole() -> None:
    persistent = np.ones(N)
    persistent[:30] = 0
    assert {row["k"] for row in rows_of(contest(persistent))} == {30}
