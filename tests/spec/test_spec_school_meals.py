"""Free school meals, drawn. As of 31 October 2026 the six years begin on 31 October 2020 (2,192 days)."""

from __future__ import annotations

from drawn import assert_drawn, authority, cohort, on_engine, room

from absence_risk.features.school_meals import school_meal_features

PUPILS = """
pupil | year_group
a     | 8
b     | 8
c     | 8
d     | 8
e     | 1
f     | 8
g     | 8
h     | 8
"""

PERIODS = """
pupil | start_date | end_date   | known_from | superseded_from
a     | 2026-10-31 |            | 2026-10-31 |
b     | 2019-01-01 | 2020-10-31 | 2021-01-21 |
c     | 2019-01-01 | 2020-10-30 | 2021-01-21 |
d     | 2010-01-01 |            | 2016-01-21 |
d     | 2015-01-01 |            | 2016-01-21 |
e     | 2024-09-01 | 2025-09-10 | 2025-10-02 |
f     | 2026-05-01 | 2026-04-01 | 2026-05-21 |
g     | 2026-10-01 | 2026-10-31 | 2026-10-02 |
"""

EXPECTED = """
pupil | fsm_now | fsm_ever_six | fsm_share_of_time
a     | 1       | 1            | 1/2192
b     | 0       | 1            | 1/2192
c     | 0       | 0            | 0
d     | 1       | 1            | 1
e     | 0       | 1            | 10/426
f     | 0       | 0            | 0
g     | 0       | 1            | 31/2192
h     | 0       | 0            | 0
"""


def test_now_is_open_ever_touches_six_years_and_share_is_days_of_school_age(engine) -> None:
    tables = on_engine(authority(fsm=PERIODS), engine)
    assert_drawn(room(school_meal_features, tables, cohort(PUPILS)), EXPECTED)


def test_without_a_school_census_nothing_is_known(engine) -> None:
    tables = on_engine(authority(fsm=PERIODS, returns="kind | year | term\ncin_census | 2026 |"), engine)
    found = room(school_meal_features, tables, cohort(PUPILS))
    assert found.drop(columns="pupil_id").isna().all().all()
