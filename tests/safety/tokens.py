"""A made-up authority's returns in which every identifying field holds a token that occurs nowhere else.

Numbers that a reader checks keep their form (UPNs their check letter, dates of birth their distinct days); names,
postcodes, record and case numbers and free text become words that no program would write by chance.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAMES = ("surname", "forename", "middlenames", "preferredsurname", "formersurname")
POSTCODES = ("applacementpostcode", "home_post", "pl_post")
RECORD_IDS = ("pupilonrolltableid", "pupilnolongeronrolltableid")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"(\d{4})-(\d{2}|[A-Z][a-z]{2})-(\d{2})|(\d{2})/(\d{2})/(\d{4})")
_UPN = re.compile(r"[A-Z]\d{11}[\dA-Z]")


@dataclass
class Tokens:
    """What was planted, by kind of field: upn, name, birth, place, number, school, words."""

    by_kind: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, token: str) -> str:
        self.by_kind.setdefault(kind, set()).add(token)
        return token

    def plant(self, kind: str, about: str) -> str:
        """A new token of a kind: letters and figures, the same for the same thing."""
        return self.add(kind, f"Q{kind[0]}{hashlib.sha256(f'{kind} {about}'.encode()).hexdigest()[:12]}z")

    def pairs(self) -> Iterator[tuple[str, str]]:
        for kind in sorted(self.by_kind):
            yield from ((kind, token) for token in sorted(self.by_kind[kind]))


def day_of(text: str) -> str:
    """A date of a return as 2025-01-19; empty if it is none."""
    found = _DATE.search(text)
    if found is None:
        return ""
    if found[6]:
        return f"{found[6]}-{found[5]}-{found[4]}"
    month = found[2] if found[2].isdigit() else f"{_MONTHS.index(found[2]) + 1:02d}"
    return f"{found[1]}-{month}-{found[3]}"


def plant_in_returns(folder: Path) -> Tokens:
    """Change every CSV and XML of a folder of made-up returns, and say what was planted."""
    tokens, births, other_days = Tokens(), set[str](), set[str]()
    for path in sorted(folder.rglob("*.csv")):
        _plant_in_csv(path, tokens, births, other_days)
    for path in sorted(folder.rglob("*.xml")):
        _plant_in_xml(path, tokens, births, other_days)
    _add_addresses(folder, tokens)
    # Another date may fall on somebody's birthday, and the first of a month is what is kept of a birth: such days show
    # nothing.
    tokens.by_kind["birth"] = {day for day in births - other_days if day and not day.endswith("-01")}
    return tokens


def _plant_in_csv(path: Path, tokens: Tokens, births: set[str], other_days: set[str]) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    for row in rows:
        _plant_in_row(row, tokens)
        for name, value in row.items():
            (births if name.lower() in ("dob", "mc_dob") else other_days).add(day_of(value))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _plant_in_row(row: dict[str, str], tokens: Tokens) -> None:
    child = next((row[name] for name in ("upn", "UPN", "CHILD") if row.get(name)), "")
    for column, value in row.items():
        name = column.lower()
        if name in ("upn", "formerupn") and _UPN.fullmatch(value):
            tokens.add("upn", value)
        elif name in NAMES:
            row[column] = tokens.plant("name", name + child)
        elif name in POSTCODES:
            row[column] = _postcode(tokens, name + child)
        elif name in RECORD_IDS and value:
            row[column] = tokens.plant("number", value)
        elif name in ("child", "mother") and value:
            row[column] = tokens.plant("number", "looked after" + value)
        elif name == "uniquelearnernumber":
            row[column] = tokens.plant("number", "learner" + child)
        elif name == "schoolname":
            row[column] = tokens.plant("school", value)


def _postcode(tokens: Tokens, about: str) -> str:
    figures = int(hashlib.sha256(about.encode()).hexdigest()[:8], 16)
    letters = "".join(chr(65 + (figures >> shift) % 26) for shift in (0, 5, 10, 15))
    return tokens.add("place", f"Q{letters[0]}{figures % 90 + 10} {figures // 90 % 10}{letters[1:3]}")


def _plant_in_xml(path: Path, tokens: Tokens, births: set[str], other_days: set[str]) -> None:
    text = path.read_text(encoding="utf-8")
    births |= {day_of(found) for found in re.findall(r"<PersonBirthDate>(.*?)<", text)}
    other_days |= {
        day_of(found) for found in re.findall(r"Date>([\d-]+)<", re.sub(r"<PersonBirthDate>.*?<", "", text))
    }
    for found in _UPN.findall(text):
        tokens.add("upn", found)

    def child(found: re.Match[str]) -> str:
        number = tokens.plant("number", "case" + found[1])
        name = tokens.plant("name", "case" + found[1])
        return f"<LAchildID>{number}</LAchildID><PersonFamilyName>{name}</PersonFamilyName>"

    path.write_text(re.sub(r"<LAchildID>(.*?)</LAchildID>", child, text), encoding="utf-8")


def _add_addresses(folder: Path, tokens: Tokens) -> None:
    """A table of addresses, which the package recognises and sets aside."""
    for pupils in sorted(folder.rglob("*_pupilonroll.csv")):
        with pupils.open(encoding="utf-8", newline="") as handle:
            parents = [row["pupilonrolltableid"] for row in csv.DictReader(handle)]
        lines = [
            "pupilonrolltableid,NativeId,addressesonrolltableid,addressesonrollorderseqcolumn,street,postcode"
        ]
        for place, parent in enumerate(parents):
            street = tokens.plant("place", "street" + parent)
            lines.append(f"{parent},9912001,a{place},1,{street} Road,{_postcode(tokens, parent)}")
        other = pupils.with_name(pupils.name.replace("pupilonroll", "addressesonroll"))
        other.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    """A small CSV kept by hand."""
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path
