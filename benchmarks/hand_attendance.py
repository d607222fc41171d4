"""The attendance part of ``hand_sql.py``: reasons first, totals where there are none, unknown is not zero."""

from __future__ import annotations

from collections.abc import Mapping

_AUTHORISED = "('C', 'C1', 'C2', 'E', 'F', 'H', 'I', 'J1', 'M', 'R', 'S', 'T')"
_WANTED = "('C', 'C1', 'C2', 'E', 'F', 'G', 'H', 'I', 'J1', 'L', 'M', 'N', 'O', 'R', 'S', 'T', 'U')"
_SINGLE = {
    "other": "reason_code = 'O'",
    "holiday": "reason_code = 'G'",
    "no_reason": "reason_code = 'N'",
    "late_after": "reason_code = 'U'",
    "late_before": "reason_code = 'L'",
    "illness": "reason_code IN ('I', 'M')",
}


def attendance(tables: Mapping[str, str], known: str, names: Mapping[str, object]) -> dict[str, str]:
    """The named parts of the statement that read attendance, down to one row per pupil."""
    fy = int(str(names["fy"]))
    years = f"academic_year BETWEEN {fy - 3} AND {fy}"
    groups = {
        "u": "reason_code IN ('G', 'N', 'O', 'U')",
        "a": f"reason_code IN {_AUTHORISED}",
        **_SINGLE,
    }
    sums = ", ".join(f"sum(sessions) FILTER (WHERE {where}) AS {name}" for name, where in groups.items())
    singles = ", ".join(f"CASE WHEN has_reasons THEN coalesce(c.{name}, 0) END AS {name}" for name in _SINGLE)
    return {
        "codes": f"""
            SELECT pupil_id, school_id, academic_year, term, {sums} FROM {tables["attendance"]}
            WHERE {known} AND {years} AND reason_code IN {_WANTED} GROUP BY ALL""",
        "sessions": f"""
            SELECT pupil_id, school_id, academic_year, term, sessions_possible AS possible, coalesce(exceeds_possible::INTEGER, 0) AS exceeds,
                has_reasons, CASE WHEN has_reasons THEN coalesce(c.u, 0) ELSE sessions_unauthorised END AS unauthorised,
                CASE WHEN has_reasons THEN coalesce(c.u, 0) ELSE sessions_unauthorised END
                    + CASE WHEN has_reasons THEN coalesce(c.a, 0) ELSE sessions_authorised END AS absent,
                {singles}, CASE WHEN has_reasons THEN coalesce(c.a, 0) - coalesce(c.illness, 0) END AS other_authorised
            FROM {tables["attendance_terms"]} LEFT JOIN codes c USING (pupil_id, school_id, academic_year, term)
            WHERE {known} AND {years} AND (sessions_possible > 0 OR exceeds_possible)""",
        "attended": _this_year(fy),
        "before": _before(fy),
        "own": f"""
            SELECT s.pupil_id, sum(unauthorised) AS own_unauthorised, sum(possible) AS own_possible
            FROM sessions s JOIN cohort c ON c.pupil_id = s.pupil_id AND c.school_id = s.school_id
            WHERE academic_year = {fy} AND exceeds = 0 AND unauthorised IS NOT NULL GROUP BY s.pupil_id""",
    }


def _this_year(fy: int) -> str:
    """Every sum of a pupil's feature year, and of each of its terms."""
    sums = [
        "sum(possible) AS possible",
        "sum(exceeds) AS exceeds",
        "sum(unauthorised) AS unauthorised",
        "sum(possible) FILTER (WHERE unauthorised IS NOT NULL) AS possible_u",
        "count(*) - count(unauthorised) AS unknown_u",
        "sum(absent) AS absent",
        "count(*) - count(absent) AS unknown_absent",
        "sum(possible) FILTER (WHERE has_reasons) AS possible_codes",
        "count(*) - count(other) AS unknown_codes",
        *(f"sum({name}) AS {name}" for name in (*_SINGLE, "other_authorised")),
    ]
    terms = {"autumn": "'autumn'", "spring": "'spring'", "summer": "'summer_1', 'summer_2'"}
    for name, held in terms.items():
        inside = f"term IN ({held})"
        sums += [
            f"sum(unauthorised) FILTER (WHERE {inside}) AS u_{name}",
            f"sum(possible) FILTER (WHERE {inside} AND unauthorised IS NOT NULL) AS p_{name}",
            f"sum(exceeds) FILTER (WHERE {inside}) AS e_{name}",
        ]
    return f"SELECT pupil_id, {', '.join(sums)} FROM sessions WHERE academic_year = {fy} GROUP BY pupil_id"


