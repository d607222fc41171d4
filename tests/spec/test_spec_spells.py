"""Spells of social care and alternative provision, drawn."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from drawn import ALL_RETURNS, assert_drawn, authority, cohort, on_engine, room

from absence_risk.features.spells import alternative_provision_features, social_care_features

PUPILS = "pupil\na\nb\nc\nd\ne\nf\n"

SOCIAL_CARE = """
pupil | kind         | start_date | end_date   | known_from | superseded_from
a     | cin          | 2025-01-10 |            | 2025-03-31 |
b     | cin          | 2024-01-10 | 2024-06-01 | 2025-03-31 |
b     | cin          | 2025-12-01 |            | 2026-03-31 |
b     | cp_plan      | 2025-12-15 |            | 2026-03-31 |
c     | cin          | 2026-01-01 | 2026-10-31 | 2026-03-31 |
c     | looked_after | 2020-01-01 | 2021-01-01 | 2021-03-31 |
c     | looked_after | 2022-01-01 | 2023-01-01 | 2023-03-31 |
d     | cin          | 2025-05-05 | 2025-04-05 | 2026-03-31 |
d     | cin_plan     | 2025-05-05 |            | 2026-03-31 |
e     | cin          | 2026-05-05 |            | 2027-03-31 |
f     | cin          | 2025-05-05 |            | 2025-05-31 | 2027-03-31
f     | cin          | 2025-05-05 | 2026-02-01 | 2027-03-31 |
"""

CIN = """
pupil | cin_current | cin_previous | cin_spells | cin_days_since_end | cp_plan_current | looked_after_previous | looked_after_spells | looked_after_days_since_end
a     | 1           | 0            | 1          |                    | 0               | 0                     | 0                   |
b     | 1           | 1            | 2          | 882                | 1               | 0                     | 0                   |
c     | 0           | 1            | 1          | 0                  | 0               | 1                     | 2                   | 1096
d     | 0           | 0            | 0          |                    | 0               | 0                     | 0                   |
e     | 0           | 0            | 0          |                    | 0               | 0                     | 0                   |
f     | 1           | 0            | 1          |                    | 0               | 0                     | 0                   |
"""

PLACEMENTS = """
pupil | kind            | start_date | end_date   | known_from
a     | ap_school       | 2026-08-30 |            | 2026-10-01
b     | school_arranged | 2025-09-10 | 2025-09-19 | 2026-01-15
b     | la_funded       | 2026-09-10 |            | 2026-10-01
c     | ap_school       | 2020-01-01 | 2026-07-31 | 2026-10-01
c     | school_arranged | 2020-01-01 |            | 2026-10-01
d     | ap_school       | 2026-09-20 | 2026-09-10 | 2026-10-01
e     | ap_school       | 2024-09-01 | 2025-08-31 | 2026-01-15
"""

AP = """
pupil | ap_school_current | school_arranged_ap_current | la_funded_ap_current | ap_previous | ap_days_this_year | ap_days_since_end
a     | 1                 | 0                          | 0                    | 0           | 2                 |
b     | 0                 | 0                          | 1                    | 1           | 10                | 407
c     | 0                 | 1                          | 0                    | 1           | 365               | 92
d     | 0                 | 0                          | 0                    | 0           | 0                 |
e     | 0                 | 0                          | 0                    | 1           | 0                 | 426
f     | 0                 | 0                          | 0                    | 0           | 0                 |
"""


def test_each_kind_of_social_care_is_open_closed_and_counted_apart(engine) -> None:
    tables = on_engine(authority(social_care=SOCIAL_CARE), engine)
    assert_drawn(room(social_care_features, tables, cohort(PUPILS)), CIN)


def test_without_the_return_nothing_is_known_of_its_kind(engine) -> None:
    only_903 = "\n".join(line for line in ALL_RETURNS.splitlines() if "cin_census" not in line)
    tables = on_engine(authority(social_care=SOCIAL_CARE, returns=only_903), engine)
    found = room(social_care_features, tables, cohort(PUPILS))
    assert found.filter(regex="^(cin|cp_plan)_").isna().all().all()
    assert found["looked_after_current"].notna().all()


def test_placements_are_open_ended_and_measured_in_days_of_the_feature_year(engine) -> None:
    tables = on_engine(authority(alternative_provision=PLACEMENTS), engine)
    assert_drawn(room(alternative_provision_features, tables, cohort(PUPILS)), AP)


def test_without_an_ap_census_a_funded_placement_is_not_known(engine) -> None:
    without = "\n".join(line for line in ALL_RETURNS.splitlines() if "ap_census" not in line)
    tables = on_engine(authority(alternative_provision=PLACEMENTS, returns=without), engine)
    found = room(alternative_provision_features, tables, cohort(PUPILS))
    assert found["la_funded_ap_current"].isna().all()
    assert found["ap_school_current"].notna().all()
