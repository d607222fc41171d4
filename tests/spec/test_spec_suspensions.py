"""Suspensions and permanent exclusions, drawn."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from drawn import ALL_RETURNS, assert_drawn, authority, cohort, on_engine, room

from absence_risk.features.coverage import add_years_on_roll
from absence_risk.features.events import suspension_features

PUPILS = "pupil\na\nb\nc\nd\ne\nf\n"

ON_ROLL = """
pupil | start_date
a     | 2020-09-01
b     | 2020-09-01
c     | 2020-09-01
d     | 2020-09-01
e     | 2026-09-02
f     | 2025-09-02
"""

EVENTS = """
pupil | school_id | start_date | category | sessions | known_from | superseded_from
a     | s1        | 2025-09-01 | SUSP     | 3        | 2026-01-15 |
a     | s1        | 2026-08-31 | SUSP     | 5        | 2026-10-01 |
a     | s1        | 2026-09-05 | SUSP     | 2        | 2026-10-01 |
a     | s1        | 2025-08-31 | SUSP     | 4        | 2025-10-02 |
b     | s1        | 2026-02-02 | LNCH     |          | 2026-05-21 |
b     | s1        | 2026-02-03 | SUSP     |          | 2026-05-21 |
b     | s1        | 2026-02-03 | LNCH     | 1        | 2026-05-21 |
b     | s2        | 2026-02-03 | SUSP     | 2        | 2026-05-21 |
c     | s1        | 2026-06-01 | PERM     |          | 2026-10-01 |
c     | s1        | 2026-05-01 | SUSP     | 2        | 2026-10-01 | 2026-10-20
c     | s1        | 2026-05-01 | SUSP     | 6        | 2026-10-20 |
c     | s1        | 2026-06-20 | SUSP     | 2        | 2027-01-21 |
f     | s1        | 2022-08-31 | SUSP     | 2        | 2023-01-19 |
"""

EXPECTED = """
pupil | suspensions_this_year | suspensions_earlier_years | suspension_sessions_this_year | days_since_suspension | permanent_exclusions
a     | 2                     | 1                         | 8                             | 56                    | 0
b     | 4                     | 0                         | 5                             | 270                   | 0
c     | 1                     | 0                         | 6                             | 183                   | 1
d     | 0                     | 0                         | 0                             |                       | 0
e     |                       |                           |                               |                       | 0
f     | 0                     |                           | 0                             | 1096                  | 0
"""


def build(placed, tables, moment, coverage):
    return suspension_features(add_years_on_roll(placed, tables, moment), tables, moment, coverage)


def found_with(engine: str, returns: str = ALL_RETURNS):
    tables = on_engine(authority(suspensions=EVENTS, enrolments=ON_ROLL, returns=returns), engine)
    return room(build, tables, cohort(PUPILS))


def test_suspensions_are_counted_by_start_date_and_permanent_exclusions_apart(engine) -> None:
    assert_drawn(found_with(engine), EXPECTED)


def test_an_event_that_two_returns_carry_is_one_event(engine) -> None:
    twice = """
    pupil | start_date | category | sessions | known_from
    a     | 2026-02-03 | SUSP     | 2        | 2026-05-21
    a     | 2026-02-03 | SUSP     | 2        | 2026-10-01
    """
    tables = on_engine(authority(suspensions=twice, enrolments=ON_ROLL), engine)
    expected = "pupil | suspensions_this_year | suspension_sessions_this_year\na | 1 | 2"
    assert_drawn(room(build, tables, cohort("pupil\na")), expected)


def test_without_the_census_that_carries_a_term_nothing_is_known_of_the_year(engine) -> None:
    # Autumn term 2025 comes in the spring or the summer census of 2026.
    lines = [line for line in ALL_RETURNS.splitlines() if "2026 | spring" not in line]
    assert found_with(engine, "\n".join(lines))["suspensions_this_year"].notna().any()
    lines = [line for line in lines if "2026 | summer" not in line]
    found = found_with(engine, "\n".join(lines)).drop(columns="pupil_id")
    assert found.isna().all().all()


def test_earlier_years_count_over_those_of_the_three_that_the_returns_cover(engine) -> None:
    earlier = """
    pupil | start_date | category | sessions
    a     | 2024-10-01 | SUSP     | 2
    a     | 2023-10-01 | SUSP     | 2
    """
    lines = [line for line in ALL_RETURNS.splitlines() if "2022" not in line and "2023" not in line]
    lines = [line for line in lines if "2024 | spring" not in line and "2024 | summer" not in line]
    partly = authority(suspensions=earlier, enrolments=ON_ROLL, returns="\n".join(lines))
    found = room(build, on_engine(partly, engine), cohort("pupil\na"))
    assert_drawn(found, "pupil | suspensions_earlier_years\na | 1")


def test_a_return_that_came_after_the_as_of_date_covers_nothing(engine) -> None:
    head, *rows = ALL_RETURNS.splitlines()
    late = "\n".join([f"{head} | known_from", *(f"{row} | 2026-11-01" for row in rows)])
    assert found_with(engine, late).drop(columns="pupil_id").isna().all().all()
