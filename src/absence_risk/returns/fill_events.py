"""Canonical tables of dated events and spells: suspensions, free meals, alternative provision, social care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fill_census import insert
from .ledger import Ledger
from .staging import count
from .versions import as_reported, as_submitted

if TYPE_CHECKING:
    import duckdb

_CHILDREN = """stage.child AS c JOIN stage.settled_return AS r USING (return_no) JOIN stage.upn AS u ON u.raw = c.upn"""
_USED = "c.why IS NULL AND r.why IS NULL AND x.why IS NULL"


def fill_suspensions(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """One event per pupil, school, start date and category, however many returns carry it.

    Each census returns two terms of suspensions, so the same event comes twice (DfE, since autumn 2019).
    """
    source = """SELECT k.pupil, k.school_id, x.start_date, x.category, k.known_from, max(x.sessions) AS sessions
        FROM stage.suspension AS x JOIN stage.kept AS k USING (person) WHERE x.why IS NULL GROUP BY 1, 2, 3, 4, 5"""
    key = ("pupil", "school_id", "start_date", "category")
    told = count(con, f"SELECT count(*) FROM ({source})")
    versions = as_reported(source, key, ("sessions",))
    insert(
        con,
        "suspensions",
        versions,
        "school_id, start_date, category, sessions",
        "start_date, school_id, category",
    )
    events = count(
        con,
        "SELECT count(*) FROM (SELECT DISTINCT pupil_id, school_id, start_date, category FROM suspensions)",
    )
    ledger.found("suspensions told more than once: counted once", "suspensions", told - events)


def fill_fsm(con: duckdb.DuckDBPyConnection) -> None:
    """Periods of free school meals; where two schools differ on one day, a stated end is kept before an open one."""
    source = """SELECT k.pupil, x.start_date, k.known_from, max(x.end_date) AS end_date
        FROM stage.fsm AS x JOIN stage.kept AS k USING (person) WHERE x.why IS NULL GROUP BY 1, 2, 3"""
    insert(
        con,
        "fsm",
        as_reported(source, ("pupil", "start_date"), ("end_date",)),
        "start_date, end_date",
        "start_date",
    )


def fill_alternative_provision(con: duckdb.DuckDBPyConnection) -> None:
    """Enrolments at AP schools (also as subsidiary), placements schools arranged, and placements in the AP census.

    That a school is an AP school is a fact of its own, known from the first census that says so.
    """
    source = f"""
        SELECT e.pupil, 'ap_school' AS kind, e.school_id AS setting, NULL AS pattern, NULL AS sessions_per_week,
            e.start_date,
            e.end_date, greatest(e.known_from, a.day) AS known_from
        FROM stage.enrolment AS e JOIN (SELECT school_id, min(known_from) AS day FROM schools WHERE is_ap GROUP BY 1)
            AS a USING (school_id)
        WHERE e.why IS NULL
        UNION ALL
        SELECT k.pupil, 'school_arranged', x.setting, x.pattern, x.sessions_per_week, x.start_date, x.end_date,
            k.known_from
        FROM stage.arranged AS x JOIN stage.kept AS k USING (person) WHERE x.why IS NULL
        UNION ALL
        SELECT u.pupil, 'la_funded', x.setting, x.pattern, x.sessions_per_week, x.start_date, x.end_date, r.known_from
        FROM stage.funded AS x JOIN {_CHILDREN} ON c.child = x.child WHERE {_USED}"""
    values = ("pattern", "sessions_per_week", "end_date")
    told = f"""SELECT pupil, kind, setting, start_date, known_from, {", ".join(f"max({v}) AS {v}" for v in values)}
        FROM ({source}) GROUP BY 1, 2, 3, 4, 5"""
    versions = as_reported(told, ("pupil", "kind", "setting", "start_date"), values)
    columns = "kind, setting, start_date, " + ", ".join(values)
    insert(con, "alternative_provision", versions, columns, "kind, start_date, setting")


def fill_social_care(con: duckdb.DuckDBPyConnection) -> None:
    """Child in need spells, child in need plans and child protection plans; looked-after spells apart."""
    source = f"""SELECT u.pupil, x.kind, x.start_date, r.known_from, max(x.end_date) AS end_date
        FROM stage.care AS x JOIN {_CHILDREN} ON c.child = x.child WHERE {_USED} GROUP BY 1, 2, 3, 4"""
    versions = as_reported(source, ("pupil", "kind", "start_date"), ("end_date",))
    insert(con, "social_care", versions, "kind, start_date, end_date", "kind, start_date")
    _merge_episodes(con)
    source = f"""SELECT s.*, w.turn, w.next_from, (SELECT count(*) FROM ({_TURNS})) > 1 AS revised
        FROM stage.looked_after AS s JOIN ({_TURNS}) AS w USING (known_from)"""
    versions = as_submitted(source, ("pupil", "kind", "start_date"), ("end_date",))
    insert(con, "social_care", versions, "kind, start_date, end_date", "kind, start_date")


_TURNS = """SELECT known_from, row_number() OVER (ORDER BY known_from) AS turn, lead(known_from) OVER (ORDER BY
    known_from) AS next_from
    FROM (SELECT DISTINCT known_from FROM stage.settled_return WHERE kind = 'ssda903' AND why IS NULL)"""


def _merge_episodes(con: duckdb.DuckDBPyConnection) -> None:
    """``stage.looked_after``: the spells as known at each return, from every episode told up to then.

    A return lists only episodes open in its year, so the start of a long spell is in an earlier return. The latest
    word on an episode counts. An episode touches the next if that starts no later than the day after it ends.
    """
    con.execute(f"""CREATE OR REPLACE TABLE stage.told_episode AS
        SELECT u.pupil, x.start_date, r.known_from, max(coalesce(x.end_date, DATE '9999-12-31')) AS end_date
        FROM stage.episode AS x JOIN {_CHILDREN} ON c.child = x.child WHERE {_USED} GROUP BY 1, 2, 3""")
    con.execute(f"""CREATE OR REPLACE TABLE stage.looked_after AS
        WITH latest AS (
            SELECT w.known_from, e.pupil, e.start_date, arg_max(e.end_date, e.known_from) AS end_date
            FROM ({_TURNS}) AS w JOIN stage.told_episode AS e ON e.known_from <= w.known_from GROUP BY 1, 2, 3),
        reached AS (
            SELECT *, max(end_date) OVER (PARTITION BY known_from, pupil ORDER BY start_date
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM latest),
        marked AS (
            SELECT *, count(*) FILTER (WHERE before IS NULL OR start_date > date_add(before, 1)) OVER (
                PARTITION BY known_from, pupil ORDER BY start_date) AS spell FROM reached)
        SELECT pupil, 'looked_after' AS kind, min(start_date) AS start_date, nullif(max(end_date), DATE
            '9999-12-31') AS end_date,
            known_from FROM marked GROUP BY pupil, known_from, spell""")
