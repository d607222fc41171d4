"""The Children in Need census (XML, 2017 to 2026): child in need spells, child in need plans, child protection plans.

Read as a stream by a parser that refuses document types and entities. Namespaces are ignored. Looked-after status
is not in this return (see ``ssda903``).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .ledger import Ledger
from .staging import count, dates, refuse_other_year, spell_why

if TYPE_CHECKING:
    import duckdb

NO_FURTHER_ACTION = "a referral with no further action"
_TRUE, _FALSE = frozenset({"1", "true"}), frozenset({"0", "false"})
#: No census of one authority comes near this; a file beyond it is damaged or hostile.
LARGEST_XML = 1 << 29
#: A census has seven floors; below so many nothing of one can stand.
_DEEPEST = 30
_DAY = re.compile(r"(19|20)\d\d-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.ASCII)


@dataclass
class _Reading:
    """What one file holds, as text."""

    header: dict[str, str] = field(default_factory=dict)
    children: list[tuple[int, str | None, str | None, str | None]] = field(default_factory=list)
    spells: list[tuple[int, str, str | None, str | None, bool]] = field(default_factory=list)
    unknown_no_action: list[str] = field(default_factory=list)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any, name: str) -> str | None:
    for child in element:
        if _name(child) == name:
            return (child.text or "").strip() or None
    return None


def _all(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if _name(child) == name)


def root_of(path: Path) -> str:
    """The root element's name without its namespace.

    Raises
    ------
    InputError
        If the file is empty, too large, not XML, or declares a document type or entities.
    """
    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty; export it again")
    if size > LARGEST_XML:
        raise InputError(
            f"the file is larger than {LARGEST_XML >> 20} MB, which no census is; export it again"
        )
    with contextlib.closing(_events(path)) as events:
        return _name(next(events)[1])


def _events(path: Path) -> Generator[tuple[str, Any], None, None]:
    """Starts and ends of elements; every fault of the XML in our words."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    depth = 0
    try:
        with path.open("rb") as handle:
            for event, element in iterparse(handle, events=("start", "end"), forbid_dtd=True):
                depth += 1 if event == "start" else -1
                if depth > _DEEPEST:
                    raise InputError(
                        f"its elements stand more than {_DEEPEST} deep in one another; no census is so"
                    )
                yield event, element
    except DefusedXmlException:
        raise InputError(
            "the XML declares a document type or entities, which a census never does; it was not read"
        ) from None
    except (ParseError, UnicodeError, LookupError, ValueError):
        raise InputError("the XML is cut short or not well formed; export it again") from None


def parse(path: Path) -> _Reading:
    """Read the header, children and spells of one census file, as text.

    Raises
    ------
    InputError
        If the XML is cut short, malformed, nested deeper than a census, or declares a document type or entities; or
        if it has two headers, or a child within a child.
    """
    reading, open_children, headers = _Reading(), 0, 0
    held: list[Any] = []
    for event, element in _events(path):
        name = _name(element)
        if event == "start":
            held.append(element)
            open_children += name == "Child"
            if open_children > 1:
                raise InputError("a child stands within another child; export it again")
            continue
        held.pop()
        if name == "Header":
            headers += 1
            for part in element.iter():
                reading.header.setdefault(_name(part), (part.text or "").strip())
        elif name == "Child":
            open_children -= 1
            _read_child(element, reading)
        if not open_children and held and not _within_header(held):
            # What has been read is let go of, or a file of empty elements would fill the memory.
            held[-1].remove(element)
    if headers > 1:
        raise InputError("it has more than one header; put each census in a file of its own")
    return reading


def _within_header(held: Sequence[Any]) -> bool:
    return any(_name(element) == "Header" for element in held)


def _read_child(element: Any, reading: _Reading) -> None:
    number = len(reading.children)
    identifiers = next(_all(element, "ChildIdentifiers"), element)
    upn = _text(identifiers, "UPN") or _text(identifiers, "UPNunknown")
    reading.children.append(
        (number, upn, _text(identifiers, "FormerUPN"), _text(identifiers, "PersonBirthDate"))
    )
    for details in _all(element, "CINdetails"):
        said = (_text(details, "ReferralNFA") or "").lower()
        no_action = said in _TRUE
        if said and not no_action and said not in _FALSE:
            reading.unknown_no_action.append(said)
        spells = reading.spells
        spells.append(
            (number, "cin", _text(details, "CINreferralDate"), _text(details, "CINclosureDate"), no_action)
        )
        for plan in _all(details, "CINPlanDates"):
            spells.append(
                (number, "cin_plan", _text(plan, "CINPlanStartDate"), _text(plan, "CINPlanEndDate"), False)
            )
        for plan in _all(details, "ChildProtectionPlans"):
            spells.append((number, "cp_plan", _text(plan, "CPPstartDate"), _text(plan, "CPPendDate"), False))


