"""The list by group on a drawn table, and beside fairlearn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from absence_risk.evaluation.draws import SchoolDraws, draw_schools
from absence_risk.evaluation.groups import ENOUGH, TOO_FEW, group_measures, pairs_of
from absence_risk.evaluation.ranking import listed_share

#     met  prob  group  school
DRAWN = [
    (1, 0.9, "A", "s"),
    (0, 0.6, "A", "t"),
    (1, 0.5, "B", "s"),
    (0, 0.5, "B", "t"),
    (1, 0.2, None, "s"),
    (0, 0.1, "A", "t"),
]  # fmt: skip
MET, PROB, GROUP, SCHOOL = ([row[i] for row in DRAWN] for i in range(4))
DRAWS = draw_schools(SCHOOL, rounds=20)


def _table(k: int) -> dict[str, dict[str, Any]]:
    table = group_measures(MET, PROB, {"sort": GROUP}, k=k, draws=DRAWS, fewest_listed=1)
    return {str(row["group"]): row for row in table.to_dict("records")}


def _made(n: int = 3000) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], SchoolDraws]:
    rng = np.random.default_rng(0)
    prob, school = rng.beta(1, 6, n), rng.integers(0, 25, n)
    groups = {"sex": rng.choice(["F", "M"], n), "band": rng.choice(["x", "y", "z", None], n)}
    y = (rng.random(n) < np.where(groups["sex"] == "F", 1.2, 0.8) * prob).astype(int)
    return y, prob, groups, draw_schools(school, rounds=80)


def test_each_group_is_counted_and_missing_is_a_group_of_its_own() -> None:
    found = _table(3)
    assert list(found) == ["overall", "A", "B", "not recorded"]
    assert [found[name]["n"] for name in found] == [6, 3, 2, 1]
    assert found["overall"]["attribute"] == "overall" and found["A"]["attribute"] == "sort"


def test_places_among_equals_are_shared() -> None:
    found = _table(3)  # the third place is shared by two pupils of B
    assert found["B"]["listed"] == 1.0 and found["B"]["precision"] == 0.5 and found["B"]["miss_rate"] == 0.5
    assert found["A"]["listed"] == 2.0 and found["A"]["listed_wrongly"] == 1.0
    assert found["overall"]["listed"] == 3.0 and found["overall"]["missed"] == 1.5


def test_nobody_listed_has_no_precision_and_all_missed() -> None:
    found = _table(3)["not recorded"]
    assert math.isnan(found["precision"]) and found["miss_rate"] == 1.0 and found["selection_rate"] == 0.0
    assert math.isnan(found["false_listing_rate"])  # nobody in it did not meet the outcome


def test_the_calibration_gap_is_observed_less_stated() -> None:
    assert _table(3)["A"]["calibration_gap"] == pytest.approx(1 / 3 - 1.6 / 3)


def test_a_gap_is_the_group_less_everyone_else() -> None:
    found = _table(3)
    assert found["B"]["selection_rate_gap"] == pytest.approx(1 / 2 - 2 / 4)
    assert found["B"]["miss_rate_gap"] == pytest.approx(1 / 2 - 1 / 2)
    assert found["A"]["precision_gap"] == pytest.approx(1 / 2 - 1 / 2)
    assert found["A"]["calibration_gap_gap"] == pytest.approx((1 - 1.6) / 3 - (2 - 1.2) / 3)
    assert all(math.isnan(found["overall"][f"{rate}_gap"]) for rate in ("selection_rate", "miss_rate"))


def test_groups_add_up_to_the_whole() -> None:
    y, prob, groups, draws = _made()
    table = group_measures(y, prob, groups, k=300, draws=draws)
    for attribute in groups:
        part = table[table["attribute"] == attribute]
        for column in ("n", "events", "listed", "found", "missed", "listed_wrongly", "non_events"):
            assert part[column].sum() == pytest.approx(table[column][0])


def test_every_rate_of_every_group_is_that_of_fairlearn() -> None:
    from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate
    from sklearn.metrics import precision_score, recall_score

    y, prob, groups, draws = _made()
    listed = listed_share(prob, 300)
    metrics = {
        "n": count,
        "selection_rate": selection_rate,
        "precision": precision_score,
        "recall": recall_score,
        "false_listing_rate": false_positive_rate,
    }
    table = group_measures(y, prob, groups | pairs_of(groups), k=300, draws=draws)
    named = {
        name: ["not recorded" if v is None else v for v in values]
        for name, values in (groups | pairs_of(groups)).items()
    }
    for attribute, values in named.items():
        frame = MetricFrame(metrics=metrics, y_true=y, y_pred=listed, sensitive_features=values)
        rows = table[table["attribute"] == attribute].set_index("group")
        assert set(rows.index) == set(frame.by_group.index)
        for name in ("n", "selection_rate", "precision", "false_listing_rate"):
            expected = frame.by_group[name].loc[rows.index].to_numpy(dtype=float)
            assert rows[name].to_numpy(dtype=float) == pytest.approx(expected)
        assert 1 - rows["miss_rate"].to_numpy() == pytest.approx(
            frame.by_group["recall"].loc[rows.index].to_numpy(dtype=float)
        )


def test_the_interval_of_a_gap_is_that_of_rows_really_copied() -> None:
    y, prob, groups, _ = _made()
    draws = draw_schools(np.repeat(np.arange(30), 100), rounds=40)  # one size: a list of k in every draw
    by_hand = []
    for counts in draws.counts.astype(int):
        times = counts[draws.places]
        labels, probs, female = (np.repeat(v, times) for v in (y, prob, groups["sex"] == "F"))
        missed = 1 - listed_share(probs, 300)
        rates = [missed[part & (labels == 1)].mean() for part in (female, ~female)]
        by_hand.append(rates[0] - rates[1])
    table = group_measures(y, prob, groups, k=300, draws=draws)
    row = table[table["group"] == "F"].iloc[0]
    expected = tuple(np.quantile(by_hand, (0.025, 0.975)))
    assert (row["miss_rate_gap_low"], row["miss_rate_gap_high"]) == pytest.approx(expected)


def test_two_groups_mirror_each_other() -> None:
    y, prob, groups, draws = _made()
    table = group_measures(y, prob, groups, k=300, draws=draws).set_index("group")
    assert table.loc["F", "miss_rate_gap"] == pytest.approx(-table.loc["M", "miss_rate_gap"])
    assert table.loc["F", "miss_rate_gap_low"] == pytest.approx(-table.loc["M", "miss_rate_gap_high"])
    assert table.loc["F", "calibration_gap_gap_low"] > 0  # the truth of F lies above what is stated


def test_a_group_of_everyone_has_nobody_to_differ_from() -> None:
    y, prob, _, draws = _made()
    row = group_measures(y, prob, {"all": ["g"] * len(y)}, k=333, draws=draws).iloc[1]
    assert math.isnan(row["selection_rate_gap"]) and math.isnan(row["precision_gap_low"])
    assert row["selection_rate"] == pytest.approx(333 / len(y))


def test_a_group_with_few_pupils_or_events_is_too_few_to_say() -> None:
    assert _table(3)["B"]["state"] == TOO_FEW
    draws = draw_schools(["s", "t"] * 20, rounds=5)
    y = np.array([1] * 20 + [0] * 20)
    for met, expected in ((y, ENOUGH), (np.append(0, y[1:]), TOO_FEW)):
        table = group_measures(met, np.linspace(0.9, 0.1, 40), {"g": ["g"] * 40}, k=15, draws=draws)
        assert table["state"].tolist() == [expected, expected]
    few = group_measures(
        y, np.linspace(0.9, 0.1, 40), {"g": [*"a" * 19, *"b" * 21]}, k=5, draws=draws, fewest_events=1
    )
    assert few["state"].tolist() == [ENOUGH, TOO_FEW, ENOUGH]


def test_few_listed_pupils_have_no_precision_and_no_gap_of_it_on_either_side() -> None:
    y, prob, _, draws = _made()
    group = np.where(prob > np.sort(prob)[-10], "top", "rest")  # nine pupils at the top
    table = group_measures(y, prob, {"g": group}, k=100, draws=draws).set_index("group")
    assert math.isnan(table.loc["top", "precision"]) and math.isnan(table.loc["top", "precision_high"])
    assert table.loc["rest", "precision"] > 0 and math.isnan(table.loc["rest", "precision_gap"])
    assert table.loc["top", "selection_rate"] == 1.0


def test_pairs_cross_every_two_attributes_and_keep_what_is_missing() -> None:
    pairs = pairs_of({"sex": ["F", "M"], "free_school_meals": ["eligible", None], "sen": ["no", "no"]})
    assert list(pairs) == ["sex and free school meals", "sex and sen", "free school meals and sen"]
    assert pairs["sex and free school meals"].tolist() == ["F, eligible", "M, not recorded"]


@pytest.mark.parametrize(
    ("group", "k", "words"),
    [(GROUP[:-1], 3, "one group per pupil"), (GROUP, 0, "k must lie"), (GROUP, 7, "k must lie")],
)
def test_arrays_that_do_not_fit_are_refused(group: list[str], k: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        group_measures(MET, PROB, {"sort": group}, k=k, draws=DRAWS)
