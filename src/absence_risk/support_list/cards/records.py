"""The records behind a card as plain values: what is held of one pupil, and which returns stand behind it.

None is "not held" or "not known", and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ...features.coverage import Coverage
from ...features.known import AsOf

#: Years before the feature year whose attendance stands on a card.
YEARS_BEFORE = 2


class Spell(NamedTuple):
    """A spell with a social care service or in alternative provision; ``end`` None while none is known."""

    table: str
    kind: str
    start: int
    end: int | None
    pattern: str | None = None
    sessions_per_week: int | None = None


class Suspension(NamedTuple):
    """One suspension or permanent exclusion; ``sessions`` None where the return does not say how long."""

    start: int
    category: str
    school_id: str
    sessions: int | None


class Enrolment(NamedTuple):
    """A spell on a school's roll."""

    school_id: str
    start: int
    end: int | None
    status: str | None


class Meals(NamedTuple):
    """A period of free school meals."""

    start: int
    end: int | None


class Entry(NamedTuple):
    """What the autumn census after the feature year says of a pupil on roll."""

    sen: str | None
    young_carer: str | None
    year_group: int | None


class TermSessions(NamedTuple):
    """Sessions of one pupil at one school in one period, as ``features.sessions.session_rows`` gives them.

    ``absent`` None: the return gives no numbers; ``late`` and ``illness`` None: it gives totals without codes.
    """

    year: int
    term: str
    school_id: str
    possible: int | None
    exceeds: int
    unauthorised: int | None
    absent: int | None
    late: int | None
    illness: int | None


@dataclass(frozen=True)
class Records:
    """What is held of one pupil; empty where nothing is."""

    spells: tuple[Spell, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    meals: tuple[Meals, ...] = ()
    entries: tuple[Entry, ...] = ()
    sessions: tuple[TermSessions, ...] = ()
    part_time_sessions: int = 0
    early_help: bool = False
    early_help_since: date | None = None


@dataclass(frozen=True)
class Gathered:
    """The records of the listed pupils and what the returns behind them cover.

    Attributes
    ----------
    as_of : AsOf
        Nothing known later stands in here.
    coverage : Coverage
        The returns known on that date.
    latest : mapping of str to str or None
        Latest reference date of each kind of return, None where none is held.
    schools : mapping of str to str
        Names of schools by school_id.
    early_help_held : bool
        Whether a file of open early help was given; without it nobody is said to have none.
    records : mapping of str to Records
        By pupil_id.
    """

    as_of: AsOf
    coverage: Coverage
    latest: Mapping[str, str | None]
    schools: Mapping[str, str]
    early_help_held: bool
    records: Mapping[str, Records] = field(repr=False)

    def school(self, school_id: str) -> str:
        """The school's name, or its number where no return gives a name."""
        return self.schools.get(school_id) or f"School {school_id}"

    def held(self, kind: str) -> bool:
        """Whether any return of this kind is held."""
        return self.latest.get(kind) is not None
