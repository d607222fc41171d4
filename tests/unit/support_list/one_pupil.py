"""One pupil's records as plain values, and what the returns behind them cover, for tests of what stands on a card."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from absence_risk.domain.academic_year import TERMS, day_number
from absence_risk.features.coverage import Coverage
from absence_risk.features.known import AsOf
from absence_risk.features.words import BANNED_WORDS
from absence_risk.support_list.cards.records import (
    Enrolment,
    Entry,
    Gathered,
    Meals,
    Records,
    Spell,
    Suspension,
    TermSessions,
)

AS_OF = AsOf(date(2026, 10, 31))
KINDS_OF_RETURN = ("school_census", "cin_census", "ssda903", "ap_census")
CENSUSES = frozenset((year, term) for year in range(2021, 2027) for term in ("autumn", "spring", "summer"))

_BANNED = re.compile(
    r"\b(" + "|".join(re.escape(word) for word in BANNED_WORDS) + r")\b|\d\.\d|%", re.IGNORECASE
)


def plain(said: Iterable[str]) -> list[str]:
    """The sentences, after a look that no word of them is banned and no number has a decimal point."""
    lines = list(said)
    assert not [line for line in lines if _BANNED.search(line)]
    assert all(line.strip() == line and line for line in lines)
    return lines


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def _day(text: str | None) -> int | None:
    return None if text is None else day(text)


def spell(kind: str, start: str, end: str | None = None, **more: Any) -> Spell:
    placed = kind in ("ap_school", "school_arranged", "la_funded")
    return Spell("alternative_provision" if placed else "social_care", kind, day(start), _day(end), **more)


def suspension(start: str, sessions: int | None = 2, category: str = "SUSP") -> Suspension:
    return Suspension(day(start), category, "s1", sessions)


def on_roll(start: str, end: str | None = None, school: str = "s1", status: str | None = "C") -> Enrolment:
    return Enrolment(school, day(start), _day(end), status)


def meals(start: str, end: str | None = None) -> Meals:
    return Meals(day(start), _day(end))


def entry(sen: str | None = "N", young_carer: str | None = None, year_group: int | None = 8) -> Entry:
    return Entry(sen, young_carer, year_group)


def attended(
    year: int,
    term: str,
    possible: int = 100,
    *,
    unauthorised: int | None = 0,
    absent: int | None = None,
    late: int | None = 0,
    illness: int | None = 0,
    exceeds: int = 0,
    school: str = "s1",
) -> TermSessions:
    """A row of sessions: ``unauthorised`` with ``late`` in it; ``absent``, unless given, unauthorised and illness."""
    whole = None if unauthorised is None else unauthorised + (illness or 0)
    return TermSessions(
        year,
        term,
        school,
        possible,
        exceeds,
        unauthorised,
        whole if absent is None else absent,
        late,
        illness,
    )


def whole_year(year: int, **counts: Any) -> tuple[TermSessions, ...]:
    """The same numbers in each of the four periods of a year."""
    return tuple(attended(year, term, **counts) for term in TERMS)


def held(
    *,
    without: Collection[str] = (),
    early_help: bool = True,
    as_of: AsOf = AS_OF,
    censuses: Collection[tuple[int, str]] = CENSUSES,
) -> Gathered:
    """What the returns cover, without any records: every kind but those named."""
    kinds = frozenset(KINDS_OF_RETURN) - set(without)
    return Gathered(
        as_of=as_of,
        coverage=Coverage(frozenset(censuses), kinds),
        latest={kind: "2026-03-31" if kind in kinds else None for kind in KINDS_OF_RETURN},
        schools={"s1": "Hill Top School"},
        early_help_held=early_help,
        records={},
    )


NOTHING = Records()
