"""Attendance from School Census records: reasons first, totals only where there are none, never both.

The census is in arrears: the spring census carries the autumn term, the summer census the spring term, and the
autumn census both halves of the summer term of the year just ended (DfE, school census guides).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.academic_year import written_year
from ..domain.attendance_codes import ATTENDANCE_CODES, AUTHORISED_CODES, UNAUTHORISED_CODES
from .fill_census import insert
from .ledger import Ledger
from .staging import count
from .versions import as_submitted

if TYPE_CHECKING:
    import duckdb

_TERM = (
    "CASE census_term WHEN 'spring' THEN 'autumn' WHEN 'summer' THEN 'spring' ELSE 'summer_' || r.half END"
)
_ABSENT = ", ".join(f"'{code}'" for code in (*AUTHORISED_CODES, *UNAUTHORISED_CODES))
_KEY = ("pupil", "school_id", "academic_year", "term")


def fill_attendance(con: duckdb.DuckDBPyConnection) -> None:
    """One row per pupil, school, term and code; several enrolments at one school in one term are summed."""
    labels = f"k.pupil, k.school_id, k.year - 1 AS academic_year, {_TERM} AS term"
    when = "k.known_from, k.turn, k.next_from, k.revised"
    # Rows are unique by pupil record and code already; only pupils with several records at a school need summing.
    source = f"""
        SELECT {labels}, r.code AS reason_code, r.sessions, {when}
        FROM stage.reason AS r JOIN stage.kept AS k USING (person) WHERE k.enrolments = 1 AND r.sessions IS NOT NULL
        UNION ALL
        SELECT {labels}, r.code, r.sessions, {when} FROM (
            SELECT k.slot, r.half, r.code, CAST(sum(r.sessions) AS INTEGER) AS sessions
            FROM stage.reason AS r JOIN stage.kept AS k USING (person)
            WHERE k.enrolments > 1 AND r.sessions IS NOT NULL GROUP BY ALL) AS r JOIN stage.kept AS k ON
                k.person = r.slot"""
    versions = as_submitted(source, (*_KEY, "reason_code"), ("sessions",))
    columns = "school_id, academic_year, term, reason_code, sessions"
    insert(con, "attendance", versions, columns)


def _summarise_reasons(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"""CREATE OR REPLACE TABLE stage.coded AS
        SELECT person, half, coalesce(sum(sessions) FILTER (WHERE code IN ({_ABSENT})), 0) AS absent,
            count(*) > count(sessions) AS unreadable
        FROM stage.reason GROUP BY person, half""")
    # Before 2020/21 only absences were returned: no row then means no absence, if the school returned reasons at all.
    con.execute("""CREATE OR REPLACE TABLE stage.absence_only AS
        SELECT DISTINCT p.submission, r.half FROM stage.reason AS r JOIN stage.person AS p USING (person) WHERE
            r.absence_only""")


def fill_attendance_terms(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """The denominator of each pupil, school and term, and the totals where there are no reasons.

    Unknown is not nought: if one of a pupil's records has absences but no possible sessions, or a count that cannot
    be read, or neither reasons nor totals while another record has reasons, then the possible sessions are unknown.
    """
    _summarise_reasons(con)
    con.execute(f"""CREATE OR REPLACE TABLE stage.term_record AS
        WITH record AS (
            SELECT person, 1 AS half, possible, authorised, unauthorised FROM stage.person
            UNION ALL
            SELECT person, 2, possible_2, authorised_2, unauthorised_2 FROM stage.person),
        judged AS (
            SELECT k.* EXCLUDE (academic_year), k.year - 1 AS academic_year, r.half, {_TERM} AS term,
                r.possible, r.authorised, r.unauthorised,
                c.person IS NOT NULL OR (a.submission IS NOT NULL AND r.possible IS NOT NULL) AS coded,
                coalesce(c.absent, 0) AS absent, coalesce(c.unreadable, FALSE) AS unreadable
            FROM record AS r JOIN stage.kept AS k USING (person)
            LEFT JOIN stage.coded AS c ON c.person = r.person AND c.half = r.half
            LEFT JOIN stage.absence_only AS a ON a.submission = k.submission AND a.half = r.half
            WHERE r.half = 1 OR k.census_term = 'autumn')
        SELECT * FROM judged WHERE possible IS NOT NULL OR coded OR authorised IS NOT NULL OR unauthorised IS
            NOT NULL""")
    source = """
        SELECT *, CAST(CASE WHEN unknown THEN NULL ELSE known_possible END AS INTEGER) AS sessions_possible,
            coalesce(NOT unknown AND CASE WHEN has_reasons THEN absent ELSE sessions_authorised +
                sessions_unauthorised END
                > known_possible, FALSE) AS exceeds_possible
        FROM (SELECT pupil, school_id, academic_year, term, known_from, any_value(turn) AS turn,
            any_value(next_from) AS next_from,
                any_value(revised) AS revised, bool_or(coded) AS has_reasons, sum(absent) AS absent,
                    sum(possible) AS known_possible,
                bool_or(unreadable OR possible IS NULL) OR (bool_or(coded) AND bool_or(NOT coded AND possible >
                    0)) AS unknown,
                CAST(CASE WHEN NOT bool_or(coded) AND count(authorised) = count(*) THEN sum(authorised) END AS
                    INTEGER) AS sessions_authorised,
                CAST(CASE WHEN NOT bool_or(coded) AND count(unauthorised) = count(*) THEN sum(unauthorised) END
                    AS INTEGER) AS sessions_unauthorised
            FROM stage.term_record GROUP BY 1, 2, 3, 4, 5)"""
    values = (
        "sessions_possible",
        "sessions_authorised",
        "sessions_unauthorised",
        "has_reasons",
        "exceeds_possible",
    )
    columns = ", ".join((*_KEY[1:], *values))
    insert(
        con, "attendance_terms", as_submitted(source, _KEY, values), columns, "academic_year, term, school_id"
    )
    _report(con, ledger)


def _report(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    checks = (
        ("absence is more than the possible sessions: outcome unknown", "exceeds_possible"),
        ("possible sessions missing or not to be trusted: outcome unknown", "sessions_possible IS NULL"),
        ("possible sessions are nought", "sessions_possible = 0"),
        ("neither reasons nor totals, though sessions were possible: outcome unknown",
         "NOT has_reasons AND sessions_unauthorised IS NULL AND sessions_possible > 0"),
        ("totals only, no reasons: outcomes that need single codes are unknown",
         "NOT has_reasons AND sessions_unauthorised IS NOT NULL"),
    )  # fmt: skip
    for words, condition in checks:
        number = count(
            con, f"SELECT count(*) FROM attendance_terms WHERE superseded_from IS NULL AND {condition}"
        )
        ledger.found(f"pupil-terms: {words}", "attendance", number)
    seen = con.execute(
        "SELECT academic_year, reason_code, count(*) FROM attendance GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    for year, code, number in seen:
        known = ATTENDANCE_CODES.get(code)
        if known is None:
            ledger.unknown_code("attendance code", code, number)
        elif not known.in_use(year):
            ledger.unknown_code(f"attendance code not in use in {written_year(year)}", code, number)
