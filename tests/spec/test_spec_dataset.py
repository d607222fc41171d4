"""Where features meet outcomes: every pupil seen is used, or has one reason for not being."""

from __future__ import annotations

import made_up
import numpy as np
import pytest
from drawn import authority, on_engine

from absence_risk.cohort import REASONS
from absence_risk.dataset import build_dataset, usable_years
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import InputError, UsageError
from absence_risk.features.catalogue import FEATURES
from absence_risk.labels import UNKNOWN_REASONS
from absence_risk.splits import split_dataset, temporal_split

AUTHORITY = made_up.authority(pupils=120, seed=4)
OUTCOME = OUTCOMES["unauthorised"]
YEARS = [AcademicYear(year) for year in (2022, 2023, 2024)]


@pytest.fixture(scope="module")
def dataset():
    return build_dataset(AUTHORITY, YEARS, OUTCOME, with_audit=True)


def test_usable_years_have_their_own_attendance_and_a_complete_outcome() -> None:
    found = usable_years(AUTHORITY)
    assert list(found.years) == YEARS
    assert "spring census 2022" in found.left_out[AcademicYear(2021)]
    assert "2026/27 is not complete" in found.left_out[AcademicYear(2025)]


def test_a_pair_that_touches_the_pandemic_is_left_out_with_the_reason() -> None:
    censuses = [
        f"school_census | {y} | {t}" for y in range(2018, 2024) for t in ("autumn", "spring", "summer")
    ]
    found = usable_years(authority(returns="\n".join(["kind | year | term", *censuses])))
    assert found.years == (AcademicYear(2017), AcademicYear(2021))
    for start in (2018, 2019, 2020):
        assert "2019/20 or 2020/21" in found.left_out[AcademicYear(start)]


def test_a_census_that_came_too_late_leaves_its_year_out() -> None:
    late = AUTHORITY["returns"].copy()
    autumn = (late["term"] == "autumn") & (late["year"] == 2024)
    late.loc[autumn, "known_from"] += 60
    found = usable_years(AUTHORITY | {"returns": late})
    assert "was not known on the as-of date" in found.left_out[AcademicYear(2023)]


def test_an_empty_store_has_no_usable_year() -> None:
    assert usable_years(authority(returns="")).years == ()


def test_rows_of_x_y_and_keys_stand_together_in_a_fixed_order(dataset) -> None:
    assert list(dataset.X.columns) == [feature.name for feature in FEATURES]
    assert (dataset.X.dtypes == "float64").all()
    n = len(dataset)
    assert (
        n
        == len(dataset.X)
        == len(dataset.y)
        == len(dataset.pupil_id)
        == len(dataset.school_id)
        == len(dataset.audit)
    )
    assert set(np.unique(dataset.y)) == {0, 1}
    keys = list(zip(dataset.academic_year.tolist(), dataset.pupil_id.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert dataset.X.index.tolist() == list(range(n))


def test_every_pupil_seen_is_used_or_has_one_reason(dataset) -> None:
    for step in dataset.flow:
        out, unknown = sum(step[r] for r in REASONS), sum(step[r] for r in UNKNOWN_REASONS)
        assert step["seen"] == out + step["eligible"]
        assert step["eligible"] == unknown + step["used"]
        rows = dataset.academic_year == step["academic_year"]
        assert (rows.sum(), dataset.y[rows].sum()) == (step["used"], step["outcome_met"])
    assert [step["academic_year"] for step in dataset.flow] == [2022, 2023, 2024]


def test_a_withdrawn_pupil_is_in_no_row_and_is_counted(dataset) -> None:
    gone = str(dataset.pupil_id[0])
    without = build_dataset(AUTHORITY, YEARS[:1], OUTCOME, withdrawn=[gone])
    assert gone not in without.pupil_id
    assert without.flow[0]["withdrawn"] == 1


def test_the_store_gives_the_rows_that_pandas_gives(dataset) -> None:
    found = build_dataset(on_engine(AUTHORITY, "duckdb"), YEARS[-1:], OUTCOME)
    same = dataset.in_years(YEARS[-1:])
    assert found.X.equals(same.X)
    np.testing.assert_array_equal(found.y, same.y)
    assert found.pupil_id.tolist() == same.pupil_id.tolist()
    assert found.flow == same.flow


def test_parts_of_a_split_share_no_year_and_keep_their_rows(dataset) -> None:
    train, calibration, test = split_dataset(dataset, temporal_split(YEARS))
    assert [set(part.academic_year.tolist()) for part in (train, calibration, test)] == [
        {2022},
        {2023},
        {2024},
    ]
    assert len(train) + len(calibration) + len(test) == len(dataset)
    assert train.X.equals(dataset.X.iloc[: len(train)])


@pytest.mark.parametrize("years", [[], [AcademicYear(2023), AcademicYear(2023)]])
def test_years_are_named_once_each(years) -> None:
    with pytest.raises(UsageError, match="each named once"):
        build_dataset(AUTHORITY, years, OUTCOME)


def test_an_as_of_day_before_the_autumn_term_is_refused() -> None:
    with pytest.raises(UsageError, match="between 1 September and 31 December"):
        build_dataset(AUTHORITY, YEARS, OUTCOME, as_of_month=7, as_of_day=31)


def test_a_year_without_any_known_outcome_is_refused() -> None:
    with pytest.raises(InputError, match="no pupil has a known outcome"):
        build_dataset(AUTHORITY, [AcademicYear(2025)], OUTCOME)
