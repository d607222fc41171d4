"""The canonical tables, declared once.

**Two dates.** Every row is one version of a fact. It says when the fact happened (its own date columns), when
the authority could know this version (``known_from``: the date of the first return that carries it) and when a
later return replaced it (``superseded_from``, empty while it stands). The facts known on a day D are the rows
with ``known_from <= D`` that are not superseded on or before D. An end date is a fact of its own: a spell that
closed has an open version, superseded by the closed one from the date of the return that first carried the end.

Dates are dates in the file; features read them as day numbers (days since 1 January 1970), see ``store``.
"""

from __future__ import annotations

from ..domain.academic_year import FIRST_YEAR, LAST_YEAR, TERMS
from .schema import Column, Table, Type, at_least, between, matches, one_of

#: Raised by one whenever a table's columns or their meaning change; a store of another version is refused.
STORE_VERSION = 1

SOCIAL_CARE_KINDS = ("cin", "cin_plan", "cp_plan", "looked_after")
AP_KINDS = ("ap_school", "school_arranged", "la_funded")
RETURN_KINDS = ("school_census", "cin_census", "ssda903", "ap_census")
CENSUS_TERMS = ("autumn", "spring", "summer")

_T, _I, _D, _B = Type.TEXT, Type.INTEGER, Type.DATE, Type.BOOLEAN

PUPIL_ID = Column(
    "pupil_id", _T, "keyed pseudonym of the pupil", limit=matches("[0-9a-f]{32}", "32 hexadecimal characters")
)
SCHOOL_ID = Column("school_id", _T, "school: LA number and establishment number")
YEAR = Column(
    "academic_year",
    _I,
    "academic year, by the calendar year in which it starts",
    limit=between(FIRST_YEAR, LAST_YEAR),
)
KNOWN = (
    Column("known_from", _D, "date of the first return that carries this version"),
    Column(
        "superseded_from", _D, "date of the return that replaced it; empty while it stands", required=False
    ),
)


def _spell(name: str, words: str, *more: Column, key: tuple[str, ...]) -> Table:
    """A table of spells: a start, an end that may be open, and the two dates of knowledge."""
    columns = (
        PUPIL_ID,
        *more,
        Column("start_date", _D, "first day"),
        Column("end_date", _D, "last day; empty while open or not yet known", required=False),
        *KNOWN,
    )
    return Table(name, words, columns, key)


PUPILS = Table(
    "pupils",
    "One row per pupil, school and School Census: what the census said of the pupil on its reference day.",
    (
        PUPIL_ID,
        SCHOOL_ID,
        Column("academic_year", _I, "academic year of the census day", limit=between(FIRST_YEAR, LAST_YEAR)),
        Column("census_term", _T, "census: autumn, spring or summer", limit=one_of(*CENSUS_TERMS)),
        Column("on_roll", _B, "on roll on the census day (false: on the table of leavers)"),
        Column(
            "year_group",
            _I,
            "national curriculum year, Reception 0; empty if none",
            "year",
            False,
            between(0, 14),
        ),
        Column(
            "enrol_status",
            _T,
            "C current, M main dual, S subsidiary dual, F college, O other",
            required=False,
        ),
        Column(
            "sen",
            _T,
            "N none, K SEN support, E education, health and care plan",
            required=False,
            limit=one_of("N", "K", "E"),
        ),
        Column("young_carer", _T, "young carer as recorded; empty is not recorded", required=False),
        Column("birth_month", _D, "first day of the month of birth", required=False),
        *KNOWN,
    ),
    ("pupil_id", "school_id", "academic_year", "census_term"),
)

AUDIT = Table(
    "audit",
    "Characteristics held for audit only, apart from the pupils' table; they can never be features.",
    (
        PUPIL_ID,
        Column("sex", _T, "as recorded", required=False),
        Column("ethnicity", _T, "census code as recorded", required=False),
        Column("language", _T, "census code as recorded", required=False),
        *KNOWN,
    ),
    ("pupil_id",),
)

ENROLMENTS = _spell(
    "enrolments",
    "One row per pupil, school and entry date: a spell on a school's roll (start_date: entry, end_date: leaving).",
    SCHOOL_ID,
    Column(
        "enrol_status", _T, "C current, M main dual, S subsidiary dual, F college, O other", required=False
    ),
    key=("pupil_id", "school_id", "start_date"),
)

SCHOOLS = Table(
    "schools",
    "One row per school and School Census year seen.",
    (
        SCHOOL_ID,
        Column("urn", _T, "unique reference number, where the return states it", required=False),
        Column("name", _T, "name, where the return states it", required=False),
        Column("phase", _T, "phase code, where the return states it", required=False),
        Column("is_ap", _B, "pupil referral unit or alternative provision school"),
        *KNOWN,
    ),
    ("school_id",),
)

