"""School Census files belong together as one return; its header says which term and year, or the file's name must.

Table ids are only safe within one return, so files are grouped by folder, and within it by a name such as
``2025_spring_``; ids of different groups never meet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ..errors import InputError
from .layouts import Role
from .ledger import Ledger
from .reading import CsvFile
from .recognise import Found
from .staging import count, take_in
from .values import plain_number_sql, read_dates

if TYPE_CHECKING:
    import duckdb

_TERM = r"(autumn|spring|summer|aut|spr|sum)"
_NAMED = (re.compile(rf"(20\d\d)[ _-]*{_TERM}", re.I), re.compile(rf"{_TERM}[ _-]*(20\d\d)", re.I))
_TERMS = {"aut": "autumn", "spr": "spring", "sum": "summer"}
#: Months in which the reference day of each census can fall.
_MONTHS = {"autumn": range(9, 13), "spring": range(1, 4), "summer": range(4, 8)}
CENSUS_ROLES = (
    Role.CENSUS, Role.SCHOOL, Role.PUPILS, Role.REASONS, Role.REASONS_SUMMER_2, Role.SUSPENSIONS, Role.FSM,
    Role.AP_SCHOOL, Role.AP_ARRANGED,
)  # fmt: skip
_HEADER = {
    "id": ("schoolcensustableid",),
    "nativeid": ("nativeid",),
    "term": ("term",),
    "year": ("year",),
    "referencedate": ("referencedate",),
    "lea": ("lea",),
    "estab": ("estab",),
    "urn": ("urn",),
    "collectiondate": ("collectiondate", "submissiondate", "datetime"),
}


@dataclass
class CensusSet:
    """The files of one return, and the term and year their names give, if they do."""

    label: str
    named: tuple[int, str] | None
    files: dict[Role, list[Found]] = field(default_factory=lambda: defaultdict(list))

    def sources(self, role: Role) -> list[CsvFile]:
        return [found.source for found in self.files.get(role, [])]


def term_named_in(text: str) -> tuple[int, str] | None:
    """Year and census term in a file or folder name.

    >>> term_named_in("2025_spring_pupilonroll.csv"), term_named_in("pupils.csv")
    ((2025, 'spring'), None)
    """
    for pattern in _NAMED:
        if match := pattern.search(text):
            year, term = match.groups() if match[1].isdigit() else (match[2], match[1])
            return int(year), _TERMS[term[:3].lower()]
    return None


def statutory_day(year: int, term: str) -> date:
    """The reference day: the first Thursday of October, the third of January, the third of May (DfE census guides).

    >>> str(statutory_day(2025, "spring")), str(statutory_day(2025, "autumn"))
    ('2025-01-16', '2025-10-02')
    """
    month, week = {"autumn": (10, 0), "spring": (1, 2), "summer": (5, 2)}[term]
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * week)


def census_sets(found: list[Found]) -> list[CensusSet]:
    """Group School Census files into returns by folder and by the term and year in their names."""
    by_folder: dict[str, dict[tuple[int, str] | None, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        folder, _, name = one.source.name.rpartition("/")
        by_folder[folder][term_named_in(name)].append(one)
    sets = []
    for folder, groups in sorted(by_folder.items()):
        named = [key for key in groups if key]
        if None in groups and len(named) == 1:
            groups[named[0]] += groups.pop(None)
        for key, files in sorted(groups.items(), key=lambda item: item[0] or (0, "")):
            year_term = key or term_named_in(folder.rpartition("/")[2])
            label = (
                "/".join(part for part in (folder, f"{key[0]}_{key[1]}" if key else "") if part)
                or "the folder of returns"
            )
            census = CensusSet(label, year_term)
            for one in sorted(files, key=lambda f: f.source.name):
                census.files[one.role].append(one)
            sets.append(census)
    return sets


def _checked(
    census: str, term_text: str | None, year_text: str | None, reference: date | None
) -> tuple[int, str]:
    term = _TERMS.get((term_text or "")[:3].lower())
    year = (
        int(year_text)
        if year_text and year_text.isascii() and year_text.isdigit() and len(year_text) == 4
        else None
    )
    if term is None or year is None or reference is None:
        raise InputError(
            f"{census}: the header needs a term (AUT, SPR or SUM), a four-digit year and a reference date"
        )
    if reference.year != year or reference.month not in _MONTHS[term]:
        raise InputError(
            f"{census}: the header says {term} {year}, but its reference date is in month {reference.month} of "
            f"{reference.year}; this is another census, or its header was altered. Export it again"
        )
    return year, term


def read_headers(con: duckdb.DuckDBPyConnection, census: CensusSet, ledger: Ledger) -> None:
    """Enter one submission per school of this return, and leave ``stage.header`` to join pupils to it.

    Raises
    ------
    InputError
        If term, year and reference date do not agree, or nothing says which census this is.
    """
    con.execute("CREATE OR REPLACE TABLE stage.header(id VARCHAR, nativeid VARCHAR, submission INTEGER)")
    sources = census.sources(Role.CENSUS)
    for source in sources:
        file = ledger.open_file(source.name, "schoolcensus")
        _from_table(con, source, file, ledger)
        _note_other_name(con, census, file, ledger)
    if not sources:
        _from_name(con, census, ledger)


def _padded(column: str, width: int) -> str:
    number = plain_number_sql(column)
    return f"CASE WHEN length({number}) < {width} THEN lpad({number}, {width}, '0') ELSE {number} END"


def _note_other_name(con: duckdb.DuckDBPyConnection, census: CensusSet, file: int, ledger: Ledger) -> None:
    """Tell of last year's file under this year's name; no fault, since some name years by their beginning."""
    said = con.execute(
        "SELECT DISTINCT year, term FROM stage.submission WHERE file = ? ORDER BY ALL", [file]
    ).fetchall()
    if census.named and said != [census.named]:
        header = ", ".join(f"{term} {year}" for year, term in said)
        ledger.note(
            f"{census.label}: its header says {header}, which is followed, and its name {census.named[1]} "
            f"{census.named[0]}"
        )


def _school_number(laestab: str | None, urn: str | None, native: str) -> str:
    """A school's number; empty if it was damaged: ``2E+03`` and ``#N/A`` would make one school of several."""
    if laestab:
        return laestab if re.fullmatch(r"\d{7}", laestab, re.ASCII) else ""
    return urn if urn and re.fullmatch(r"\d{5,8}", urn, re.ASCII) else "" if urn else native


