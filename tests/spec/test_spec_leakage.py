"""Poison, plants and detectors on small made-up tables: sound code stays silent, every leak is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import made_up
import numpy as np
import pandas as pd
import pytest
from drawn import on_engine

from absence_risk.dataset import PupilYears, gather_years
from absence_risk.domain.academic_year import AcademicYear, day_number
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.features import sessions
from absence_risk.features.catalogue import FEATURES, Family
from absence_risk.leakage.alarm import POISONED_FUTURE, TWICE_IN_A_YEAR, TWO_IDS
from absence_risk.leakage.detectors import histories_under_two_ids, pupils_twice_in_a_year
from absence_risk.leakage.plants import (
    PLANTED_COLUMNS,
    duplicate_pupils,
    outcomes_of,
    with_planted_columns,
)
from absence_risk.leakage.poison import poison_after
from absence_risk.leakage.sealed import build_twice, changed_features, train_is_sealed
from absence_risk.splits import temporal_split
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import open_table, to_pandas

AUTHORITY = made_up.authority(pupils=120, seed=4)
OUTCOME = OUTCOMES["unauthorised"]
YEARS = [AcademicYear(year) for year in (2022, 2023, 2024)]
SPLIT = temporal_split(YEARS)
CUT_OFF = date(2025, 10, 31)
DAY = day_number(CUT_OFF)


def gather(tables) -> PupilYears:
    return gather_years(tables, YEARS)


def least_squares(train, calibrate) -> dict[str, bytes]:
    """A stand-in for training that reads every feature and every outcome of both parts."""
    parts = {}
    for name, part in (("the model", train), ("the calibration", calibrate)):
        X = np.nan_to_num(part.X.to_numpy(), nan=-1.0)
        parts[name] = np.linalg.lstsq(X, part.y.astype("float64"), rcond=None)[0].tobytes()
    return parts


def rows_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Rows as text in one order, whatever the engine's types."""
    return sorted(
        tuple("" if pd.isna(v) else v if isinstance(v, str) else str(int(v)) for v in row)
        for row in frame.itertuples(index=False)
    )


def held(tables, name: str) -> pd.DataFrame:
    return to_pandas(open_table(tables, name))


def _ends_known(frame: pd.DataFrame) -> pd.DataFrame:
    """An end that lies ahead is not known on the day, so it may change."""
    if "end_date" not in frame:
        return frame
    return frame.assign(end_date=frame["end_date"].where(frame["end_date"] <= DAY))


@pytest.fixture(scope="module")
def poisoned() -> dict[str, pd.DataFrame]:
    return poison_after(AUTHORITY, DAY, seed=1)


@pytest.fixture(scope="module")
def built():
    return build_twice(AUTHORITY, SPLIT, gather)


def test_poison_keeps_what_was_known_on_the_day_as_it_was_known(poisoned) -> None:
    for name, before in made_up.cut_at(AUTHORITY, DAY).items():
        after = made_up.cut_at({name: held(poisoned, name)}, DAY)[name]
        assert rows_of(_ends_known(after)) == rows_of(_ends_known(before)), name


def test_poison_leaves_no_value_of_a_later_row_alone_but_its_pupil(poisoned) -> None:
    for name in ("attendance", "attendance_terms", "pupils", "social_care", "fsm", "suspensions"):
        before, after = AUTHORITY[name], held(poisoned, name)
        before, after = before[before["known_from"] > DAY], after[after["known_from"] > DAY]
        assert 0.4 < len(after) / len(before) < 0.95  # some vanish, so that counting them shows too
        assert set(after["pupil_id"]) <= set(before["pupil_id"])
        kept = set(rows_of(after)) & set(rows_of(before))
        assert not kept, name
        for column in CANONICAL_TABLES[name].columns:
            if column.name != "pupil_id" and before[column.name].nunique() > 1:
                assert after[column.name].nunique() > 1, f"{name}.{column.name} is constant, not noise"


def test_poison_after_the_last_day_leaves_every_fact_that_stands(poisoned) -> None:
    later = day_number(date(2100, 1, 1))
    untouched = poison_after(AUTHORITY, later, seed=1)
    for name, frame in AUTHORITY.items():
        keep = [c for c in frame if c not in ("superseded_from", "end_date")]
        assert rows_of(held(untouched, name)[keep]) == rows_of(held(AUTHORITY, name)[keep])


@pytest.mark.slow
def test_poison_is_the_same_noise_on_every_engine_and_another_for_another_seed(poisoned) -> None:
    other = poison_after(on_engine(AUTHORITY, "duckdb"), DAY, seed=1)
    for name in AUTHORITY:
        assert rows_of(held(other, name)) == rows_of(held(poisoned, name)), name
    reseeded = poison_after(AUTHORITY, DAY, seed=2)
    assert rows_of(held(reseeded, "attendance")) != rows_of(held(poisoned, "attendance"))


def test_what_train_learns_and_scores_does_not_know_the_future(built) -> None:
    assert built.cut_off == CUT_OFF
    assert train_is_sealed(built, OUTCOME, least_squares) == ()


def test_the_stores_engine_is_sealed_too(built) -> None:
    poisoned_store = poison_after(on_engine(AUTHORITY, "duckdb"), DAY, seed=1)
    last = gather_years(poisoned_store, YEARS[-1:])
    assert changed_features(built.clean.in_years(YEARS[-1:]), last) == ()


def test_the_seal_is_not_kept_by_reading_nothing(built) -> None:
    # Poisoned from an earlier day on, almost everything changes.
    early = replace(built, poisoned=gather(poison_after(AUTHORITY, day_number(date(2024, 11, 30)), seed=1)))
    changed = {alarm.where for alarm in changed_features(early.clean, early.poisoned)}
    assert changed == {"the pupils chosen"} or len(changed) > 20