ATTENDANCE_TERMS = Table(
    "attendance_terms",
    "One row per pupil, school and term: the denominator, and the return's own totals where it gave no reasons.",
    (
        PUPIL_ID,
        SCHOOL_ID,
        YEAR,
        Column(
            "term", _T, "term the sessions belong to (not the census that carried them)", limit=one_of(*TERMS)
        ),
        Column("sessions_possible", _I, "possible sessions", "half-days", False, at_least(0)),
        Column(
            "sessions_authorised",
            _I,
            "total, only where there are no reason rows",
            "half-days",
            False,
            at_least(0),
        ),
        Column(
            "sessions_unauthorised",
            _I,
            "total, only where there are no reason rows",
            "half-days",
            False,
            at_least(0),
        ),
        Column("has_reasons", _B, "whether reason rows were returned"),
        Column(
            "exceeds_possible", _B, "absence is more than the possible sessions: reported, outcome unknown"
        ),
        *KNOWN,
    ),
    ("pupil_id", "school_id", "academic_year", "term"),
)

ATTENDANCE = Table(
    "attendance",
    "One row per pupil, school, term and reason code, as returned; unknown codes are kept and reported.",
    (
        PUPIL_ID,
        SCHOOL_ID,
        YEAR,
        Column("term", _T, "term the sessions belong to", limit=one_of(*TERMS)),
        Column("reason_code", _T, "register code as returned"),
        Column("sessions", _I, "sessions with this code", "half-days", limit=at_least(0)),
        *KNOWN,
    ),
    ("pupil_id", "school_id", "academic_year", "term", "reason_code"),
)

SUSPENSIONS = Table(
    "suspensions",
    "One row per pupil, school, start date and category, however many returns carried it.",
    (
        PUPIL_ID,
        SCHOOL_ID,
        Column("start_date", _D, "first day"),
        Column(
            "category",
            _T,
            "SUSP suspension (FIXD before), LNCH lunchtime, PERM permanent exclusion",
            limit=one_of("SUSP", "LNCH", "PERM"),
        ),
        Column(
            "sessions",
            _I,
            "sessions lost; lunchtime counts one; empty if not stated",
            "half-days",
            False,
            at_least(0),
        ),
        *KNOWN,
    ),
    ("pupil_id", "school_id", "start_date", "category"),
)

SOCIAL_CARE = _spell(
    "social_care",
    "Child in need spells, child in need plans, child protection plans and looked-after spells, kept apart by kind.",
    Column("kind", _T, "cin, cin_plan, cp_plan or looked_after", limit=one_of(*SOCIAL_CARE_KINDS)),
    key=("pupil_id", "kind", "start_date"),
)

ALTERNATIVE_PROVISION = _spell(
    "alternative_provision",
    "Placements: on roll at an AP school, arranged by a school, or funded by the authority, kept apart by kind.",
    Column("kind", _T, "ap_school, school_arranged or la_funded", limit=one_of(*AP_KINDS)),
    Column("setting", _T, "school or setting type, as returned", required=False),
    Column("pattern", _T, "FT full time, PT part time", required=False),
    Column("sessions_per_week", _I, "sessions a week", "half-days", False, between(0, 14)),
    key=("pupil_id", "kind", "setting", "start_date"),
)

FSM = _spell("fsm", "Periods of free school meal eligibility.", key=("pupil_id", "start_date"))

RETURNS = Table(
    "returns",
    "One row per return read: what it covers and when it could be known. Features ask here before calling a gap zero.",
    (
        Column("kind", _T, "which return", limit=one_of(*RETURN_KINDS)),
        Column("year", _I, "year stated by the return"),
        Column("term", _T, "census term for a School Census", required=False),
        Column("reference_date", _D, "the return's reference date"),
        Column("covers_from", _D, "first day whose events it can carry"),
        Column("covers_to", _D, "last day whose events it can carry"),
        Column("schools", _I, "schools in it, for a School Census", required=False),
        Column("records", _I, "records read"),
        Column("known_from", _D, "date from which it could be known"),
    ),
    ("kind", "year", "term", "known_from"),
)

CANONICAL_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PUPILS, AUDIT, ENROLMENTS, SCHOOLS, ATTENDANCE_TERMS, ATTENDANCE, SUSPENSIONS, SOCIAL_CARE,
        ALTERNATIVE_PROVISION, FSM, RETURNS,
    )
}  # fmt: skip
