"""What each made-up canonical table holds, as DuckDB SQL over one drawn row per pupil (see ``large_tables.py``)."""

from __future__ import annotations

#: The first calendar year of the academic year that is under way on the as-of date.
LABEL_YEAR = 2026

PUPILS_PER_SCHOOL = 400

#: Day of each census: autumn of the year's start, spring and summer of the year after.
_AUTUMN, _SPRING, _SUMMER = "make_date({y}, 10, 1)", "make_date({y} + 1, 1, 15)", "make_date({y} + 1, 5, 21)"


def by_pupil(years: int) -> dict[str, str]:
    """The SELECT of each table that has a pupil_id, from the drawn rows of ``pupil``."""
    return {
        "pupils": _pupils(years),
        "audit": f"""
            SELECT pupil_id, CASE WHEN drawn(n, 20) % 2 = 0 THEN 'F' ELSE 'M' END AS sex,
                CASE WHEN drawn(n, 21) < 700000 THEN 'WBRI' ELSE 'AOTH' END AS ethnicity,
                CASE WHEN drawn(n, 22) < 800000 THEN 'ENG' ELSE 'OTH' END AS language,
                {_AUTUMN.format(y=LABEL_YEAR - years)} AS known_from, NULL::DATE AS superseded_from
            FROM pupil""",
        "enrolments": _enrolments(years),
        "attendance_terms": _attendance_terms(years),
        "attendance": _attendance(years),
        "suspensions": _suspensions(years),
        "social_care": _social_care(),
        "alternative_provision": _placements(),
        "fsm": _fsm(years),
    }


def _pupils(years: int) -> str:
    first = LABEL_YEAR - years
    return f"""
        WITH census AS (
            SELECT *, {first} + k // 3 AS y, k % 3 AS c
            FROM (SELECT *, unnest(range({3 * years + 1}))::INTEGER AS k FROM pupil)
        ),
        placed AS (
            SELECT *, y < moved_year OR (y = moved_year AND c = 0) AS earlier FROM census
        )
        SELECT pupil_id, CASE WHEN mover AND earlier THEN school_before ELSE school_now END AS school_id,
            y AS academic_year, ['autumn', 'spring', 'summer'][c + 1] AS census_term,
            here OR y < {LABEL_YEAR} AS on_roll,
            CASE WHEN year_group - ({LABEL_YEAR} - y) >= 0 THEN year_group - ({LABEL_YEAR} - y) END AS year_group,
            CASE WHEN drawn(n, 23) < 10000 THEN 'M' ELSE 'C' END AS enrol_status,
            CASE WHEN drawn(n, 24) < 140000 THEN 'K' WHEN drawn(n, 24) < 190000 THEN 'E' ELSE 'N' END AS sen,
            CASE WHEN drawn(n, 25) < 10000 THEN 'P' END AS young_carer,
            make_date({LABEL_YEAR - 4} - year_group, 1 + CAST(drawn(n, 26) % 8 AS INTEGER), 1) AS birth_month,
            CASE c WHEN 0 THEN {_AUTUMN.format(y="y")} WHEN 1 THEN {_SPRING.format(y="y")}
                   ELSE {_SUMMER.format(y="y")} END AS known_from,
            NULL::DATE AS superseded_from
        FROM placed"""


