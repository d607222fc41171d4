"""Canonical tables from School Census records: pupils, audit, enrolments, schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ledger import Ledger
from .staging import ENDS_BEFORE_START, STARTS_AFTER_RETURN, count
from .versions import as_reported, as_submitted, carried

if TYPE_CHECKING:
    import duckdb


def insert(con: duckdb.DuckDBPyConnection, table: str, versions: str, columns: str, order: str = "") -> None:
    """Insert versions whose pupil is a number; the pseudonym is joined last.

    Rows stand in the order of pupil, ``order`` and date known. Without ``order`` they stand as they come: sorting
    six million attendance rows would cost as much as reading them, and no reader may depend on their order.
    """
    sorting = f"ORDER BY v.pupil, {order}, v.known_from" if order else ""
    con.execute(f"""INSERT INTO "{table}" BY NAME SELECT u.pupil_id, {columns}, v.known_from, v.superseded_from
        FROM ({versions}) AS v JOIN stage.pupil AS u USING (pupil) {sorting}""")


def fill_pupils(con: duckdb.DuckDBPyConnection) -> None:
    """One row per pupil, school and census: on roll before off roll, the latest leaver of several."""
    source = """SELECT k.pupil, k.school_id, k.academic_year, k.census_term, p.on_roll, p.year_group,
        p.enrol_status, p.sen,
            p.young_carer, CAST(date_trunc('month', p.dob) AS DATE) AS birth_month, k.known_from, k.turn,
                k.next_from, k.revised
        FROM stage.kept AS k JOIN stage.person AS p USING (person)
        QUALIFY row_number() OVER (PARTITION BY k.slot ORDER BY p.on_roll DESC, p.leaving DESC NULLS LAST,
            p.entry DESC NULLS LAST, p.mark) = 1"""
    key = ("pupil", "school_id", "academic_year", "census_term")
    values = ("on_roll", "year_group", "enrol_status", "sen", "young_carer", "birth_month")
    columns = ", ".join((*key[1:], *values))
    insert(con, "pupils", as_submitted(source, key, values), columns, "academic_year, census_term, school_id")


def fill_audit(con: duckdb.DuckDBPyConnection) -> None:
    """Characteristics for audit; what one census does not ask for is carried from the last that did."""
    values = ("sex", "ethnicity", "language")
    told = """SELECT k.pupil, k.known_from, max(p.sex) AS sex, max(p.ethnicity) AS ethnicity, max(p.language) AS
        language
        FROM stage.kept AS k JOIN stage.person AS p USING (person) GROUP BY 1, 2"""
    source = f"SELECT pupil, known_from, {', '.join(carried(v, ['pupil']) for v in values)} FROM ({told})"
    insert(con, "audit", as_reported(source, ["pupil"], values), ", ".join(values), "v.known_from")


def fill_enrolments(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Spells on a roll, ended by a leaving date, or by the first census of the school that has the pupil no longer."""
    con.execute(f"""CREATE OR REPLACE TABLE stage.enrolment AS
        SELECT k.pupil, k.school_id, p.entry AS start_date, p.enrol_status, p.leaving AS end_date, k.known_from,
            k.year, k.census_term,
            CASE WHEN p.entry IS NULL THEN 'no entry date' WHEN p.leaving < p.entry THEN '{ENDS_BEFORE_START}'
                WHEN p.entry > k.known_from THEN '{STARTS_AFTER_RETURN}' END AS why
        FROM stage.kept AS k JOIN stage.person AS p USING (person)""")
    for why, number in con.execute(
        "SELECT why, count(*) FROM stage.enrolment WHERE why IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall():
        ledger.found(f"enrolment spell not used: {why}", "enrolments", number)
    _close_vanished(con, ledger)
    key = ("pupil", "school_id", "start_date")
    told = """SELECT pupil, school_id, start_date, known_from, max(enrol_status) AS enrol_status, max(end_date)
        AS end_date
        FROM stage.enrolment WHERE why IS NULL GROUP BY 1, 2, 3, 4"""
    source = f"SELECT * EXCLUDE (enrol_status), {carried('enrol_status', key)} FROM ({told})"
    versions = as_reported(source, key, ("enrol_status", "end_date"))
    insert(
        con, "enrolments", versions, "school_id, start_date, end_date, enrol_status", "school_id, start_date"
    )


def _close_vanished(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Add the end of spells that no census states: a leaver appears on the off-roll table, or not at all.

    A roll is a full statement, so a pupil on neither table of the school's next census has left by its day; the spell
    ends the day before, and that is known from that census. Without this a place at a referral unit never ends.
    """
    before = count(con, "SELECT count(*) FROM stage.enrolment")
    con.execute("""INSERT INTO stage.enrolment BY NAME
        WITH census AS (
            SELECT school_id, year, census_term, min(known_from) AS day,
                row_number() OVER (PARTITION BY school_id ORDER BY min(known_from), year, census_term) AS number
            FROM stage.kept GROUP BY school_id, year, census_term),
        told AS (
            SELECT e.pupil, e.school_id, e.start_date, c.number, bool_or(e.end_date IS NOT NULL) AS ended
            FROM stage.enrolment AS e JOIN census AS c USING (school_id, year, census_term)
            WHERE e.why IS NULL GROUP BY 1, 2, 3, 4),
        last_told AS (
            SELECT *, lead(number) OVER (PARTITION BY pupil, school_id, start_date ORDER BY number) AS again FROM told)
        SELECT t.pupil, t.school_id, t.start_date, CAST(c.day - 1 AS DATE) AS end_date, c.day AS known_from
        FROM last_told AS t JOIN census AS c ON c.school_id = t.school_id AND c.number = t.number + 1
        WHERE NOT t.ended AND (t.again IS NULL OR t.again > t.number + 1) AND c.day > t.start_date""")
    ledger.found(
        "enrolment spells closed: the pupil is on neither table of the school's next census",
        "enrolments",
        count(con, "SELECT count(*) FROM stage.enrolment") - before,
    )


def fill_schools(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Schools by census; alternative provision is known by phase PR or by rows in the placement table."""
    values = ("urn", "name", "phase")
    told = """SELECT s.school_id, s.known_from, max(coalesce(d.urn, s.urn)) AS urn, max(d.name) AS name,
        max(d.phase) AS phase,
            bool_or(coalesce(d.phase = 'PR', FALSE) OR m.submission IS NOT NULL) AS seen
        FROM stage.settled AS s LEFT JOIN stage.school AS d USING (submission) LEFT JOIN stage.ap_mark AS m
            USING (submission)
        WHERE s.why IS NULL GROUP BY 1, 2"""
    source = f"""SELECT school_id, known_from, {", ".join(carried(v, ["school_id"]) for v in values)},
        bool_or(seen) OVER (PARTITION BY school_id ORDER BY known_from) AS is_ap FROM ({told})"""
    versions = as_reported(source, ["school_id"], (*values, "is_ap"))
    con.execute(f"INSERT INTO schools BY NAME SELECT * FROM ({versions}) ORDER BY school_id, known_from")
    unphased = count(
        con, "SELECT count(DISTINCT school_id) FROM schools WHERE phase IS NULL AND superseded_from IS NULL"
    )
    ledger.found(
        "schools without a phase in the return: alternative provision is then known by its placement table alone",
        "schools",
        unphased,
    )
