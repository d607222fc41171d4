from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from absence_risk.domain.academic_year import AcademicYear, day_from_number, day_number, feature_year_of


def test_an_academic_year_is_written_with_a_slash_and_read_back() -> None:
    assert str(AcademicYear(1999 + 1)) == "2000/01"
    assert AcademicYear.parse("2023/24") == AcademicYear(2023)


@pytest.mark.parametrize("text", ["2023/25", "2023-24", "23/24", "", "2023/24x", "٢٠٢٣/٢٤"])
def test_anything_else_is_not_an_academic_year(text: str) -> None:
    with pytest.raises(ValueError, match="2023/24"):
        AcademicYear.parse(text)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2024, 8, 31), 2023),
        (date(2024, 9, 1), 2024),
        (date(2024, 2, 29), 2023),
        (date(2024, 12, 31), 2024),
    ],
)
def test_the_year_turns_on_the_first_of_september(day: date, year: int) -> None:
    assert AcademicYear.of(day).start_year == year


def test_features_on_31_october_2026_describe_2025_26() -> None:
    assert feature_year_of(date(2026, 10, 31)) == AcademicYear(2025)
    assert AcademicYear(2025).as_of() == date(2026, 10, 31)


def test_covid_years_are_2019_20_and_2020_21() -> None:
    assert [y for y in range(2017, 2024) if AcademicYear(y).touches_covid] == [2019, 2020]


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_a_day_number_names_its_day(day: date) -> None:
    assert day_from_number(day_number(day)) == day
    year = AcademicYear.of(day)
    assert year.first_day <= day <= year.last_day


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_year_that_no_return_is_of_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match=f"between 2000 and 2100, not {year}"):
        AcademicYear(year)
