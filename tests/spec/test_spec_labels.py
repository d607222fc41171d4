"""The outcome in 2026/27 of the pupils of feature year 2025/26, drawn."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from drawn import authority, cells, cohort, on_engine

from absence_risk.domain.academic_year import AcademicYear
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.labels import UNKNOWN_REASONS, label_outcomes, missing_censuses, on_the_line

YEAR = AcademicYear(2025)

RETURNS = """
kind          | year | term
school_census | 2027 | spring
school_census | 2027 | summer
school_census | 2027 | autumn
"""

TERMS = """
pupil   | school_id | academic_year | term     | sessions_possible | sessions_authorised | sessions_unauthorised | has_reasons | exceeds_possible | superseded_from
line    | s1        | 2026          | autumn   | 150               |                     |                       | yes         | no               |
line    | s1        | 2026          | spring   | 100               |                     |                       | yes         | no               |
line    | s1        | 2026          | summer_1 | 100               |                     |                       | yes         | no               |
line    | s1        | 2026          | summer_2 | 30                |                     |                       | yes         | no               |
below   | s1        | 2026          | autumn   | 280               |                     |                       | yes         | no               |
below   | s1        | 2026          | summer_1 | 100               |                     |                       | yes         | no               |
moved   | s1        | 2026          | autumn   | 150               |                     |                       | yes         | no               |
moved   | s2        | 2026          | summer_1 | 150               |                     |                       | yes         | no               |
zero    | s1        | 2026          | autumn   | 150               |                     |                       | yes         | no               |
zero    | s1        | 2026          | summer_1 | 150               |                     |                       | yes         | no               |
totals  | s1        | 2026          | autumn   | 150               | 40                  | 20                    | no          | no               |
totals  | s1        | 2026          | summer_1 | 50                | 0                   | 0                     | no          | no               |
silent  | s1        | 2026          | autumn   | 150               |                     |                       | no          | no               |
silent  | s1        | 2026          | summer_1 | 150               |                     |                       | yes         | no               |
left    | s1        | 2026          | autumn   | 250               |                     |                       | yes         | no               |
few     | s1        | 2026          | summer_1 | 189               |                     |                       | yes         | no               |
enough  | s1        | 2026          | summer_1 | 190               |                     |                       | yes         | no               |
over    | s1        | 2026          | autumn   | 150               |                     |                       | yes         | no               |
over    | s1        | 2026          | summer_1 | 150               |                     |                       | yes         | yes              |
fixed   | s1        | 2026          | summer_1 | 200               |                     |                       | yes         | no               |
blank   | s1        | 2026          | autumn   |                   |                     |                       | yes         | no               |
wrong_y | s1        | 2025          | summer_1 | 300               |                     |                       | yes         | no               |
old     | s1        | 2026          | summer_1 | 300               |                     |                       | yes         | no               | 2027-10-10
old     | s1        | 2026          | summer_1 | 400               |                     |                       | yes         | no               |
"""

CODES = """
pupil   | school_id | academic_year | term     | reason_code | sessions | superseded_from
line    | s1        | 2026          | autumn   | G           | 10       |
line    | s1        | 2026          | spring   | N           | 10       |
line    | s1        | 2026          | summer_1 | O           | 10       |
line    | s1        | 2026          | summer_2 | U           | 8        |
line    | s1        | 2026          | summer_2 | I           | 99       |
below   | s1        | 2026          | autumn   | O           | 37       |
moved   | s1        | 2026          | autumn   | O           | 15       |
moved   | s2        | 2026          | summer_1 | O           | 16       |
silent  | s1        | 2026          | summer_1 | O           | 90       |
left    | s1        | 2026          | autumn   | O           | 90       |
few     | s1        | 2026          | summer_1 | O           | 90       |
enough  | s1        | 2026          | summer_1 | O           | 19       |
over    | s1        | 2026          | summer_1 | O           | 90       |
fixed   | s1        | 2026          | summer_1 | N           | 30       | 2027-10-10
fixed   | s1        | 2026          | summer_1 | I           | 30       |
wrong_y | s1        | 2025          | summer_1 | O           | 90       |
old     | s1        | 2026          | summer_1 | O           | 39       |
"""

EXPECTED = """
pupil   | y | sessions_counted | sessions_possible | unknown_reason
line    | 1 | 38               | 380               |
below   | 0 | 37               | 380               |
moved   | 1 | 31               | 300               |
zero    | 0 | 0                | 300               |
totals  | 1 | 20               | 200               |
silent  |   |                  | 300               | codes_not_held
left    |   | 90               | 250               | left_during_year
few     |   | 90               | 189               | too_few_sessions
enough  | 1 | 19               | 190               |
over    |   | 90               | 300               | absence_exceeds_possible
fixed   | 0 | 0                | 200               |
blank   |   |                  |                   | no_attendance
wrong_y |   |                  |                   | no_attendance
old     | 0 | 39               | 400               |
nowhere |   |                  |                   | no_attendance
"""

PUPILS = "pupil\n" + "\n".join(row["pupil"] for row in cells(EXPECTED))


def labelled(engine: str, outcome: str = "unauthorised", returns: str = RETURNS) -> pd.DataFrame:
    tables = on_engine(authority(attendance_terms=TERMS, attendance=CODES, returns=returns), engine)
    return label_outcomes(tables, cohort(PUPILS), OUTCOMES[outcome], YEAR)


def as_text(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    written = {
        row["pupil_id"]: {k: "" if pd.isna(v) else str(v) for k, v in row.items() if k != "pupil_id"}
        for row in frame.to_dict("records")
    }
    return written


def test_the_outcome_is_decided_in_integers_and_unknown_stays_unknown(engine) -> None:
    found = labelled(engine)
    assert as_text(found) == {row.pop("pupil"): row for row in cells(EXPECTED)}
    assert found["pupil_id"].is_monotonic_increasing


def test_a_pupil_exactly_on_the_line_is_counted(engine) -> None:
    found = labelled(engine)
    exact = found[found["sessions_counted"] * 10 == found["sessions_possible"]]["pupil_id"]
    assert list(exact) == ["enough", "line", "totals"]
    assert on_the_line(found, OUTCOMES["unauthorised"]) == 3


@pytest.mark.parametrize(
    ("outcome", "met"),
    [
        ("unauthorised", {"enough", "line", "moved", "totals"}),
        ("unauthorised_other", {"enough", "moved"}),
        ("unauthorised_not_holiday", {"enough", "moved"}),
        ("overall", {"enough", "fixed", "line", "moved", "totals"}),
    ],
)
def test_totals_serve_only_the_outcomes_they_equal(engine, outcome, met) -> None:
    found = labelled(engine, outcome).set_index("pupil_id")
    assert set(found.index[found["y"].fillna(0) == 1]) == met
    needs_codes = OUTCOMES[outcome].from_totals is None
    reason = found.loc["totals", "unknown_reason"]
    assert reason == "codes_not_held" if needs_codes else pd.isna(reason)


@pytest.mark.parametrize("term", ["spring", "summer", "autumn"])
def test_a_year_that_lacks_a_census_has_no_known_outcome(engine, term) -> None:
    without = "\n".join(line for line in RETURNS.splitlines() if term not in line)
    found = labelled(engine, returns=without)
    assert set(found["unknown_reason"]) == {"census_missing"}
    assert found["y"].isna().all()


def test_the_missing_census_is_named() -> None:
    without = "\n".join(line for line in RETURNS.splitlines() if "summer" not in line)
    assert missing_censuses(authority(returns=without), YEAR.next) == ("summer census 2027",)


def test_every_reason_is_met_by_a_drawn_pupil() -> None:
    assert {row["unknown_reason"] for row in cells(EXPECTED)} - {""} == set(UNKNOWN_REASONS) - {
        "census_missing"
    }


CORRECTED_TERMS = """
pupil   | academic_year | term     | sessions_possible | known_from | superseded_from
recoded | 2026          | autumn   | 100               | 2027-01-20 |
recoded | 2026          | summer_1 | 100               | 2027-10-05 |
shorter | 2026          | autumn   | 100               | 2027-01-20 | 2028-02-01
shorter | 2026          | autumn   | 300               | 2028-02-01 |
shorter | 2026          | summer_1 | 100               | 2027-10-05 |
arrived | 2026          | autumn   | 100               | 2027-01-20 |
arrived | 2026          | summer_1 | 100               | 2028-02-01 |
"""
CORRECTED_CODES = """
pupil   | academic_year | term   | reason_code | sessions | known_from | superseded_from
recoded | 2026          | autumn | I           | 30       | 2027-01-20 | 2028-02-01
recoded | 2026          | autumn | O           | 30       | 2028-02-01 |
shorter | 2026          | autumn | O           | 25       | 2027-01-20 |
arrived | 2026          | autumn | O           | 90       | 2027-01-20 |
"""
TIMELY = """
kind          | year | term   | known_from
school_census | 2027 | spring | 2027-01-20
school_census | 2027 | summer | 2027-05-20
school_census | 2027 | autumn | 2027-10-05
"""
#: The day before the corrections of February 2028, and the day they come.
BY_DAY = """
pupil   | 2027-10-31 | 2028-02-01
recoded | 0          | 1
shorter | 1          | 0
arrived | unknown    | 1
"""


@pytest.mark.parametrize("day", ["2027-10-31", "2028-02-01", ""])
def test_a_correction_changes_the_outcome_from_its_own_day_only(engine, day) -> None:
    tables = authority(attendance_terms=CORRECTED_TERMS, attendance=CORRECTED_CODES, returns=TIMELY)
    drawn = cells(BY_DAY)
    found = label_outcomes(
        on_engine(tables, engine),
        cohort("pupil\n" + "\n".join(row["pupil"] for row in drawn)),
        OUTCOMES["unauthorised"],
        YEAR,
        known_by=date.fromisoformat(day) if day else None,
    )
    expected = {row["pupil"]: row[day or "2028-02-01"] for row in drawn}
    assert {
        p: "unknown" if pd.isna(y) else str(y) for p, y in zip(found["pupil_id"], found["y"], strict=True)
    } == expected
    unknown = found.set_index("pupil_id")["unknown_reason"].dropna().to_dict()
    assert unknown == ({"arrived": "left_during_year"} if day == "2027-10-31" else {})


def test_a_census_that_came_later_is_missing_on_an_earlier_day() -> None:
    tables = authority(attendance_terms=CORRECTED_TERMS, attendance=CORRECTED_CODES, returns=TIMELY)
    assert missing_censuses(tables, YEAR.next, known_by=date(2027, 10, 4)) == ("autumn census 2027",)
    assert missing_censuses(tables, YEAR.next, known_by=date(2027, 10, 5)) == ()
    pupils = cohort("pupil\nrecoded")
    early = label_outcomes(tables, pupils, OUTCOMES["unauthorised"], YEAR, known_by=date(2027, 10, 4))
    assert early["unknown_reason"].tolist() == ["census_missing"]
