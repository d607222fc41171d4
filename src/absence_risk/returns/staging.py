"""The workbench: text in, typed rows out, each row with the file it came from and, if not used, why.

It lives in an attached in-memory database, so that no UPN ever reaches the store's own file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from ..errors import InputError
from .ledger import Ledger
from .reading import CsvFile, cell, read_rows, scan_sql
from .values import integer_sql, read_dates

if TYPE_CHECKING:
    import duckdb

#: ``why`` is empty for a row that is used. Dates are dates, sessions half-days.
_TABLES = """
CREATE TABLE stage.submission(submission INTEGER, file INTEGER, school_id VARCHAR, urn VARCHAR, year INTEGER,
    term VARCHAR,
    academic_year INTEGER, reference_date DATE, known_from DATE, why VARCHAR);
CREATE TABLE stage.school(submission INTEGER, file INTEGER, urn VARCHAR, name VARCHAR, phase VARCHAR, why VARCHAR);
CREATE TABLE stage.ap_mark(submission INTEGER);
CREATE TABLE stage.person(person INTEGER, submission INTEGER, file INTEGER, on_roll BOOLEAN, upn VARCHAR, former
    VARCHAR,
    dob DATE, entry DATE, leaving DATE, year_group INTEGER, enrol_status VARCHAR, sen VARCHAR, young_carer VARCHAR,
    sex VARCHAR, ethnicity VARCHAR, language VARCHAR, possible INTEGER, authorised INTEGER, unauthorised INTEGER,
    possible_2 INTEGER, authorised_2 INTEGER, unauthorised_2 INTEGER, content UBIGINT, mark UBIGINT, why VARCHAR);
CREATE TABLE stage.reason(person INTEGER, file INTEGER, half UTINYINT, code VARCHAR, sessions INTEGER,
    absence_only BOOLEAN);
CREATE TABLE stage.suspension(person INTEGER, file INTEGER, start_date DATE, category VARCHAR, sessions INTEGER,
    why VARCHAR);
CREATE TABLE stage.fsm(person INTEGER, file INTEGER, start_date DATE, end_date DATE, why VARCHAR);
CREATE TABLE stage.arranged(person INTEGER, file INTEGER, setting VARCHAR, pattern VARCHAR, sessions_per_week INTEGER,
    start_date DATE, end_date DATE, why VARCHAR);
CREATE TABLE stage.return_read(return_no INTEGER, file INTEGER, kind VARCHAR, year INTEGER, reference_date DATE,
    known_from DATE, records INTEGER, content VARCHAR, why VARCHAR);
CREATE TABLE stage.child(child INTEGER, return_no INTEGER, file INTEGER, upn VARCHAR, former VARCHAR, dob DATE,
    why VARCHAR);
CREATE TABLE stage.care(child INTEGER, file INTEGER, kind VARCHAR, start_date DATE, end_date DATE, why VARCHAR);
CREATE TABLE stage.episode(child INTEGER, file INTEGER, start_date DATE, end_date DATE, why VARCHAR);
CREATE TABLE stage.funded(child INTEGER, file INTEGER, setting VARCHAR, pattern VARCHAR, sessions_per_week INTEGER,
    start_date DATE, end_date DATE, why VARCHAR);
"""

ENDS_BEFORE_START = "it ends before it starts"
STARTS_AFTER_RETURN = "it starts after the return that carries it"
NO_START = "no start date, or one that cannot be read"
NO_END = "an end date that cannot be read: it may be open or not"


def lay_out(con: duckdb.DuckDBPyConnection) -> None:
    """Attach the empty workbench as ``stage``."""
    con.execute("ATTACH ':memory:' AS stage")
    con.execute(_TABLES)


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Put the workbench away; nothing of it stays in the store."""
    con.execute("DETACH stage")


