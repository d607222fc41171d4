"""What the records behind an estimate lack, said per pupil and per source; never a guess, never a zero.

A child whose records are thin is not a child without need: the flags go on the card as "check first".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ..domain.academic_year import day_from_number, day_number, feature_year_of, written_year
from ..tables.canonical import RETURN_KINDS
from ..tables.frames import open_table, to_pandas
from .phrasing import day_words

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    LazyFrame = nw.LazyFrame[Any]

#: Half a year of sessions: with fewer, a year's attendance says little (the outcome's own minimum is the same).
FEW_SESSIONS = 190

SOURCE_WORDS = {
    "school_census": "School Census",
    "cin_census": "CIN census",
    "ssda903": "SSDA903 return",
    "ap_census": "alternative provision census",
}


@dataclass(frozen=True)
class Source:
    """One kind of return: the latest reference date known on the as-of date, and whether a later one was due.

    ``returns`` holds, by census term (``year`` where there are no terms), the latest one known: its reference ``day``,
    and the ``records`` in it. ``later`` is the latest reference date that the store holds and nobody could know yet.
    """

    kind: str
    words: str
    latest: str | None
    stale: bool
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    later: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _due(kind: str, as_of: date) -> date:
    """The latest reference date that an authority could hold: 31 March, the January census or the last term's."""
    if kind == "ap_census":
        return date(as_of.year if as_of >= date(as_of.year, 1, 31) else as_of.year - 1, 1, 1)
    if kind == "school_census":
        return feature_year_of(as_of).last_day
    return date(as_of.year if as_of >= date(as_of.year, 3, 31) else as_of.year - 1, 3, 31)


def sources_known(tables: Mapping[str, Any], as_of: date) -> list[Source]:
    """Each kind of return with its latest reference date known on the as-of date, in a fixed order."""
    frame = to_pandas(open_table(tables, "returns"))
    known = frame[frame["known_from"] <= day_number(as_of)]
    latest = known.groupby("kind")["reference_date"].max().to_dict()
    after = frame[frame["known_from"] > day_number(as_of)].groupby("kind")["reference_date"].max().to_dict()
    sources = []
    for kind in RETURN_KINDS:
        day = day_from_number(latest[kind]) if kind in latest else None
        stale = day is None or day < _due(kind, as_of)
        held = day.isoformat() if day else None
        later = day_from_number(after[kind]).isoformat() if kind in after else None
        sources.append(Source(kind, SOURCE_WORDS[kind], held, stale, _latest_by_term(known, kind), later))
    return sources


def _latest_by_term(known: pd.DataFrame, kind: str) -> dict[str, dict[str, Any]]:
    rows = known[known["kind"] == kind]
    rows = rows.assign(term=rows["term"].fillna("year"))
    latest = rows[rows["reference_date"] == rows.groupby("term")["reference_date"].transform("max")]
    # A school that sends its return again comes in a return of its own, with fewer records.
    largest = latest.groupby("term")[["reference_date", "records"]].max()
    return {
        str(term): {"day": day_from_number(day).isoformat(), "records": int(records)}
        for term, day, records in largest.itertuples()
    }


def source_flags(sources: list[Source]) -> list[str]:
    """A flag for each source that is missing or older than it should be."""
    return [_source_flag(source) for source in sources if source.stale]


def _source_flag(source: Source) -> str:
    if source.latest is None:
        return f"no {source.words} is held"
    return f"no {source.words} known since {day_words(date.fromisoformat(source.latest))}"


def first_seen_years(tables: Mapping[str, Any], as_of: date) -> LazyFrame:
    """The first academic year in which each pupil was seen on a school's roll, as known on the date; lazily.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers, on any engine; only ``pupils`` is read.
    as_of : datetime.date
        A census that was not known on it has not been seen.

    Returns
    -------
    narwhals.LazyFrame
        One row per pupil, in no order: ``pupil_id`` and ``first_seen`` (Int64, the calendar year in which the
        academic year starts). Their smallest value over every pupil is the ``earliest`` of ``flags_from``.
    """
    import narwhals as nw

    known = open_table(tables, "pupils").filter(nw.col("known_from") <= day_number(as_of))
    first = known.group_by("pupil_id").agg(nw.col("academic_year").min())
    return first.select("pupil_id", nw.col("academic_year").cast(nw.Int64).alias("first_seen"))


def earliest_year(tables: Mapping[str, Any], as_of: date) -> int | None:
    """The first academic year in which any pupil was seen, as known on the date; None if nobody was."""
    import narwhals as nw

    found = to_pandas(first_seen_years(tables, as_of).select(nw.col("first_seen").min()))[
        "first_seen"
    ].dropna()
    return int(found.iloc[0]) if len(found) else None


def _first_seen_flag(first: int | None, year: int, earliest: int | None) -> list[str]:
    # A store that itself begins in this year says nothing about when a pupil came.
    if first is None or first < year or first == earliest:
        return []
    return [f"first seen on a school's roll here in {written_year(first)}"]


def _attendance_flags(possible: float, before: float, year: str, year_before: str) -> list[str]:
    flags = []
    if math.isnan(possible):
        flags.append(f"attendance not held for {year}")
    elif possible < FEW_SESSIONS:
        flags.append(f"fewer than {FEW_SESSIONS // 2} days of attendance held for {year}")
    if math.isnan(before):
        flags.append(f"attendance not held for {year_before}")
    return flags


def flags_from(
    facts: pd.DataFrame, as_of: date, sources: list[Source], earliest: int | None
) -> list[list[str]]:
    """The flags of each row of ``facts``, in its order.

    Parameters
    ----------
    facts : DataFrame
        ``first_seen`` (``first_seen_years``) and the catalogue's columns of sessions.
    as_of : datetime.date
    sources : list of Source
        ``sources_known``: what is said of them is said of every row.
    earliest : int or None
        The first academic year of any pupil of the store: it is nobody's arrival.
    """
    year = feature_year_of(as_of)
    names = str(year), str(year.previous)
    general = source_flags(sources)
    first_years = facts["first_seen"].to_numpy("float64", na_value=math.nan)
    seen = [None if math.isnan(first) else int(first) for first in first_years]
    columns = (seen, facts["sessions_possible"], facts["sessions_possible_previous_year"])
    return [
        [
            *_attendance_flags(possible, before, *names),
            *_first_seen_flag(first, year.start_year, earliest),
            *general,
        ]
        for first, possible, before in zip(*columns, strict=True)
    ]
