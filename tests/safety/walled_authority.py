"""An authority inside four walls: every command runs there, and every byte it leaves stands there to be searched."""

from __future__ import annotations

import base64
import csv
import io
import logging
import os
import shutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from searching import Searcher
from tokens import Tokens, plant_in_returns
from typer.testing import CliRunner
from watching import made_below

from absence_risk.cli import app
from absence_risk.decisions.declaration import FIELD_BY_NAME, REFERENCE
from absence_risk.errors import AbsenceRiskError
from absence_risk.returns.identity import read_key
from absence_risk.returns.lookup import upn_of_each_pupil
from absence_risk.workflows.simulate import run_simulate

AS_OF = "2026-10-31"
_FREE_TEXT = (
    "reviewer_role",
    "records_checked",
    "reason_text",
    "action",
    "owner",
    "measure",
    "outcome_at_review",
)
_DECIDED = {
    "reviewed_on": date(2026, 11, 2),
    "school_contacted": "Yes",
    "school_contacted_on": date(2026, 11, 2),
    "already_known": "No",
    "reason_code": "Family and school would welcome an offer",
    "agrees_with_listing": "Agree",
}


@dataclass
class Walled:
    """Folders of one authority, what was planted in its returns, and every run so far.

    ``given`` holds what people put in (returns, small files, returned workbooks) and is not searched; ``made`` is
    everything else: outputs, terminals, logs, the temporary folder and the folder one stands in.
    """

    root: Path
    tokens: Tokens
    runs: int = 0
    unforeseen: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)

    @property
    def given(self) -> Path:
        return self.root / "given"

    @property
    def made(self) -> Path:
        return self.root / "made"

    @property
    def out(self) -> Path:
        """Where commands are told to write."""
        return self.made / "outputs"

    @property
    def store(self) -> Path:
        return self.out / "authority.duckdb"

    @property
    def key(self) -> Path:
        return self.root / "keys" / "authority.key"

    def run(self, *arguments: object, asked: str = "") -> int:
        """One command in this process; what it prints and the whole chain of its faults become a file."""
        with made_below(self.out) as exposed:
            done = CliRunner(env={"ABSENCE_RISK_TODAY": "2026-11-02"}).invoke(
                app, [str(a) for a in arguments], input=asked
            )
        self.exposed += [f"{arguments[0]}: {name}" for name in exposed]
        told = [done.output, done.stderr]
        code = done.exit_code
        if done.exception is not None:
            told += [str(done.exception), *traceback.format_exception(done.exception)]
            if isinstance(done.exception, AbsenceRiskError):
                code = done.exception.exit_code
            elif not isinstance(done.exception, SystemExit):
                self.unforeseen.append(f"{arguments[0]}: {type(done.exception).__name__}")
        self.runs += 1
        (self.made / "printed" / f"{self.runs:03d} {arguments[0]} {code}.txt").write_text(
            "\n".join(told), encoding="utf-8"
        )
        return code

    def must(self, *arguments: object, asked: str = "") -> None:
        """A command that ends well."""
        code = self.run(*arguments, asked=asked)
        assert code == 0, next((self.made / "printed").glob(f"{self.runs:03d} *")).read_text("utf-8")

    def searcher(self) -> Searcher:
        """For everything planted, and the bytes of the key."""
        secret = read_key(self.key).secret
        return Searcher.of(self.tokens, key_patterns(secret))

    def upns(self) -> dict[str, str]:
        return upn_of_each_pupil(self.store)

    def references(self, folder: Path) -> dict[str, str]:
        """The part each reference of a list belongs to."""
        text = (folder / "support_list.csv").read_text(encoding="utf-8-sig")
        return {row["review_ref"]: row["part"] for row in csv.DictReader(io.StringIO(text, newline=""))}

    def returned_workbook(self, folder: Path, name: str) -> Path:
        """A list's workbook with every row decided, every free text a token of its own, every second an offer."""
        book = openpyxl.load_workbook(folder / "support_list.xlsx")
        for sheet in book.worksheets:
            headers = {cell.value: cell.column for cell in sheet[1]}
            if REFERENCE not in headers or "Decision" not in headers:
                continue
            for row in range(2, sheet.max_row + 1):
                ref = sheet.cell(row, headers[REFERENCE]).value
                if ref:
                    for field_name, value in self._decided(str(ref), row % 2 == 0).items():
                        sheet.cell(row, headers[FIELD_BY_NAME[field_name].header]).value = value
        return self.saved(book, name)

    def saved(self, book: Any, name: str) -> Path:
        """A workbook as somebody else's program saves it: what it writes meanwhile is not ours to search."""
        tempfile.tempdir = str(self.given)
        try:
            book.save(self.given / name)
        finally:
            tempfile.tempdir = str(self.made / "tmp")
        return self.given / name

    def _decided(self, ref: str, offer: bool) -> Mapping[str, Any]:
        words = {name: self.tokens.plant("words", f"{name} {ref}") for name in _FREE_TEXT}
        decision = "Offer early help" if offer else "No action"
        return {**_DECIDED, **words, "final_decision": decision, "review_date": date(2027, 1, 15)}