def test_a_feature_that_reads_corrections_made_later_is_named(built) -> None:
    def leaky(tables, pupils: PupilYears) -> PupilYears:
        rows = held(tables, "attendance_terms")
        latest = rows[rows["superseded_from"].isna()].astype({"pupil_id": "str"})
        total = latest.groupby("pupil_id")["sessions_possible"].sum()
        values = pd.Series(pupils.pupil_id).map(total).to_numpy(dtype="float64", na_value=np.nan)
        return replace(pupils, X=pupils.X.assign(sessions_of_all_years=values))

    clean, spoiled = leaky(built.tables, built.clean), leaky(built.poisoned_tables, built.poisoned)
    alarms = train_is_sealed(replace(built, clean=clean, poisoned=spoiled), OUTCOME, least_squares)
    found = {alarm.where for alarm in alarms}
    assert found == {"sessions_of_all_years", "the model", "the calibration"}
    words = next(alarm.words for alarm in alarms if alarm.where == "sessions_of_all_years")
    assert "sessions_of_all_years changed in" in words
    assert not any(pupil in words for pupil in AUTHORITY["pupils"]["pupil_id"].unique())


def test_a_room_that_forgets_the_as_of_rule_is_named(built, monkeypatch: pytest.MonkeyPatch) -> None:
    def latest(frame, day):
        return frame.filter(sessions.nw.col("superseded_from").is_null())

    monkeypatch.setattr(sessions, "known_on", latest)
    last = YEARS[-1:]
    alarms = changed_features(gather_years(AUTHORITY, last), gather_years(built.poisoned_tables, last))
    found = {alarm.where for alarm in alarms}
    assert {"unauthorised_rate", "school_unauthorised_rate", "illness_rate"} <= found
    assert found <= {feature.name for feature in FEATURES if feature.family == Family.ATTENDANCE}


def test_training_on_outcomes_of_the_latest_version_is_named(built) -> None:
    tables = iter((built.tables, built.poisoned_tables))

    def fit(train, calibrate) -> dict[str, bytes]:
        latest = built.clean.in_years(YEARS[:1]).with_outcomes(next(tables), OUTCOME)
        return {"the model": latest.y.tobytes(), "the calibration": calibrate.y.tobytes()}

    alarms = train_is_sealed(built, OUTCOME, fit)
    assert [alarm.where for alarm in alarms] == ["the model"]


def test_a_cohort_that_looks_ahead_is_named(built) -> None:
    fewer = built.poisoned.in_years(YEARS[:2])
    (alarm,) = changed_features(built.clean, fewer)
    assert (alarm.detector, alarm.where) == (POISONED_FUTURE, "the pupils chosen")


def test_every_planted_column_changes_when_the_future_is_overwritten(built) -> None:
    clean = with_planted_columns(built.tables, built.clean, OUTCOME)
    poisoned = with_planted_columns(built.poisoned_tables, built.poisoned, OUTCOME)
    found = {alarm.where for alarm in changed_features(clean, poisoned)}
    assert found == {plant.name for plant in PLANTED_COLUMNS}


def test_plants_are_what_they_say(built) -> None:
    planted = with_planted_columns(AUTHORITY, built.clean, OUTCOME)
    known = outcomes_of(AUTHORITY, built.clean, OUTCOME)
    held_rows = ~np.isnan(known)
    dataset = built.clean.with_outcomes(AUTHORITY, OUTCOME)
    np.testing.assert_array_equal(known[held_rows], dataset.y)
    np.testing.assert_array_equal(planted.X["copy_of_the_outcome"].to_numpy(), known)
    turned = planted.X["copy_with_a_tenth_turned"].to_numpy()[held_rows] != dataset.y
    assert 0.02 < turned.mean() < 0.2
    school = planted.X["school_average_all_years"].to_numpy()
    for name in np.unique(built.clean.school_id):
        here = built.clean.school_id == name
        assert np.allclose(school[here], np.nanmean(known[here]))


def test_a_child_under_two_ids_is_found_and_other_pupils_are_not(engine) -> None:
    tables = on_engine(AUTHORITY, engine)
    assert histories_under_two_ids(tables, DAY) == ()
    doubled = duplicate_pupils(tables, count=6)
    (alarm,) = histories_under_two_ids(doubled, DAY)
    assert alarm.detector == TWO_IDS
    copied = held(doubled, "pupils")["pupil_id"].nunique() - AUTHORITY["pupils"]["pupil_id"].nunique()
    assert copied == 6
    assert alarm.words.startswith(tuple(f"{pairs} pairs of pupil ids" for pairs in range(4, 7)))
    for name in ("attendance", "fsm", "schools"):
        assert set(rows_of(held(AUTHORITY, name))) <= set(rows_of(held(doubled, name)))


def test_a_history_known_only_later_is_not_looked_at() -> None:
    doubled = duplicate_pupils(AUTHORITY, count=6)
    assert histories_under_two_ids(doubled, day_number(date(2022, 11, 1))) == ()


def test_a_pupil_twice_in_a_year_is_found(built) -> None:
    assert pupils_twice_in_a_year(built.clean) == ()
    again = replace(built.clean, pupil_id=built.clean.pupil_id.copy())
    again.pupil_id[1] = again.pupil_id[0]
    (alarm,) = pupils_twice_in_a_year(again)
    assert alarm.detector == TWICE_IN_A_YEAR
    assert alarm.words == f"1 of {len(again):,} rows repeat a pupil within a feature year"
