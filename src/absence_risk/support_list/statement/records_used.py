"""What was used about one child, for the child's statement: every record the estimate read, in words and with dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ...features.catalogue import Family, model_features
from ...features.phrasing import day_words, days_of
from ...tables.outputs import contribution_column
from ..card import Event, Period
from ..cards.chronology import events_of
from ..cards.gathered import Gathered, Records, gather
from ..cards.involvement import KINDS, context_of, involved_of
from ..cards.periods import periods_of
from ..order import school_names
from .words import FAMILY_HEADINGS, NOT_HELD, RETURN_WORDS, SOURCE_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from ...scored_file import ScoredFile

#: The return that carries each kind of spell; whatever else is dated comes from the school census.
_CARRIES = {(table, kind): source for table, kind, _, source in KINDS}


class ReturnHeld(NamedTuple):
    """One return: its name, what it is, and how far it reaches."""

    name: str
    said: str
    reaches: str


class FamilyRead(NamedTuple):
    """One kind of records: its heading, names of the returns, and every sentence the estimate read from it."""

    heading: str
    returns: tuple[str, ...]
    sentences: tuple[str, ...]


class DatedRecord(NamedTuple):
    """One dated thing on record and the return that carries it."""

    day: str
    said: str
    source: str


class TermMissed(NamedTuple):
    """One term's days in words: possible, without authorisation, late, illness, other."""

    name: str
    cells: tuple[str, ...]


class RecordsUsed(NamedTuple):
    """Everything that was used about one child, and what else staff could see."""

    school: str
    year_group: str
    returns: tuple[ReturnHeld, ...]
    families: tuple[FamilyRead, ...]
    dated: tuple[DatedRecord, ...]
    terms: tuple[TermMissed, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    lacking: tuple[str, ...]
    also_seen: tuple[str, ...]


def records_used(
    tables: Mapping[str, Any],
    scored: ScoredFile,
    row: Mapping[Any, Any],
    early_help: Mapping[str, date | None] | None = None,
) -> RecordsUsed:
    """What the estimate of one row of the scored table read, and the dated records behind it.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables of the store that was scored, dates as day numbers, without pupils who are left out.
    scored : ScoredFile
        The scored table; its columns say which kinds of records the model uses.
    row : mapping
        The child's row of it.
    early_help : mapping of str to date or None, optional
        The day early help opened, by pupil_id; not held without a mapping.
    """
    manifest = scored.manifest
    as_of, pupil = date.fromisoformat(manifest["as_of"]), str(row["pupil_id"])
    schools = school_names(tables)
    gathered = gather(tables, [pupil], as_of, manifest["sources"], schools, early_help=early_help)
    records = gathered.records[pupil]
    return RecordsUsed(
        school=gathered.school(str(row["school_id"])),
        year_group=str(int(row["year_group"])),
        returns=tuple(_return(kind, gathered.latest.get(kind)) for kind in RETURN_WORDS),
        families=_families(tables, scored.frame, row, as_of),
        dated=dated_records(records, gathered),
        terms=tuple(_term(period) for period in periods_of(records, gathered.as_of)),
        up=tuple(row["reasons_up"]),
        down=tuple(row["reasons_down"]),
        lacking=tuple(flag[:1].upper() + flag[1:] for flag in row["data_flags"]),
        also_seen=(*involved_of(records, gathered), *context_of(records, gathered)),
    )


def families_used(frame: pd.DataFrame) -> tuple[Family, ...]:
    """The kinds of records that a model uses: the others hold nothing but zeros in the scored table."""
    return tuple(family for family in Family if (frame[contribution_column(family.value)] != 0).any())


def _families(
    tables: Mapping[str, Any], frame: pd.DataFrame, row: Mapping[Any, Any], as_of: date
) -> tuple[FamilyRead, ...]:
    import pandas as pd

    from ...features.build import collect_features

    one = pd.DataFrame([{name: row[name] for name in ("pupil_id", "school_id", "year_group")}])
    facts = collect_features(tables, one, as_of)
    read = []
    for family in families_used(frame):
        heading, kinds = FAMILY_HEADINGS[family]
        returns = tuple(SOURCE_NAMES[kind] for kind in kinds)
        read.append(FamilyRead(heading, returns, _sentences(facts, family, as_of)))
    return tuple(read)


def _sentences(facts: pd.DataFrame, family: Family, as_of: date) -> tuple[str, ...]:
    """Every topic of a family as the reasons word it, in catalogue order, whatever it did to the estimate."""
    import pandas as pd

    from ...explanation.reasons import reasons_for

    topics = list(dict.fromkeys(feature.topic for feature in model_features((family,))))
    alike = pd.DataFrame([[1.0] * len(topics)], columns=topics)
    return tuple(reasons_for(facts, alike, as_of, top=len(topics))["up"].iloc[0])


def _term(period: Period) -> TermMissed:
    parts = (period.possible, period.unauthorised, period.late, period.illness, period.other)
    return TermMissed(f"{period.words} {period.year}", tuple(_days(sessions) for sessions in parts))


def _days(sessions: int | None) -> str:
    if sessions is None:
        return NOT_HELD
    return days_of(sessions) if sessions else "none"


def dated_records(records: Records, gathered: Gathered) -> tuple[DatedRecord, ...]:
    """The chronology of a card, latest first: each line with the return that carries it."""
    found: list[tuple[Event, str]] = []
    for source, part in _taken_apart(records):
        found += [(event, SOURCE_NAMES[source]) for event in events_of(part, gathered)]
    ordered = sorted(found, key=lambda dated: dated[0].on, reverse=True)
    return tuple(DatedRecord(event.day, event.said, source) for event, source in ordered)


def _taken_apart(records: Records) -> Iterator[tuple[str, Records]]:
    """The same records by the return that carries them, and the school census by kind.

    A card has room for so many lines and counts the rest; taken apart, hardly a child has more of one kind.
    """
    for source in RETURN_WORDS:
        own = tuple(spell for spell in records.spells if _CARRIES[spell.table, spell.kind] == source)
        yield source, Records(spells=own)
    yield "school_census", Records(suspensions=records.suspensions)
    yield "school_census", Records(enrolments=records.enrolments)
    yield "school_census", Records(meals=records.meals)
    yield "school_census", Records(sessions=records.sessions)
    yield "early_help", Records(early_help=records.early_help, early_help_since=records.early_help_since)


def _return(kind: str, latest: str | None) -> ReturnHeld:
    reaches = f"up to {day_words(date.fromisoformat(latest))}" if latest else NOT_HELD
    return ReturnHeld(SOURCE_NAMES[kind], RETURN_WORDS[kind].partition(": ")[2], reaches)