def key_patterns(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """A key as bytes, in figures and in base64."""
    yield "key (bytes)", secret[:16]
    yield "key (figures)", secret.hex()[:32].encode()
    yield "key (capital figures)", secret.hex()[:32].upper().encode()
    for shift in range(3):
        yield "key (base64)", base64.b64encode(secret[shift : shift + 18])


@contextmanager
def walled(root: Path, *, pupils: int, years: int) -> Iterator[Walled]:
    """Build the authority's returns and stand inside its walls, with their own temporary folder, logs and warnings.

    The system gives everybody every right to new files there, so that only the writers themselves keep others out.
    """
    made = root / "made"
    for folder in (
        root / "given",
        root / "keys",
        *(made / n for n in ("printed", "outputs", "tmp", "cwd", "removed")),
    ):
        folder.mkdir(parents=True)
    run_simulate(root / "given" / "returns", pupils=pupils, years=years, seed=5)
    for again in (root / "given" / "returns").rglob("*_resubmitted"):
        shutil.rmtree(again)
    tokens = plant_in_returns(root / "given" / "returns")
    before, tempfile.tempdir = tempfile.tempdir, str(made / "tmp")
    _keep_what_is_removed(made)
    log = logging.FileHandler(made / "printed" / "log.txt", encoding="utf-8")
    logger, level = logging.getLogger(), logging.getLogger().level
    logger.addHandler(log)
    logger.setLevel(logging.DEBUG)
    here = Path.cwd()
    os.chdir(made / "cwd")
    logging.captureWarnings(True)
    umask = os.umask(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            yield Walled(root, tokens)
    finally:
        os.umask(umask)
        logging.captureWarnings(False)
        os.chdir(here)
        logger.setLevel(level)
        logger.removeHandler(log)
        log.close()
        tempfile.tempdir = before
        _keep_what_is_removed(None)


_walls: list[Path] = []


def _keep_what_is_removed(made: Path | None) -> None:
    """Keep a copy of every file that is removed inside the walls: what stood there for a moment stood there."""
    if _note_removal not in _hooked:
        sys.addaudithook(_note_removal)  # a hook stays for good; without walls it does nothing
        _hooked.append(_note_removal)
    _walls[:] = [] if made is None else [made]


_hooked: list[Any] = []


def _note_removal(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("os.remove", "shutil.rmtree") or not _walls:
        return
    made, gone = _walls[0], Path(os.fsdecode(arguments[0]))
    if not gone.is_absolute() or made not in gone.parents or not gone.exists():
        return
    kept = made / "removed"
    target = kept / f"{len(list(kept.iterdir())):04d} {gone.name}"
    if gone.is_dir():
        shutil.copytree(gone, target)
    else:
        shutil.copyfile(gone, target)
