"""Everything that can be given wrongly: spoilt returns, wrong files, altered outputs, slips of the hand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from walled_authority import AS_OF, Walled

from absence_risk.decisions.declaration import FIELD_BY_NAME, REFERENCE
from absence_risk.store import lookup_path

#: One way of failing: its name, and the arguments of the command.
Failure = tuple[str, tuple[object, ...]]
CENSUS = "school_census/2026_autumn"
PUPILS = f"{CENSUS}/2026_autumn_pupilonroll.csv"


def _lines(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    path.write_text(
        "".join(change(path.read_text(encoding="utf-8").splitlines(keepends=True))), encoding="utf-8"
    )


def _cells(path: Path, column: str, change: Callable[[str], str]) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows({**row, column: change(row[column])} for row in rows)


def _text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _cin(folder: Path) -> Path:
    return sorted((folder / "cin_census").glob("*.xml"))[-1]


def _cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


#: Each spoils a copy of some returns so that they must be refused.
SPOILT: Mapping[str, Callable[[Path], None]] = {
    "the header line is lost": lambda f: _lines(f / PUPILS, lambda lines: lines[1:]),
    "a row has a cell too many": lambda f: _lines(
        f / PUPILS, lambda lines: [*lines[:5], lines[5].strip() + ",more\n", *lines[6:]]
    ),
    "a row is cut short": lambda f: _lines(
        f / PUPILS, lambda lines: [*lines[:5], lines[5][:60] + "\n", *lines[6:]]
    ),
    "a quotation mark is left open": lambda f: _lines(
        f / PUPILS, lambda lines: [*lines[:5], lines[5].replace(",", ',"', 4), *lines[6:]]
    ),
    "births are written month first": lambda f: _cells(f / PUPILS, "dob", lambda _: "03/25/2012"),
    "births have names in them": lambda f: _lines(f / PUPILS, _swap_columns),
    "a column is named twice": lambda f: _lines(
        f / PUPILS, lambda lines: [lines[0].replace("surname", "upn", 1), *lines[1:]]
    ),
    "the UPN column is called otherwise": lambda f: _lines(
        f / PUPILS, lambda lines: [lines[0].replace(",upn,", ",number,"), *lines[1:]]
    ),
    "a nought byte is in it": lambda f: (f / PUPILS).write_bytes(
        (f / PUPILS).read_bytes().replace(b"False", b"Fa\0se", 3)
    ),
    "the encoding is none": lambda f: (f / PUPILS).write_bytes(
        (f / PUPILS).read_bytes().replace(b"True", b"\x81\x8d\xff")
    ),
    "the XML is cut short": lambda f: _cut(_cin(f), 0.6),
    "the XML has an entity": lambda f: _text(_cin(f), "<Message>", '<!DOCTYPE m [<!ENTITY e "x">]><Message>'),
    "the XML has a loose bracket": lambda f: _text(_cin(f), "<UPN>", "<UPN><"),
    "the XML begins otherwise": lambda f: _text(_cin(f), "Message>", "Children2>"),
    "the AP census is of two years": lambda f: _lines(
        f / "ap_census/AP_2026.csv",
        lambda lines: [*lines, *(line.replace(",2026,", ",2019,") for line in lines[1:3])],
    ),
    "the looked-after header is lost": lambda f: _lines(
        f / "ssda903/SSDA903_2026_header.csv", lambda lines: lines[1:]
    ),
    "the census is of another year": lambda f: _text(
        f / f"{CENSUS}/2026_autumn_schoolcensus.csv", "2026-Oct-", "2023-Oct-"
    ),
}


def _swap_columns(lines: list[str]) -> list[str]:
    return [lines[0].replace(",dob,surname,", ",surname,dob,"), *lines[1:]]


def spoilt_returns(work: Walled, most: int) -> Iterator[Failure]:
    """Ingesting returns of which one file is spoilt: the store that is there must stay."""
    for number, (name, spoil) in enumerate(list(SPOILT.items())[:most]):
        target = work.given / f"spoilt {number:02d}"
        source = work.given / "returns"
        shutil.copytree(source / CENSUS, target / CENSUS)
        for pattern in ("cin_census/CIN_2026*", "ssda903/SSDA903_2026*", "ap_census/AP_2026*"):
            for path in source.glob(pattern):
                (target / path.parent.name).mkdir(exist_ok=True)
                shutil.copy(path, target / path.parent.name)
        spoil(target)
        yield name, ("ingest", target, "--store", work.out / "other" / "a.duckdb", "--key-file", work.key)


def wrong_files(work: Walled, model: Path, files: Mapping[str, Path], most: int) -> Iterator[Failure]:
    """Each option that takes a file is given one full of children, in the place of the right one."""
    pupils, lookup = work.given / "returns" / PUPILS, lookup_path(work.store)
    out, store, scores = work.out / "wrong.parquet", work.store, work.out / "scores.parquet"
    expires = ("--capacity", 12, "--owner", "Early Help", "--expires", "2027-02-12")
    for wrong in (files["exclusions"], lookup, pupils, work.given / "returns")[:most]:
        score = ("score", "--as-of", AS_OF, "--out", out)
        made = ("list", *expires, "--out", work.out / "wrong")
        yield "key", ("ingest", work.given / "returns", "--store", out, "--key-file", wrong)
        yield "settings", ("train", "--store", store, "--config", wrong)
        yield "store", (*score, "--model", model, "--store", wrong)
        yield "model", (*score, "--model", wrong, "--store", store)
        yield "scores", (*made, "--scores", wrong, "--store", store)
        yield "list settings", (*made, "--scores", scores, "--store", store, "--config", wrong)
        yield "evidence", (*made, "--scores", scores, "--store", store, "--evidence", wrong)
        yield "register", (*made, "--scores", scores, "--store", store, "--decisions", wrong)
        yield "early help", (*made, "--scores", scores, "--store", store, "--early-help", wrong)
        yield "features", ("score-features", "--features", wrong, "--model", model, "--out", out)
        yield "returned copy", ("decisions", work.out / "list", wrong)
        yield "list", ("contacts", wrong, "--out", work.out / "c.csv")
        yield "runs", ("compare", wrong, wrong)
    for wrong in (lookup, pupils):
        yield "exclusions", (*score, "--model", model, "--store", store, "--exclusions", wrong)


def altered_outputs(work: Walled, model: Path) -> Iterator[Failure]:
    """Outputs that were altered since they were written."""
    copies = work.given / "altered"
    shutil.copytree(model, copies / "model")
    text = copies / "model" / "model.txt"
    text.write_bytes(
        text.read_bytes().replace(b"threshold=0", b"threshold=1", 1).replace(b"Tree=0", b"Tree=9", 1)
    )
    scores = sorted(path.name for path in work.out.glob("scores.*") if path.suffix in (".parquet", ".csv"))
    for name in scores:
        for copied in (name, f"{name}.manifest.json"):
            shutil.copy(work.out / copied, copies / copied)
        _cut(copies / name, 0.9)
    damaged = bytearray(work.store.read_bytes())
    damaged[4096:12288] = bytes(8192)
    (copies / "a.duckdb").write_bytes(damaged)
    register = bytearray((work.out / "decisions.sqlite").read_bytes())
    place = register.rfind(b"Early Help")
    register[place : place + 5] = b"Later"
    (copies / "decisions.sqlite").write_bytes(register)
    terms = (
        "--capacity",
        12,
        "--owner",
        "Early Help",
        "--expires",
        "2027-02-12",
        "--out",
        work.out / "wrong",
    )
    score = ("score", "--as-of", AS_OF, "--out", work.out / "wrong.parquet")
    yield "altered model", (*score, "--model", copies / "model", "--store", work.store)
    yield "damaged store", (*score, "--model", model, "--store", copies / "a.duckdb")
    for name in scores:
        yield f"altered {name}", ("list", "--scores", copies / name, "--store", work.store, *terms)
    yield "altered register", ("decisions", work.out / "list", "--decisions", copies / "decisions.sqlite")
    yield (
        "altered register, impact",
        ("impact", "--store", work.store, "--decisions", copies / "decisions.sqlite"),
    )


def slips_in_small_files(work: Walled, model: Path) -> Iterator[Failure]:
    """Exclusions and early help with a slip in a row; the rows name children."""
    upns = sorted(work.upns().values())
    slips = {
        "a reason that is none": f"upn,reason\n{upns[0]},{work.tokens.plant('words', 'slip')}\n",
        "a UPN with a slip": f"upn,reason\n{upns[0][:-1]},objected\n{upns[1]},objected\n",
        "two reasons": f"upn,reason\n{upns[0]},objected\n{upns[0]},adoption\n",
        "a last day that is none": f"upn,reason,until\n{upns[0]},objected,{work.tokens.plant('words', 'day')}\n",
        "no header": f"{upns[0]},objected\n{upns[1]},objected\n",
        "an open quotation mark": f'upn,reason\n"{upns[0]},objected\n{upns[1]},objected\n',
        "a cell too few": f"upn,reason,until\n{upns[0]}\n",
    }
    score = (
        "score",
        "--as-of",
        AS_OF,
        "--out",
        work.out / "wrong.parquet",
        "--model",
        model,
        "--store",
        work.store,
    )
    for number, (name, text) in enumerate(slips.items()):
        path = work.given / f"slip {number}.csv"
        path.write_text(text, encoding="utf-8")
        yield name, (*score, "--exclusions", path)


def slips_in_a_workbook(work: Walled, most: int) -> Iterator[Failure]:
    """A returned workbook with a wrong cell: a choice, a date, a number, a formula, another list's name."""
    token = work.tokens.plant("words", "cell")
    slips: Mapping[str, Any] = {
        "final_decision": token,
        "reviewed_on": token,
        "minutes_spent": token,
        "action": f"={token}",
    }
    for name, value in list(slips.items())[:most]:
        book = openpyxl.load_workbook(work.out / "list" / "support_list.xlsx")
        sheet = book["Support list"]
        columns = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(2, columns[FIELD_BY_NAME[name].header]).value = value
        path = work.saved(book, f"slip {name}.xlsx")
        yield f"workbook: {name}", ("decisions", work.out / "list", path)
    book = openpyxl.load_workbook(work.out / "list" / "support_list.xlsx")
    sheet = book["Support list"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns[REFERENCE]).value = token
    sheet.cell(2, columns["Decision"]).value = "No action"
    path = work.saved(book, "slip reference.xlsx")
    yield "workbook: reference", ("decisions", work.out / "list", path)


