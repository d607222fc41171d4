"""Where features meet outcomes: every pupil seen is used, or has one reason for not being."""

from __future__ import annotations

from datetime import date

import made_up
import numpy as np
import pandas as pd
import pytest
from drawn import authority, on_engine

from absence_risk.cohort import REASONS
from absence_risk.dataset import Dataset, build_dataset, gather_years, usable_years
from absence_risk.dataset.audit_groups import AUDIT_COLUMNS
from absence_risk.domain.academic_year import AcademicYear, day_number
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import InputError, UsageError
from absence_risk.features.catalogue import FEATURES
from absence_risk.labels import UNKNOWN_REASONS
from absence_risk.splits import temporal_split

AUTHORITY = made_up.authority(pupils=120, seed=4)
OUTCOME = OUTCOMES["unauthorised"]
YEARS = [AcademicYear(year) for year in (2022, 2023, 2024)]


@pytest.fixture(scope="module")
def gathered():
    return gather_years(AUTHORITY, YEARS, with_audit=True)


@pytest.fixture(scope="module")
def dataset(gathered):
    return gathered.with_outcomes(AUTHORITY, OUTCOME)


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


def test_an_excluded_pupil_is_in_no_row_and_is_counted(dataset) -> None:
    gone = str(dataset.pupil_id[0])
    without = build_dataset(AUTHORITY, YEARS[:1], OUTCOME, excluded=[gone])
    assert gone not in without.pupil_id
    assert without.flow[0]["excluded"] == 1


def test_the_store_gives_the_rows_that_pandas_gives(dataset) -> None:
    found = build_dataset(on_engine(AUTHORITY, "duckdb"), YEARS[-1:], OUTCOME)
    same = dataset.in_years(YEARS[-1:])
    assert found.X.equals(same.X)
    np.testing.assert_array_equal(found.y, same.y)
    assert found.pupil_id.tolist() == same.pupil_id.tolist()
    assert found.flow == same.flow


def test_parts_of_a_split_share_no_year_and_keep_their_rows(dataset) -> None:
    split = temporal_split(YEARS)
    parts = (split.train_years, [split.calibration_year], [split.test_year])
    train, calibration, test = map(dataset.in_years, parts)
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


def assert_same(found: Dataset, expected: Dataset) -> None:
    pd.testing.assert_frame_equal(found.X, expected.X, check_exact=True)
    for name in ("y", "pupil_id", "school_id", "academic_year"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.flow == expected.flow


def test_outcomes_as_known_on_a_day_are_those_of_the_data_of_that_day(gathered, dataset) -> None:
    day, years = date(2024, 12, 15), YEARS[:2]
    cut = made_up.cut_at(AUTHORITY, day_number(day))
    found = gathered.in_years(years).with_outcomes(AUTHORITY, OUTCOME, known_by=day)
    assert_same(found, build_dataset(cut, years, OUTCOME))
    # Later corrections do change these outcomes, or the law would say nothing.
    latest = dataset.in_years(years)
    assert found.flow != latest.flow
    assert len(found) != len(latest) or (found.y != latest.y).any()


def test_features_gathered_once_serve_any_outcome_and_day(gathered, dataset) -> None:
    assert_same(dataset.in_years(YEARS[:1]), build_dataset(AUTHORITY, YEARS[:1], OUTCOME))
    other = OUTCOMES["overall"]
    again = build_dataset(AUTHORITY, YEARS[2:], other, labels_known_by=date(2026, 10, 31))
    late = gathered.in_years(YEARS[2:]).with_outcomes(AUTHORITY, other, known_by=date(2026, 10, 31))
    assert_same(late, again)


def test_an_outcome_not_yet_known_takes_its_rows_out_and_counts_them(gathered) -> None:
    found = gathered.with_outcomes(AUTHORITY, OUTCOME, known_by=date(2024, 12, 15))
    assert set(found.academic_year.tolist()) == {2022}
    early = [step["census_missing"] == step["eligible"] for step in found.flow]
    assert early == [False, True, True]  # of 2023, the outcome year's spring census alone was known
    with pytest.raises(InputError, match="no pupil has a known outcome on 2024-12-15 in 2024/25"):
        gathered.in_years(YEARS[2:]).with_outcomes(AUTHORITY, OUTCOME, known_by=date(2024, 12, 15))


def test_a_year_that_was_not_gathered_is_refused(gathered) -> None:
    with pytest.raises(UsageError, match="at least one feature year that was gathered"):
        gathered.in_years([AcademicYear(2030)]).with_outcomes(AUTHORITY, OUTCOME)


def test_groups_for_audit_follow_their_rows_and_reach_no_feature(gathered, dataset) -> None:
    assert list(dataset.audit.columns) == list(AUDIT_COLUMNS)
    assert not set(AUDIT_COLUMNS[:3]) & set(dataset.X.columns)
    wanted = dict(
        zip(
            zip(gathered.academic_year, gathered.pupil_id, strict=True),
            gathered.audit["year_group"],
            strict=True,
        )
    )
    keys = zip(dataset.academic_year, dataset.pupil_id, strict=True)
    assert [wanted[key] for key in keys] == dataset.audit["year_group"].tolist()
    assert dataset.audit["year_group"].tolist() == [f"Year {int(v)}" for v in dataset.X["year_group"]]
    without = build_dataset(AUTHORITY, YEARS[:1], OUTCOME)
    assert without.audit is None
    pd.testing.assert_frame_equal(without.X, dataset.in_years(YEARS[:1]).X, check_exact=True)


def test_another_sex_ethnicity_or_sen_changes_no_feature(gathered) -> None:
    ids = sorted(set(AUTHORITY["pupils"]["pupil_id"]))
    told = pd.DataFrame({"pupil_id": ids, "sex": "F", "ethnicity": "BCRB", "known_from": 0})
    audit = AUTHORITY["audit"].iloc[:0].reindex(columns=AUTHORITY["audit"].columns)
    whole = pd.concat([audit, told.astype({"known_from": "Int64"})], ignore_index=True).astype(
        audit.dtypes.to_dict()
    )
    changed = AUTHORITY | {
        "audit": whole,
        "pupils": AUTHORITY["pupils"].assign(sen="E").astype({"sen": "string"}),
    }
    found = gather_years(changed, YEARS[:1], with_audit=True)
    first = gathered.in_years(YEARS[:1])
    assert set(found.audit["sex"]) == {"female"} != set(first.audit["sex"])
    assert set(found.audit["ethnicity"]) == {"Black"}
    assert set(found.audit["sen"]) == {"EHC plan"}
    pd.testing.assert_frame_equal(found.X, first.X, check_exact=True)
