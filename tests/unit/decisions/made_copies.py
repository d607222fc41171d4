"""A list entry and copies of its workbook, drawn by the declaration; what each test changes is said in the test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl

from absence_risk.decisions.declaration import (
    ABOUT_SHEET,
    CHOICES_SHEET,
    FIELDS,
    REFERENCE,
    SHEET_FORMAT,
)
from absence_risk.decisions.entries import ListedPupil, ListEntry, Record
from absence_risk.decisions.register import Register
from absence_risk.files import write_manifest
from absence_risk.spreadsheet import spreadsheet_bytes

LIST_ID = "0badcafe"
MADE_ON, TODAY = date(2026, 11, 2), date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30)
REASONS = ("School and family would welcome it", "Already in place")

#: A complete row that sends somebody to the family, and one that sends nobody.
OFFER: dict[str, Any] = {
    "reviewer_role": "Early Help manager",
    "reviewed_on": date(2026, 11, 10),
    "school_contacted": "Yes",
    "already_known": "No",
    "final_decision": "Offer early help",
    "reason_code": REASONS[0],
    "review_date": date(2027, 1, 11),
}
NO_ACTION: dict[str, Any] = {
    "reviewer_role": "Early Help manager",
    "reviewed_on": date(2026, 11, 10),
    "school_contacted": "No",
    "already_known": "Yes",
    "final_decision": "No action",
    "reason_code": REASONS[1],
}


def as_text(filled: Mapping[str, Any]) -> dict[str, str]:
    """Fields as the register keeps them."""
    return {name: said.isoformat() if isinstance(said, date) else str(said) for name, said in filled.items()}


def record(ref: str, filled: Mapping[str, Any], list_id: str = LIST_ID) -> Record:
    return Record(list_id, ref, as_text(filled))


def pupil(ref: str, *, must_decide: bool = True) -> ListedPupil:
    number = sum(map(ord, ref))
    return ListedPupil(
        review_ref=ref,
        pupil_id=sha256(ref.encode()).hexdigest()[:32],
        part="main" if must_decide else "severe",
        situation="none" if must_decide else "",
        must_decide=must_decide,
        log_odds=-1.25 if must_decide else math.nan,
        base=-2.0 if must_decide else math.nan,
        contributions={"attendance": 0.1 * number, "suspensions": -0.0} if must_decide else {},
    )


def entry(
    list_id: str = LIST_ID, refs: Sequence[str] = ("A-001", "A-002", "A-003"), **changed: Any
) -> ListEntry:
    parts: dict[str, Any] = {
        "list_id": list_id,
        "made_on": MADE_ON,
        "as_of": date(2026, 10, 31),
        "purpose": "early_help_offer",
        "owner": "Early Help, North",
        "capacity": 3,
        "expires": date(2027, 2, 12),
        "outcome": {"name": "unauthorised", "threshold": "1/10"},
        "model": "ab" * 32,
        "scores_sha256": "cd" * 32,
        "store_fingerprint": "ef" * 32,
        "pupils": (*map(pupil, refs), pupil("B-001", must_decide=False)),
        "next_in_line": ("0" * 32, "1" * 32),
    }
    return ListEntry(**{**parts, **changed})


def write_copy(
    path: Path,
    filled: Mapping[str, Mapping[str, Any]],
    *,
    refs: Sequence[str] = ("A-001", "A-002", "A-003"),
    about: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    change: Any = None,
) -> Path:
    """A workbook with one sheet for decisions; ``change`` may alter it before it is saved."""
    book = openpyxl.Workbook()
    book.active.title = "How to use"
    book.active["A1"] = "How to use"
    sheet = book.create_sheet("Support list")
    names = [f.header for f in FIELDS]
    sheet.append([(headers or {}).get(name, name) for name in (REFERENCE, "School", *names)])
    for ref in refs:
        values = filled.get(ref, {})
        sheet.append([ref, "Hill Top School", *(values.get(f.name) for f in FIELDS)])
    said = {"list_id": LIST_ID, "format": SHEET_FORMAT} if about is None else about
    hidden = book.create_sheet(ABOUT_SHEET)
    for row in said.items():
        hidden.append(row)
    choices = book.create_sheet(CHOICES_SHEET)
    choices.append(["reason_code", "final_decision", "route"])
    for reason in REASONS:
        choices.append([reason])
    for one in (hidden, choices):
        one.sheet_state = "hidden"
    if change is not None:
        change(book, sheet)
    book.save(path)
    return path


def column_of(name: str) -> int:
    """Place of a field's column in ``write_copy``'s sheet, from 1."""
    return 3 + [f.name for f in FIELDS].index(name)


def list_folder(tmp: Path, made: ListEntry | None = None) -> Path:
    """The folder of a list with its tables and manifest, and the register beside it."""
    made = made or entry()
    folder = tmp / "list"
    folder.mkdir()
    header = ("review_ref", "school", "year_group", "why_listed_1")
    rows = [(p.review_ref, "=Hill Top School", "8", "x") for p in made.pupils if p.must_decide]
    (folder / "support_list.csv").write_bytes(spreadsheet_bytes(header, rows))
    severe = [("B-001", "Brook Lane School", "9", "x")]
    (folder / "missed_half_or_more.csv").write_bytes(spreadsheet_bytes(header, severe))
    write_manifest(folder, {"kind": "support_list", "list_id": made.list_id})
    with Register(tmp / "decisions.sqlite") as register:
        register.add_list(made)
    return folder