def slips_of_the_hand(work: Walled) -> Iterator[Failure]:
    """A child's number where something else is asked for."""
    upn = sorted(work.upns().values())[3]
    scores, folder = work.out / "scores.parquet", work.out / "list"
    statement = (
        "--scores",
        scores,
        "--store",
        work.store,
        "--list",
        folder,
        "--out",
        work.out / "wrong.html",
    )
    yield "statement of a UPN", ("statement", upn, *statement)
    yield "statement of a reference that is none", ("statement", "A-999", *statement)
    yield "by", ("decisions", folder, work.given / "returned.xlsx", "--by", upn)
    yield "settle", ("decisions", folder, work.given / "returned.xlsx", "--settle", upn)
    yield "promoted in the name of a child", (
        "promote", 1, "--store", work.store, "--override", "--name", upn, "--role", "Head", "--reason", upn,
    )  # fmt: skip
    yield (
        "the day",
        ("score", "--store", work.store, "--model", "m", "--as-of", upn, "--out", work.out / "w.parquet"),
    )
    yield (
        "outcome",
        (
            "score",
            "--store",
            work.store,
            "--model",
            "m",
            "--as-of",
            AS_OF,
            "--out",
            work.out / "w.parquet",
            "--outcome",
            upn,
        ),
    )
    yield (
        "memory",
        (
            "features",
            "--store",
            work.store,
            "--as-of",
            AS_OF,
            "--out",
            work.out / "w.parquet",
            "--memory-limit",
            upn,
        ),
    )