def _iso(text: str) -> date | None:
    """The day of ``2024-03-31``, with or without a time of day; nothing else."""
    try:
        return date.fromisoformat(text[:10]) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _when(header: dict[str, str], ledger: Ledger, where: str) -> tuple[int, date, date]:
    """Year, reference date and the date from which the return is known.

    The file's own DateTime is when it was made, not when it was due; only a stated collection date moves what
    could be known.
    """
    year_text, reference = header.get("Year", ""), _iso(header.get("ReferenceDate", ""))
    if header.get("Collection", "").upper() != "CIN":
        raise InputError(
            "expected the collection CIN in the header; School Census and other XML returns are not read"
        )
    if not (year_text.isascii() and year_text.isdigit() and len(year_text) == 4) or reference is None:
        raise InputError("the header needs a Year and a ReferenceDate such as 2024-03-31")
    year = int(year_text)
    if reference.year != year or (reference.month, reference.day) != (3, 31):
        raise InputError(
            f"the header says {year}, but its reference date is not 31 March {year}; this is another year's "
            f"return or an altered one"
        )
    stated = header.get("CollectionDate", "")
    collected = _iso(stated)
    ledger.found(
        "collection date: not a date such as 2024-06-20, so the reference date is when it was known",
        where,
        int(bool(stated) and collected is None),
    )
    return year, reference, max(reference, collected) if collected else reference


def read_cin(con: duckdb.DuckDBPyConnection, name: str, path: Path, ledger: Ledger) -> None:
    """Enter one CIN census: its children and their spells.

    Raises
    ------
    InputError
        If it cannot be read, is not a CIN census, or its year is not the year of its dates.
    """
    reading = parse(path)
    year, reference, known = _when(reading.header, ledger, name)
    file = ledger.open_file(name, "CIN census spells")
    return_no = count(con, "SELECT count(*) FROM stage.return_read")
    first = count(con, "SELECT count(*) FROM stage.child")
    _load(con, reading)
    spell, child = (
        dates(con, ledger, name, "start", "end", table="stage.text"),
        dates(con, ledger, name, "dob", table="stage.text_child"),
    )
    refuse_other_year(
        con,
        spell,
        year,
        known,
        late_words=f"referrals are after the reference date of {year}",
        early_words="closures are",
        only="kind = 'cin'",
    )
    con.execute(f"""INSERT INTO stage.child SELECT {first} + number, {return_no}, {file}, upn, former,
        {child["dob"]}, NULL
        FROM stage.text_child""")
    con.execute(f"""INSERT INTO stage.care SELECT {first} + number, {file}, kind, {spell["start"]}, {spell["end"]},
        CASE WHEN no_action THEN '{NO_FURTHER_ACTION}' ELSE
            {spell_why(spell["start"], spell["end"], f"DATE '{known}'")} END
        FROM stage.text""")
    ledger.came_in(file, len(reading.spells))
    for code, number in sorted(Counter(reading.unknown_no_action).items()):
        ledger.unknown_code("ReferralNFA", code, number)
    content = hashlib.sha256(
        repr((sorted(map(repr, reading.children)), sorted(map(repr, reading.spells)))).encode()
    ).hexdigest()
    con.execute(
        "INSERT INTO stage.return_read VALUES (?, ?, 'cin_census', ?, ?, ?, ?, ?, NULL)",
        [return_no, file, year, reference, known, len(reading.children), content],
    )


def _load(con: duckdb.DuckDBPyConnection, reading: _Reading) -> None:
    import pyarrow as pa

    text, number = pa.string(), pa.int32()
    children = pa.table(
        [
            pa.array([row[i] for row in reading.children], kind)
            for i, kind in enumerate((number, text, text, text))
        ],
        names=["number", "upn", "former", "dob"],
    )
    spells = pa.table(
        [
            pa.array([row[i] for row in reading.spells], kind)
            for i, kind in enumerate((number, text, text, text, pa.bool_()))
        ],
        names=["number", "kind", "start", "end", "no_action"],
    )
    for table, frame in (("text_child", children), ("text", spells)):
        con.register("incoming", frame)
        con.execute(f"CREATE OR REPLACE TABLE stage.{table} AS SELECT * FROM incoming")
        con.unregister("incoming")