def _from_table(con: duckdb.DuckDBPyConnection, source: CsvFile, file: int, ledger: Ledger) -> None:
    rows_in = take_in(con, source, _HEADER)
    reference = read_dates(con, "stage.text", ["referencedate"])["referencedate"].sql
    collection_dates = read_dates(con, "stage.text", ["collectiondate"], any_time=True)["collectiondate"]
    ledger.found(
        "collection date: not a date, so the reference date is when it was known",
        source.name,
        collection_dates.failures,
    )
    collected = collection_dates.sql
    rows = con.execute(
        f"SELECT DISTINCT coalesce(id, ''), coalesce(nativeid, ''), term, {plain_number_sql('year')}, "
        f"{reference}, {collected}, "
        f"{_padded('lea', 3)} || {_padded('estab', 4)}, {plain_number_sql('urn')} FROM stage.text ORDER BY ALL"
    ).fetchall()
    if not rows:
        raise InputError(
            f"{source.name}: the schoolcensus table has no row, so nothing says which census this is; export it again"
        )
    ledger.came_in(file, rows_in)
    ledger.kept(file, len(rows))
    ledger.not_used(file, "the same row twice", rows_in - len(rows))
    entries = []
    for header_id, native, term, year, day, collection, laestab, urn in rows:
        checked_year, checked_term = _checked(source.name, term, year, day)
        known = max(day, collection) if collection else day
        entries.append(
            (
                header_id,
                native,
                _school_number(laestab, urn, native),
                urn,
                checked_year,
                checked_term,
                day,
                known,
            )
        )
    if damaged := sum(not entry[2] for entry in entries):
        raise InputError(
            f"{source.name}: {damaged:,} of {len(entries):,} schools have no number made of an authority of three "
            "figures and an establishment of four, or a URN, as where a spreadsheet has rewritten them; export it again"
        )
    _enter(con, file, entries)


def _from_name(con: duckdb.DuckDBPyConnection, census: CensusSet, ledger: Ledger) -> None:
    if census.named is None:
        raise InputError(
            f"{census.label}: no schoolcensus table, and no year and term in the file names (as in "
            f"2025_spring_pupilonroll.csv), "
            "so nothing says which census this is; add the schoolcensus table"
        )
    year, term = census.named
    day = statutory_day(year, term)
    ledger.note(
        f"{census.label}: no schoolcensus table; read as {term} {year} from the file names, with the "
        f"statutory reference day "
        f"{day.isoformat()} and each school's NativeId as its number"
    )
    schools: set[str] = set()
    for source in census.sources(Role.PUPILS):
        take_in(con, source, {"nativeid": ("nativeid",)})
        schools |= {
            row[0]
            for row in con.execute(
                "SELECT DISTINCT nativeid FROM stage.text WHERE nativeid IS NOT NULL"
            ).fetchall()
        }
    _enter(con, -1, [("", native, native, None, year, term, day, day) for native in sorted(schools)])


def _enter(con: duckdb.DuckDBPyConnection, file: int, entries: Sequence[tuple[object, ...]]) -> None:
    # One statement for all schools: one for each would take longer than reading their pupils.
    if not entries:
        return
    first = count(con, "SELECT count(*) FROM stage.submission")
    values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(entries))
    con.execute(
        "CREATE OR REPLACE TABLE stage.entry AS SELECT * FROM (VALUES "
        f"{values}) AS e(submission, id, nativeid, school_id, urn, year, term, reference_date, known_from)",
        [value for number, entry in enumerate(entries, start=first) for value in (number, *entry)],
    )
    con.execute(
        f"INSERT INTO stage.submission SELECT submission, {file}, school_id, urn, year, term, "
        "CASE term WHEN 'autumn' THEN year ELSE year - 1 END, reference_date, known_from, NULL FROM stage.entry"
    )
    con.execute("INSERT INTO stage.header SELECT id, nativeid, submission FROM stage.entry")