def _enrolments(years: int) -> str:
    known = _AUTUMN.format(y=LABEL_YEAR - years)
    # A mover's old enrolment has an open version, replaced by the closed one; a few have a subsidiary school too.
    return f"""
        WITH kinds AS (
            SELECT *, unnest(CASE WHEN mover THEN [0, 1, 2] WHEN drawn(n, 30) < 5000 THEN [3, 4]
                             WHEN NOT here THEN [3, 5] ELSE [3] END) AS kind,
                make_date({LABEL_YEAR} - least(year_group, CASE WHEN year_group > 6 THEN year_group - 6 ELSE year_group + 1 END), 9, 2) AS entry,
                make_date(moved_year + 1, 1, 5) AS left_on
            FROM pupil
        )
        SELECT pupil_id, CASE WHEN kind < 2 THEN school_before WHEN kind = 4 THEN school_before ELSE school_now END AS school_id,
            CASE WHEN kind = 4 THEN 'S' ELSE 'C' END AS enrol_status,
            CASE WHEN kind = 2 THEN left_on + 3 WHEN kind = 4 THEN DATE '{LABEL_YEAR - 1}-11-10'
                 WHEN kind < 2 THEN least(entry, left_on - 100) ELSE entry END AS start_date,
            CASE WHEN kind = 1 THEN left_on WHEN kind = 5 THEN DATE '{LABEL_YEAR}-07-20' END AS end_date,
            CASE WHEN kind IN (0, 3) THEN greatest({known}, {_AUTUMN.format(y="year(CASE WHEN kind < 2 THEN least(entry, left_on - 100) ELSE entry END)")})
                 WHEN kind = 4 THEN {_SPRING.format(y=LABEL_YEAR - 1)} WHEN kind = 5 THEN {_AUTUMN.format(y=LABEL_YEAR)}
                 ELSE {_SPRING.format(y="moved_year")} END AS known_from,
            CASE WHEN kind = 0 THEN {_SPRING.format(y="moved_year")}
                 WHEN kind = 3 AND NOT here AND NOT mover AND drawn(n, 30) >= 5000 THEN {_AUTUMN.format(y=LABEL_YEAR)} END AS superseded_from
        FROM kinds"""


def _pupil_terms(years: int) -> str:
    """One row per pupil and term (and per further version of the last term), with the sessions drawn."""
    first, terms = LABEL_YEAR - years, 3 * years
    return f"""
        WITH versions AS (
            SELECT *, unnest(CASE WHEN version IS NULL THEN range({terms}) ELSE range({terms + 1}) END)::INTEGER AS v
            FROM pupil
        ),
        terms AS (
            SELECT *, least(v, {terms - 1}) AS k, v = {terms} AS further FROM versions
        ),
        placed AS (
            SELECT *, {first} + k // 3 AS y, k % 3 AS c,
                mover AND ({first} + k // 3 < moved_year OR ({first} + k // 3 = moved_year AND k % 3 = 0)) AS earlier,
                hash(n, v, 40) AS h
            FROM terms
        ),
        counted AS (
            SELECT pupil_id, n, y, c, version, further, h,
                CASE WHEN earlier THEN school_before ELSE school_now END AS school_id,
                CASE WHEN earlier THEN s_before ELSE s_now END % 4 != 0 AS has_reasons,
                [138, 112, 96][c + 1] - CAST(h % 7 AS INTEGER) AS possible,
                CAST(floor([138, 112, 96][c + 1] * level * (0.3 + 1.4 * ((h >> 8) % 1024)::DOUBLE / 1024)) AS INTEGER) AS unauthorised,
                CASE WHEN (h >> 20) % 100 < 48 THEN CAST(2 + (h >> 28) % 9 AS INTEGER) ELSE 0 END AS authorised,
                make_date(y + 1, [1, 5, 10][c + 1], [15, 21, 1][c + 1]) AS census_day
            FROM placed
        ),
        dated AS (
            SELECT *, CASE WHEN NOT further THEN census_day WHEN version = 'corrected' THEN census_day + 21
                           ELSE DATE '{LABEL_YEAR + 1}-01-15' END AS known_from,
                CASE WHEN further OR version IS NULL OR y != {LABEL_YEAR - 1} OR c != 2 THEN NULL
                     WHEN version = 'corrected' THEN census_day + 21
                     ELSE DATE '{LABEL_YEAR + 1}-01-15' END AS superseded_from,
                ['autumn', 'spring', 'summer_1'][c + 1] AS term
            FROM counted
        )"""


def _attendance_terms(years: int) -> str:
    return f"""
        {_pupil_terms(years)}
        SELECT pupil_id, school_id, y AS academic_year, term, possible AS sessions_possible,
            CASE WHEN NOT has_reasons THEN authorised END AS sessions_authorised,
            CASE WHEN NOT has_reasons THEN unauthorised END AS sessions_unauthorised,
            has_reasons, authorised + unauthorised > possible AS exceeds_possible, known_from, superseded_from
        FROM dated"""


