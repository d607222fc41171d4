"""The as-of rule on plain frames: who is held on which day, to the day."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import pandas as pd
import pytest

from absence_risk.domain.academic_year import day_number
from absence_risk.features.known import LONG_AGO_DAYS, AsOf, known_on

DAY = 1_000


def held(known_from: int, superseded_from: int | None, end_date: int | None = None) -> list[int | None]:
    """The end dates of the rows that are held on day 1,000: an empty list for a row that is not."""
    frame = pd.DataFrame(
        {"known_from": [known_from], "superseded_from": [superseded_from], "end_date": [end_date]},
        dtype="Int64",
    )
    found = known_on(nw.from_native(frame).lazy(), DAY).collect().to_native()["end_date"]
    return [None if value is pd.NA else int(value) for value in found]


@pytest.mark.parametrize(
    ("known_from", "superseded_from", "is_held"),
    [
        (999, None, True),
        (1_000, None, True),
        (1_001, None, False),
        (1, 999, False),
        (1, 1_000, False),
        (1, 1_001, True),
        (1_001, 1_002, False),
    ],
)
def test_a_version_is_held_from_the_day_it_is_known_to_the_day_before_it_is_replaced(
    known_from: int, superseded_from: int | None, is_held: bool
) -> None:
    assert held(known_from, superseded_from) == ([None] if is_held else [])


@pytest.mark.parametrize(
    ("end", "known"), [(999, 999), (1_000, 1_000), (1_001, None), (5_000, None), (None, None)]
)
def test_an_end_that_is_still_to_come_is_not_known(end: int | None, known: int | None) -> None:
    assert held(1, None, end) == [known]


def test_a_table_without_an_end_is_read_as_it_is() -> None:
    frame = pd.DataFrame({"known_from": [1], "superseded_from": [None]}, dtype="Int64")
    found = known_on(nw.from_native(frame).lazy(), DAY).collect().to_native()
    assert list(found.columns) == ["known_from", "superseded_from"] and len(found) == 1


def test_days_since_an_event_stop_at_three_years() -> None:
    moment = AsOf(date(2026, 10, 31))
    days_ago = [0, 1, 1_096, 1_097, 10_379, 15_000]
    events = pd.DataFrame({"day": [*(moment.day - days for days in days_ago), None]})
    days = nw.from_native(events.astype("Int64")).lazy().select(since=moment.days_since(nw.col("day")))
    found = days.collect().to_native()["since"].tolist()
    assert found[:6] == [0, 1, 1_096, 1_096, 1_096, 1_096] and found[6] is pd.NA
    assert LONG_AGO_DAYS == 1_096


@pytest.mark.parametrize(
    ("day", "years", "earlier"),
    [
        (date(2024, 2, 29), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
        (date(2026, 10, 31), 6, date(2020, 10, 31)),
        (date(2026, 3, 1), 3, date(2023, 3, 1)),
    ],
)
def test_years_ago_is_the_same_day_or_the_28th_of_february(day: date, years: int, earlier: date) -> None:
    assert AsOf(day).years_ago(years) == day_number(earlier)


def test_the_year_described_is_the_one_before_the_year_under_way() -> None:
    moment = AsOf(date(2026, 10, 31))
    assert (moment.feature_year, moment.label_year) == (2025, 2026)
    assert moment.year() == (day_number(date(2025, 9, 1)), day_number(date(2026, 8, 31)))
    assert moment.year(3) == (day_number(date(2022, 9, 1)), day_number(date(2023, 8, 31)))


def test_a_moment_cannot_be_moved() -> None:
    with pytest.raises(AttributeError):
        AsOf(date(2026, 10, 31)).date = date(2027, 10, 31)  # type: ignore[misc]
