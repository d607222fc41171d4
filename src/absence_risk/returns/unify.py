"""One submission for each census, one pupil for each child, one record for each enrolment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..domain.pupil import UpnState
from .identity import Key
from .ledger import Ledger
from .people import People, resolve
from .staging import count

if TYPE_CHECKING:
    import duckdb

COPY = "a copy of a return also given elsewhere"
RIVAL = "the same return given twice with different content: the fuller one is used"
NO_UPN = "no usable UPN"
TWICE = "the same pupil twice in one census of one school"
TWICE_DIFFERS = "the same pupil twice in one census of one school, differing: one kept"
ON_AND_OFF = "also on roll with the same entry date: that record is used"


def settle_submissions(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Keep one submission per school, census and date known, by content; then number each school's submissions.

    Which one is kept depends on what they hold (more pupils first), never on file names or their order.
    """
    con.execute("""CREATE OR REPLACE TABLE stage.rival AS SELECT submission FROM stage.submission
        QUALIFY count(*) OVER (PARTITION BY school_id, year, term, known_from) > 1""")
    con.execute(f"""CREATE OR REPLACE TABLE stage.settled AS
        WITH told AS (
            SELECT p.submission, count(*) AS pupils, sum(CAST(p.content AS HUGEINT)) AS content,
                sum(coalesce(r.content, 0)) AS children
            FROM stage.person AS p LEFT JOIN (SELECT person, sum(CAST(hash(half, code, sessions) AS HUGEINT)) AS content
                FROM stage.reason JOIN stage.person USING (person) WHERE submission IN (SELECT submission FROM
                    stage.rival)
                GROUP BY person) AS r USING (person)
            WHERE p.submission IN (SELECT submission FROM stage.rival) GROUP BY p.submission),
        ranked AS (
            SELECT s.* EXCLUDE (why), row_number() OVER best AS place,
                t.content IS NOT DISTINCT FROM first_value(t.content) OVER best
                AND t.children IS NOT DISTINCT FROM first_value(t.children) OVER best AS same
            FROM stage.submission AS s LEFT JOIN told AS t USING (submission)
            WINDOW best AS (PARTITION BY school_id, year, term, known_from
                ORDER BY t.pupils DESC NULLS LAST, t.content, t.children, s.submission))
        SELECT *, CASE WHEN place > 1 AND same THEN '{COPY}' WHEN place > 1 THEN '{RIVAL}' END AS why,
            row_number() OVER turns AS turn, lead(known_from) OVER turns AS next_from,
            count(*) OVER (PARTITION BY school_id, year, term, place > 1) > 1 AS revised
        FROM ranked WINDOW turns AS (PARTITION BY school_id, year, term, place > 1 ORDER BY known_from)""")
    for why, number in con.execute(
        "SELECT why, count(*) FROM stage.settled WHERE why IS NOT NULL GROUP BY why ORDER BY why"
    ).fetchall():
        ledger.found(f"schools in {why}", "School Census", number)
    again = count(con, "SELECT count(*) FROM stage.settled WHERE revised AND turn > 1 AND why IS NULL")
    ledger.found(
        "school censuses submitted again with a later date: the later one supersedes from its date",
        "School Census",
        again,
    )


