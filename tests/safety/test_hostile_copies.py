"""Hostile workbooks and settings: refused in our words within bounds, or read as what they say."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_copies import OFFER, write_copy

from absence_risk.decisions.returned import read_returned
from absence_risk.errors import InputError, UsageError
from absence_risk.settings.reading import read_yaml

Counted = Callable[[str, int, int], None]
SHEET = "xl/worksheets/sheet2.xml"
SECRET = "Quisling"
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
    + b"]>"
)
ROW = b'<row r="9"><c r="A9" t="inlineStr"><is><t>%s</t></is></c></row></sheetData>'


def packed_again(data: bytes, member: str, change: Callable[[bytes], bytes], **more: bytes) -> bytes:
    """The same workbook with one member changed and others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, change(source.read(name)) if name == member else source.read(name))
        for name, content in more.items():
            target.writestr(name, content)
    return out.getvalue()


def within(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Change a sheet; ``data`` is the whole workbook."""

    def change(data: bytes) -> bytes:
        def edited(content: bytes) -> bytes:
            assert old in content
            return content.replace(old, new, 1)

        return packed_again(data, SHEET, edited)

    return change


def bomb(data: bytes) -> bytes:
    return packed_again(
        data, SHEET, lambda content: content.replace(b"</sheetData>", b" " * 60_000_000 + b"</sheetData>")
    )


END = b"</sheetData>"
FORMULA = re.compile(rb'(<c r="[A-Z]+2"[^>]*?) t="inlineStr"><is><t>Offer early help</t></is></c>')
#: How the workbook is changed, and the words of the fault; none where it must still be read as it was.
WORKBOOKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "as it was": (lambda data: data, ""),
    "a bomb of entities": (within(END, ROW % b"&a8;"), "damaged"),
    "entities declared": (
        lambda data: packed_again(data, SHEET, lambda content: LAUGHS + content.split(b"?>", 1)[-1]),
        "damaged",
    ),
    "an entity from outside": (
        lambda data: packed_again(
            data, SHEET, lambda content: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + content
        ),
        "damaged",
    ),
    "a zip bomb": (bomb, "unpacks to more than"),
    "a row far below": (
        within(END, b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>' + END),
        "20,000 rows",
    ),
    "a row beyond every sheet": (
        within(END, b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>' + END),
        "20,000 rows",
    ),
    "an empty row far below": (within(END, b'<row r="1048576"/>' + END), ""),
    "empty cells far to the right": (
        within(END, b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(10, 400)) + END),
        "200 columns",
    ),
    "a cell of text far to the right": (
        within(END, b'<row r="9"><c r="XFD9"><v>1</v></c></row>' + END),
        "200 columns",
    ),
    "macros and links to other books": (
        lambda data: packed_again(
            data,
            "",
            bytes,
            **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/externalLinks/externalLink1.xml": b"<x/>"},
        ),
        "",
    ),
    "members that lead out": (
        lambda data: packed_again(
            data, "", bytes, **{"../../evil": b"x", "/absolute": b"y", "C:\\evil": b"z"}
        ),
        "",
    ),
    "cut short": (lambda data: data[:-100], "cut short"),
    "the first half alone": (lambda data: data[: len(data) // 2], "cut short"),
    "nothing at all": (lambda data: b"", "no workbook"),
    "another kind": (lambda data: b"%PDF-1.7", "no workbook"),
    "the old kind": (lambda data: b"\xd0\xcf\x11\xe0" + data, "the old kind"),
    "an empty archive": (lambda data: b"PK\x05\x06" + b"\0" * 18, "not an .xlsx"),
    "a sheet that is no XML": (
        lambda data: packed_again(data, SHEET, lambda content: content[:200]),
        "damaged",
    ),
    "a sheet of other XML": (
        lambda data: packed_again(data, SHEET, lambda content: b"<x/>"),
        "no sheet has the columns",
    ),
    "a damaged member": (lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03", 1), "cut short"),
    "very deep": (within(END, b"<a>" * 50_000 + b"</a>" * 50_000 + END), ""),
    "a reference as a formula": (
        within(END, b'<row r="9"><c r="A9"><f>1+1</f><v>2</v></c></row>' + END),
        "put back the one sent out",
    ),
    "an error in a cell": (
        within(END, b'<row r="9"><c r="A9" t="e"><v>#REF!</v></c></row>' + END),
        "put back the one sent out",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return write_copy(
        tmp_path / "copy.xlsx", {"A-001": OFFER, "A-002": {"reason_text": f"Spoke to {SECRET}"}}
    )


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_a_hostile_workbook_is_refused_in_words_or_read_as_it_was(
    copy: Path, counted: Counted, every: int
) -> None:
    data, before = copy.read_bytes(), read_returned(copy).records
    cases, wrong = list(WORKBOOKS.items())[::every], []
    for name, (change, words) in cases:
        copy.write_bytes(change(data))
        try:
            if words or read_returned(copy).records != before:
                read_returned(copy)
                wrong.append(f"{name}: read")
        except InputError as fault:
            if not words or words not in str(fault) or SECRET in str(fault):
                wrong.append(f"{name}: {fault}")
    print("\n".join(wrong))
    counted("hostile files: workbooks", len(cases), len(cases) - len(wrong))


def test_a_pipe_a_folder_and_nothing_in_place_of_a_copy_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    for name in ("pipe", "folder", "none"):
        with pytest.raises(InputError, match=r"no file that can be opened|cannot be read"):
            read_returned(tmp_path / f"{name}.xlsx")


#: Text of a settings file, and what is read, or the words of the fault.
SETTINGS: dict[str, tuple[bytes, object]] = {
    "aliases that multiply": (
        b"a0: &a0 [x, x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)),
        "are not read",
    ),
    "itself within itself": (b"a: &a [*a]", "are not read"),
    "an object of Python": (b'a: !!python/object/apply:os.system ["x"]', "are not read"),
    "bytes": (b"a: !!binary aGVsbG8=", "are not read"),
    "a merge": (b"a: &x {b: 1}\nc: {<<: *x}", "are not read"),
    "very deep": (b"[" * 3_000 + b"]" * 3_000, "deeper"),
    "very long": (b'a: "' + b"x" * 300_000 + b'"', "larger than"),
    "a day that is none": (b"a: 2026-02-30", {"a": "2026-02-30"}),
    "a day": (b"a: 2026-10-31", {"a": "2026-10-31"}),
    "a nought in front": (b"a: 010", {"a": "010"}),
    "minutes": (b"a: 1:30", {"a": "1:30"}),
    "other bases": (
        b"a: 0x1F\nb: 0b11\nc: 0o17\nd: 1_000",
        {"a": "0x1F", "b": "0b11", "c": "0o17", "d": "1_000"},
    ),
    "numbers": (b"a: 12\nb: -3\nc: 0.5\nd: 0", {"a": 12, "b": -3, "c": 0.5, "d": 0}),
    "five thousand figures": (b"a: " + b"9" * 5_000, {"a": "9" * 5_000}),
    "no number": (b"a: .nan\nb: .inf", {"a": ".nan", "b": ".inf"}),
    "half a character": (b'a: "\\ud800"', "control character"),
    "NUL": (b'a: "\\0"', "control character"),
    "an escape of the terminal": (b'a: "\\e[31m"', "control character"),
    "a key twice": (b'a: 1\n"a": 2', "named twice"),
    "a list for a key": (b"? [a]\n: 1", "not YAML"),
    "two documents": (b"a: 1\n---\nb: 2", "not YAML"),
    "Windows-1252": ("a: café".encode("cp1252"), "not YAML"),
    "UTF-16": ("a: café".encode("utf-16"), "not YAML"),
    "a byte order mark": (b"\xef\xbb\xbfa: 1", {"a": 1}),
    "an archive": (b"PK\x03\x04\x00\x00", "not YAML"),
    "tabs": (b"a:\n\t- 1", "not YAML"),
}


def test_hostile_settings_are_refused_in_words_or_read_as_written(tmp_path: Path, counted: Counted) -> None:
    wrong = []
    for name, (text, expected) in SETTINGS.items():
        path = tmp_path / "settings.yaml"
        path.write_bytes(text)
        try:
            found: object = read_yaml(path, "an example")
        except UsageError as fault:
            found = str(fault)
        right = found == expected if isinstance(expected, dict) else expected in str(found)
        if not right:
            wrong.append(f"{name}: {found!r:.200}")
    print("\n".join(wrong))
    counted("hostile files: settings", len(SETTINGS), len(SETTINGS) - len(wrong))
