"""The as-of rule: what the authority held on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from drawn import AS_OF, authority, on_engine

from absence_risk.domain.academic_year import day_number
from absence_risk.features.known import AsOf, known_on
from absence_risk.tables.frames import open_table, to_pandas

SPELLS = """
pupil | kind | start_date | end_date   | known_from | superseded_from
a     | cin  | 2025-01-10 |            | 2025-03-31 | 2026-03-31
a     | cin  | 2025-01-10 | 2025-06-01 | 2026-03-31 |
b     | cin  | 2026-05-01 |            | 2027-03-31 |
c     | cin  | 2025-02-01 | 2026-12-01 | 2026-03-31 |
"""


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2025, 3, 30), {}),
        (date(2025, 3, 31), {"a": None}),
        (date(2026, 3, 30), {"a": None}),
        (date(2026, 3, 31), {"a": date(2025, 6, 1), "c": None}),
        (AS_OF, {"a": date(2025, 6, 1), "c": None}),
        (date(2026, 12, 1), {"a": date(2025, 6, 1), "c": date(2026, 12, 1)}),
        (date(2027, 3, 31), {"a": date(2025, 6, 1), "b": None, "c": date(2026, 12, 1)}),
    ],
)
def test_a_fact_is_held_from_the_day_it_is_known_until_it_is_replaced(engine, day, held) -> None:
    tables = on_engine(authority(social_care=SPELLS), engine)
    rows = to_pandas(known_on(open_table(tables, "social_care"), day_number(day)))
    found = {
        p: None if pd.isna(e) else int(e) for p, e in zip(rows["pupil_id"], rows["end_date"], strict=True)
    }
    assert found == {p: None if e is None else day_number(e) for p, e in held.items()}
    assert len(rows) == len(held)


def test_the_feature_year_is_the_one_before_the_year_under_way() -> None:
    moment = AsOf(AS_OF)
    assert (moment.feature_year, moment.label_year) == (2025, 2026)
    assert moment.year() == (day_number(date(2025, 9, 1)), day_number(date(2026, 8, 31)))
    assert moment.year(3) == (day_number(date(2022, 9, 1)), day_number(date(2023, 8, 31)))


def test_six_years_before_29_february_is_28_february() -> None:
    assert AsOf(date(2024, 2, 29)).years_ago(6) == day_number(date(2018, 2, 28))
    assert AsOf(AS_OF).years_ago(6) == day_number(date(2020, 10, 31))
