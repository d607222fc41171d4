"""What pupils missed in 2025/26 and in 2026/27, in the same terms of both, drawn."""

# ruff: noqa: E501 -- a drawn table is as wide as it is

from __future__ import annotations

from datetime import date

import pytest
from drawn import authority, cells, on_engine

from absence_risk.domain.academic_year import AcademicYear
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.impact.missed import follow, two_years

YEAR = AcademicYear(2025)
TODAY = date(2027, 11, 1)

RETURNS = """
kind          | year | term   | known_from
school_census | 2026 | spring | 2026-01-15
school_census | 2026 | summer | 2026-05-21
school_census | 2026 | autumn | 2026-10-01
school_census | 2027 | spring | 2027-01-21
school_census | 2027 | summer | 2027-05-20
school_census | 2027 | autumn | 2027-10-07
"""

TERMS = """
pupil   | school_id | academic_year | term     | sessions_possible | has_reasons | exceeds_possible | known_from | superseded_from
stayed  | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
stayed  | s1        | 2025          | spring   | 110               | yes         | no               | 2026-05-21 |
stayed  | s1        | 2025          | summer_1 | 100               | yes         | no               | 2026-10-01 |
stayed  | s1        | 2026          | autumn   | 141               | yes         | no               | 2027-01-21 |
stayed  | s1        | 2026          | spring   | 109               | yes         | no               | 2027-05-20 |
stayed  | s1        | 2026          | summer_1 | 90                | yes         | no               | 2027-10-07 |
stayed  | s1        | 2026          | summer_2 | 30                | yes         | no               | 2027-10-07 |
moved   | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
moved   | s1        | 2026          | autumn   | 60                | yes         | no               | 2027-01-21 |
moved   | s2        | 2026          | autumn   | 80                | yes         | no               | 2027-01-21 |
moved   | s2        | 2026          | summer_1 | 100               | yes         | no               | 2027-10-07 |
left    | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
left    | s1        | 2026          | autumn   | 140               | yes         | no               | 2027-01-21 |
gone    | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
gone    | s1        | 2026          | autumn   | 140               | yes         | no               | 2027-01-21 |
over    | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
over    | s1        | 2025          | summer_1 | 100               | yes         | no               | 2026-10-01 |
over    | s1        | 2026          | autumn   | 140               | yes         | yes              | 2027-01-21 |
over    | s1        | 2026          | summer_1 | 100               | yes         | no               | 2027-10-07 |
silent  | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
silent  | s1        | 2026          | autumn   | 140               | no          | no               | 2027-01-21 |
silent  | s1        | 2026          | summer_1 | 100               | no          | no               | 2027-10-07 |
new     | s1        | 2026          | autumn   | 140               | yes         | no               | 2027-01-21 |
new     | s1        | 2026          | summer_1 | 100               | yes         | no               | 2027-10-07 |
mended  | s1        | 2025          | autumn   | 140               | yes         | no               | 2026-01-15 |
mended  | s1        | 2026          | autumn   | 999               | yes         | no               | 2027-01-21 | 2027-05-20
mended  | s1        | 2026          | autumn   | 140               | yes         | no               | 2027-05-20 |
mended  | s1        | 2026          | summer_1 | 100               | yes         | no               | 2027-10-07 |
"""

CODES = """
pupil   | school_id | academic_year | term     | reason_code | sessions | known_from
stayed  | s1        | 2025          | autumn   | O           | 20       | 2026-01-15
stayed  | s1        | 2025          | spring   | U           | 5        | 2026-05-21
stayed  | s1        | 2025          | spring   | I           | 50       | 2026-05-21
stayed  | s1        | 2026          | autumn   | O           | 7        | 2027-01-21
stayed  | s1        | 2026          | summer_1 | G           | 4        | 2027-10-07
stayed  | s1        | 2026          | summer_2 | G           | 9        | 2027-10-07
moved   | s1        | 2025          | autumn   | O           | 30       | 2026-01-15
moved   | s1        | 2026          | autumn   | O           | 6        | 2027-01-21
moved   | s2        | 2026          | autumn   | N           | 3        | 2027-01-21
left    | s1        | 2025          | autumn   | O           | 70       | 2026-01-15
over    | s1        | 2025          | summer_1 | O           | 8        | 2026-10-01
over    | s1        | 2026          | summer_1 | O           | 9        | 2027-10-07
"""

