"""Counts of parts add up to those of the whole; a share has moved only if chance cannot say so and it matters."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.models.drift_counts import DriftCounts, Share, moved, surprise
from absence_risk.models.met_in_training import ColumnMet, Training

TRAINING = Training(
    1000,
    (
        ColumnMet("illness_rate", 0.1, (0.0, 0.05), (0.2, 0.9), (1.0, 1.0, 1.0)),
        ColumnMet("fsm_now", 0.0, (0.0,), (0.7,), (1.0, 1.0)),
    ),
)
VALUES = st.lists(
    st.tuples(
        st.sampled_from([np.nan, 0.0, 0.02, 0.05, 0.4]), st.sampled_from([0.0, 1.0]), st.sampled_from("ab")
    ),
    max_size=12,
)


def _facts(rows: list[tuple[float, float, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["illness_rate", "fsm_now", "school_id"])


@given(VALUES, VALUES)
def test_counts_of_parts_add_up_and_survive_json(one: list, other: list) -> None:  # type: ignore[type-arg]
    first, second = (DriftCounts.of_facts(_facts(rows), TRAINING) for rows in (one, other))
    whole = DriftCounts.of_facts(_facts([*one, *other]), TRAINING)
    added = first + DriftCounts.of_plain(json.loads(json.dumps(second.plain())))
    assert added.plain() == whole.plain()
    assert whole.rows == len(one) + len(other)


def test_what_is_not_known_is_at_most_nothing() -> None:
    found = DriftCounts.of_facts(_facts([(np.nan, 0.0, "a"), (0.05, 1.0, "a"), (0.06, 1.0, "b")]), TRAINING)
    assert found.plain() == {"rows": 3, "missing": [1, 0], "at_most": [0, 1, 1], "schools": {"a": 2, "b": 1}}


def test_a_share_three_times_as_likely_has_moved_and_a_little_less_has_not() -> None:
    # Odds of a fifth are a quarter: three times that is three quarters, a share of 3/7.
    for share, has in ((0.44, True), (0.41, False)):
        assert bool(moved(Share(0.2, 20_000), Share(share, 20_000), 5.0)) is has


def test_the_same_change_among_few_pupils_or_in_whole_schools_may_be_chance() -> None:
    large = moved(Share(0.1, 5_000), Share(0.3, 5_000), 5.0)
    assert large > 0
    assert not moved(Share(0.1, 60), Share(0.3, 60), 5.0)
    assert not moved(Share(0.1, 5_000, 80.0), Share(0.3, 5_000, 80.0), 5.0)


def test_a_handful_that_training_had_none_of_may_be_chance() -> None:
    assert not moved(Share(0.0, 7_000), Share(0.003, 1_700), 3.0)
    assert moved(Share(0.0, 7_000), Share(0.03, 1_700), 3.0) > 0


def test_what_some_had_and_nobody_has_has_moved_down_if_enough_had_it() -> None:
    assert moved(Share(0.004, 40_000), Share(0.0, 11_000), 5.0) < 0
    assert not moved(Share(0.004, 400), Share(0.0, 400), 5.0)


def test_nothing_has_moved_where_there_is_nobody() -> None:
    assert moved(Share(0.4, 0), Share(0.0, 100), 5.0) == moved(Share(0.4, 100), Share(0.0, 0), 5.0) == 0.0


def test_the_more_is_compared_the_more_it_takes() -> None:
    assert 3.2 < surprise(1) < surprise(200) < surprise(20_000) < 7
