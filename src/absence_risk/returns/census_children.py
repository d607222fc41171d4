"""The child tables of one School Census: attendance, suspensions, free meals, placements, schools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..errors import InputError
from .census_sets import CensusSet
from .layouts import OFF_ROLL_ID, ON_ROLL_ID, Role
from .ledger import Ledger
from .reading import CsvFile, cell, read_rows, scan_sql
from .staging import STARTS_AFTER_RETURN, count, dates, integers, spell_why, take_in
from .values import integer_sql, plain_number_sql

if TYPE_CHECKING:
    import duckdb

NO_PUPIL = "its pupil is not in the return"
NO_CODE = "no reason code"
CODE_TWICE = "the same reason twice for one pupil"
CODE_IN_TWO_FILES = "the same reason of one pupil in another file of the return"
CODE_TWICE_DIFFERS = "the same reason twice for one pupil, differing: the larger count kept"
_MOST_ORPHANS_FROM = 20


def _parent(source: CsvFile) -> tuple[str, bool]:
    return (OFF_ROLL_ID, False) if OFF_ROLL_ID in source.columns else (ON_ROLL_ID, True)


def _refuse_orphans(name: str, orphans: int, rows: int) -> None:
    if rows >= _MOST_ORPHANS_FROM and orphans * 2 > rows:
        raise InputError(
            f"{name}: {orphans:,} of {rows:,} rows belong to no pupil of this return, so the file is of "
            f"another return; "
            "put the files of one return together"
        )


def read_reasons(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger, half: int) -> None:
    """Enter attendance by reason; ``half`` is 2 for the second half of the summer term, otherwise 1.

    An unreadable count is kept as unknown, never as nought: it makes the pupil's term unknown.
    """
    id_column, on_roll = _parent(source)
    file = ledger.open_file(source.name, "attendance by reason")
    count_column = next((c for c in ("sessions", "absencesessions") if c in source.columns), "sessions")
    sessions = cell(source, count_column)
    read_rows(
        con,
        source,
        f"""CREATE OR REPLACE TABLE stage.text AS SELECT i.person, upper(t.code) AS code, {integer_sql("t.n")}
            AS sessions
            FROM (SELECT {cell(source, id_column)} AS id, {cell(source, "attendancereason")} AS code, {sessions} AS n
                  FROM {scan_sql(source)}) AS t
            LEFT JOIN stage.ids AS i ON i.id = t.id AND i.on_roll = {on_roll}""",
    )
    row = con.execute("""SELECT count(*), count(*) FILTER (WHERE person IS NULL), count(*) FILTER (WHERE person
        IS NOT NULL AND code IS NULL),
        count(*) FILTER (WHERE sessions IS NULL) FROM stage.text""").fetchall()[0]
    rows, orphans, no_code, unreadable = (int(n) for n in row)
    _refuse_orphans(source.name, orphans, rows)
    ledger.came_in(file, rows)
    ledger.not_used(file, NO_PUPIL, orphans)
    ledger.not_used(file, NO_CODE, no_code)
    ledger.found("sessions: not a whole number; the pupil's term is unknown", source.name, unreadable)
    # Two rows of one code are a copying fault. Grouping them here lets every later sum trust its rows.
    con.execute("""CREATE OR REPLACE TABLE stage.grouped AS
        SELECT person, code, CASE WHEN count(sessions) = count(*) THEN max(sessions) END AS sessions, count(*)
            AS copies,
            coalesce(min(sessions) < max(sessions), false) AS differs
        FROM stage.text WHERE person IS NOT NULL AND code IS NOT NULL GROUP BY person, code""")
    _pass_over_earlier_files(con, source, ledger, file, half)
    for differs, why in ((False, CODE_TWICE), (True, CODE_TWICE_DIFFERS)):
        ledger.not_used(
            file, why, count(con, f"SELECT sum(copies - 1) FROM stage.grouped WHERE differs = {differs}")
        )
    con.execute(
        f"INSERT INTO stage.reason SELECT person, {file}, {half}, code, sessions, "
        f"{count_column == 'absencesessions'} FROM stage.grouped"
    )


def _pass_over_earlier_files(
    con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger, file: int, half: int
) -> None:
    """Take out of ``stage.grouped`` what an earlier file of this return has told already: a file given twice.

    Raises
    ------
    InputError
        If the two files differ.
    """
    told = f"""stage.reason AS r WHERE r.person = g.person AND r.code = g.code AND r.half = {half}
        AND r.person >= (SELECT min(person) FROM stage.ids)"""
    differing = count(
        con,
        "SELECT count(*) FROM stage.grouped AS g "
        f"WHERE EXISTS (FROM {told} AND r.sessions IS DISTINCT FROM g.sessions)",
    )
    if differing:
        raise InputError(
            f"{source.name}: {differing:,} counts of sessions are other than those of another file of this return; "
            "leave only one of the two in the folder"
        )
    rows = count(con, f"SELECT sum(copies) FROM stage.grouped AS g WHERE EXISTS (FROM {told})")
    ledger.not_used(file, CODE_IN_TWO_FILES, rows)
    con.execute(f"DELETE FROM stage.grouped AS g WHERE EXISTS (FROM {told})")


def _take_children(
    con: duckdb.DuckDBPyConnection,
    source: CsvFile,
    ledger: Ledger,
    table: str,
    columns: Mapping[str, tuple[str, ...]],
) -> int:
    """Take a child table in, joined to its pupils as ``stage.joined``; the file's number in the ledger."""
    id_column, on_roll = _parent(source)
    file = ledger.open_file(source.name, table)
    rows = take_in(con, source, {"id": (id_column,), **columns})
    con.execute(f"""CREATE OR REPLACE TABLE stage.joined AS SELECT i.person, s.known_from, t.* FROM stage.text AS t
        LEFT JOIN stage.ids AS i ON i.id = t.id AND i.on_roll = {on_roll}
        LEFT JOIN stage.person AS p ON p.person = i.person LEFT JOIN stage.submission AS s USING (submission)""")
    orphans = count(con, "SELECT count(*) FROM stage.joined WHERE person IS NULL")
    _refuse_orphans(source.name, orphans, rows)
    ledger.came_in(file, rows)
    ledger.not_used(file, NO_PUPIL, orphans)
    return file


