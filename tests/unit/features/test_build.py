"""Rows of features match the cohort one to one."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from absence_risk.errors import InputError, UsageError
from absence_risk.features.build import collect_features
from absence_risk.features.catalogue import FEATURES, model_features
from absence_risk.store import connect
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.tables.frames import beside
from absence_risk.tables.schema import Type

AS_OF = date(2026, 10, 31)


def empty_relations():
    con = connect()
    relations = {}
    for name, table in CANONICAL_TABLES.items():
        columns = ", ".join(
            f'"{c.name}" {"INTEGER" if c.type is Type.DATE else c.type.value}' for c in table.columns
        )
        con.execute(f'CREATE TABLE "{name}" ({columns})')
        relations[name] = con.sql(f'SELECT * FROM "{name}"')
    return relations


def cohort(*pupils: str) -> pd.DataFrame:
    return pd.DataFrame({"pupil_id": pupils, "school_id": "s1", "year_group": 5, "academic_year": 2025})


def test_a_cohort_without_any_record_has_a_row_of_unknowns_each() -> None:
    found = collect_features(empty_relations(), cohort("b", "a"), AS_OF)
    assert found["pupil_id"].tolist() == ["a", "b"]
    known = found.drop(columns="pupil_id").dropna(axis="columns")
    assert known.columns.tolist() == ["year_group"]
    assert len(found.columns) == len(FEATURES) + 1


def test_a_cohort_that_holds_a_pupil_twice_is_refused_without_naming_one() -> None:
    with pytest.raises(InputError, match="each pupil once; found 3 rows for 2 pupils") as caught:
        collect_features(empty_relations(), cohort("aaaa", "bbbb", "aaaa"), AS_OF)
    assert "aaaa" not in str(caught.value)


def test_no_pupil_gives_no_row() -> None:
    assert len(collect_features(empty_relations(), cohort(), AS_OF)) == 0


def test_a_school_summed_twice_is_found_before_its_pupils_count_twice() -> None:
    tables = empty_relations()
    schools = pd.DataFrame({"school_id": ["s1", "s1"], "all_unauthorised": 1, "all_possible": 10})
    with pytest.raises(InputError, match="one row for each of 2 pupils of the cohort, found 4") as caught:
        collect_features(
            {**tables, "school_sums": schools_on(tables, schools)}, cohort("aaaa", "bbbb"), AS_OF
        )
    assert "aaaa" not in str(caught.value)


def schools_on(tables, schools: pd.DataFrame):
    return beside(tables, schools).to_native()


def test_a_model_of_no_family_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one family of features, found none"):
        model_features(())
