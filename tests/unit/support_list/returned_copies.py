"""Returned copies of the workbook: filled in as a reviewer would, and saved by another program."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from made_contents import GATES, MANIFEST, PLAN, TERMS, made_contents

from absence_risk.decisions.declaration import DECISION, FIELD_BY_NAME, REFERENCE
from absence_risk.support_list.card import ListContents
from absence_risk.support_list.plan import Plan
from absence_risk.support_list.workbook.workbook import workbook_bytes

LIST_ID = "5c5c5c5c"
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def made_workbook(contents: ListContents | None = None, plan: Plan = PLAN, list_id: str = LIST_ID) -> bytes:
    """The workbook of a made-up list."""
    return workbook_bytes(MANIFEST, TERMS, plan, contents or made_contents(), list_id=list_id, gates=GATES)


def filled_workbook(made: bytes, filled: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A workbook with cells filled in, by reference and field name; every reference must have a row."""
    book = openpyxl.load_workbook(io.BytesIO(made))
    left = dict(filled)
    for sheet in book.worksheets:
        headers = {cell.value: cell.column for cell in sheet[1]}
        if REFERENCE in headers and DECISION.header in headers:
            for row in range(2, sheet.max_row + 1):
                for name, value in left.pop(sheet.cell(row, headers[REFERENCE]).value, {}).items():
                    sheet.cell(row, headers[FIELD_BY_NAME[name].header]).value = value
    assert not left, f"no row to fill in for {sorted(left)}"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def through_office(paths: Sequence[Path], out: Path, kind: str = "xlsx") -> list[Path]:
    """Files opened and saved again by LibreOffice, in ``out``; the test is left out where it is not installed."""
    if OFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = (out.parent / "profile").resolve().as_uri()
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", kind,
         "--outdir", str(out), *map(str, paths)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [out / path.with_suffix(f".{kind}").name for path in paths]


def returned_copy(
    tmp: Path,
    filled: Mapping[str, Mapping[str, Any]],
    *,
    contents: ListContents | None = None,
    plan: Plan = PLAN,
    list_id: str = LIST_ID,
    office: bool = False,
) -> Path:
    """A copy as a reviewer returns it: filled in, and with ``office`` saved by LibreOffice (some seconds)."""
    path = tmp / "returned.xlsx"
    path.write_bytes(filled_workbook(made_workbook(contents, plan, list_id), filled))
    return through_office([path], tmp / "office")[0] if office else path
