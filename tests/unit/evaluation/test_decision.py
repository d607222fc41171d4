"""Net benefit on a drawn table and beside sums on rows really copied."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.evaluation.decision import net_benefit, net_benefit_of_list
from absence_risk.evaluation.draws import draw_schools

#     met  prob  school
DRAWN = [
    (1, 0.9, "a"),
    (0, 0.5, "a"),
    (1, 0.5, "b"),
    (0, 0.2, "b"),
    (0, 0.1, "b"),
]  # fmt: skip
MET, PROB, SCHOOL = ([row[i] for row in DRAWN] for i in range(3))
DRAWS = draw_schools(SCHOOL, rounds=200)


def _of(policy: str, *thresholds: float) -> list[float]:
    table = net_benefit(MET, PROB, thresholds, DRAWS)
    return table.loc[table["policy"] == policy, "net_benefit"].tolist()


def test_right_offers_count_and_wrong_ones_are_weighed_by_the_threshold() -> None:
    # At 0.5 three are listed (one wrongly, weighed 1); at 0.2 four (two wrongly, weighed a quarter).
    assert _of("listed", 0.5, 0.2, 0.9) == pytest.approx([(2 - 1) / 5, (2 - 2 / 4) / 5, 1 / 5])


def test_everyone_and_no_one_stand_beside_the_list() -> None:
    assert _of("everyone", 0.5, 0.2) == pytest.approx([(2 - 3) / 5, (2 - 3 / 4) / 5])
    assert _of("no one", 0.5, 0.2) == [0.0, 0.0]
    assert _of("listed", 0.05) == pytest.approx(_of("everyone", 0.05))


def test_a_threshold_nobody_reaches_lists_no_one() -> None:
    assert _of("listed", 0.95) == [0.0]


def test_thresholds_stay_in_the_order_given_and_may_repeat() -> None:
    assert _of("listed", 0.9, 0.2, 0.9) == [_of("listed", t)[0] for t in (0.9, 0.2, 0.9)]


def test_a_rule_without_probabilities_is_judged_by_its_first_k() -> None:
    table = net_benefit_of_list(MET, [9, 3, 3, 1, 0], 2, [0.5, 0.2], DRAWS)
    # One for sure and half a place each for two, of whom one met the outcome: 1.5 right, 0.5 wrong.
    assert table["net_benefit"].tolist() == pytest.approx([(1.5 - 0.5) / 5, (1.5 - 0.5 / 4) / 5])
    assert table["policy"].tolist() == ["listed", "listed"]


def test_a_list_as_long_as_all_pupils_is_everyone() -> None:
    table = net_benefit(MET, PROB, [0.3], DRAWS)
    listed = net_benefit_of_list(MET, PROB, 5, [0.3], DRAWS)
    everyone = table[table["policy"] == "everyone"]
    for column in ("net_benefit", "net_benefit_low", "net_benefit_high"):
        assert listed[column].tolist() == pytest.approx(everyone[column].tolist())


def test_the_interval_is_that_of_rows_really_copied() -> None:
    rng = np.random.default_rng(0)
    prob, school = rng.random(300), rng.integers(0, 8, 300)
    y, draws = (rng.random(300) < prob).astype(int), draw_schools(school, rounds=60)
    by_hand = []
    for counts in draws.counts.astype(int):
        labels, probs = np.repeat(y, counts[draws.places]), np.repeat(prob, counts[draws.places])
        at = probs >= 0.4
        by_hand.append((labels[at].sum() - (1 - labels[at]).sum() * 0.4 / 0.6) / labels.size)
    row = net_benefit(y, prob, [0.4], draws).iloc[0]
    assert (row["net_benefit_low"], row["net_benefit_high"]) == pytest.approx(
        tuple(np.quantile(by_hand, (0.025, 0.975)))
    )


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 20.0, float("nan")])
def test_a_threshold_that_is_no_probability_between_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="above 0 and below 1"):
        net_benefit(MET, PROB, [threshold], DRAWS)
