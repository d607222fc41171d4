"""Who is eligible as of 31 October 2026, and why each other pupil is not; drawn."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from datetime import date

import pytest
from drawn import AS_OF, authority, cells, on_engine

from absence_risk.cohort import REASONS, select_cohort
from absence_risk.errors import InputError

CENSUSES = """
pupil    | school_id | academic_year | census_term | on_roll | year_group | enrol_status | birth_month | known_from | superseded_from
eligible | s1        | 2025          | spring      | yes     | 7          | C            |             | 2026-01-15 |
eligible | s1        | 2026          | autumn      | yes     | 8          | C            |             | 2026-10-01 |
arrived  | s1        | 2026          | autumn      | yes     | 1          | C            |             | 2026-10-01 |
dual     | s2        | 2026          | autumn      | yes     | 9          | M            |             | 2026-10-01 |
dual     | s1        | 2026          | autumn      | yes     | 10         | S            |             | 2026-10-01 |
two_main | pru       | 2026          | autumn      | yes     | 9          | C            |             | 2026-10-01 |
two_main | s2        | 2026          | autumn      | yes     | 9          | C            |             | 2026-10-01 |
tied     | s3        | 2026          | autumn      | yes     | 9          | C            |             | 2026-10-01 |
tied     | s2        | 2026          | autumn      | yes     | 9          | C            |             | 2026-10-01 |
moved    | s1        | 2026          | autumn      | no      | 9          | C            |             | 2026-10-01 |
moved    | s4        | 2026          | autumn      | yes     | 10         | C            |             | 2026-10-01 |
subs     | pru       | 2026          | autumn      | yes     | 9          | S            |             | 2026-10-01 |
no_stat  | s1        | 2026          | autumn      | yes     | 8          |              |             | 2026-10-01 |
no_stat  | s2        | 2026          | autumn      | yes     | 9          | M            |             | 2026-10-01 |
no_stat2 | s1        | 2026          | autumn      | yes     | 8          | S            |             | 2026-10-01 |
no_stat2 | s2        | 2026          | autumn      | yes     | 9          |              |             | 2026-10-01 |
next_yr  | s1        | 2028          | autumn      | yes     | 5          | C            |             | 2026-10-01 |
next_spr | s1        | 2026          | spring      | yes     | 5          | C            |             | 2026-10-01 |
y11      | s1        | 2025          | summer      | yes     | 11         | C            |             | 2026-05-21 |
sixth    | s1        | 2025          | summer      | yes     | 11         | C            |             | 2026-05-21 |
sixth    | s1        | 2026          | autumn      | yes     | 12         | C            |             | 2026-10-01 |
y13      | s1        | 2025          | summer      | yes     | 12         | C            |             | 2026-05-21 |
y13      | s1        | 2026          | autumn      | yes     | 13         | C            |             | 2026-10-01 |
aged_16  | s1        | 2026          | autumn      | yes     | 11         | C            | 2010-08-01  | 2026-10-01 |
aged_15  | s1        | 2026          | autumn      | yes     | 11         | C            | 2010-09-01  | 2026-10-01 |
gone     | s1        | 2025          | spring      | yes     | 5          | C            |             | 2026-01-15 |
leaver   | s1        | 2026          | autumn      | no      | 6          | C            |             | 2026-10-01 |
off_mid  | s1        | 2025          | summer      | no      | 6          | C            |             | 2026-05-21 |
recept   | s1        | 2026          | autumn      | yes     | 0          | C            |             | 2026-10-01 |
nursery  | s1        | 2026          | autumn      | yes     |            | C            | 2022-10-01  | 2026-10-01 |
no_group | s1        | 2026          | autumn      | yes     |            | C            | 2015-10-01  | 2026-10-01 |
asked    | s1        | 2026          | autumn      | yes     | 4          | C            |             | 2026-10-01 |
past     | s1        | 2025          | autumn      | no      | 11         | C            |             | 2025-10-02 |
long_ago | s1        | 2025          | spring      | no      |            |              |             | 2026-01-15 |
late_out | s1        | 2025          | spring      | no      |            |              |             | 2026-01-15 |
later    | s1        | 2026          | autumn      | yes     | 4          | C            |             | 2026-11-20 |
mended   | s1        | 2026          | autumn      | yes     | 0          | C            |             | 2026-10-01 | 2026-10-15
mended   | s1        | 2026          | autumn      | yes     | 1          | C            |             | 2026-10-15 |
"""

ENROLMENTS = """
pupil    | start_date | end_date
long_ago | 2020-09-01 | 2025-07-20
late_out | 2020-09-01 | 2025-09-01
eligible | 2020-09-01 | 2025-07-20
"""

SCHOOLS = """
school_id | is_ap
s1        | no
pru       | yes
"""

ELIGIBLE = """
pupil    | school_id | year_group
aged_15  | s1        | 11
arrived  | s1        | 1
dual     | s2        | 9
eligible | s1        | 8
mended   | s1        | 1
moved    | s4        | 10
no_stat  | s2        | 9
no_stat2 | s2        | 9
subs     | pru       | 9
tied     | s2        | 9
two_main | s2        | 9
"""

OUT = """
pupil    | reason
aged_16  | past_compulsory_age
asked    | excluded
gone     | not_on_roll
late_out | not_on_roll
leaver   | not_on_roll
no_group | year_group_not_recorded
nursery  | below_year_1
off_mid  | not_on_roll
recept   | below_year_1
sixth    | year_11_in_feature_year
y11      | year_11_in_feature_year
y13      | past_compulsory_age
"""


def test_the_cohort_is_on_roll_in_years_1_to_11_at_the_autumn_census(engine) -> None:
    tables = on_engine(authority(pupils=CENSUSES, schools=SCHOOLS, enrolments=ENROLMENTS), engine)
    found = select_cohort(tables, AS_OF, excluded={"asked", "y11"})
    rows = found.frame.astype("str").rename(columns={"pupil_id": "pupil"}).to_dict("records")
    assert rows == [row | {"academic_year": "2025"} for row in cells(ELIGIBLE)]
    assert found.reasons.rename(columns={"pupil_id": "pupil"}).to_dict("records") == cells(OUT)


def test_every_pupil_seen_is_eligible_or_has_one_reason(engine) -> None:
    found = select_cohort(
        on_engine(authority(pupils=CENSUSES, schools=SCHOOLS, enrolments=ENROLMENTS), engine), AS_OF
    )
    assert list(found.counts) == ["seen", "eligible", *REASONS]
    assert found.counts["seen"] == found.counts["eligible"] + sum(found.counts[reason] for reason in REASONS)
    assert (
        found.counts["seen"]
        == len(found.frame) + len(found.reasons)
        == len(cells(ELIGIBLE)) + len(cells(OUT))
    )
    assert found.counts["excluded"] == 0


def test_every_reason_is_met_by_a_drawn_pupil() -> None:
    assert {row["reason"] for row in cells(OUT)} == set(REASONS)


@pytest.mark.parametrize(
    ("as_of", "says"),
    [
        (
            date(2027, 10, 31),
            "autumn School Census of 2027/28 .October 2027. known on 2027-10-31, but the store does not hold",
        ),
        (
            date(2026, 9, 15),
            "autumn School Census of 2026/27 .October 2026. known on 2026-09-15, but it is known only from a later",
        ),
    ],
)
def test_without_the_autumn_census_there_is_no_cohort(engine, as_of, says) -> None:
    with pytest.raises(InputError, match=says):
        select_cohort(
            on_engine(authority(pupils=CENSUSES, schools=SCHOOLS, enrolments=ENROLMENTS), engine), as_of
        )


def test_a_census_that_is_known_and_holds_nobody_of_years_1_to_11_gives_an_empty_cohort(engine) -> None:
    only = "pupil | academic_year | year_group | known_from\nrecept | 2026 | 0 | 2026-10-01"
    found = select_cohort(on_engine(authority(pupils=only), engine), AS_OF)
    assert found.frame.empty
    assert found.reasons.to_dict("records") == [{"pupil_id": "recept", "reason": "below_year_1"}]
