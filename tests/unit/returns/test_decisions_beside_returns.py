"""A register of decisions and returned workbooks that lie among the returns are passed over, and that is said."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
from made_returns import Census, ingested, upn

from absence_risk.decisions.declaration import DECISION, FIELDS, REFERENCE
from absence_risk.decisions.entries import ListedPupil, ListEntry, Record
from absence_risk.decisions.register import Register
from absence_risk.store import Store


def _returns(folder: Path) -> Path:
    for term, year in (("autumn", 2024), ("spring", 2025)):
        census = Census(term, year)
        for number in (1, 2):
            census.pupil(number)
        census.write(folder)
    return folder


def _decisions(folder: Path) -> None:
    listed = ListedPupil("A-001", "0" * 32, "main", "none", True, 0.5, 0.25, {"attendance": 0.25})
    day = date(2026, 11, 2)
    entry = ListEntry("0badcafe", day, day, "early_help_offer", "x", 1, day, {}, "m", "s", "f", (listed,), ())
    with Register(folder / "decisions.sqlite") as register:
        register.add_list(entry)
        said = Record("0badcafe", "A-001", {"final_decision": "Offer early help"})
        register.record("0badcafe", [said], copy_sha256="a", by="x", at=datetime(2026, 11, 3))
    book = openpyxl.Workbook()
    book.active.append([REFERENCE, "UPN", *(f.header for f in FIELDS)])
    book.active.append(["A-001", upn(1), *(DECISION.choices[0] for _ in FIELDS)])
    book.save(folder / "returned.xlsx")


def test_ingest_takes_nothing_from_decisions_among_the_returns_and_says_so(tmp_path: Path) -> None:
    plain = ingested(_returns(tmp_path / "plain"), tmp_path / "a.duckdb")
    _decisions(_returns(tmp_path / "beside"))
    beside = ingested(tmp_path / "beside", tmp_path / "b.duckdb")
    with Store(plain.store) as one, Store(beside.store) as other:
        assert one.fingerprint == other.fingerprint
    said = beside.quality_json.read_text(encoding="utf-8")
    for name in ("decisions.sqlite", "decisions.sqlite.lock", "returned.xlsx"):
        assert f"{name}: neither CSV nor XML; ignored" in said
