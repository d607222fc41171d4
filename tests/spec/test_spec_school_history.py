"""Moves to another school, drawn."""

from __future__ import annotations

from drawn import assert_drawn, authority, cohort, on_engine, room

from absence_risk.features.coverage import add_years_on_roll
from absence_risk.features.school_history import school_history_features

PUPILS = """
pupil | year_group
first | 8
moved | 8
to_y7 | 7
late7 | 7
aug_9 | 9
dual  | 8
back  | 8
again | 8
new   | 8
older | 11
same  | 5
wrong | 5
y3    | 5
twin  | 5
"""

ENROLMENTS = """
pupil | school_id | start_date | end_date   | enrol_status | known_from
first | s1        | 2025-11-01 |            | C            | 2026-01-15
moved | s1        | 2020-09-01 | 2026-01-10 | C            | 2026-01-15
moved | s2        | 2026-01-12 |            | C            | 2026-01-15
to_y7 | s1        | 2020-09-01 | 2026-07-20 | C            | 2026-10-01
to_y7 | s2        | 2026-08-31 |            | C            | 2026-10-01
late7 | s1        | 2020-09-01 | 2026-02-20 | C            | 2026-10-01
late7 | s2        | 2026-02-21 |            | C            | 2026-10-01
aug_9 | s1        | 2020-09-01 | 2026-07-20 | C            | 2026-10-01
aug_9 | s2        | 2026-08-31 |            | C            | 2026-10-01
dual  | s1        | 2020-09-01 |            | M            | 2026-10-01
dual  | pru       | 2026-02-01 |            | S            | 2026-10-01
back  | s1        | 2020-09-01 | 2025-12-20 | C            | 2026-10-01
back  | s2        | 2026-01-05 | 2026-03-20 | C            | 2026-10-01
back  | s1        | 2026-03-25 |            | C            | 2026-10-01
again | s1        | 2020-09-01 | 2025-12-20 | C            | 2026-10-01
again | s1        | 2026-01-05 |            | C            | 2026-10-01
new   | s1        | 2026-09-02 |            | C            | 2026-10-01
older | s1        | 2019-09-01 | 2023-10-01 | C            | 2024-01-18
older | s2        | 2023-10-02 |            | C            | 2024-01-18
same  | s1        | 2022-09-01 |            | C            | 2026-10-01
same  | s2        | 2022-09-01 |            | C            | 2026-10-01
wrong | s1        | 2020-09-01 |            | C            | 2026-10-01
wrong | s2        | 2026-02-01 | 2026-01-01 | C            | 2026-10-01
y3    | s1        | 2021-09-01 | 2024-07-20 | C            | 2026-10-01
y3    | s2        | 2024-09-30 |            | C            | 2026-10-01
twin  | s1        | 2022-09-01 | 2025-12-20 | C            | 2026-10-01
twin  | s2        | 2022-09-01 |            | C            | 2026-10-01
twin  | s1        | 2026-02-01 |            | C            | 2026-10-01
"""

EXPECTED = """
pupil | year_group | school_moves_this_year | school_moves_three_years
first | 8          | 0                      | 0
moved | 8          | 1                      | 1
to_y7 | 7          | 0                      | 0
late7 | 7          | 1                      | 1
aug_9 | 9          | 1                      | 1
dual  | 8          | 0                      | 0
back  | 8          | 2                      | 2
again | 8          | 0                      | 0
new   | 8          |                        |
older | 11         | 0                      | 1
same  | 5          | 0                      | 0
wrong | 5          | 0                      | 0
y3    | 5          | 0                      | 0
twin  | 5          | 0                      | 0
"""


def test_a_move_is_a_later_entry_at_another_school_usual_transfers_apart(engine) -> None:
    def build(placed, tables, moment, _coverage):
        return school_history_features(add_years_on_roll(placed, tables, moment), tables, moment)

    tables = on_engine(authority(enrolments=ENROLMENTS), engine)
    assert_drawn(room(build, tables, cohort(PUPILS)), EXPECTED)
