"""The groups of a few drawn pupils; what is missing is not recorded, never guessed."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

import pandas as pd
import pytest
from drawn import ALL_RETURNS, AS_OF, authority, cells, cohort, on_engine

from absence_risk.dataset.audit_groups import AUDIT_COLUMNS, audit_groups, ethnic_group
from absence_risk.features.build import collect_features

PUPILS = """
pupil | school_id | year_group
a     | s1        | 1
b     | s2        | 6
c     | s3        | 7
d     | s4        | 9
e     | s5        | 10
f     | s6        | 11
"""
CENSUS = """
pupil | school_id | academic_year | census_term | on_roll | sen | known_from | superseded_from
a     | s1        | 2026          | autumn      | yes     | N   | 2026-10-01 |
b     | s2        | 2026          | autumn      | yes     | E   | 2026-12-01 |
b     | s2        | 2026          | autumn      | yes     | K   | 2026-10-01 | 2026-12-01
c     | s3        | 2026          | autumn      | yes     | E   | 2026-10-01 |
d     | s4        | 2026          | autumn      | yes     |     | 2026-10-01 |
d     | s9        | 2026          | autumn      | yes     | E   | 2026-10-01 |
e     | s5        | 2025          | summer      | yes     | K   | 2026-05-20 |
f     | s6        | 2026          | autumn      | yes     | K   | 2026-10-20 |
"""
AUDIT = """
pupil | sex | ethnicity | known_from | superseded_from
a     | F   | WIRT      | 2026-01-20 |
b     | M   | MWBC      | 2026-01-20 | 2027-01-20
b     | M   | CHNE      | 2027-01-20 |
c     | U   | REFU      | 2026-01-20 |
d     |     | bafr      | 2026-01-20 |
e     | F   |           | 2026-01-20 |
"""
SCHOOLS = """
school_id | phase | is_ap | known_from | superseded_from
s1        | PS    | no    | 2026-10-01 |
s2        | MP    | no    | 2026-10-01 |
s3        | SS    | yes   | 2026-10-01 |
s4        | AT    | no    | 2026-10-01 | 2026-12-01
s4        | SP    | no    | 2026-12-01 |
s5        | SP    | no    | 2026-10-01 |
s6        |       | no    | 2026-10-01 |
"""
CARE = """
pupil | kind       | start_date | end_date   | known_from
a     | cin        | 2026-01-10 |            | 2026-03-31
b     | cin        | 2026-01-10 |            | 2026-03-31
b     | cp_plan    | 2026-02-10 |            | 2026-03-31
b     | looked_after | 2026-02-20 |          | 2026-03-31
c     | cp_plan    | 2026-02-10 |            | 2026-03-31
d     | cin        | 2025-01-10 | 2025-09-10 | 2026-03-31
e     | cin        | 2026-01-10 |            | 2026-12-01
f     | cin_plan   | 2026-01-10 |            | 2026-03-31
"""
FSM = """
pupil | start_date | end_date   | known_from
a     | 2024-01-10 |            | 2024-05-20
b     | 2024-01-10 | 2026-01-10 | 2026-05-20
"""
EXPECTED = """
pupil | sex          | ethnicity            | sen          | free_school_meals | social_care           | year_group | phase_of_schooling | school_type
a     | female       | White                | none         | eligible          | child in need         | Year 1     | Years 1 to 6       | primary
b     | male         | Chinese or any other | SEN support  | not eligible      | looked after          | Year 6     | Years 1 to 6       | primary
c     | not recorded | not recorded         | EHC plan     | not eligible      | child protection plan | Year 7     | Years 7 to 9       | pupil referral unit or AP school
d     | not recorded | Black                | not recorded | not eligible      | none                  | Year 9     | Years 7 to 9       | all-through
e     | female       | not recorded         | not recorded | not eligible      | none                  | Year 10    | Years 10 and 11    | special
f     | not recorded | not recorded         | SEN support  | not eligible      | none                  | Year 11    | Years 10 and 11    | not recorded
"""


def grouped(engine: str, returns: str = ALL_RETURNS) -> pd.DataFrame:
    tables = on_engine(
        authority(pupils=CENSUS, audit=AUDIT, schools=SCHOOLS, social_care=CARE, fsm=FSM, returns=returns),
        engine,
    )
    pupils = cohort(PUPILS)
    return audit_groups(tables, pupils, collect_features(tables, pupils, AS_OF), AS_OF)


def test_each_pupil_is_in_the_groups_that_the_returns_record(engine) -> None:
    found = grouped(engine)
    expected = [{k: v for k, v in row.items() if k != "pupil"} for row in cells(EXPECTED)]
    assert list(found.columns) == list(AUDIT_COLUMNS)
    assert found.to_dict("records") == expected


def test_without_a_return_the_group_is_not_recorded_unless_another_return_says_it(engine) -> None:
    without = "\n".join(line for line in ALL_RETURNS.splitlines() if "cin_census" not in line)
    assert grouped(engine, without)["social_care"].tolist() == [
        "not recorded",
        "looked after",
        *["not recorded"] * 4,
    ]
    none = grouped(
        engine, "\n".join(line for line in ALL_RETURNS.splitlines() if "school_census" not in line)
    )
    assert set(none["free_school_meals"]) == {"not recorded"}


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("WBRI", "White"), ("WROM", "White"), ("WEEU", "White"), ("MOTM", "Mixed"), ("AOTA", "Asian"), ("BCRB", "Black"),
        ("CHNE", "Chinese or any other"), ("OOTH", "Chinese or any other"), ("REFU", "not recorded"),
        ("NOBT", "not recorded"), ("A1", "not recorded"), ("ZZZZ", "not recorded"), ("", "not recorded"),
        (None, "not recorded"), (float("nan"), "not recorded"),
    ],
)  # fmt: skip
def test_the_major_group_of_a_code(code, group) -> None:
    assert ethnic_group(code) == group


def test_features_of_other_pupils_are_refused() -> None:
    tables = authority(pupils=CENSUS, audit=AUDIT, schools=SCHOOLS, social_care=CARE, fsm=FSM)
    pupils = cohort(PUPILS)
    features = collect_features(tables, pupils, AS_OF)
    with pytest.raises(ValueError, match="same pupils in the same order"):
        audit_groups(tables, pupils.iloc[::-1].reset_index(drop=True), features, AS_OF)
