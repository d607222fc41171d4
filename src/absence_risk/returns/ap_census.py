"""The alternative provision census: placements the authority funds. CSV in our own layout (docs/returns.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError
from .census_children import PLACEMENT, placement_sql
from .ledger import Ledger
from .reading import CsvFile
from .staging import count, dates, spell_why, take_in
from .values import plain_number_sql

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {
    **PLACEMENT,
    "upn": ("upn",),
    "former": ("formerupn",),
    "dob": ("dob",),
    "year": ("year",),
    "referencedate": ("referencedate",),
}


def read_ap_census(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Enter one AP census file: one row per child and placement, of one year.

    Raises
    ------
    InputError
        If it holds more than one year, or its year and January reference date do not agree.
    """
    file = ledger.open_file(source.name, "AP census")
    rows = take_in(con, source, _COLUMNS)
    ledger.came_in(file, rows)
    if not rows:
        raise InputError(
            "the file has a header but no row, so nothing says which year it is; export it again"
        )
    columns, start, end = placement_sql(con, ledger, source.name)
    when = dates(con, ledger, source.name, "dob", "referencedate")
    found = con.execute(
        f"SELECT DISTINCT TRY_CAST({plain_number_sql('year')} AS INTEGER), {when['referencedate']} FROM stage.text"
    ).fetchall()
    if len(found) != 1 or None in found[0]:
        raise InputError(
            f"expected one year and one reference date in every row, found {len(found)} pairs; one file for each year"
        )
    year, reference = found[0]
    if reference.year != year or reference.month != 1:
        raise InputError(
            f"the year is {year}, but the reference date is not in January {year}; another year's return or "
            f"an altered one"
        )
    _refuse_later_year(con, start, year)
    return_no, first = (
        count(con, "SELECT count(*) FROM stage.return_read"),
        count(con, "SELECT count(*) FROM stage.child"),
    )
    con.execute(f"""CREATE OR REPLACE TABLE stage.joined AS
        SELECT CAST({first} + row_number() OVER () - 1 AS INTEGER) AS number, DATE '{reference}' AS known_from,
            * FROM stage.text""")
    con.execute(
        f"INSERT INTO stage.child SELECT number, {return_no}, {file}, upn, former, {when['dob']}, NULL FROM "
        f"stage.joined"
    )
    con.execute(
        f"INSERT INTO stage.funded SELECT number, {file}, {columns}, {spell_why(start, end, 'known_from')} "
        f"FROM stage.joined"
    )
    content = con.execute("SELECT concat(sum(hash(t)::HUGEINT)) FROM stage.text AS t").fetchall()[0]
    con.execute(
        "INSERT INTO stage.return_read VALUES (?, ?, 'ap_census', ?, ?, ?, ?, ?, NULL)",
        [return_no, file, year, reference, reference, rows, content[0]],
    )


def _refuse_later_year(con: duckdb.DuckDBPyConnection, start: str, year: int) -> None:
    late = count(con, f"SELECT count(*) FROM stage.text WHERE {start} > DATE '{year}-01-31'")
    rows = count(con, "SELECT count(*) FROM stage.text")
    if late * 2 > rows:
        raise InputError(
            f"{late:,} of {rows:,} placements start after January {year}; this is a later year's return"
        )
