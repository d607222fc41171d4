"""Laws that hold whatever the values: order, the future, one row per pupil, one answer on every engine."""

from __future__ import annotations

from datetime import date

import made_up
import numpy as np
import pandas as pd
import pytest
from drawn import AS_OF, on_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from absence_risk.cohort import select_cohort
from absence_risk.domain.academic_year import AcademicYear, day_number
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.features.build import build_features, collect_features
from absence_risk.features.catalogue import FEATURES
from absence_risk.labels import label_outcomes
from absence_risk.tables.frames import to_pandas

AUTHORITY = made_up.authority()
DAY = day_number(AS_OF)

some = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def built(tables, as_of: date = AS_OF) -> tuple[pd.DataFrame, pd.DataFrame]:
    pupils = select_cohort(tables, as_of).frame
    return pupils, collect_features(tables, pupils, as_of)


def assert_same(one: tuple[pd.DataFrame, ...], other: tuple[pd.DataFrame, ...]) -> None:
    for left, right in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.fixture(scope="module")
def whole() -> tuple[pd.DataFrame, pd.DataFrame]:
    return built(AUTHORITY)


def test_every_engine_gives_the_same_bytes(whole) -> None:
    assert_same(built(on_engine(AUTHORITY, "duckdb")), whole)


def test_one_plan_of_every_room_gives_what_the_rooms_give(engine, whole) -> None:
    pupils, features = whole
    lazy = to_pandas(build_features(on_engine(AUTHORITY, engine), pupils, AS_OF)).sort_values("pupil_id")
    assert list(lazy.columns) == list(features.columns)
    for feature in FEATURES:
        found = lazy[feature.name].to_numpy(dtype="float64", na_value=float("nan"))
        np.testing.assert_array_equal(found, features[feature.name].to_numpy())


def test_each_pupil_of_the_cohort_has_one_row_of_every_feature(whole) -> None:
    pupils, features = whole
    assert len(pupils) > 10
    assert features["pupil_id"].tolist() == pupils["pupil_id"].tolist() == sorted(set(pupils["pupil_id"]))
    assert list(features.columns) == ["pupil_id", *(feature.name for feature in FEATURES)]
    assert (features.drop(columns="pupil_id").dtypes == "float64").all()


def test_the_made_up_tables_reach_every_feature(whole) -> None:
    # Otherwise the laws below would hold of columns that are empty.
    _, features = whole
    varied = features.drop(columns="pupil_id").nunique()
    assert set(varied[varied < 2].index) <= {"permanent_exclusions", "la_funded_ap_current"}


@some
@given(seeds)
def test_shuffling_rows_changes_nothing(whole, seed) -> None:
    assert_same(built(made_up.shuffled(AUTHORITY, np.random.default_rng(seed))), whole)


def test_shuffling_rows_changes_nothing_on_the_stores_engine(whole) -> None:
    other = made_up.shuffled(AUTHORITY, np.random.default_rng(7))
    assert_same(built(on_engine(other, "duckdb")), whole)


@some
@given(seeds)
def test_nothing_known_after_the_as_of_date_reaches_a_feature(whole, seed) -> None:
    assert_same(built(made_up.poisoned_after(AUTHORITY, DAY, np.random.default_rng(seed))), whole)


def test_deleting_what_is_known_after_the_as_of_date_changes_no_feature(whole) -> None:
    later = {
        name: frame[frame["known_from"] <= DAY].reset_index(drop=True) for name, frame in AUTHORITY.items()
    }
    assert sum(map(len, later.values())) < sum(map(len, AUTHORITY.values()))
    assert_same(built(later), whole)


@some
@given(st.integers(2023, 2026), st.integers(0, 80))
def test_features_as_of_a_day_are_those_of_the_data_of_that_day(year, days_later) -> None:
    as_of = date.fromordinal(date(year, 10, 5).toordinal() + days_later)
    cut = made_up.cut_at(AUTHORITY, day_number(as_of))
    assert_same(built(AUTHORITY, as_of), built(cut, as_of))


def test_a_feature_does_change_with_what_is_known_before(whole) -> None:
    # The laws above could be kept by features that read nothing.
    spoiled = made_up.poisoned_after(AUTHORITY, day_number(date(2026, 1, 1)), np.random.default_rng(3))
    pupils, features = whole
    changed = collect_features(spoiled, pupils, AS_OF)
    differs = [f.name for f in FEATURES if not changed[f.name].equals(features[f.name])]
    assert len(differs) > 20


def test_labels_do_not_depend_on_the_order_of_rows_or_the_engine(whole) -> None:
    pupils, _ = whole
    year, outcome = AcademicYear(2024), OUTCOMES["unauthorised"]
    first = label_outcomes(AUTHORITY, pupils, outcome, year)
    other = made_up.shuffled(AUTHORITY, np.random.default_rng(5))
    pd.testing.assert_frame_equal(label_outcomes(other, pupils, outcome, year), first)
    pd.testing.assert_frame_equal(label_outcomes(on_engine(other, "duckdb"), pupils, outcome, year), first)
    assert first["y"].notna().sum() > 5
