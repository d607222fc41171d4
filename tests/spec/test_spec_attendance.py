"""Attendance features, drawn. The feature year is 2025/26."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from datetime import date

from drawn import assert_drawn, authority, cohort, on_engine, room

from absence_risk.features.attendance import attendance_features

TERMS = """
pupil | school_id | academic_year | term     | sessions_possible | sessions_authorised | sessions_unauthorised | has_reasons | exceeds_possible | known_from
codes | s1        | 2025          | autumn   | 100               |                     |                       | yes         | no               | 2026-01-15
codes | s1        | 2025          | spring   | 100               |                     |                       | yes         | no               | 2026-05-21
codes | s1        | 2025          | summer_1 | 60                |                     |                       | yes         | no               | 2026-10-01
codes | s1        | 2025          | summer_2 | 40                |                     |                       | yes         | no               | 2026-10-01
codes | s1        | 2024          | autumn   | 100               |                     |                       | yes         | no               | 2025-01-16
codes | s1        | 2023          | autumn   | 100               |                     |                       | yes         | no               | 2024-01-18
codes | s1        | 2022          | autumn   | 100               |                     |                       | yes         | no               | 2023-01-19
codes | s1        | 2021          | autumn   | 100               |                     |                       | yes         | no               | 2022-01-20
moved | s1        | 2025          | autumn   | 30                |                     |                       | yes         | no               | 2026-01-15
moved | s2        | 2025          | autumn   | 70                |                     |                       | yes         | no               | 2026-01-15
total | s1        | 2025          | autumn   | 100               | 6                   | 4                     | no          | no               | 2026-01-15
mixed | s1        | 2025          | autumn   | 100               | 6                   | 4                     | no          | no               | 2026-01-15
mixed | s1        | 2025          | spring   | 50                |                     |                       | yes         | no               | 2026-05-21
both  | s1        | 2025          | autumn   | 100               | 6                   | 40                    | yes         | no               | 2026-01-15
over  | s1        | 2025          | autumn   | 100               |                     |                       | yes         | no               | 2026-01-15
over  | s1        | 2025          | spring   | 10                |                     |                       | yes         | yes              | 2026-05-21
none  | s1        | 2025          | autumn   | 0                 |                     |                       | yes         | no               | 2026-01-15
blank | s1        | 2025          | autumn   |                   |                     |                       | yes         | no               | 2026-01-15
quiet | s1        | 2025          | autumn   | 100               |                     |                       | no          | no               | 2026-01-15
"""

CODES = """
pupil | school_id | academic_year | term     | reason_code | sessions | known_from | superseded_from
codes | s1        | 2025          | autumn   | /           | 70       | 2026-01-15 |
codes | s1        | 2025          | autumn   | O           | 1        | 2026-01-15 |
codes | s1        | 2025          | autumn   | N           | 4        | 2026-01-15 | 2026-05-21
codes | s1        | 2025          | autumn   | O           | 5        | 2026-05-21 |
codes | s1        | 2025          | spring   | G           | 6        | 2026-05-21 |
codes | s1        | 2025          | spring   | U           | 2        | 2026-05-21 |
codes | s1        | 2025          | spring   | L           | 9        | 2026-05-21 |
codes | s1        | 2025          | spring   | I           | 7        | 2026-05-21 |
codes | s1        | 2025          | spring   | M           | 1        | 2026-05-21 |
codes | s1        | 2025          | spring   | H           | 3        | 2026-05-21 |
codes | s1        | 2025          | spring   | J           | 30       | 2026-05-21 |
codes | s1        | 2025          | spring   | ??          | 30       | 2026-05-21 |
codes | s1        | 2025          | spring   | D           | 30       | 2026-05-21 |
codes | s1        | 2025          | summer_1 | N           | 1        | 2026-10-01 |
codes | s1        | 2025          | summer_2 | O           | 10       | 2026-10-01 |
codes | s1        | 2025          | summer_2 | O           | 90       | 2027-01-21 |
codes | s1        | 2024          | autumn   | O           | 2        | 2025-01-16 |
codes | s1        | 2024          | autumn   | I           | 3        | 2025-01-16 |
codes | s1        | 2023          | autumn   | O           | 4        | 2024-01-18 |
codes | s1        | 2021          | autumn   | O           | 99       | 2022-01-20 |
moved | s1        | 2025          | autumn   | O           | 3        | 2026-01-15 |
moved | s2        | 2025          | autumn   | O           | 1        | 2026-01-15 |
mixed | s1        | 2025          | spring   | O           | 5        | 2026-05-21 |
both  | s1        | 2025          | autumn   | O           | 5        | 2026-01-15 |
over  | s1        | 2025          | autumn   | O           | 5        | 2026-01-15 |
over  | s1        | 2025          | spring   | O           | 12       | 2026-05-21 |
blank | s1        | 2025          | autumn   | O           | 5        | 2026-01-15 |
"""

PUPILS = "pupil\ncodes\nmoved\ntotal\nmixed\nboth\nover\nnone\nblank\nquiet\nabsent"

RATES = """
pupil  | unauthorised_rate | unauthorised_rate_autumn | unauthorised_rate_spring | unauthorised_rate_summer
codes  | 25/300            | 6/100                    | 8/100                    | 11/100
moved  | 4/100             | 4/100                    |                          |
total  | 4/100             | 4/100                    |                          |
mixed  | 9/150             | 4/100                    | 5/50                     |
both   | 5/100             | 5/100                    |                          |
over   |                   | 5/100                    |                          |
none   |                   |                          |                          |
blank  |                   |                          |                          |
quiet  |                   |                          |                          |
absent |                   |                          |                          |
"""

SINGLE = """
pupil  | other_unauthorised_rate | holiday_rate | no_reason_rate | late_after_close_rate | late_before_close_rate | illness_rate | other_authorised_rate
codes  | 16/300                  | 6/300        | 1/300          | 2/300                 | 9/300                  | 8/300        | 3/300
moved  | 4/100                   | 0            | 0              | 0                     | 0                      | 0            | 0
total  |                         |              |                |                       |                        |              |
mixed  | 5/50                    | 0            | 0              | 0                     | 0                      | 0            | 0
both   | 5/100                   | 0            | 0              | 0                     | 0                      | 0            | 0
over   |                         |              |                |                       |                        |              |
none   |                         |              |                |                       |                        |              |
blank  |                         |              |                |                       |                        |              |
quiet  |                         |              |                |                       |                        |              |
absent |                         |              |                |                       |                        |              |
"""

COUNTS = """
pupil  | sessions_possible | sessions_unauthorised | sessions_late_after_close | sessions_illness | sessions_absent
codes  | 300               | 25                    | 2                         | 8                | 36
moved  | 100               | 4                     | 0                         | 0                | 4
total  | 100               | 4                     |                           |                  | 10
mixed  | 150               | 9                     |                           |                  | 15
both   | 100               | 5                     | 0                         | 0                | 5
over   |                   |                       |                           |                  |
none   |                   |                       |                           |                  |
blank  |                   |                       |                           |                  |
quiet  | 100               |                       |                           |                  |
absent |                   |                       |                           |                  |
"""

EARLIER = """
pupil | unauthorised_rate_previous_year | unauthorised_rate_earlier_years | absence_rate_previous_year | sessions_possible_previous_year | sessions_unauthorised_previous_year
codes | 2/100                           | 6/300                           | 5/100                      | 100                             | 2
total |                                 |                                 |                            |                                 |
"""


def own(placed, tables, moment, _coverage):
    return attendance_features(placed, tables, moment)


def school(placed, tables, moment, _coverage):
    return attendance_features(placed, tables, moment).select("pupil_id", "school_unauthorised_rate")


def test_sessions_are_summed_over_enrolments_reasons_first_and_unknown_is_not_zero(engine) -> None:
    tables = on_engine(authority(attendance_terms=TERMS, attendance=CODES), engine)
    found = room(own, tables, cohort(PUPILS))
    for expected in (RATES, SINGLE, COUNTS):
        assert_drawn(found, expected)
    assert_drawn(found[found["pupil_id"].isin(["codes", "total"])], EARLIER)
    trend = found.set_index("pupil_id")["unauthorised_trend"].astype("float64").dropna()
    assert trend.to_dict() == {"codes": 11 / 100 - 6 / 100}


def test_a_correction_counts_from_its_own_date(engine) -> None:
    tables = on_engine(authority(attendance_terms=TERMS, attendance=CODES), engine)
    early = room(own, tables, cohort("pupil\ntotal"), as_of=date(2026, 1, 15))
    assert_drawn(early, "pupil | unauthorised_rate\ntotal | ")  # the feature year is then 2024/25
    before = CODES.replace(
        "2026-05-21 |\ncodes | s1        | 2025          | spring   | G",
        "2026-11-05 |\ncodes | s1        | 2025          | spring   | G",
    )
    late = before.replace("| 2026-01-15 | 2026-05-21", "| 2026-01-15 | 2026-11-05")
    tables = on_engine(authority(attendance_terms=TERMS, attendance=late), engine)
    found = room(own, tables, cohort("pupil\ncodes"))
    assert_drawn(found, "pupil | unauthorised_rate_autumn | no_reason_rate\ncodes | 5/100 | 5/300")


def test_late_before_close_is_not_known_before_codes_for_presence_were_returned(engine) -> None:
    terms = "pupil | academic_year | term | sessions_possible\na | 2018 | autumn | 100"
    codes = "pupil | academic_year | term | reason_code | sessions\na | 2018 | autumn | L | 5\na | 2018 | autumn | U | 5"
    tables = on_engine(authority(attendance_terms=terms, attendance=codes), engine)
    found = room(own, tables, cohort("pupil\na"), as_of=date(2019, 10, 31))
    assert_drawn(found, "pupil | late_before_close_rate | late_after_close_rate\na | | 5/100")


def test_the_years_of_the_pandemic_are_not_looked_back_on(engine) -> None:
    terms = "\n".join(
        [
            "pupil | academic_year | term | sessions_possible",
            *(f"a | {y} | autumn | 100" for y in range(2018, 2022)),
        ]
    )
    codes = "\n".join(
        [
            "pupil | academic_year | term | reason_code | sessions",
            *(f"a | {y} | autumn | O | {y - 2010}" for y in range(2018, 2022)),
        ]
    )
    tables = on_engine(authority(attendance_terms=terms, attendance=codes), engine)
    found = room(own, tables, cohort("pupil\na"), as_of=date(2022, 10, 31))
    expected = "pupil | unauthorised_rate | unauthorised_rate_previous_year | unauthorised_rate_earlier_years\na | 11/100 | | 8/100"
    assert_drawn(found, expected)


SCHOOL_TERMS = """
pupil | school_id | academic_year | term   | sessions_possible | exceeds_possible
a     | s1        | 2025          | autumn | 100               | no
b     | s1        | 2025          | autumn | 100               | no
c     | s1        | 2025          | autumn | 50                | no
c     | s2        | 2025          | autumn | 50                | no
d     | s1        | 2025          | autumn | 10                | yes
e     | s3        | 2025          | autumn | 100               | no
a     | s1        | 2024          | autumn | 100               | no
"""

SCHOOL_CODES = """
pupil | school_id | academic_year | term   | reason_code | sessions
a     | s1        | 2025          | autumn | O           | 10
b     | s1        | 2025          | autumn | O           | 3
c     | s1        | 2025          | autumn | O           | 5
c     | s2        | 2025          | autumn | O           | 7
d     | s1        | 2025          | autumn | O           | 20
e     | s3        | 2025          | autumn | O           | 20
"""


def test_the_schools_rate_is_that_of_its_other_pupils(engine) -> None:
    pupils = "pupil | school_id\na | s1\nb | s1\nc | s2\nd | s1\ne | s3\nf | s1\ng | s9"
    tables = on_engine(authority(attendance_terms=SCHOOL_TERMS, attendance=SCHOOL_CODES), engine)
    expected = """
    pupil | school_unauthorised_rate
    a     | 8/150
    b     | 15/150
    c     |
    d     | 18/250
    e     |
    f     | 18/250
    g     |
    """
    assert_drawn(room(school, tables, cohort(pupils)), expected)