def _before(fy: int) -> str:
    """Sums of each of the three years before."""
    sums = []
    for back in (1, 2, 3):
        then = f"academic_year = {fy - back}"
        sums += [
            f"sum(unauthorised) FILTER (WHERE {then}) AS u{back}",
            f"sum(possible) FILTER (WHERE {then} AND unauthorised IS NOT NULL) AS p{back}",
            f"sum(exceeds) FILTER (WHERE {then}) AS e{back}",
        ]
    last = f"academic_year = {fy - 1}"
    sums += [
        f"sum(possible) FILTER (WHERE {last}) AS possible1",
        f"count(*) FILTER (WHERE {last} AND unauthorised IS NULL) AS unknown_u1",
        f"sum(absent) FILTER (WHERE {last}) AS absent1",
        f"sum(possible) FILTER (WHERE {last} AND absent IS NOT NULL) AS possible_absent1",
    ]
    return f"SELECT pupil_id, {', '.join(sums)} FROM sessions WHERE academic_year < {fy} GROUP BY pupil_id"


def _rate(sessions: str, possible: str) -> str:
    return f"CASE WHEN {possible} > 0 THEN coalesce({sessions}, 0)::DOUBLE / ({possible})::DOUBLE END"


def attendance_wide(fy: int) -> dict[str, str]:
    """The expression of each attendance feature, by its name."""

    def year(back: int) -> str:
        return "false" if fy - back in (2019, 2020) else f"e{back} = 0"

    names = {
        "other": "other_unauthorised",
        "late_after": "late_after_close",
        "late_before": "late_before_close",
    }
    wide = {
        f"{names.get(name, name)}_rate": f"CASE WHEN exceeds = 0 THEN {_rate(name, 'possible_codes')} END"
        for name in (*_SINGLE, "other_authorised")
    }
    if fy < 2020:
        wide["late_before_close_rate"] = "NULL"
    for term in ("autumn", "spring", "summer"):
        # A term without rows has no excess and nothing possible: the rate is missing either way.
        wide[f"unauthorised_rate_{term}"] = (
            f"CASE WHEN coalesce(e_{term}, 0) = 0 THEN {_rate(f'u_{term}', f'p_{term}')} END"
        )
    summer, autumn = wide["unauthorised_rate_summer"], wide["unauthorised_rate_autumn"]
    earlier_u = " + ".join(f"CASE WHEN {year(b)} THEN coalesce(u{b}, 0) ELSE 0 END" for b in (1, 2, 3))
    earlier_p = " + ".join(f"CASE WHEN {year(b)} THEN coalesce(p{b}, 0) ELSE 0 END" for b in (1, 2, 3))
    others_u = "all_unauthorised - coalesce(own_unauthorised, 0)"
    others_p = "all_possible - coalesce(own_possible, 0)"
    return wide | {
        "unauthorised_rate": f"CASE WHEN exceeds = 0 THEN {_rate('unauthorised', 'possible_u')} END",
        "unauthorised_trend": f"({summer}) - ({autumn})",
        "unauthorised_rate_previous_year": f"CASE WHEN {year(1)} THEN {_rate('u1', 'p1')} END",
        "absence_rate_previous_year": f"CASE WHEN {year(1)} THEN {_rate('absent1', 'possible_absent1')} END",
        "unauthorised_rate_earlier_years": _rate(f"({earlier_u})", f"({earlier_p})"),
        "school_unauthorised_rate": _rate(f"({others_u})", f"({others_p})"),
        "sessions_possible": "CASE WHEN exceeds = 0 THEN coalesce(possible, 0) END",
        "sessions_unauthorised": "CASE WHEN exceeds = 0 AND unknown_u = 0 THEN coalesce(unauthorised, 0) END",
        "sessions_late_after_close": "CASE WHEN exceeds = 0 AND unknown_codes = 0 THEN coalesce(late_after, 0) END",
        "sessions_illness": "CASE WHEN exceeds = 0 AND unknown_codes = 0 THEN coalesce(illness, 0) END",
        "sessions_absent": "CASE WHEN exceeds = 0 AND unknown_absent = 0 THEN coalesce(absent, 0) END",
        "sessions_possible_previous_year": f"CASE WHEN {year(1)} THEN coalesce(possible1, 0) END",
        "sessions_unauthorised_previous_year": f"CASE WHEN {year(1)} AND unknown_u1 = 0 THEN coalesce(u1, 0) END",
    }
