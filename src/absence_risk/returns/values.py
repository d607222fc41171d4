"""Text to dates and integers: by a stated form, never by guess, failures counted.

Two-digit years and month-first dates are never read. DuckDB's month names are English whatever the locale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import duckdb

#: form in words, pattern of the date part, format of the date part
DATE_FORMS = (
    ("2025-Jan-19", r"\d{4}-[A-Za-z]{3}-\d{2}", "%Y-%b-%d"),
    ("2025-01-19", r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    ("19/01/2025", r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
)
#: COLLECT writes midnight after every date. Any other time of day may be a date moved by the clock change.
_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?$"
_EARLIEST, _LATEST = "1950-01-01", "2100-12-31"


@dataclass(frozen=True)
class DateReading:
    """How one column's dates are read: the SQL, and how many values did not fit."""

    sql: str
    form: str
    failures: int
    values: int


def _date_part(column: str) -> str:
    return f"regexp_replace({column}, '{_MIDNIGHT}', '')"


def date_sql(column: str, pattern: str, form: str, *, any_time: bool = False) -> str:
    """SQL that turns a text column into dates of one form; what does not fit, or lies outside 1950 to 2100, is NULL."""
    part = rf"regexp_replace({column}, '[ T]\d{{2}}:\d{{2}}.*$', '')" if any_time else _date_part(column)
    day = f"CAST(try_strptime({part}, '{form}') AS DATE)"
    fits = f"regexp_full_match({part}, '{pattern}')"
    return f"(CASE WHEN {fits} AND {day} BETWEEN DATE '{_EARLIEST}' AND DATE '{_LATEST}' THEN {day} END)"


_MONTH_FIRST = r"^\d{1,2}/(1[3-9]|2\d|3[01])/\d{4}"


def read_dates(
    con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], *, any_time: bool = False
) -> dict[str, DateReading]:
    """Find, for each text column, the one form that fits all its values; if none fits all, the one that fits most.

    Raises
    ------
    InputError
        If most values of a column fit no form, or a column holds month-first dates.
    """
    counts = [
        f"sum(n) FILTER (WHERE {date_sql('v', p, f, any_time=any_time)} IS NOT NULL)"
        for _, p, f in DATE_FORMS
    ]
    told = " UNION ALL ".join(
        f'SELECT \'{c}\' AS c, "{c}" AS v, count(*) AS n FROM {table} WHERE "{c}" IS NOT NULL GROUP BY ALL'
        for c in columns
    )
    rows = con.execute(
        f"SELECT c, sum(n), sum(n) FILTER (WHERE regexp_matches(v, '{_MONTH_FIRST}')), {', '.join(counts)} "
        f"FROM ({told}) GROUP BY c"
    ).fetchall()
    found = {row[0]: [int(n or 0) for n in row[1:]] for row in rows}
    return {column: _chosen(column, found.get(column, [0] * 5), any_time) for column in columns}


def _chosen(column: str, counts: list[int], any_time: bool) -> DateReading:
    values, wrong_way, *fits = counts
    if wrong_way:
        raise InputError(
            f"column {column}: {wrong_way:,} of {values:,} dates have the month before the day; "
            "export the dates day first (19/01/2025) or as 2025-01-19"
        )
    best = max(range(len(DATE_FORMS)), key=lambda i: fits[i])
    if fits[best] * 2 < values:
        raise InputError(
            f"column {column}: {values - fits[best]:,} of {values:,} dates are written in no accepted form; expected "
            "2025-Jan-19, 2025-01-19 or 19/01/2025 with four-digit years"
        )
    words, pattern, form = DATE_FORMS[best]
    return DateReading(
        date_sql(f'"{column}"', pattern, form, any_time=any_time), words, values - fits[best], values
    )


def integer_sql(column: str) -> str:
    """SQL that reads ``134`` and ``134.0`` as 134; fractions, signs and text are NULL."""
    return rf"TRY_CAST(regexp_extract({column}, '^(\d{{1,8}})(\.0+)?$', 1) AS INTEGER)"


def plain_number_sql(column: str) -> str:
    """SQL that drops the ``.0`` that a code written as a number carries; leading zeros stay."""
    return rf"regexp_replace({column}, '\.0+$', '')"
