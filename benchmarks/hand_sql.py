"""The catalogue's features as one statement of DuckDB SQL, written by hand over the same Parquet files.

The bar for the package's own features: one as-of date, dates as dates. ``tests/benchmarks`` hold the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from hand_attendance import attendance, attendance_wide

from absence_risk.features.catalogue import FEATURES

#: A fact counts if it was known on the date and not replaced by then.
_KNOWN = "known_from <= {day} AND (superseded_from IS NULL OR superseded_from > {day})"

_SPELL = "(end_date IS NULL OR start_date <= end_date) AND start_date <= {day} AND " + _KNOWN


def source(files: Sequence[Path]) -> str:
    """``read_parquet`` of some files."""
    return "read_parquet([" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in files) + "])"


def features_sql(
    files: Mapping[str, Sequence[Path]], cohort: Path, as_of: date, school_sums: Path | None = None
) -> str:
    """One SELECT of pupil_id, school_id, year_group, first_seen and every feature, sorted by pupil_id.

    Parameters
    ----------
    files : mapping of str to sequence of Path
        The Parquet files of each canonical table (of one bucket, or of all).
    cohort : Path
        Parquet of ``pupil_id``, ``school_id``, ``year_group``.
    as_of : datetime.date
        The as-of date.
    school_sums : Path, optional
        Parquet of the sums of each school, where the files are one bucket of many.
    """
    label = as_of.year if as_of.month >= 9 else as_of.year - 1
    fy = label - 1
    names = {"day": f"DATE '{as_of.isoformat()}'", "fy": fy, "label": label}
    names |= {"first": f"DATE '{fy}-09-01'", "last": f"DATE '{fy + 1}-08-31'"}
    tables = {name: source(paths) for name, paths in files.items()}
    known, spell = _KNOWN.format(**names), _SPELL.format(**names)
    schools = f"SELECT * FROM {source([school_sums])}" if school_sums else _SCHOOL_SUMS.format(**names)
    ctes = {
        "cohort": f"SELECT pupil_id, school_id, year_group FROM {source([cohort])}",
        "census_known": f"SELECT year, term, kind FROM {tables['returns']} WHERE known_from <= {names['day']}",
        "covered": _covered(fy),
        "roll": _roll(tables, known, fy),
        "first_seen": f"SELECT pupil_id, min(academic_year) AS first_seen FROM {tables['pupils']} "
        f"WHERE known_from <= {names['day']} GROUP BY pupil_id",
        **_suspensions(tables, known, names),
        **_spells(tables, spell, names),
        **_moves(tables, known, names),
        **attendance(tables, known, names),
        "school": schools,
    }
    body = ",\n".join(f"{name} AS ({sql})" for name, sql in ctes.items())
    return f"WITH {body}\n{_answer(names)}"


def school_sums_sql(files: Mapping[str, Sequence[Path]], as_of: date) -> str:
    """``school_id``, ``all_unauthorised`` and ``all_possible`` of the feature year, summed over the files given."""
    label = as_of.year if as_of.month >= 9 else as_of.year - 1
    names = {"day": f"DATE '{as_of.isoformat()}'", "fy": label - 1}
    tables = {name: source(paths) for name, paths in files.items()}
    known = _KNOWN.format(**names)
    return f"""
        WITH terms AS (
            SELECT pupil_id, school_id, term, sessions_possible, has_reasons, sessions_unauthorised
            FROM {tables["attendance_terms"]}
            WHERE {known} AND academic_year = {names["fy"]} AND sessions_possible > 0 AND NOT exceeds_possible
                AND (has_reasons OR sessions_unauthorised IS NOT NULL)
        ),
        reasons AS (
            SELECT school_id, sum(a.sessions) AS n
            FROM {tables["attendance"]} a JOIN terms USING (pupil_id, school_id, term)
            WHERE {known} AND academic_year = {names["fy"]} AND reason_code IN ('G', 'N', 'O', 'U') AND has_reasons
            GROUP BY school_id
        ),
        totals AS (
            SELECT school_id, sum(CASE WHEN has_reasons THEN 0 ELSE sessions_unauthorised END) AS n,
                sum(sessions_possible) AS possible
            FROM terms GROUP BY school_id
        )
        SELECT t.school_id, CAST(t.n + coalesce(r.n, 0) AS BIGINT) AS all_unauthorised,
            CAST(t.possible AS BIGINT) AS all_possible
        FROM totals t LEFT JOIN reasons r USING (school_id)"""


_SCHOOL_SUMS = """
    SELECT school_id, sum(unauthorised) AS all_unauthorised, sum(possible) AS all_possible
    FROM sessions WHERE academic_year = {fy} AND exceeds = 0 AND unauthorised IS NOT NULL GROUP BY school_id"""


def _covered(fy: int) -> str:
    def held(year: int, *terms: str) -> str:
        return f"bool_or(kind = 'school_census' AND ({' OR '.join(f'(year = {year + later} AND term = {t!r})' for later, t in map(_carrier, terms))}))"

    def year(start: int) -> str:
        carriers = (("1 spring", "1 summer"), ("1 summer", "1 autumn"), ("1 autumn", "2 spring"))
        return " AND ".join(held(start, *carrier) for carrier in carriers)

    years = ", ".join(f"coalesce({year(fy - back)}, false) AS s{back}" for back in range(4))
    kinds = ", ".join(
        f"coalesce(bool_or(kind = '{kind}'), false) AS {name}"
        for kind, name in (
            ("school_census", "census"),
            ("cin_census", "cin"),
            ("ssda903", "care"),
            ("ap_census", "ap"),
        )
    )
    return f"SELECT {years}, {kinds} FROM census_known"


def _carrier(text: str) -> tuple[int, str]:
    later, term = text.split()
    return int(later), term


def _roll(tables: Mapping[str, str], known: str, fy: int) -> str:
    seen = ", ".join(f"academic_year = {fy - back} AS roll_{back}" for back in range(4))
    spans = ", ".join(
        f"start_date <= DATE '{fy - back + 1}-08-31' AND "
        f"(ended IS NULL OR (ended >= DATE '{fy - back}-09-01' AND ended >= start_date)) AS roll_{back}"
        for back in range(4)
    )
    day = known.split(" ", 2)[2].split(" AND ", maxsplit=1)[0]
    either = ", ".join(f"bool_or(roll_{back}) AS roll_{back}" for back in range(4))
    return f"""
        SELECT pupil_id, {either} FROM (
            SELECT pupil_id, {seen} FROM {tables["pupils"]} WHERE {known} AND on_roll
            UNION ALL
            SELECT pupil_id, {spans} FROM (
                SELECT *, CASE WHEN end_date <= {day} THEN end_date END AS ended
                FROM {tables["enrolments"]} WHERE {known})
        ) GROUP BY pupil_id"""


def _suspensions(tables: Mapping[str, str], known: str, names: Mapping[str, object]) -> dict[str, str]:
    fy = int(str(names["fy"]))
    earlier = " OR ".join(
        f"(s{back} AND start_date BETWEEN DATE '{fy - back}-09-01' AND DATE '{fy - back + 1}-08-31')"
        for back in (1, 2, 3)
    )
    this = "category <> 'PERM' AND start_date BETWEEN {first} AND {last}".format(**names)
    return {
        "events": f"""
            SELECT pupil_id, start_date, category, coalesce(max(sessions), 1) AS sessions
            FROM {tables["suspensions"]} WHERE {known} AND start_date <= {names["day"]}
            GROUP BY pupil_id, school_id, start_date, category""",
        "suspended": f"""
            SELECT pupil_id, count(*) FILTER (WHERE {this}) AS n_this, sum(sessions) FILTER (WHERE {this}) AS sessions_this,
                count(*) FILTER (WHERE category <> 'PERM' AND ({earlier})) AS n_earlier,
                max(start_date) FILTER (WHERE category <> 'PERM') AS latest,
                count(*) FILTER (WHERE category = 'PERM') AS n_permanent
            FROM events, covered GROUP BY pupil_id""",
    }


def _spells(tables: Mapping[str, str], spell: str, names: Mapping[str, object]) -> dict[str, str]:
    day, first = names["day"], names["first"]
    usable = f"SELECT *, CASE WHEN end_date <= {day} THEN end_date END AS ended FROM {{}} WHERE {spell}"
    kinds = ("cin", "cp_plan", "looked_after")
    care = ", ".join(
        f"count(*) FILTER (WHERE kind = '{k}') AS {k}_spells, count(*) FILTER (WHERE kind = '{k}' AND ended IS NULL) AS {k}_open, "
        f"max(ended) FILTER (WHERE kind = '{k}') AS {k}_ended"
        for k in kinds
    )
    open_now = ", ".join(
        f"count(*) FILTER (WHERE kind = '{k}' AND ended IS NULL) > 0 AS {k}"
        for k in ("ap_school", "school_arranged", "la_funded")
    )
    last = f"least({names['last']}, {day})"
    starts = f"greatest({day} - INTERVAL 6 YEAR, make_date({names['label']} - year_group, 9, 1))::DATE"
    return {
        "care": f"SELECT pupil_id, {care} FROM ({usable.format(tables['social_care'])}) GROUP BY pupil_id",
        "placed": f"""
            SELECT pupil_id, {open_now}, max(ended) AS last_end,
                least({last} - {first} + 1, sum(greatest(least(coalesce(ended, {last}), {last}) - greatest(start_date, {first}) + 1, 0))) AS days
            FROM ({usable.format(tables["alternative_provision"])}) GROUP BY pupil_id""",
        "meals": f"""
            SELECT pupil_id, bool_or(ended IS NULL) AS open_now,
                bool_or(coalesce(ended, {day}) >= ({day} - INTERVAL 6 YEAR)::DATE) AS ever,
                sum(greatest(coalesce(ended, {day}) - greatest(start_date, {starts}) + 1, 0)) AS days
            FROM ({usable.format(tables["fsm"])}) JOIN cohort USING (pupil_id) GROUP BY pupil_id""",
    }


def _moves(tables: Mapping[str, str], known: str, names: Mapping[str, object]) -> dict[str, str]:
    label, fy = int(str(names["label"])), int(str(names["fy"]))
    usual = " OR ".join(
        f"(start_date BETWEEN DATE '{year}-08-01' AND DATE '{year}-09-30' AND year_group - {label - year} IN (0, 3, 7))"
        for year in range(fy - 2, label + 1)
    )
    return {
        "entries": f"""
            SELECT DISTINCT pupil_id, school_id, start_date FROM {tables["enrolments"]}
            WHERE (end_date IS NULL OR start_date <= end_date) AND {known} AND start_date <= {names["day"]}
                AND (enrol_status IS NULL OR enrol_status <> 'S')""",
        "steps": """
            SELECT e.pupil_id, e.school_id, e.start_date,
                max(b.start_date) FILTER (WHERE b.school_id <> e.school_id) AS elsewhere,
                max(b.start_date) FILTER (WHERE b.school_id = e.school_id) AS here
            FROM entries e JOIN entries b ON b.pupil_id = e.pupil_id AND b.start_date < e.start_date
            GROUP BY ALL""",
        "moves": f"""
            SELECT pupil_id, count(*) FILTER (WHERE start_date BETWEEN {names["first"]} AND {names["last"]}) AS this_year,
                count(*) FILTER (WHERE start_date BETWEEN DATE '{fy - 2}-09-01' AND {names["last"]}) AS three_years
            FROM steps s JOIN cohort USING (pupil_id)
            WHERE elsewhere IS NOT NULL AND (here IS NULL OR here < elsewhere) AND NOT ({usual})
            GROUP BY pupil_id""",
    }


def _days_since(column: str, day: str) -> str:
    return f"CASE WHEN {day} - {column} > 1096 THEN 1096 ELSE {day} - {column} END"


def _answer(names: Mapping[str, object]) -> str:
    day, fy = str(names["day"]), int(str(names["fy"]))
    wide = {
        **_events_wide(day),
        **_care_wide(day),
        **_roll_wide(),
        **_meals_wide(day, names),
        **attendance_wide(fy),
    }
    columns = ",\n".join(f"CAST({wide[f.name]} AS DOUBLE) AS {f.name}" for f in FEATURES)
    joined = "".join(
        f" LEFT JOIN {name} USING (pupil_id)"
        for name in (
            "roll",
            "first_seen",
            "suspended",
            "care",
            "placed",
            "meals",
            "moves",
            "attended",
            "before",
            "own",
        )
    )
    return f"""SELECT pupil_id, c.school_id, year_group, first_seen, {columns}
        FROM cohort c {joined} LEFT JOIN school ON school.school_id = c.school_id CROSS JOIN covered
        ORDER BY pupil_id"""


def _events_wide(day: str) -> dict[str, str]:
    earlier = " OR ".join(f"(s{back} AND coalesce(roll_{back}, false))" for back in (1, 2, 3))
    this = "s0 AND (coalesce(roll_0, false) OR n_this > 0)"
    return {
        "suspensions_this_year": f"CASE WHEN {this} THEN coalesce(n_this, 0) END",
        "suspension_sessions_this_year": "CASE WHEN s0 AND (coalesce(roll_0, false) OR sessions_this > 0) THEN coalesce(sessions_this, 0) END",
        "suspensions_earlier_years": f"CASE WHEN s0 AND (s1 OR s2 OR s3) AND ({earlier} OR n_earlier > 0) THEN coalesce(n_earlier, 0) END",
        "days_since_suspension": f"CASE WHEN s0 THEN {_days_since('latest', day)} END",
        "permanent_exclusions": "CASE WHEN s0 THEN coalesce(n_permanent, 0) END",
    }


def _care_wide(day: str) -> dict[str, str]:
    wide = {}
    for kind, held in (("cin", "covered.cin"), ("cp_plan", "covered.cin"), ("looked_after", "covered.care")):
        wide[f"{kind}_current"] = f"CASE WHEN {held} THEN (coalesce({kind}_open, 0) > 0)::INTEGER END"
        wide[f"{kind}_previous"] = f"CASE WHEN {held} THEN ({kind}_ended IS NOT NULL)::INTEGER END"
        wide[f"{kind}_spells"] = f"CASE WHEN {held} THEN coalesce({kind}_spells, 0) END"
        wide[f"{kind}_days_since_end"] = f"CASE WHEN {held} THEN {_days_since(f'{kind}_ended', day)} END"
    return wide | {
        "ap_school_current": "CASE WHEN census THEN coalesce(ap_school, false)::INTEGER END",
        "school_arranged_ap_current": "CASE WHEN census THEN coalesce(school_arranged, false)::INTEGER END",
        "la_funded_ap_current": "CASE WHEN covered.ap THEN coalesce(la_funded, false)::INTEGER END",
        "ap_previous": "CASE WHEN census THEN (last_end IS NOT NULL)::INTEGER END",
        "ap_days_this_year": "CASE WHEN census THEN coalesce(placed.days, 0) END",
        "ap_days_since_end": f"CASE WHEN census THEN {_days_since('last_end', day)} END",
    }


def _roll_wide() -> dict[str, str]:
    three = " OR ".join(f"coalesce(roll_{back}, false)" for back in range(3))
    return {
        "year_group": "year_group",
        "school_moves_this_year": "CASE WHEN coalesce(roll_0, false) THEN coalesce(this_year, 0) END",
        "school_moves_three_years": f"CASE WHEN {three} THEN coalesce(three_years, 0) END",
    }


def _meals_wide(day: str, names: Mapping[str, object]) -> dict[str, str]:
    starts = f"greatest({day} - INTERVAL 6 YEAR, make_date({names['label']} - year_group, 9, 1))::DATE"
    return {
        "fsm_now": "CASE WHEN census THEN coalesce(open_now, false)::INTEGER END",
        "fsm_ever_six": "CASE WHEN census THEN coalesce(ever, false)::INTEGER END",
        "fsm_share_of_time": f"CASE WHEN census THEN least(coalesce(meals.days, 0)::DOUBLE / ({day} - {starts} + 1)::DOUBLE, 1.0) END",
    }