def _attendance(years: int) -> str:
    return f"""
        {_pupil_terms(years)},
        rows AS (
            SELECT *, unnest(
                CASE WHEN (h >> 36) % 16 = 0
                     THEN CASE WHEN unauthorised > 0 AND authorised > 0 THEN [0, 1, 2] WHEN unauthorised > 0 THEN [0, 2]
                               WHEN authorised > 0 THEN [1, 2] ELSE [2] END
                     ELSE CASE WHEN unauthorised > 0 AND authorised > 0 THEN [0, 1] WHEN unauthorised > 0 THEN [0]
                               WHEN authorised > 0 THEN [1] ELSE CAST([] AS INTEGER[]) END END) AS kind
            FROM dated WHERE has_reasons
        )
        SELECT pupil_id, school_id, y AS academic_year, term,
            CASE kind WHEN 0 THEN ['O', 'O', 'O', 'O', 'O', 'U', 'G', 'N'][1 + ((h >> 42) % 8)::INTEGER]
                      WHEN 1 THEN ['I', 'I', 'I', 'I', 'I', 'I', 'M', 'C'][1 + ((h >> 45) % 8)::INTEGER]
                      ELSE ['L', 'L', 'L', 'B'][1 + ((h >> 48) % 4)::INTEGER] END AS reason_code,
            CASE kind WHEN 0 THEN unauthorised WHEN 1 THEN authorised ELSE 1 + ((h >> 50) % 12)::INTEGER END AS sessions,
            known_from, superseded_from
        FROM rows"""


def _suspensions(years: int) -> str:
    # Each event of autumn term is known from the spring census, of spring from the summer one, of summer from autumn.
    return f"""
        WITH events AS (
            SELECT *, unnest(range(1 + CAST(drawn(n, 51) % 4 AS INTEGER) // 2))::INTEGER AS e FROM pupil
            WHERE drawn(n, 50) < 30000
        ),
        dated AS (
            SELECT *, hash(n, e, 52) AS h, {LABEL_YEAR - years} + CAST(hash(n, e, 53) % {years} AS INTEGER) AS y,
                CAST(hash(n, e, 54) % 3 AS INTEGER) AS c
            FROM events
        )
        SELECT pupil_id, school_now AS school_id,
            make_date(y + CAST(c > 0 AS INTEGER), [10, 2, 6][c + 1], 1 + CAST(h % 25 AS INTEGER)) AS start_date,
            ['SUSP', 'SUSP', 'SUSP', 'SUSP', 'SUSP', 'SUSP', 'SUSP', 'LNCH', 'PERM'][1 + ((h >> 8) % CASE WHEN e = 0 THEN 8 ELSE 9 END)::INTEGER] AS category,
            CASE WHEN (h >> 16) % 20 > 0 THEN 1 + CAST((h >> 24) % 10 AS INTEGER) END AS sessions,
            make_date(y + 1, [1, 5, 10][c + 1], [15, 21, 1][c + 1]) AS known_from, NULL::DATE AS superseded_from
        FROM dated
        QUALIFY row_number() OVER (PARTITION BY pupil_id, start_date, category ORDER BY e) = 1
        ORDER BY pupil_id, start_date, category"""


def _social_care() -> str:
    # Kinds of row: open; open, later known to have closed (two versions); by kind of spell.
    return f"""
        WITH spells AS (
            SELECT *, unnest(CASE WHEN drawn(n, 61) < 4000 THEN [0, 1, 2, 3, 4] WHEN drawn(n, 61) < 9000 THEN [0, 1]
                             WHEN drawn(n, 61) < 14000 THEN [2] ELSE [4] END) AS r
            FROM pupil WHERE drawn(n, 61) < 18000
        ),
        dated AS (
            SELECT *, DATE '{LABEL_YEAR - 4}-06-01' + CAST(drawn(n, 62) % 300 AS INTEGER) AS begun,
                DATE '{LABEL_YEAR - 2}-01-10' + CAST(drawn(n, 63) % 400 AS INTEGER) AS ended
            FROM spells
        )
        SELECT pupil_id, ['cin', 'cin', 'cin', 'cp_plan', 'looked_after'][r + 1] AS kind,
            CASE WHEN r IN (0, 1, 3) THEN begun ELSE begun + 700 END AS start_date,
            CASE WHEN r = 1 THEN ended WHEN r = 3 THEN begun + 250 END AS end_date,
            CASE WHEN r = 1 THEN make_date(CASE WHEN month(ended) > 3 THEN year(ended) + 1 ELSE year(ended) END, 3, 31)
                 WHEN r = 0 THEN make_date(CASE WHEN month(begun) > 3 THEN year(begun) + 1 ELSE year(begun) END, 3, 31)
                 ELSE DATE '{LABEL_YEAR - 1}-03-31' END AS known_from,
            CASE WHEN r = 0 THEN make_date(CASE WHEN month(ended) > 3 THEN year(ended) + 1 ELSE year(ended) END, 3, 31) END AS superseded_from
        FROM dated"""