def settle_returns(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Keep one CIN census, SSDA903 return or AP census per year and date known, by content."""
    con.execute(f"""CREATE OR REPLACE TABLE stage.settled_return AS
        SELECT * EXCLUDE (why), CASE WHEN row_number() OVER best > 1 THEN
            CASE WHEN content = first_value(content) OVER best THEN '{COPY}' ELSE '{RIVAL}' END END AS why
        FROM stage.return_read
        WINDOW best AS (PARTITION BY kind, year, known_from ORDER BY records DESC, content, return_no)""")
    for kind, why, number in con.execute(
        "SELECT kind, why, count(*) FROM stage.settled_return WHERE why IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall():
        ledger.found(why, kind, number)


def name_pupils(con: duckdb.DuckDBPyConnection, key: Key, ledger: Ledger) -> None:
    """Turn every UPN into a pupil: ``stage.pupil`` (pupil, pupil_id, upn) and ``stage.upn`` (raw, pupil)."""
    claims = con.execute("""
        SELECT upn, former, dob, max(known_from), count(*) FROM (
            SELECT p.upn, p.former, p.dob, s.known_from FROM stage.person AS p JOIN stage.settled AS s USING
                (submission)
                WHERE p.why IS NULL AND s.why IS NULL
            UNION ALL
            SELECT c.upn, c.former, c.dob, r.known_from FROM stage.child AS c JOIN stage.settled_return AS r
                USING (return_no)
                WHERE c.why IS NULL AND r.why IS NULL)
        GROUP BY ALL""").fetchall()
    people = resolve(claims)
    _remark(people, ledger)
    standing = sorted({(key.pupil_id(upn), upn) for upn in set(people.canonical.values())})
    number = {upn: i for i, (_, upn) in enumerate(standing)}
    _register(
        con,
        "pupil",
        {
            "pupil": list(range(len(standing))),
            "pupil_id": [i for i, _ in standing],
            "upn": [u for _, u in standing],
        },
    )
    raw = sorted(people.canonical)
    _register(con, "upn", {"raw": raw, "pupil": [number[people.canonical[text]] for text in raw]})


def _remark(people: People, ledger: Ledger) -> None:
    words = {
        UpnState.WRONG_CHECK_LETTER: (
            "UPNs with a wrong check letter: used, since the same wrong number names the same child"
        ),
        UpnState.MALFORMED: "UPNs not of the form of a UPN: used as they stand, unless a placeholder",
    }
    for state, text in words.items():
        ledger.found(text, "UPN", people.states.get(state, 0))
    ledger.found(
        "texts in place of a UPN with several dates of birth: placeholders, not used",
        "UPN",
        people.placeholders,
    )
    ledger.found("UPNs joined to a former UPN of the same child", "UPN", people.merged)
    ledger.found("former UPNs of a child born on another day: not joined", "UPN", people.conflicts)
    ledger.found("UPNs with more than one date of birth: treated as one child", "UPN", people.several_births)


def _register(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[object]]) -> None:
    import pyarrow as pa

    types = {"pupil": pa.int32()}
    frame = pa.table(
        [pa.array(v, types.get(c, pa.string())) for c, v in columns.items()], names=list(columns)
    )
    con.register("incoming", frame)
    con.execute(f"CREATE OR REPLACE TABLE stage.{name} AS SELECT * FROM incoming")
    con.unregister("incoming")


def settle_pupils(con: duckdb.DuckDBPyConnection) -> None:
    """Judge every pupil record: ``stage.judged`` (all, with why not) and ``stage.kept`` (those used, with their
        census).

    ``slot`` is one number for each pupil and submission, so that sessions of several enrolments can be summed.
    """
    con.execute(f"""CREATE OR REPLACE TABLE stage.judged AS
        WITH named AS (
            SELECT p.person, p.file, p.submission, p.on_roll, p.entry, p.possible, p.content, p.mark, u.pupil,
                coalesce(p.why, s.why, CASE WHEN u.pupil IS NULL THEN '{NO_UPN}' END) AS why
            FROM stage.person AS p LEFT JOIN stage.settled AS s USING (submission) LEFT JOIN stage.upn AS u ON
                u.raw = p.upn),
        ranked AS (
            SELECT *, row_number() OVER same AS copy, first_value(content) OVER same AS first_content,
                max(CASE WHEN on_roll THEN entry END) OVER (PARTITION BY submission, pupil) AS roll_entry
            FROM named WHERE why IS NULL
            WINDOW same AS (PARTITION BY submission, pupil, on_roll, CASE WHEN NOT on_roll THEN entry END
                ORDER BY possible DESC NULLS LAST, entry DESC NULLS LAST, mark))
        SELECT person, file, submission, pupil, why FROM named WHERE why IS NOT NULL
        UNION ALL
        SELECT person, file, submission, pupil, CASE WHEN copy > 1 AND content = first_content THEN '{TWICE}'
            WHEN copy > 1 THEN '{TWICE_DIFFERS}' WHEN NOT on_roll AND entry = roll_entry THEN '{ON_AND_OFF}' END
        FROM ranked""")
    con.execute("""CREATE OR REPLACE TABLE stage.kept AS
        SELECT j.person, j.pupil, min(j.person) OVER (PARTITION BY j.pupil, j.submission) AS slot,
            count(*) OVER (PARTITION BY j.pupil, j.submission) AS enrolments,
            s.school_id, s.year, s.term AS census_term, s.academic_year, s.known_from, s.turn, s.next_from,
                s.revised, j.submission
        FROM stage.judged AS j JOIN stage.settled AS s USING (submission) WHERE j.why IS NULL""")
