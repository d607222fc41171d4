"""The dated events behind a card, as the records known on the as-of date show them, latest first.

A reviewer reads what happened when, and sees a wrong record; a referral can be written from it after checking.
Only kinds of event that a feature may use stand here; nothing of a family's views, and no free text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ..domain.academic_year import day_from_number, day_number
from ..features.known import known_on
from ..features.phrasing import day_words, days_of
from ..tables.frames import open_table, to_pandas
from .involvement import KINDS, known_spells

if TYPE_CHECKING:
    import pandas as pd

#: More than this on one card is not read; the card says how many are left out.
MOST_EVENTS = 20

_CATEGORY_WORDS = {"SUSP": "Suspension", "LNCH": "Lunchtime suspension", "PERM": "Permanent exclusion"}

Event = tuple[int, str]


def chronology(
    tables: Mapping[str, Any], pupils: Collection[str], as_of: date, schools: Mapping[str, str]
) -> dict[str, list[str]]:
    """Each pupil's dated events as sentences, latest first, at most ``MOST_EVENTS``.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables, dates as day numbers.
    pupils : collection of str
        pupil_id of the pupils on the list.
    as_of : date
        Events and ends not known on it are left out.
    schools : mapping of str to str
        Names of schools by ``school_id``.
    """
    day = day_number(as_of)
    events: dict[str, set[Event]] = {pupil: set() for pupil in pupils}
    found = (
        *_suspensions(tables, pupils, day),
        *_spells(tables, pupils, day),
        *_enrolments(tables, pupils, day, schools),
    )
    for pupil, event in found:
        events[pupil].add(event)
    return {pupil: _said(of_pupil) for pupil, of_pupil in events.items()}


def _said(events: set[Event]) -> list[str]:
    ordered = sorted(events, key=lambda event: (-event[0], event[1]))
    lines = [f"{day_words(day_from_number(day))}: {words}" for day, words in ordered[:MOST_EVENTS]]
    left_out = len(ordered) - MOST_EVENTS
    return [*lines, f"and {left_out} earlier"] if left_out > 0 else lines


def _of(tables: Mapping[str, Any], name: str, pupils: Collection[str], day: int) -> pd.DataFrame:
    import narwhals as nw

    known = known_on(open_table(tables, name), day)
    return to_pandas(known.filter(nw.col("pupil_id").is_in(list(pupils)), nw.col("start_date") <= day))


def _suspensions(tables: Mapping[str, Any], pupils: Collection[str], day: int) -> list[tuple[str, Event]]:
    frame = _of(tables, "suspensions", pupils, day)
    return [
        (pupil, (int(start), _CATEGORY_WORDS[category] + _lost(sessions)))
        for pupil, start, category, sessions in zip(
            frame["pupil_id"],
            frame["start_date"],
            frame["category"],
            frame["sessions"].fillna(0),
            strict=True,
        )
    ]


def _lost(sessions: float) -> str:
    return f", {days_of(int(sessions))}" if sessions else ""


def _spells(tables: Mapping[str, Any], pupils: Collection[str], day: int) -> list[tuple[str, Event]]:
    words = {(table, kind): said for table, kind, said, _ in KINDS}
    events: list[tuple[str, Event]] = []
    for table in ("social_care", "alternative_provision"):
        spells = known_spells(tables, table, pupils, day)
        for column, what, rows in (
            ("start_date", "began", spells),
            ("end_date", "ended", spells.dropna(subset="end_date")),
        ):
            dated = zip(rows["pupil_id"], rows["kind"], rows[column], strict=True)
            events += [(pupil, (int(on), f"{words[(table, kind)]} {what}")) for pupil, kind, on in dated]
    return events


def _enrolments(
    tables: Mapping[str, Any], pupils: Collection[str], day: int, schools: Mapping[str, str]
) -> list[tuple[str, Event]]:
    frame = _of(tables, "enrolments", pupils, day)
    return [
        (pupil, (int(start), f"Joined {schools.get(school) or f'School {school}'}"))
        for pupil, school, start in zip(
            frame["pupil_id"], frame["school_id"], frame["start_date"], strict=True
        )
    ]