def count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single number that ``sql`` answers."""
    row = con.execute(sql).fetchall()[0]
    return int(row[0] or 0)


def take_in(
    con: duckdb.DuckDBPyConnection,
    source: CsvFile,
    columns: Mapping[str, tuple[str, ...]],
    table: str = "stage.text",
) -> int:
    """Read the named columns of a CSV into ``table`` as text, missing columns as empty; the number of rows.

    ``columns`` maps our name to the names the column has had over the years, newest first.
    """
    body = ", ".join(f'{cell(source, *names)} AS "{ours}"' for ours, names in columns.items())
    return read_rows(con, source, f"CREATE OR REPLACE TABLE {table} AS SELECT {body} FROM {scan_sql(source)}")


def dates(
    con: duckdb.DuckDBPyConnection, ledger: Ledger, where: str, *columns: str, table: str = "stage.text"
) -> dict[str, str]:
    """SQL for each date column of the text taken in; values that do not fit are counted as findings of ``where``."""
    result = {}
    for column, reading in read_dates(con, table, columns).items():
        ledger.found(
            f"{column}: not a date in the column's own form ({reading.form}), treated as missing",
            where,
            reading.failures,
        )
        result[column] = reading.sql
    return result


def integers(
    con: duckdb.DuckDBPyConnection, ledger: Ledger, where: str, *columns: str, table: str = "stage.text"
) -> dict[str, str]:
    """SQL for each whole-number column of the text taken in; failures are counted as findings of ``where``."""
    result = {column: integer_sql(f'"{column}"') for column in columns}
    tests = ", ".join(
        f'count(*) FILTER (WHERE "{c}" IS NOT NULL AND {sql} IS NULL)' for c, sql in result.items()
    )
    row = con.execute(f"SELECT {tests} FROM {table}").fetchall()[0]
    for column, failures in zip(columns, row, strict=True):
        ledger.found(f"{column}: not a whole number, treated as missing", where, int(failures))
    return result


def spell_why(start: str, end: str, known_from: str) -> str:
    """SQL for the reason a spell is not used, NULL for a sound one.

    The text of the end is the column ``end``. What cannot be read is not blank: a spell without an end is open. In the
    year 9999, as some systems write it, it is open too.
    """
    no_end = f'"end" IS NOT NULL AND {end} IS NULL AND NOT contains("end", \'9999\')'
    return (
        f"CASE WHEN {start} IS NULL THEN '{NO_START}' WHEN {no_end} THEN '{NO_END}' "
        f"WHEN {end} < {start} THEN '{ENDS_BEFORE_START}' "
        f"WHEN {start} > {known_from} THEN '{STARTS_AFTER_RETURN}' END"
    )


#: A sound return has its ends in its own year; this many ends nearly all years earlier are another year's.
_ENDS_NEEDED = 20


def refuse_other_year(
    con: duckdb.DuckDBPyConnection,
    spell: dict[str, str],
    year: int,
    latest: date,
    *,
    late_words: str,
    early_words: str,
    only: str = "TRUE",
) -> None:
    """Refuse a yearly return (1 April to 31 March) most of whose spells in ``stage.text`` are of another year.

    Parameters
    ----------
    spell : dict of str
        SQL of the ``start`` and ``end`` dates.
    latest : date
        The last day on which a spell of this return can start.
    late_words, early_words : str
        What is said of starts after ``latest``, and of ends before the year.
    only : str
        SQL of the spells that are looked at.

    Raises
    ------
    InputError
        If more than half of the starts come after ``latest``, or of the ends before the year.
    """
    row = con.execute(f"""SELECT count({spell["start"]}), count(*) FILTER (WHERE {spell["start"]} > DATE '{latest}'),
        count({spell["end"]}), count(*) FILTER (WHERE {spell["end"]} < DATE '{year - 1}-04-01')
        FROM stage.text WHERE {only}""").fetchall()[0]
    starts, late, ends, early = (int(n) for n in row)
    if late * 2 > starts:
        raise InputError(f"{late:,} of {starts:,} {late_words}; this is a later year's return")
    if ends >= _ENDS_NEEDED and early * 2 > ends:
        raise InputError(
            f"{early:,} of {ends:,} {early_words} before the year to 31 March {year}; this is an earlier year's return"
        )
