"""The Children in Need census (XML, 2017 to 2026): child in need spells, child in need plans, child protection plans.

Read as a stream by a parser that refuses document types and entities. Namespaces are ignored. Looked-after status
is not in this return (see ``ssda903``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
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
_TRUE = frozenset({"1", "true"})
#: No census of one authority comes near this; a file beyond it is damaged or hostile.
LARGEST_XML = 2 << 30


@dataclass
class _Reading:
    """What one file holds, as text."""

    header: dict[str, str] = field(default_factory=dict)
    children: list[tuple[int, str | None, str | None, str | None]] = field(default_factory=list)
    spells: list[tuple[int, str, str | None, str | None, bool]] = field(default_factory=list)


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
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty; export it again")
    if size > LARGEST_XML:
        raise InputError(
            f"the file is larger than {LARGEST_XML >> 30} GiB, which no census is; export it again"
        )
    try:
        with path.open("rb") as handle:
            for _, element in iterparse(handle, events=("start",), forbid_dtd=True):
                return str(element.tag).rpartition("}")[2]
    except DefusedXmlException:
        raise InputError(
            "the XML declares a document type or entities, which a census never does; it was not read"
        ) from None
    except (ParseError, UnicodeError, LookupError, ValueError):
        raise InputError("the file is not well-formed XML; export it again") from None
    raise InputError("the XML has no root element; export it again")


def parse(path: Path) -> _Reading:
    """Read the header, children and spells of one census file, as text.

    Raises
    ------
    InputError
        If the XML is cut short, malformed, or declares a document type or entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    reading = _Reading()
    try:
        with path.open("rb") as handle:
            for _, element in iterparse(handle, events=("end",), forbid_dtd=True):
                name = _name(element)
                if name == "Header":
                    for part in element.iter():
                        reading.header.setdefault(_name(part), (part.text or "").strip())
                elif name == "Child":
                    _read_child(element, reading)
                    element.clear()
    except DefusedXmlException:
        raise InputError(
            "the XML declares a document type or entities, which a census never does; it was not read"
        ) from None
    except (ParseError, UnicodeError, LookupError, ValueError):
        raise InputError("the XML is cut short or not well formed; export it again") from None
    return reading


def _read_child(element: Any, reading: _Reading) -> None:
    number = len(reading.children)
    identifiers = next(_all(element, "ChildIdentifiers"), element)
    upn = _text(identifiers, "UPN") or _text(identifiers, "UPNunknown")
    reading.children.append(
        (number, upn, _text(identifiers, "FormerUPN"), _text(identifiers, "PersonBirthDate"))
    )
    for details in _all(element, "CINdetails"):
        no_action = (_text(details, "ReferralNFA") or "").lower() in _TRUE
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
    try:
        return date.fromisoformat(text[:10]) if len(text) >= 10 else None
    except ValueError:
        return None


def _when(header: dict[str, str]) -> tuple[int, date, date]:
    """Year, reference date and the date from which the return is known.

    The file's own DateTime is when it was made, not when it was due; only a stated collection date moves what
    could be known.
    """
    year_text, reference = header.get("Year", ""), _iso(header.get("ReferenceDate", ""))
    if header.get("Collection", "").upper() != "CIN":
        raise InputError(
            "expected the collection CIN in the header; School Census and other XML returns are not read"
        )
    if not (year_text.isascii() and year_text.isdigit()) or reference is None:
        raise InputError("the header needs a Year and a ReferenceDate such as 2024-03-31")
    year = int(year_text)
    if reference.year != year or (reference.month, reference.day) != (3, 31):
        raise InputError(
            f"the header says {year}, but its reference date is not 31 March {year}; this is another year's "
            f"return or an altered one"
        )
    collected = _iso(header.get("CollectionDate", ""))
    return year, reference, max(reference, collected) if collected else reference


def read_cin(con: duckdb.DuckDBPyConnection, name: str, path: Path, ledger: Ledger) -> None:
    """Enter one CIN census: its children and their spells.

    Raises
    ------
    InputError
        If it cannot be read, is not a CIN census, or its year is not the year of its dates.
    """
    reading = parse(path)
    year, reference, known = _when(reading.header)
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
