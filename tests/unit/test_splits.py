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
from absence_risk.splits import Split, split_dataset, temporal_split

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
    words = {name for f in (temporal_split, split_dataset) for name in inspect.signature(f).parameters}
    assert not words & {"shuffle", "random_state", "seed", "test_size", "fraction"}
    assert "random" not in inspect.getsource(splits).replace("A random split cannot", "")


def test_each_row_goes_to_the_part_of_its_year() -> None:
    data = rows({2024: [1, 0], 2021: [0, 1, 0], 2023: [1, 0], 2022: [0, 1]})
    train, calibration, test = split_dataset(data, temporal_split(YEARS))
    assert [part.academic_year.tolist() for part in (train, calibration, test)] == [
        [2021] * 3 + [2022] * 2,
        [2023] * 2,
        [2024] * 2,
    ]
    assert test.pupil_id.tolist() == ["p0", "p1"]
    assert test.X["x"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("met", "count"), [([0, 0], 0), ([1, 1], 2), ([], 0)])
def test_a_year_of_one_kind_only_is_refused_by_name(met, count) -> None:
    data = rows({2021: [0, 1], 2022: met, 2023: [1, 0], 2024: [0, 1]})
    with pytest.raises(InputError, match=f"2022/23.*found {count} who did among {len(met)}"):
        split_dataset(data, temporal_split(YEARS))
