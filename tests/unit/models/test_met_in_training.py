"""What a bundle keeps of training: enough to compare with, rounded, and nothing of a single child."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from absence_risk.models.met_in_training import (
    ColumnMet,
    Training,
    YearMet,
    learn_training,
    rounded,
)

YEAR = YearMet("2024/25", 1300, 1000, 20, {"cin_census year": {"age": 214, "records": 90}})
SCHOOLS, ONE_YEAR = np.repeat(np.arange(20), 50), np.zeros(1000)


def _learnt(**columns: object) -> dict[str, ColumnMet]:
    found = learn_training(pd.DataFrame(columns), SCHOOLS, ONE_YEAR, [YEAR])
    return {met.name: met for met in found.columns}


def test_it_reads_back_to_the_same_from_json() -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        {"illness_rate": rng.beta(1, 20, 1000), "fsm_now": rng.integers(0, 2, 1000).astype(float)}
    )
    met = learn_training(X, SCHOOLS, ONE_YEAR, [YEAR])
    text = json.dumps(asdict(met))
    assert Training.of_plain(json.loads(text)) == met
    assert json.dumps(asdict(Training.of_plain(json.loads(text)))) == text


def test_a_single_child_leaves_no_trace() -> None:
    illness = np.full(1000, 0.02)
    illness[0], fsm = 0.9, np.zeros(1000)
    fsm[0] = 1.0
    missing = np.zeros(1000)
    missing[0] = np.nan
    odd = _learnt(illness_rate=illness, fsm_now=fsm, cin_spells=missing)
    plain = _learnt(illness_rate=np.full(1000, 0.02), fsm_now=np.zeros(1000), cin_spells=np.zeros(1000))
    # Design effects move with one child as little as they must: they say nothing that is one child's.
    for name, met in odd.items():
        assert (met.cuts, met.at_most, met.missing) == (
            plain[name].cuts,
            plain[name].at_most,
            plain[name].missing,
        )


def test_numbers_of_pupils_are_kept_to_the_nearest_ten() -> None:
    assert [rounded(n) for n in (0, 4, 6, 14, 16)] == [0, 0, 10, 10, 20]


def test_pupils_who_resemble_their_school_spread_a_share_and_others_do_not() -> None:
    by_school = (SCHOOLS % 2).astype(float)
    by_child = np.tile([0.0, 1.0], 500)
    found = _learnt(fsm_now=by_school, fsm_ever_six=by_child)
    # Whole schools of 50 pupils: 50 times the variance, and a little more for a few schools.
    assert found["fsm_now"].spread[1] == pytest.approx(50 * 20 / 19, abs=0.01)
    assert found["fsm_ever_six"].spread[1] == 1.0


def test_what_a_school_is_every_year_is_no_chance_and_what_it_is_in_one_year_is() -> None:
    years = np.tile([0, 1], 500)
    always, in_one_year = (SCHOOLS % 2).astype(float), ((SCHOOLS + years) % 2).astype(float)
    found = learn_training(
        pd.DataFrame({"fsm_now": always, "fsm_ever_six": in_one_year}), SCHOOLS, years, [YEAR]
    )
    now, ever = found.columns
    assert now.spread[1] == 1.0 and ever.spread[1] > 10


def test_what_few_have_is_cut_among_those_who_have_it() -> None:
    sessions = np.zeros(1000)
    sessions[:40] = np.arange(1, 41)
    met = _learnt(suspension_sessions_this_year=sessions)["suspension_sessions_this_year"]
    assert met.cuts == (0.0, 21.0) and met.at_most == (0.96, 0.98)


def test_possible_sessions_are_cut_far_from_where_the_calendar_moves_them() -> None:
    assert _learnt(sessions_possible=np.tile([376.0, 380.0, 384.0, 380.0], 250))[
        "sessions_possible"
    ].cuts == (
        285.0,
        475.0,
    )


def test_a_column_that_is_never_known_has_no_cuts() -> None:
    met = _learnt(fsm_now=np.full(1000, np.nan))["fsm_now"]
    assert (met.missing, met.cuts, met.at_most) == (1.0, (), ())


GOOD = ColumnMet("illness_rate", 0.1, (0.0, 0.1), (0.2, 0.9), (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "ethnicity"},
        {"missing": 1.2},
        {"at_most": (0.2,)},
        {"at_most": (0.9, 0.2)},
        {"at_most": (float("nan"), 0.9)},
        {"cuts": (0.1, 0.0)},
        {"cuts": (0.0, float("inf"))},
        {"spread": (1.0, 0.0, 1.0)},
    ],
    ids=str,
)
def test_a_column_that_was_not_learnt_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="column"):
        replace(GOOD, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"year": "2024"},
        {"seen": -1},
        {"schools": 1.5},
        {"returns": {"letters year": {"age": 1, "records": 1}}},
    ],
    ids=str,
)
def test_a_year_that_is_none_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(YEAR, **changed)
