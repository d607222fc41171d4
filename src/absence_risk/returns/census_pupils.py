"""Pupils of one School Census: on roll and no longer on roll, joined to their school's header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError
from .census_sets import CensusSet
from .layouts import OFF_ROLL_ID, ON_ROLL_ID, Role
from .ledger import Ledger
from .reading import CsvFile
from .staging import count, dates, integers, take_in

if TYPE_CHECKING:
    import duckdb

#: Ours -> the column's names over the years, newest first (change log: sex was gender until 2023).
_PUPIL = {
    "header_id": ("schoolcensustableid",),
    "nativeid": ("nativeid",),
    "upn": ("upn",),
    "former": ("formerupn",),
    "dob": ("dob",),
    "entry": ("entrydate",),
    "leaving": ("leavingdate",),
    "nc_year": ("ncyearactual", "ncyearleaving"),
    "enrol_status": ("enrolstatus",),
    "sen": ("senprovision",),
    "young_carer": ("youngcarer",),
    "sex": ("sex", "gender"),
    "ethnicity": ("ethnicity",),
    "language": ("language",),
    "possible": ("termlysessionspossible",),
    "authorised": ("termlysessionsauthorised",),
    "unauthorised": ("termlysessionsunauthorised",),
    "possible_2": ("summerhalfterm2sessionspossible",),
    "authorised_2": ("summerhalfterm2sessionsauthorised",),
    "unauthorised_2": ("summerhalfterm2sessionsunauthorised",),
}
_SESSIONS = ("possible", "authorised", "unauthorised", "possible_2", "authorised_2", "unauthorised_2")
#: Former categories: A and P became K, S became E (SEND reforms 2014; Fischer Family Trust maps them so).
_SEN = (
    "CASE WHEN upper(sen) IN ('K', 'A', 'P') THEN 'K' WHEN upper(sen) IN ('E', 'S') THEN 'E' "
    "WHEN upper(sen) = 'N' THEN 'N' END"
)
_YEAR_GROUP = (
    r"CASE WHEN upper(nc_year) = 'R' THEN 0 "
    r"WHEN regexp_full_match(nc_year, '(1[0-4]|[1-9])(\.0)?') THEN CAST(split_part(nc_year, '.', 1) AS INTEGER) END"
)
NO_HEADER = "no schoolcensus row for its school"
SAME_ROW = "the same pupil record twice in one return"
SAME_ROW_DIFFERS = "the same record number twice in one return, differing: one kept"
#: A shift of birth years against year groups shared by this many of a hundred pupils is a wrong year, not noise.
_SHIFTED_PERCENT, _SHIFT_NEEDS = 80, 20


def read_pupils(con: duckdb.DuckDBPyConnection, census: CensusSet, ledger: Ledger) -> None:
    """Enter the pupils of one return, and leave ``stage.ids`` to join child tables to them.

    Raises
    ------
    InputError
        If there is no pupil table, dates cannot be read, most pupils have no header, or the year is not the stated one.
    """
    sources = census.sources(Role.PUPILS)
    if not sources:
        raise InputError(
            f"{census.label}: no pupilonroll or pupilnolongeronroll table, so nothing else in it can be joined; add it"
        )
    con.execute("CREATE OR REPLACE TABLE stage.ids(on_roll BOOLEAN, id VARCHAR, person INTEGER)")
    first = count(con, "SELECT count(*) FROM stage.person")
    for source in sources:
        try:
            _take_pupils(con, source, ledger)
        except InputError as fault:
            raise InputError(f"{source.name}: {fault}") from None
    _settle_copies(con, census)
    _refuse_unheaded(con, census, first)
    _refuse_wrong_year(con, census, first)


def _take_pupils(con: duckdb.DuckDBPyConnection, source: CsvFile, ledger: Ledger) -> None:
    on_roll = ON_ROLL_ID in source.columns
    file = ledger.open_file(source.name, "pupilonroll" if on_roll else "pupilnolongeronroll")
    id_column = ON_ROLL_ID if on_roll else OFF_ROLL_ID
    ledger.came_in(file, take_in(con, source, {"id": (id_column,), **_PUPIL}))
    when = dates(con, ledger, source.name, "dob", "entry", "leaving")
    number = integers(con, ledger, source.name, *_SESSIONS)
    content = ", ".join(f'"{c}"' for c in _PUPIL if c != "header_id")
    _count_unknown(con, ledger)
    first = count(con, "SELECT count(*) FROM stage.person")
    con.execute(f"""INSERT INTO stage.person BY NAME
        WITH by_id AS (SELECT id, any_value(submission) AS submission FROM stage.header WHERE id <> '' GROUP BY id),
        by_native AS (SELECT nativeid, any_value(submission) AS submission FROM stage.header WHERE nativeid <> ''
            GROUP BY nativeid HAVING count(DISTINCT submission) = 1)
        SELECT CAST({first} + t.rowid AS INTEGER) AS person, coalesce(h.submission, n.submission) AS submission,
            {file} AS file, {on_roll} AS on_roll, upn, former, {when["dob"]} AS dob, {when["entry"]} AS entry,
            {when["leaving"]} AS leaving, {_YEAR_GROUP} AS year_group, upper(enrol_status) AS enrol_status,
                {_SEN} AS sen,
            young_carer, sex, ethnicity, language, {", ".join(f"{sql} AS {name}" for name, sql in number.items())},
            hash({content.replace('"nativeid"', 't."nativeid"')}) AS content,
            hash(t.id, {content.replace('"nativeid"', 't."nativeid"')}) AS mark,
            CASE WHEN coalesce(h.submission, n.submission) IS NULL THEN '{NO_HEADER}' END AS why
        FROM stage.text AS t LEFT JOIN by_id AS h ON h.id = t.header_id LEFT JOIN by_native AS n ON n.nativeid =
            t.nativeid""")
    con.execute(f"""INSERT INTO stage.ids
        SELECT {on_roll}, id, CAST({first} + rowid AS INTEGER) FROM stage.text WHERE id IS NOT NULL""")


def _count_unknown(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    checks = (
        ("senprovision", "sen", f"sen IS NOT NULL AND ({_SEN}) IS NULL"),
        (
            "ncyear",
            "nc_year",
            f"({_YEAR_GROUP}) IS NULL AND upper(nc_year) NOT IN ('E1', 'E2', 'N1', 'N2', 'M', 'X')",
        ),
        ("enrolstatus", "enrol_status", "upper(enrol_status) NOT IN ('C', 'M', 'S', 'F', 'O', 'G')"),
    )
    for kind, column, condition in checks:
        for code, number in con.execute(
            f"SELECT {column}, count(*) FROM stage.text WHERE {condition} GROUP BY 1 ORDER BY 1"
        ).fetchall():
            ledger.unknown_code(kind, code, number)


def _settle_copies(con: duckdb.DuckDBPyConnection, census: CensusSet) -> None:
    """Keep one of the records that share a number, by content and not by the order of files; they are rare."""
    con.execute("""CREATE OR REPLACE TABLE stage.copy AS
        SELECT p.person, p.upn, i.on_roll, i.id, row_number() OVER same AS place,
            p.content = first_value(p.content) OVER same AS same_content
        FROM stage.ids AS i SEMI JOIN (SELECT id, on_roll FROM stage.ids GROUP BY ALL HAVING count(*) > 1) AS d
            ON d.id = i.id AND d.on_roll = i.on_roll
        JOIN stage.person AS p ON p.person = i.person
        WINDOW same AS (PARTITION BY i.id, i.on_roll ORDER BY p.content, p.file, p.person)""")
    mixed = count(
        con,
        "SELECT count(*) FROM (SELECT 1 FROM stage.copy GROUP BY id, on_roll HAVING count(DISTINCT upn) > 1)",
    )
    if mixed:
        raise InputError(
            f"{census.label}: {mixed:,} record numbers (tableid) stand for different pupils, so these files are of "
            "different returns; put each return in a folder of its own"
        )
    con.execute(f"""UPDATE stage.person SET why = CASE WHEN c.same_content THEN '{SAME_ROW}' ELSE
        '{SAME_ROW_DIFFERS}' END
        FROM stage.copy AS c WHERE c.person = stage.person.person AND c.place > 1""")
    con.execute("DELETE FROM stage.ids WHERE person IN (SELECT person FROM stage.copy WHERE place > 1)")


def _refuse_unheaded(con: duckdb.DuckDBPyConnection, census: CensusSet, first: int) -> None:
    total = count(con, f"SELECT count(*) FROM stage.person WHERE person >= {first}")
    lost = count(con, f"SELECT count(*) FROM stage.person WHERE person >= {first} AND submission IS NULL")
    if lost * 2 > total:
        raise InputError(
            f"{census.label}: {lost:,} of {total:,} pupils have no schoolcensus row for their school, so the "
            f"files are of "
            "different returns; put the files of one return together"
        )


def _refuse_wrong_year(con: duckdb.DuckDBPyConnection, census: CensusSet, first: int) -> None:
    """Refuse a return whose pupils are nearly all, by the same number of years, too old or too young."""
    # A child born from 1 September b to 31 August b + 1 enters Reception in September b + 5.
    shifts = con.execute(f"""
        SELECT shift, n, sum(n) OVER () FROM (
            SELECT s.academic_year - (year(p.dob - INTERVAL 8 MONTH) + 5 + p.year_group) AS shift, count(*) AS n
            FROM stage.person AS p JOIN stage.submission AS s USING (submission)
            WHERE p.person >= {first} AND p.on_roll AND p.year_group IS NOT NULL AND p.dob IS NOT NULL GROUP BY 1)
        ORDER BY n DESC, shift LIMIT 1""").fetchall()
    if not shifts:
        return
    shift, number, total = (int(n) for n in shifts[0])
    if shift and total >= _SHIFT_NEEDS and number * 100 >= total * _SHIFTED_PERCENT:
        raise InputError(
            f"{census.label}: {number:,} of {total:,} pupils are {abs(shift)} year(s) too "
            f"{'old' if shift > 0 else 'young'} for "
            "their year group, so the year stated is not the year of the data; correct the header or the file name"
        )