ENROLMENTS = """
pupil | school_id | start_date | end_date   | known_from | superseded_from
left  | s1        | 2022-09-01 |            | 2022-10-06 | 2027-05-20
left  | s1        | 2022-09-01 | 2027-01-30 | 2027-05-20 |
gone  | s1        | 2022-09-01 |            | 2022-10-06 |
moved | s1        | 2022-09-01 | 2026-11-10 | 2027-01-21 |
moved | s2        | 2026-11-11 |            | 2027-01-21 |
"""

#: Summer's second half is held of one year only, so it is not compared; illness never counts.
EXPECTED = """
pupil   | state    | counted_before | possible_before | counted_after | possible_after
gone    | not_held | 0              | 0               | 0             | 0
left    | left     | 0              | 0               | 0             | 0
mended  | followed | 0              | 140             | 0             | 140
moved   | followed | 30             | 140             | 9             | 140
new     | not_held | 0              | 0               | 0             | 0
over    | followed | 8              | 100             | 9             | 100
silent  | not_held | 0              | 0               | 0             | 0
stayed  | followed | 25             | 350             | 11            | 340
"""


def _tables(engine: str) -> dict[str, object]:
    drawn = authority(returns=RETURNS, attendance_terms=TERMS, attendance=CODES, enrolments=ENROLMENTS)
    return on_engine(drawn, engine)


def test_the_same_terms_of_both_years_are_summed_and_leavers_stand_apart(engine: str) -> None:
    tables = _tables(engine)
    rows = cells(EXPECTED)
    years = two_years(tables, YEAR, TODAY)
    found = follow(tables, [row["pupil"] for row in rows], OUTCOMES["unauthorised"], years, TODAY).frame
    shown = found.drop(columns="school_id").astype(str).rename(columns={"pupil_id": "pupil"})
    assert shown.to_dict("records") == rows


def test_each_pupil_belongs_to_the_school_with_most_possible_sessions(engine: str) -> None:
    tables = _tables(engine)
    found = follow(
        tables, ["moved", "nobody"], OUTCOMES["unauthorised"], two_years(tables, YEAR, TODAY), TODAY
    )
    assert dict(zip(found.frame["pupil_id"], found.frame["school_id"], strict=True)) == {
        "moved": "s1",
        "nobody": "",
    }


@pytest.mark.parametrize(
    ("known_by", "terms", "missing"),
    [
        (date(2027, 1, 20), (), 3),
        (date(2027, 1, 21), ("autumn",), 2),
        (date(2027, 6, 1), ("autumn", "spring"), 1),
        (TODAY, ("autumn", "spring", "summer_1", "summer_2"), 0),
    ],
)
def test_only_terms_whose_census_is_held_on_the_day_are_compared(
    engine: str, known_by: date, terms: tuple[str, ...], missing: int
) -> None:
    found = two_years(_tables(engine), YEAR, known_by)
    assert (found.terms, len(found.missing), found.whole) == (terms, missing, missing == 0)


def test_while_the_year_is_under_way_autumn_is_compared_with_autumn(engine: str) -> None:
    tables, day = _tables(engine), date(2027, 2, 1)
    found = follow(
        tables, ["stayed", "left"], OUTCOMES["unauthorised"], two_years(tables, YEAR, day), day
    ).frame
    sums = found[["state", "counted_before", "possible_before", "counted_after", "possible_after"]]
    # The one who leaves in January was there in autumn, and nobody knows of January yet.
    assert sums.values.tolist() == [["followed", 70, 140, 0, 140], ["followed", 20, 140, 7, 141]]
