import pytest

from absence_risk.evaluation.intervals import Uplift
from absence_risk.reports.comparison import Comparison, Contender


def contender(name: str, right: float, *, rule: bool) -> Contender:
    measures: dict[str, float | None] = {
        "capacity": 10,
        "found_at_capacity": right,
        "precision_at_capacity": right / 10,
        "recall_at_capacity": 0.5,
        "average_precision": 0.25,
        "roc_auc": 0.75,
        "calibration_intercept": None if rule else 0.1,
        "calibration_slope": None if rule else 0.9,
    }
    return Contender(name, f"the {name}", rule, measures)


@pytest.mark.parametrize(("model", "rule", "rule_wins"), [(7, 6, False), (6, 6, True), (5, 6, True)])
def test_a_rule_that_does_at_least_as_well_wins_and_the_verdict_says_so_first(
    model: float, rule: float, rule_wins: bool
) -> None:
    comparison = Comparison(
        (
            contender("trees", model, rule=False),
            contender("rate", rule, rule=True),
            contender("school", 1, rule=True),
        )
    )
    assert comparison.best_rule.name == "rate"
    assert comparison.best_rule_wins is rule_wins
    assert comparison.verdict().startswith("The simple rule wins") is rule_wins


def test_the_table_shows_a_dash_where_a_rule_states_no_probability() -> None:
    comparison = Comparison((contender("trees", 7, rule=False), contender("rate", 6, rule=True)))
    head, trees, rate = comparison.in_words().splitlines()
    assert "right of 10" in head
    assert trees.split()[-2:] == ["+0.10", "0.90"] and rate.split()[-2:] == ["-", "-"]
    assert list(comparison.table()["rule"]) == [False, True]


@pytest.mark.parametrize(("low", "words"), [(1.0, "is clear"), (-1.0, "may be chance")])
def test_a_difference_is_called_clear_only_if_its_whole_interval_lies_above_nought(
    low: float, words: str
) -> None:
    gap = Uplift(10, 7.0, 6.0, 1.0, low, 3.0, 0.95, 5, 100)
    comparison = Comparison((contender("trees", 7, rule=False), contender("rate", 6, rule=True)), gap)
    assert words in comparison.verdict()
    assert "too few schools" in Comparison(comparison.contenders).verdict()
