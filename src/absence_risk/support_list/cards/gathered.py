"""What the records hold of the listed pupils, read once from the canonical tables as known on the as-of date.

Every line of a card rests on these plain values; nothing after this door asks the store again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ...features.coverage import coverage_on
from ...features.known import AsOf, known_on
from ...features.sessions import session_rows
from ...features.spells import usable_spells
from ...tables.frames import open_table, sum_by, to_pandas
from .records import (
    YEARS_BEFORE,
    Enrolment,
    Entry,
    Gathered,
    Meals,
    Records,
    Spell,
    Suspension,
    TermSessions,
)

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

Row = TypeVar("Row", bound=tuple[Any, ...])

#: A temporary part-time timetable (Working together to improve school attendance, August 2024).
PART_TIME = "C2"

#: Everything that a card may rest on; the audit table is never read.
_OF_PUPILS = (
    "pupils", "enrolments", "attendance_terms", "attendance", "suspensions", "social_care", "alternative_provision",
    "fsm",
)  # fmt: skip
_ATTENDANCE = ("attendance_terms", "attendance")


def gather(
    tables: Mapping[str, Any],
    pupil_ids: Collection[str],
    as_of: date,
    sources: Collection[Mapping[str, Any]],
    schools: Mapping[str, str],
    *,
    early_help: Mapping[str, date | None] | None = None,
) -> Gathered:
    """Everything the cards of these pupils need, as known on the as-of date.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables, dates as day numbers. Each is read once, only for these pupils.
    pupil_ids : collection of str
        The pupils with a card.
    as_of : date
        A fact not known on it is left out; an end not known on it leaves the spell open.
    sources : collection of mapping
        ``kind`` and ``latest`` reference date of each return, as in a scored table's manifest.
    schools : mapping of str to str
        Names of schools by school_id.
    early_help : mapping of str to date or None, optional
        The day early help opened by pupil_id, None where the day is not given. Without a mapping it is not held.
    """
    moment = AsOf(as_of)
    held = _of_pupils(tables, pupil_ids, moment)
    opened = {pupil: day for pupil, day in (early_help or {}).items() if day is None or day <= as_of}
    spells, suspensions = _spells(held, moment), _suspensions(held, moment)
    enrolments, meals = _enrolments(held, moment), _meals(held, moment)
    entries, sessions, timetable = _entries(held, moment), _sessions(held, moment), _part_time(held, moment)
    records = {
        pupil: Records(
            spells=_in_order(spells[pupil]),
            suspensions=_in_order(suspensions[pupil]),
            enrolments=_in_order(enrolments[pupil]),
            meals=_in_order(meals[pupil]),
            entries=_in_order(entries[pupil]),
            sessions=_in_order(sessions[pupil]),
            part_time_sessions=timetable.get(pupil, 0),
            early_help=pupil in opened,
            early_help_since=opened.get(pupil),
        )
        for pupil in pupil_ids
    }
    latest = {source["kind"]: source["latest"] for source in sources}
    return Gathered(moment, coverage_on(tables, moment), latest, schools, early_help is not None, records)


def _in_order(rows: set[Row]) -> tuple[Row, ...]:
    # A missing value has no order of its own: it stands last. Equal rows of two returns are one.
    return tuple(
        sorted(rows, key=lambda row: [(value is None, "" if value is None else value) for value in row])
    )


def _of_pupils(tables: Mapping[str, Any], pupil_ids: Collection[str], as_of: AsOf) -> dict[str, pd.DataFrame]:
    """The rows of these pupils, known by the day, as pandas; the engine that holds the tables picks them."""
    import narwhals as nw

    wanted, first_year = sorted(pupil_ids), as_of.feature_year - YEARS_BEFORE
    held = {}
    for name in _OF_PUPILS:
        rows = open_table(tables, name).filter(
            nw.col("pupil_id").is_in(wanted), nw.col("known_from") <= as_of.day
        )
        if name in _ATTENDANCE:
            rows = rows.filter(nw.col("academic_year").is_between(first_year, as_of.feature_year))
        held[name] = to_pandas(rows)
    return held


def _by_pupil(
    frame: LazyFrame, columns: tuple[str, ...], made: Callable[..., Row]
) -> defaultdict[str, set[Row]]:
    """Rows by pupil_id, each made of the values of some columns, with None for every kind of missing."""
    found: defaultdict[str, set[Row]] = defaultdict(set)
    for pupil, values in _values(frame, columns):
        found[pupil].add(made(*values))
    return found


def _values(frame: LazyFrame, columns: tuple[str, ...]) -> Iterator[tuple[str, list[Any]]]:
    rows = to_pandas(frame.select("pupil_id", *columns))
    for pupil, *values in rows.itertuples(index=False, name=None):
        yield str(pupil), [_plain(value) for value in values]


def _plain(value: Any) -> str | int | None:
    """A cell as text, whole number or None; an integer column with a gap may come back as floats."""
    import pandas as pd

    if pd.isna(value):
        return None
    return value if isinstance(value, str) else int(value)


_DATES = ("start_date", "end_date")


def _spells(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[Spell]]:
    more = {"social_care": (), "alternative_provision": ("pattern", "sessions_per_week")}
    found: defaultdict[str, set[Spell]] = defaultdict(set)
    for table, columns in more.items():
        spells = usable_spells(open_table(held, table), as_of)
        of_table = _by_pupil(spells, ("kind", *_DATES, *columns), partial(Spell, table))
        for pupil, rows in of_table.items():
            found[pupil] |= rows
    return found


def _suspensions(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[Suspension]]:
    """One per pupil, school, start date and category, however many returns carry it, as the features count them."""
    import narwhals as nw

    key = ("start_date", "category", "school_id")
    known = known_on(open_table(held, "suspensions"), as_of.day).filter(nw.col("start_date") <= as_of.day)
    longest = known.group_by("pupil_id", *key).agg(nw.col("sessions").max())
    return _by_pupil(longest, (*key, "sessions"), Suspension)


def _enrolments(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[Enrolment]]:
    spells = usable_spells(open_table(held, "enrolments"), as_of)
    return _by_pupil(spells, ("school_id", *_DATES, "enrol_status"), Enrolment)


def _meals(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[Meals]]:
    return _by_pupil(usable_spells(open_table(held, "fsm"), as_of), _DATES, Meals)


def _entries(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[Entry]]:
    import narwhals as nw

    census = known_on(open_table(held, "pupils"), as_of.day).filter(
        nw.col("academic_year") == as_of.label_year, nw.col("census_term") == "autumn", nw.col("on_roll")
    )
    return _by_pupil(census, ("sen", "young_carer", "year_group"), Entry)


def _sessions(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> defaultdict[str, set[TermSessions]]:
    columns = ("academic_year", "term", "school_id", "possible", "exceeds", "unauthorised", "absent", "late_after",
               "illness")  # fmt: skip
    return _by_pupil(session_rows(held, as_of, YEARS_BEFORE), columns, TermSessions)


def _part_time(held: Mapping[str, pd.DataFrame], as_of: AsOf) -> dict[str, int]:
    """Sessions of the feature year under the code of a part-time timetable, by pupil_id, where there are any."""
    import narwhals as nw

    codes = known_on(open_table(held, "attendance"), as_of.day).filter(
        nw.col("academic_year") == as_of.feature_year, nw.col("reason_code") == PART_TIME
    )
    found = to_pandas(sum_by(codes, ["pupil_id"], ["sessions"]))
    return {pupil: int(number) for pupil, number in zip(found["pupil_id"], found["sessions"], strict=True)}
