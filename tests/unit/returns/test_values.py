"""Dates and integers are read by a stated form; what does not fit is counted, never guessed."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from absence_risk.errors import InputError
from absence_risk.returns.values import integer_sql, plain_number_sql, read_dates


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def _read(con: duckdb.DuckDBPyConnection, *values: str | None) -> tuple[list[str | None], int]:
    con.execute("CREATE OR REPLACE TABLE t(d VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?)", [[v] for v in values])
    reading = read_dates(con, "t", ["d"])["d"]
    found = con.execute(f"SELECT {reading.sql} FROM t").fetchall()
    return [str(day) if day else None for (day,) in found], reading.failures


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-Jan-19 00:00:00", "2025-01-19"),
        ("2025-JUN-09", "2025-06-09"),
        ("2025-Oct-01 00:00:00", "2025-10-01"),
        ("2025-01-19", "2025-01-19"),
        ("2025-01-19 00:00:00", "2025-01-19"),
        ("2025-01-19T00:00:00", "2025-01-19"),
        ("03/04/2011", "2011-04-03"),
        ("3/4/2011", "2011-04-03"),
        ("29/02/2024", "2024-02-29"),
    ],
)
def test_each_accepted_form_is_read(con: duckdb.DuckDBPyConnection, text: str, day: str) -> None:
    assert _read(con, text) == ([day], 0)


@pytest.mark.parametrize(
    "text",
    [
        "19/01/25",
        "24-Jan-18",
        "45678",
        "2025-13-01",
        "29/02/2023",
        "1899-01-01",
        "9999-12-31",
        "2024-08-31 23:00:00",
        "soon",
        "１９/01/2025",
    ],
)
def test_what_is_no_date_of_an_accepted_form_is_refused_when_it_is_the_column(
    con: duckdb.DuckDBPyConnection, text: str
) -> None:
    with pytest.raises(InputError, match="no accepted form") as fault:
        _read(con, text)
    assert text not in str(fault.value)


def test_one_form_is_chosen_for_the_column_and_the_rest_are_counted(con: duckdb.DuckDBPyConnection) -> None:
    days, failures = _read(con, "01/02/2024", "02/02/2024", "2024-02-03", None)
    assert (days, failures) == (["2024-02-01", "2024-02-02", None, None], 1)


def test_a_column_with_a_month_first_date_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(InputError, match="month before the day"):
        _read(con, "01/02/2024", "12/31/2024")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("134.0", 134),
        ("134", 134),
        ("0", 0),
        ("007", 7),
        ("134.5", None),
        ("-3", None),
        ("1e3", None),
        ("٣", None),
        ("x", None),
    ],
)
def test_whole_numbers_only(con: duckdb.DuckDBPyConnection, text: str, number: int | None) -> None:
    assert con.execute(f"SELECT {integer_sql('v')} FROM (SELECT ? AS v)", [text]).fetchall() == [(number,)]


def test_leading_zeros_of_a_code_stay(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(f"SELECT {plain_number_sql('v')} FROM (SELECT '0201.0' AS v)").fetchall() == [
        ("0201",)
    ]