def _placements() -> str:
    return f"""
        SELECT pupil_id, ['ap_school', 'school_arranged', 'la_funded'][1 + (drawn(n, 71) % 3)::INTEGER] AS kind,
            CAST(NULL AS VARCHAR) AS setting, CASE WHEN drawn(n, 72) % 2 = 0 THEN 'FT' ELSE 'PT' END AS pattern,
            CASE WHEN drawn(n, 72) % 2 = 0 THEN 10 ELSE 5 END AS sessions_per_week,
            DATE '{LABEL_YEAR - 2}-09-10' + CAST(drawn(n, 73) % 600 AS INTEGER) AS start_date,
            CASE WHEN drawn(n, 74) % 2 = 0 THEN DATE '{LABEL_YEAR - 2}-09-10' + CAST(drawn(n, 73) % 600 + 60 AS INTEGER) END AS end_date,
            DATE '{LABEL_YEAR}-09-30' AS known_from, NULL::DATE AS superseded_from
        FROM pupil WHERE drawn(n, 70) < 3000"""


def _fsm(years: int) -> str:
    known = _AUTUMN.format(y=LABEL_YEAR - years)
    return f"""
        SELECT pupil_id, DATE '{LABEL_YEAR - 6}-09-01' + CAST(drawn(n, 81) % 1500 AS INTEGER) AS start_date,
            CASE WHEN drawn(n, 82) < 250000 THEN DATE '{LABEL_YEAR - 1}-01-15' + CAST(drawn(n, 83) % 200 AS INTEGER) END AS end_date,
            greatest({known}, DATE '{LABEL_YEAR - 1}-10-01') AS known_from, NULL::DATE AS superseded_from
        FROM pupil WHERE drawn(n, 80) < 250000"""


def without_pupils(pupils: int, years: int) -> dict[str, str]:
    """The SELECT of each table without pupils."""
    schools = max(3, pupils // PUPILS_PER_SCHOOL)
    first = LABEL_YEAR - years
    return {
        "schools": f"""
            SELECT school(s) AS school_id, CAST(100000 + s AS VARCHAR) AS urn, 'Made-up School ' || s AS name,
                CASE WHEN s % 5 = 0 THEN 'SS' ELSE 'PS' END AS phase, s % 100 = 99 AS is_ap,
                {_AUTUMN.format(y=first)} AS known_from, NULL::DATE AS superseded_from
            FROM range({schools}) numbers(s) ORDER BY 1""",
        "returns": f"""
            WITH census AS (
                SELECT CAST({first - 3} + k // 3 AS INTEGER) AS y, CAST(k % 3 AS INTEGER) AS c FROM range({3 * years + 10}) numbers(k)
            ),
            dated AS (
                SELECT ['autumn', 'spring', 'summer'][c + 1] AS term,
                    make_date(y + CAST(c > 0 AS INTEGER), [10, 1, 5][c + 1], [1, 15, 21][c + 1]) AS day FROM census
            ),
            yearly AS (
                SELECT kind, make_date(CAST(y AS INTEGER), 3, 31) AS day
                FROM range({first - 2}, {LABEL_YEAR + 1}) numbers(y), (VALUES ('cin_census'), ('ssda903'), ('ap_census')) kinds(kind)
            )
            SELECT 'school_census' AS kind, CAST(year(day) AS INTEGER) AS year, term, day AS reference_date,
                CAST(day - INTERVAL 6 MONTH AS DATE) AS covers_from, day AS covers_to,
                {schools} AS schools, {pupils} AS records, day AS known_from FROM dated
            UNION ALL
            SELECT kind, CAST(year(day) AS INTEGER), CAST(NULL AS VARCHAR), day, CAST(day - INTERVAL 1 YEAR AS DATE), day,
                CAST(NULL AS INTEGER), {max(1, pupils // 70)}, day FROM yearly
            ORDER BY 1, 2, 9""",
    }
