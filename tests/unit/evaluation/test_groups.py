"""The list by group on a drawn table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from absence_risk.evaluation.groups import by_group

#     met  prob  group
DRAWN = [
    (1, 0.9, "A"),
    (0, 0.6, "A"),
    (1, 0.5, "B"),
    (0, 0.5, "B"),
    (1, 0.2, None),
    (0, 0.1, "A"),
]  # fmt: skip
MET, PROB, GROUP = ([row[i] for row in DRAWN] for i in range(3))


def _table(k: int) -> dict[str, dict[str, float]]:
    return {str(row["group"]): row for row in by_group(MET, PROB, GROUP, k=k).to_dict("records")}


def test_each_group_is_counted_and_missing_is_a_group_of_its_own() -> None:
    found = _table(3)
    assert list(found) == ["overall", "A", "B", "not recorded"]
    assert [found[name]["n"] for name in found] == [6, 3, 2, 1]
    assert found["overall"]["events"] == 3


def test_places_among_equals_are_shared() -> None:
    found = _table(3)  # the third place is shared by two pupils of B
    assert found["B"]["listed"] == 1.0 and found["B"]["precision"] == 0.5 and found["B"]["miss_rate"] == 0.5
    assert found["A"]["listed"] == 2.0 and found["A"]["miss_rate"] == 0.0
    assert found["overall"]["listed"] == 3.0


def test_nobody_listed_has_no_precision_and_all_missed() -> None:
    found = _table(3)["not recorded"]
    assert math.isnan(found["precision"]) and found["miss_rate"] == 1.0 and found["selection_rate"] == 0.0


def test_the_gap_is_observed_less_stated() -> None:
    assert _table(3)["A"]["calibration_gap"] == pytest.approx(1 / 3 - 1.6 / 3)


def test_groups_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(0)
    prob, group = rng.beta(1, 9, 800), rng.choice(["x", "y", "z"], 800)
    table = by_group((rng.random(800) < prob).astype(int), prob, group, k=100)
    for column in ("n", "events", "listed"):
        assert table[column][1:].sum() == pytest.approx(table[column][0])


def test_a_group_with_few_events_is_marked() -> None:
    assert not _table(3)["B"]["enough"]
    many = by_group([1] * 20 + [0] * 20, np.linspace(0.9, 0.1, 40), ["g"] * 40, k=5)
    assert many["enough"].tolist() == [True, True]


@pytest.mark.parametrize(("group", "k"), [(GROUP[:-1], 3), (GROUP, 0), (GROUP, 7)])
def test_arrays_that_do_not_fit_are_refused(group: list[str], k: int) -> None:
    with pytest.raises(ValueError, match="one group per pupil"):
        by_group(MET, PROB, group, k=k)