def read_suspensions(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Enter suspensions and permanent exclusions; FIXD is the name SUSP had until 2020, a lunchtime is half a day."""
    columns = {"start": ("startdate",), "sessions": ("sessions",), "category": ("category",)}
    file = _take_children(con, source, ledger, "suspensions", columns)
    start = dates(con, ledger, source.name, "start")["start"]
    sessions = integers(con, ledger, source.name, "sessions")["sessions"]
    category = (
        "CASE WHEN upper(category) IN ('FIXD', 'SUSP') THEN 'SUSP' WHEN upper(category) IN ('LNCH', 'PERM') "
        "THEN upper(category) END"
    )
    for code, number in con.execute(
        f"SELECT category, count(*) FROM stage.text WHERE ({category}) IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall():
        ledger.unknown_code("suspension category", code, number)
    con.execute(f"""INSERT INTO stage.suspension SELECT person, {file}, {start}, {category},
        CASE WHEN {category} = 'LNCH' THEN 1 ELSE {sessions} END,
        CASE WHEN {start} IS NULL THEN 'no start date, or one that cannot be read' WHEN ({category}) IS NULL
            THEN 'unknown category'
            WHEN {start} > known_from THEN '{STARTS_AFTER_RETURN}' END
        FROM stage.joined WHERE person IS NOT NULL""")


def read_fsm(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Enter periods of free school meal eligibility; a blank end is an open period."""
    file = _take_children(
        con, source, ledger, "free school meals", {"start": ("fsmstartdate",), "end": ("fsmenddate",)}
    )
    when = dates(con, ledger, source.name, "start", "end")
    con.execute(f"""INSERT INTO stage.fsm SELECT person, {file}, {when["start"]}, {when["end"]},
        {spell_why(when["start"], when["end"], "known_from")} FROM stage.joined WHERE person IS NOT NULL""")


#: Columns of a placement, shared by the school-arranged table and the AP census.
PLACEMENT = {
    "start": ("entrydate",),
    "end": ("leavingdate",),
    "urn": ("urn",),
    "ukprn": ("ukprn",),
    "setting": ("apsettingtype",),
    "pattern": ("apattendancepattern",),
    "per_week": ("apsessionsperweek",),
}


def placement_sql(con: duckdb.DuckDBPyConnection, ledger: Ledger, where: str) -> tuple[str, str, str]:
    """SQL for a placement's columns in the order of the workbench, its start, and its end."""
    when = dates(con, ledger, where, "start", "end")
    per_week = integers(con, ledger, where, "per_week")["per_week"]
    too_many = count(con, f"SELECT count(*) FROM stage.text WHERE {per_week} > 14")
    ledger.found("apsessionsperweek: more than 14, treated as missing", where, too_many)
    numbers = {
        name: f"nullif(regexp_extract({name}, '^([0-9]+)(\\.0+)?$', 1), '')" for name in ("urn", "ukprn")
    }
    for name, number in numbers.items():
        lost = count(con, f"SELECT count(*) FROM stage.text WHERE {name} IS NOT NULL AND {number} IS NULL")
        ledger.found(f"{name}: not a number, treated as missing", where, lost)
    setting = f"coalesce({numbers['urn']}, {numbers['ukprn']}, upper(setting))"
    weekly = f"CASE WHEN {per_week} <= 14 THEN {per_week} END"
    columns = f"{setting}, upper(pattern), {weekly}, {when['start']}, {when['end']}"
    return columns, when["start"], when["end"]


def read_arranged(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Enter placements that schools arranged (in the census from 2022)."""
    file = _take_children(con, source, ledger, "school-arranged placements", PLACEMENT)
    columns, start, end = placement_sql(con, ledger, source.name)
    con.execute(f"""INSERT INTO stage.arranged SELECT person, {file}, {columns}, {spell_why(start, end, "known_from")}
        FROM stage.joined WHERE person IS NOT NULL""")


def read_ap_marks(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Mark schools as alternative provision: only they fill the placement table of PRU and AP schools."""
    file = _take_children(con, source, ledger, "AP school placements", {"reason": ("apreason",)})
    con.execute(
        "INSERT INTO stage.ap_mark SELECT DISTINCT submission FROM stage.joined JOIN stage.person USING (person)"
    )
    ledger.kept(file, count(con, "SELECT count(*) FROM stage.joined WHERE person IS NOT NULL"))


def read_schools(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    """Enter schools' names and phases, joined to the return's header."""
    columns = {
        "id": ("schoolcensustableid",), "nativeid": ("nativeid",), "urn": ("urn",), "name": ("schoolname", "name"),
        "phase": ("phase", "schoolphase"),
    }  # fmt: skip
    file = ledger.open_file(source.name, "school")
    ledger.came_in(file, take_in(con, source, columns))
    con.execute(f"""INSERT INTO stage.school
        SELECT h.submission, {file}, {plain_number_sql("t.urn")}, t.name, upper(t.phase),
            CASE WHEN h.submission IS NULL THEN 'no schoolcensus row for it' END
        FROM stage.text AS t LEFT JOIN (SELECT DISTINCT ON (id, nativeid) * FROM stage.header ORDER BY id,
            nativeid, submission) AS h
            ON CASE WHEN t.id IS NULL THEN h.nativeid = t.nativeid ELSE h.id = t.id END""")


def read_children(con: duckdb.DuckDBPyConnection, census: CensusSet, ledger: Ledger) -> None:
    """Enter every child table of one return; the faults of all its files are collected in the ledger."""
    readers: tuple[tuple[Role, Callable[[CsvFile], None]], ...] = (
        (Role.SCHOOL, lambda s: read_schools(con, s, ledger)),
        (Role.REASONS, lambda s: read_reasons(con, s, ledger, 1)),
        (Role.REASONS_SUMMER_2, lambda s: read_reasons(con, s, ledger, 2)),
        (Role.SUSPENSIONS, lambda s: read_suspensions(con, s, ledger)),
        (Role.FSM, lambda s: read_fsm(con, s, ledger)),
        (Role.AP_ARRANGED, lambda s: read_arranged(con, s, ledger)),
        (Role.AP_SCHOOL, lambda s: read_ap_marks(con, s, ledger)),
    )
    for role, read in readers:
        for source in census.sources(role):
            try:
                read(source)
            except InputError as fault:
                words = str(fault)
                ledger.faults.append(words if words.startswith(source.name) else f"{source.name}: {words}")
