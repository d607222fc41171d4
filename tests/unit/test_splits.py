"""Past years train, a later year tests."""

from __future__ import annotations

import inspect
import random

import numpy as np
import pandas as pd
import pytest

from absence_risk import splits
from absence_risk.dataset import Dataset
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.errors import InputError, UsageError
from absence_risk.splits import Split, require_both_outcomes, rolling_origin, temporal_split

YEARS = [AcademicYear(year) for year in (2021, 2022, 2023, 2024)]


def rows(outcomes: dict[int, list[int]]) -> Dataset:
    years = np.array([year for year, met in outcomes.items() for _ in met])
    y = np.array([value for met in outcomes.values() for value in met])
    names = np.array([f"p{i}" for i in range(len(y))], dtype=object)
    return Dataset(pd.DataFrame({"x": np.arange(len(y), dtype=float)}), y, names, names, years, ())


def test_the_last_year_tests_the_one_before_calibrates_the_earlier_ones_train() -> None:
    expected = Split(tuple(YEARS[:2]), YEARS[2], YEARS[3])
    for seed in range(5):
        assert temporal_split(random.Random(seed).sample(YEARS, 4)) == expected


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_years_are_refused_with_what_is_missing(n) -> None:
    with pytest.raises(UsageError, match=f"at least 3 feature years.*found {n}.*{3 - n} more needed"):
        temporal_split(YEARS[:n])


def test_a_year_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="once only"):
        temporal_split([*YEARS, YEARS[0]])


def test_no_split_can_be_asked_for_by_chance() -> None:
    words = {name for f in (temporal_split, rolling_origin) for name in inspect.signature(f).parameters}
    assert not words & {"shuffle", "random_state", "seed", "test_size", "fraction"}
    assert "random" not in inspect.getsource(splits).replace("A random split cannot", "")


def test_every_later_year_tests_once_on_the_years_before_it() -> None:
    years = [AcademicYear(year) for year in (2024, 2017, 2022, 2016, 2023)]
    found = [
        ([str(y) for y in s.train_years], str(s.calibration_year), str(s.test_year))
        for s in rolling_origin(years)
    ]
    assert found == [
        (["2016/17"], "2017/18", "2022/23"),
        (["2016/17", "2017/18"], "2022/23", "2023/24"),
        (["2016/17", "2017/18", "2022/23"], "2023/24", "2024/25"),
    ]


def test_the_last_of_the_rolling_tests_is_the_split_that_training_uses() -> None:
    assert rolling_origin(YEARS)[-1] == temporal_split(YEARS)
    with pytest.raises(UsageError, match="at least 3 feature years"):
        rolling_origin(YEARS[:2])


@pytest.mark.parametrize(("met", "count"), [([0, 0], 0), ([1, 1], 2), ([], 0)])
def test_a_year_of_one_kind_only_is_refused_by_name(met, count) -> None:
    data = rows({2021: [0, 1], 2022: met, 2023: [1, 0], 2024: [0, 1]})
    with pytest.raises(InputError, match=f"2022/23.*found {count} who did among {len(met)}"):
        require_both_outcomes(data, YEARS)


def test_years_in_which_some_met_the_outcome_and_some_did_not_are_taken() -> None:
    data = rows({2021: [0, 1], 2022: [1, 0], 2023: [1, 0], 2024: [0, 1]})
    require_both_outcomes(data, YEARS)
    with pytest.raises(InputError, match=r"2025/26.*found 0 who did among 0"):
        require_both_outcomes(data, [*YEARS, AcademicYear(2025)])


def test_a_split_names_each_of_its_years_once_and_in_order() -> None:
    assert list(temporal_split(list(reversed(YEARS))).years) == YEARS
