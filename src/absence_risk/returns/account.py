"""What became of every row, what each return covers, and what is missing: the ledger's last entries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ..domain.academic_year import written_year
from ..tables.canonical import CANONICAL_TABLES
from .ledger import Ledger
from .unify import NO_UPN

if TYPE_CHECKING:
    import duckdb

_OF_PUPILS = ("suspension", "fsm", "arranged")
_OF_CHILDREN = ("care", "episode", "funded")
_UNUSED_PUPIL = "its pupil record is not used: "
_CHILD_WHY = f"coalesce(c.why, r.why, CASE WHEN u.pupil IS NULL THEN '{NO_UPN}' END)"
_CHILD_JOIN = (
    "LEFT JOIN stage.settled_return AS r USING (return_no) LEFT JOIN stage.upn AS u ON u.raw = c.upn"
)


def _enter(con: duckdb.DuckDBPyConnection, ledger: Ledger, sql: str) -> None:
    for file, why, rows in con.execute(sql).fetchall():
        if why is None:
            ledger.kept(file, rows)
        else:
            ledger.not_used(file, why, rows)


def account_for_rows(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Enter, for every file, the rows used and the rows not used with their reason."""
    _enter(con, ledger, "SELECT file, why, count(*) FROM stage.judged GROUP BY 1, 2 ORDER BY 1, 2")
    of_pupil = f"CASE WHEN j.why IS NOT NULL THEN '{_UNUSED_PUPIL}' || j.why END"
    judged = "JOIN stage.judged AS j USING (person)"
    _enter(
        con,
        ledger,
        f"SELECT x.file, {of_pupil}, count(*) FROM stage.reason AS x {judged} GROUP BY 1, 2 ORDER BY 1, 2",
    )
    for table in _OF_PUPILS:
        why = f"coalesce(x.why, {of_pupil})"
        _enter(
            con,
            ledger,
            f"SELECT x.file, {why}, count(*) FROM stage.{table} AS x {judged} GROUP BY 1, 2 ORDER BY 1, 2",
        )
    for table in _OF_CHILDREN:
        _enter(
            con,
            ledger,
            f"SELECT x.file, coalesce(x.why, {_CHILD_WHY}), count(*) FROM stage.{table} AS x LEFT JOIN "
            f"stage.child AS c USING (child) "
            f"{_CHILD_JOIN} GROUP BY 1, 2 ORDER BY 1, 2",
        )
    _enter(con, ledger, "SELECT file, why, count(*) FROM stage.school GROUP BY 1, 2 ORDER BY 1, 2")
    _enter(
        con,
        ledger,
        f"""SELECT c.file, {_CHILD_WHY}, count(*) FROM stage.child AS c {_CHILD_JOIN}
            WHERE r.kind = 'ssda903' GROUP BY 1, 2 ORDER BY 1, 2""",
    )


def account_for_joining(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Enter the share of each social care and AP return's children who could not be joined to a pupil on a roll."""
    rows = con.execute(f"""
        SELECT r.kind, r.year, count(*), count(*) FILTER (WHERE {_CHILD_WHY} IS NOT NULL),
            count(*) FILTER (WHERE {_CHILD_WHY} IS NULL AND u.pupil NOT IN (SELECT pupil FROM stage.kept))
        FROM stage.child AS c {_CHILD_JOIN} WHERE r.why IS NULL GROUP BY 1, 2 ORDER BY 1, 2""").fetchall()
    for kind, year, children, no_upn, not_on_roll in rows:
        share = round(100 * (no_upn + not_on_roll) / children, 1)
        ledger.joining.append(
            {
                "return": kind,
                "year": year,
                "children": children,
                "no_usable_upn": no_upn,
                "upn_on_no_roll": not_on_roll,
                "percent_not_joined": share,
            }
        )


def easter(year: int) -> date:
    """Easter Sunday: where the spring term of the census ends."""
    from dateutil.easter import easter as easter_sunday  # type: ignore[import-untyped]

    day: date = easter_sunday(year)
    return day


def covered(kind: str, year: int, term: str | None, reference: date) -> tuple[date, date]:
    """First and last day whose events a return can carry.

    >>> [str(day) for day in covered("school_census", 2025, "spring", date(2025, 1, 16))]
    ['2024-08-01', '2024-12-31']
    """
    if kind == "school_census":
        return {
            "spring": (date(year - 1, 8, 1), date(year - 1, 12, 31)),
            "summer": (date(year, 1, 1), easter(year)),
            "autumn": (easter(year) + timedelta(days=1), date(year, 7, 31)),
        }[term or ""]
    if kind == "ap_census":
        return date(year - 1, 1, 1), reference
    return date(year - 1, 4, 1), date(year, 3, 31)


def fill_returns(con: duckdb.DuckDBPyConnection) -> None:
    """Enter every return read in the canonical table of returns."""
    rows = con.execute("""
        SELECT 'school_census', s.year, s.term, min(s.reference_date), count(DISTINCT s.school_id),
            sum(coalesce(n.records, 0)), s.known_from
        FROM stage.settled AS s LEFT JOIN (SELECT submission, count(*) AS records FROM stage.person GROUP BY 1)
            AS n USING (submission)
        WHERE s.why IS NULL GROUP BY s.year, s.term, s.known_from
        UNION ALL
        SELECT kind, year, NULL, reference_date, NULL, records, known_from FROM stage.settled_return WHERE why IS NULL
        ORDER BY 1, 2, 3, 7""").fetchall()
    for kind, year, term, reference, schools, records, known in rows:
        first, last = covered(kind, year, term, reference)
        con.execute(
            "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [kind, year, term, reference, first, last, schools, records, known],
        )


def account_for_censuses(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Enter, for each academic year, which of its three attendance censuses are there, with how many schools."""
    rows = con.execute(
        """SELECT year, term, count(DISTINCT school_id) FROM stage.settled WHERE why IS NULL GROUP BY 1, 2"""
    ).fetchall()
    schools = {(year, term): number for year, term, number in rows}
    years = sorted({year - 1 for year, _ in schools})
    for start in range(years[0], years[-1] + 1) if years else ():
        counts = {term: schools.get((start + 1, term), 0) for term in ("spring", "summer", "autumn")}
        missing = [f"{term} {start + 1}" for term, number in counts.items() if not number]
        ledger.censuses.append({"academic_year": written_year(start), "schools": counts, "missing": missing})


def account_for_tables(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Enter the number of rows in each canonical table."""
    for name in CANONICAL_TABLES:
        row = con.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0]
        ledger.tables[name] = int(row[0])
