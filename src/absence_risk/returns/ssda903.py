"""The looked-after children return (SSDA903): episodes that touch become one care spell.

The UPN is in the header file only, and the authority's own child number joins the two files of one return. Short
breaks (legal status V3 and V4) are left out, as the published statistics leave them out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from ..errors import InputError
from .layouts import Role
from .ledger import Ledger
from .reading import CsvFile
from .recognise import Found
from .staging import count, dates, refuse_other_year, spell_why, take_in
from .values import plain_number_sql

if TYPE_CHECKING:
    import duckdb

SHORT_BREAK = "a short break (V3 or V4)"
SEVERAL_UPNS = "its child number has more than one UPN in the header file"
SHARED_UPN = "its UPN is claimed by more than one child number"
NO_HEADER_ROW = "its child number is not in the header file"
#: Legal statuses of the return (DfE, SSDA903 guide); V3 and V4 are short breaks.
_STATUSES = "'C1', 'C2', 'D1', 'E1', 'V2', 'V3', 'V4', 'J1', 'J2', 'J3', 'L1', 'L2', 'L3'"
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def _year_named(name: str) -> int | None:
    folder, _, file = name.rpartition("/")
    for text in (file, folder.rpartition("/")[2]):
        years = {int(y) for y in _YEAR.findall(text)}
        if len(years) == 1:
            return years.pop()
    return None


def read_looked_after(con: duckdb.DuckDBPyConnection, found: list[Found], ledger: Ledger) -> None:
    """Enter every SSDA903 return: a header and an episodes file of one folder and year. Faults are collected."""
    groups: dict[tuple[str, int | None], dict[Role, list[CsvFile]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        groups[one.source.name.rpartition("/")[0], _year_named(one.source.name)][one.role].append(one.source)
    for (folder, named), files in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1] or 0)):
        where = f"{folder or 'the folder of returns'} ({named or 'no year in the file names'})"
        try:
            _read_return(con, where, named, files, ledger)
        except InputError as fault:
            ledger.faults.append(f"SSDA903 in {where}: {fault}")


def _read_return(
    con: duckdb.DuckDBPyConnection,
    where: str,
    named: int | None,
    files: dict[Role, list[CsvFile]],
    ledger: Ledger,
) -> None:
    headers, episodes = files[Role.LOOKED_AFTER_HEADER], files[Role.LOOKED_AFTER_EPISODES]
    if len(headers) != 1 or len(episodes) != 1:
        raise InputError(
            f"expected one header and one episodes file for each year, found {len(headers)} and "
            f"{len(episodes)}; put each "
            "return in a folder of its own, or the year in its file names"
        )
    header, episode = headers[0], episodes[0]
    return_no, first = (
        count(con, "SELECT count(*) FROM stage.return_read"),
        count(con, "SELECT count(*) FROM stage.child"),
    )
    file = ledger.open_file(header.name, "SSDA903 header")
    ledger.came_in(
        file,
        take_in(con, header, {"child": ("child",), "upn": ("upn",), "dob": ("dob",)}, "stage.text_child"),
    )
    born = dates(con, ledger, header.name, "dob", table="stage.text_child")["dob"]
    con.execute(f"""CREATE OR REPLACE TABLE stage.children AS
        SELECT CAST({first} + row_number() OVER (ORDER BY child, upn, {born}) - 1 AS INTEGER) AS number, child,
            upn, {born} AS dob,
            count(DISTINCT upn) OVER (PARTITION BY child) AS upns,
            CASE WHEN upper(upn) NOT SIMILAR TO 'UN[0-9]' THEN count(DISTINCT child) OVER (PARTITION BY
                upper(upn)) END AS claims,
            row_number() OVER (PARTITION BY child ORDER BY upn, {born}) AS copy
        FROM stage.text_child""")
    con.execute(f"""INSERT INTO stage.child SELECT number, {return_no}, {file}, upn, NULL, dob,
        CASE WHEN upns > 1 THEN '{SEVERAL_UPNS}' WHEN claims > 1 THEN '{SHARED_UPN}' WHEN copy > 1 THEN
            'the same child number twice' END
        FROM stage.children""")
    _read_episodes(con, episode, named, (return_no, file), ledger)


def _read_episodes(
    con: duckdb.DuckDBPyConnection,
    source: CsvFile,
    named: int | None,
    numbers: tuple[int, int],
    ledger: Ledger,
) -> None:
    file = ledger.open_file(source.name, "SSDA903 episodes")
    columns = {
        "child": ("child",),
        "start": ("decom",),
        "end": ("dec",),
        "status": ("ls",),
        "year": ("year",),
    }
    rows = take_in(con, source, columns)
    ledger.came_in(file, rows)
    when = dates(con, ledger, source.name, "start", "end")
    for code, number in con.execute(
        f"SELECT status, count(*) FROM stage.text WHERE upper(status) NOT IN ({_STATUSES}) GROUP BY 1 ORDER BY 1"
    ).fetchall():
        ledger.unknown_code("legal status", code, number)
    year = _year_of(con, when, named)
    if named and named != year:
        ledger.note(f"{source.name}: its YEAR column says {year}, which is followed, and its name {named}")
    known = date(year, 3, 31)
    refuse_other_year(
        con, when, year, known, late_words=f"episodes start after 31 March {year}", early_words="episodes end"
    )
    con.execute(f"""INSERT INTO stage.episode SELECT c.number, {file}, {when["start"]}, {when["end"]},
        CASE WHEN upper(status) IN ('V3', 'V4') THEN '{SHORT_BREAK}' WHEN c.number IS NULL THEN '{NO_HEADER_ROW}'
            ELSE {spell_why(when["start"], when["end"], f"DATE '{known}'")} END
        FROM stage.text AS t LEFT JOIN (SELECT * FROM stage.children WHERE copy = 1) AS c ON c.child = t.child""")
    return_no, _ = numbers
    content = con.execute(f"""SELECT concat(sum(hash(c.upn, c.dob, {when["start"]}, {when["end"]},
        status)::HUGEINT)) FROM stage.text AS t
        LEFT JOIN (SELECT * FROM stage.children WHERE copy = 1) AS c ON c.child = t.child""").fetchall()[0]
    con.execute(
        "INSERT INTO stage.return_read VALUES (?, ?, 'ssda903', ?, ?, ?, ?, ?, NULL)",
        [return_no, file, year, known, known, rows, content[0]],
    )


def _year_of(con: duckdb.DuckDBPyConnection, when: dict[str, str], named: int | None) -> int:
    """The year to 31 March: stated in a column, else in the file's name, else the year of the latest date."""
    stated = con.execute(
        f"SELECT DISTINCT {plain_number_sql('year')} FROM stage.text WHERE year IS NOT NULL"
    ).fetchall()
    if not all(re.fullmatch("20[0-9]{2}", one) for (one,) in stated):
        raise InputError("the YEAR column holds what is no year such as 2024 (the year to 31 March 2024)")
    if len(stated) > 1:
        raise InputError(
            f"the YEAR column holds {len(stated)} different years; put each year's return in files of its own"
        )
    if stated:
        return int(stated[0][0])
    if named:
        return named
    row = con.execute(f"SELECT max(greatest({when['start']}, {when['end']})) FROM stage.text").fetchall()[0]
    if row[0] is None:
        raise InputError(
            "no YEAR column, no year in the file name and no date, so nothing says which year this is"
        )
    latest: date = row[0]
    return latest.year + (latest > date(latest.year, 3, 31))
