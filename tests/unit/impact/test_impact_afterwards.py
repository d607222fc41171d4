"""Days in 100 and the outcome, group by group, by hand; and what chance alone does to the top of a list."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from made_two_years import AFTER, BEFORE, LISTED, in_order, missed

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.impact.afterwards import afterwards_table, outcome_table, wilson
from absence_risk.impact.groups import NEXT_IN_LINE, NOT_OFFERED, OFFERED_ACCEPTED
from absence_risk.impact.tables import AFTERWARDS, OUTCOME, printed

GROUPS = {
    "a": OFFERED_ACCEPTED, "b": OFFERED_ACCEPTED, "c": OFFERED_ACCEPTED, "d": NOT_OFFERED, "e": NOT_OFFERED,
    "f": NEXT_IN_LINE, "g": NEXT_IN_LINE,
}  # fmt: skip


def drawn() -> pd.DataFrame:
    rows = [
        ("a", "followed", 40, 200, 10, 100),
        ("b", "followed", 20, 100, 20, 200),
        ("c", "left", 0, 0, 0, 0),
        ("d", "followed", 30, 200, 60, 200),
        ("e", "not_held", 0, 0, 0, 0),
        ("f", "followed", 9, 200, 11, 200),
        ("g", "followed", 11, 200, 9, 200),
    ]
    columns = ["pupil_id", "state", "counted_before", "possible_before", "counted_after", "possible_after"]
    return pd.DataFrame(rows, columns=columns).assign(school_id=["s1", "s2"] * 3 + ["s1"])


def test_sessions_are_summed_over_a_group_and_divided_once() -> None:
    table = afterwards_table(drawn(), GROUPS, "2024/25", fewest=1).set_index("group")
    days = table[["n", "followed", "left", "not_held", "before", "after", "change"]]
    assert days.loc[OFFERED_ACCEPTED].tolist() == [3, 2, 1, 0, 20.0, 10.0, -10.0]
    assert days.loc[NOT_OFFERED].tolist() == [2, 1, 0, 1, 15.0, 30.0, 15.0]
    assert days.loc["overall"].tolist() == [5, 3, 1, 1, 18.0, 18.0, 0.0]
    assert days.loc[NEXT_IN_LINE].tolist() == [2, 2, 0, 0, 5.0, 5.0, 0.0]


def test_a_pupil_who_left_changes_no_number_but_their_own_count() -> None:
    with_leaver = afterwards_table(drawn(), GROUPS, "2024/25", fewest=1).set_index("group")
    without = drawn()[lambda rows: rows["pupil_id"] != "c"].reset_index(drop=True)
    table = afterwards_table(without, GROUPS, "2024/25", fewest=1).set_index("group")
    for what in ("before", "after", "change"):
        assert table[what].tolist() == with_leaver[what].tolist()
    assert with_leaver.loc["overall", "left"] == 1 and table.loc["overall", "left"] == 0


def test_of_a_few_pupils_nothing_is_said() -> None:
    table = afterwards_table(drawn(), GROUPS, "2024/25")
    assert set(table["state"]) == {"too few to say"}
    assert table[["before", "after", "change", "change_low"]].isna().all(axis=None)


def test_the_groups_of_the_listed_add_up_to_all_listed() -> None:
    table = afterwards_table(drawn(), GROUPS, "2024/25", fewest=1)
    for what in ("n", "followed", "left", "not_held"):
        parts = table.loc[table["attribute"] == "help", what].sum()
        assert parts == table.loc[table["attribute"] == "overall", what].sum()


def test_the_outcome_counts_those_for_whom_it_is_known() -> None:
    labelled = pd.DataFrame({"pupil_id": list("abcdefg"), "school_id": "s1"})
    labelled["y"] = pd.array([1, 0, None, 1, 1, 0, 0], dtype="Int64")
    table = outcome_table(labelled, GROUPS, "2024/25", fewest=1).set_index("group")
    assert table.loc["overall", ["n", "events", "non_events", "met"]].tolist() == [4, 3, 1, 0.75]
    assert table.loc[NEXT_IN_LINE, ["n", "events", "non_events", "met"]].tolist() == [2, 0, 2, 0.0]
    assert table.loc["overall", ["met_low", "met_high"]].tolist() == list(wilson(3, 4))


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (38, 100, 0.2909, 0.4779)],
)
def test_the_interval_of_a_share_is_wilsons(events: int, n: int, low: float, high: float) -> None:
    # Checked against statsmodels' proportion_confint(method="wilson").
    assert wilson(events, n) == pytest.approx((low, high), abs=1e-4)


def _many(schools: int) -> tuple[pd.DataFrame, dict[str, str]]:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"pupil_id": [f"p{n:03d}" for n in range(200)]})
    frame["school_id"] = [f"s{n % schools}" for n in range(200)]
    shift = np.array([n % schools for n in range(200)]) * 2
    frame = frame.assign(state="followed", possible_before=200, possible_after=200)
    frame["counted_before"] = rng.integers(0, 40, 200) + shift
    frame["counted_after"] = rng.integers(0, 40, 200) + shift
    return frame, dict.fromkeys(frame["pupil_id"], NOT_OFFERED)


def test_whole_schools_are_drawn_where_there_are_enough() -> None:
    frame, groups = _many(20)
    by_school = afterwards_table(frame, groups, "2024/25").iloc[0]
    alone = afterwards_table(frame.assign(school_id=frame["pupil_id"]), groups, "2024/25").iloc[0]
    width = {
        name: row["before_high"] - row["before_low"] for name, row in (("by", by_school), ("one", alone))
    }
    # Schools differ here, so that drawing pupils one by one would promise too much.
    assert width["by"] > 1.5 * width["one"]
    assert by_school["before_low"] < by_school["before"] < by_school["before_high"]


def test_the_same_rows_give_the_same_intervals() -> None:
    frame, groups = _many(20)
    assert afterwards_table(frame, groups, "x").equals(afterwards_table(frame, groups, "x"))


def test_days_are_not_printed_for_a_group_whose_pupils_are_hidden() -> None:
    table = afterwards_table(drawn(), GROUPS, "2024/25", fewest=1)
    shown = printed(AFTERWARDS, table, DisclosurePolicy(suppress_below=3, round_to=1)).set_index("group")
    assert shown.loc[OFFERED_ACCEPTED, "followed"] == "c"
    assert math.isnan(shown.loc[OFFERED_ACCEPTED, "change"]) and math.isnan(
        shown.loc[OFFERED_ACCEPTED, "before_low"]
    )
    # Without the numbers in their row, the one that is hidden could be had by subtraction.
    hidden = (shown.loc["overall", ["n", "followed", "left", "not_held"]] == "c").sum()
    assert hidden != 1


def test_a_share_of_too_few_is_not_worked_out_again_from_printed_counts() -> None:
    pupils = [f"p{n}" for n in range(45)]
    groups = {one: NOT_OFFERED if n < 30 else NEXT_IN_LINE for n, one in enumerate(pupils)}
    labelled = pd.DataFrame({"pupil_id": pupils, "school_id": "s1"})
    labelled["y"] = pd.array([n % 2 for n in range(45)], dtype="Int64")
    shown = printed(OUTCOME, outcome_table(labelled, groups, "2024/25"), DisclosurePolicy(suppress_below=5))
    met = shown.set_index("group")["met"]
    assert met["overall"] == 0.5 and math.isnan(met[NEXT_IN_LINE])


def test_where_nobody_is_helped_the_top_of_a_list_falls_all_the_same() -> None:
    """Regression to the mean, over many made-up authorities: the listed fall, and the next in line fall less."""
    falls = []
    for seed in range(20):
        sessions = missed(np.random.default_rng(seed))
        order = in_order(sessions)
        change = (sessions[AFTER] - sessions[BEFORE]).sum(axis=1)
        falls.append((change[order[:LISTED]].mean(), change[order[LISTED : 2 * LISTED]].mean()))
    listed, beside = np.array(falls).mean(axis=0)
    assert listed < beside < 0
    assert listed < 2 * beside
