"""What happens to a list after it is made, by the commands of the README, on the demonstration's own files."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from command_line import Demonstration, Ran
from typer.testing import CliRunner

from absence_risk.cli import app
from absence_risk.decisions.declaration import FIELD_BY_NAME, REFERENCE
from absence_risk.decisions.register import Register
from absence_risk.errors import AbsenceRiskError

OFFERED = {
    "reviewer_role": "Early Help manager",
    "reviewed_on": date(2026, 11, 2),
    "school_contacted": "Yes",
    "school_contacted_on": date(2026, 11, 2),
    "already_known": "No",
    "final_decision": "Offer early help",
    "agrees_with_listing": "Agree",
    "reason_code": "Family and school would welcome an offer",
    "review_date": date(2027, 1, 15),
}
NO_ACTION = {**OFFERED, "final_decision": "No action", "reason_code": "Family already has the help it wants"}


def run(*arguments: object, asked: str = "") -> Ran:
    """One command in this process: its exit code and words, as ``main`` would give them."""
    done = CliRunner(env={"ABSENCE_RISK_TODAY": "2026-11-02"}).invoke(
        app, [str(a) for a in arguments], input=asked
    )
    if isinstance(done.exception, AbsenceRiskError):
        return Ran(done.exception.exit_code, done.stdout, str(done.exception))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def work(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the demonstration left, for decisions that others must not find there."""
    folder = tmp_path_factory.mktemp("team")
    shutil.copytree(demonstration.folder, folder / "demo", ignore=shutil.ignore_patterns("returns", "mlflow"))
    return folder / "demo"


def filled(work: Path, rows: Mapping[str, Mapping[str, Any]] | None, name: str) -> Path:
    """The list's workbook with some rows filled in, or every row that needs it with no action."""
    book = openpyxl.load_workbook(work / "list" / "support_list.xlsx")
    sheet = book["Support list"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        ref = sheet.cell(row, columns[REFERENCE]).value
        for field, value in (NO_ACTION if rows is None else rows.get(ref, {})).items():
            sheet.cell(row, columns[FIELD_BY_NAME[field].header]).value = value
    book.save(work / name)
    return work / name


def cards_of(folder: Path) -> list[dict[str, str]]:
    text = (folder / "list" / "support_list.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_worker_finds_the_third_child_of_a_school_decides_and_sees_it_in_the_record(work: Path) -> None:
    cards = [card for card in cards_of(work) if card["part"] == "main"]
    school = max({card["school"] for card in cards}, key=lambda name: sum(c["school"] == name for c in cards))
    third = [card for card in cards if card["school"] == school][2]
    assert third["why_listed_1"] and third["pointing_the_other_way_1"] and third["who_leads"]
    returned = filled(work, {third["review_ref"]: OFFERED}, "RETURNED.xlsx")
    ran = run("decisions", work / "list", returned, "--by", "A. Worker")
    assert ran.code == 0 and "1 newly recorded" in ran.out
    with Register(work / "decisions.sqlite") as register:
        entry = register.lists()[-1]
        standing = register.standing(entry.list_id)
    assert standing[third["review_ref"]].record.values["final_decision"] == "Offer early help"
    assert standing[third["review_ref"]].recorded_by == "A. Worker"
    again = run("decisions", work / "list", returned)
    assert again.code == 0 and "0 newly recorded" in again.out
    other = filled(work, {third["review_ref"]: NO_ACTION}, "OTHER.xlsx")
    differs = run("decisions", work / "list", other)
    assert third["review_ref"] in differs.out and "No action" in differs.out
    with Register(work / "decisions.sqlite") as register:
        kept = register.standing(entry.list_id)[third["review_ref"]]
    assert kept.record.values["final_decision"] == "Offer early help"


def test_no_contact_list_before_every_row_is_decided_and_one_after(work: Path, tmp_path: Path) -> None:
    copy = tmp_path / "demo"
    shutil.copytree(work, copy)
    (copy / "decisions.sqlite").unlink()
    listed = (
        "list", "--scores", copy / "scores.parquet", "--store", copy / "authority.duckdb", "--config",
        copy / "support_list.yaml", "--capacity", 5, "--owner", "Early Help", "--expires", "2027-02-12",
        "--out", copy / "list",
    )  # fmt: skip
    assert run(*listed).code == 0
    early = run("contacts", copy / "list", "--out", copy / "contacts.csv")
    assert early.code == 8 and "A-001" in early.err and not (copy / "contacts.csv").exists()
    everyone = {card["review_ref"]: NO_ACTION for card in cards_of(copy) if card["part"] != "reserve"}
    ran = run("decisions", copy / "list", filled(copy, {**everyone, "A-002": OFFERED}, "ALL.xlsx"))
    assert ran.code == 0, ran.out
    done = run("contacts", copy / "list", "--out", copy / "contacts.csv")
    assert done.code == 0, done.err
    text = (copy / "contacts.csv").read_text(encoding="utf-8-sig")
    assert "A-002" in text and "A-001" not in text and "Not to be used for penalty notices" in text


def test_impact_says_that_next_year_is_not_known_yet(work: Path, tmp_path: Path) -> None:
    register, out = work / "decisions.sqlite", tmp_path / "i"
    ran = run("impact", "--store", work / "authority.duckdb", "--decisions", register, "--out", out)
    assert ran.code == 0 and "Nothing is known yet of 2026/27" in ran.out
    assert (out / "impact.html").is_file()


def test_a_family_can_be_told_and_a_upn_is_asked_for_and_never_typed_as_an_argument(
    work: Path, tmp_path: Path
) -> None:
    usual = (
        "--scores", work / "scores.parquet", "--store", work / "authority.duckdb", "--list", work / "list",
        "--config", work / "support_list.yaml", "--out", tmp_path / "statement.html",
    )  # fmt: skip
    assert run("statement", "A-002", *usual).code == 0
    by_reference = (tmp_path / "statement.html").read_text(encoding="utf-8")
    assert "data team of the made-up authority" in by_reference
    key = (work / "list" / "who_is_who.csv").read_text(encoding="utf-8-sig")
    upn = next(row["upn"] for row in csv.DictReader(io.StringIO(key)) if row["review_ref"] == "A-002")
    refused = run("statement", upn, *usual)
    assert refused.code == 2 and upn not in refused.err
    asked = run("statement", "-", *usual, asked=f"{upn}\n")
    assert asked.code == 0 and upn not in asked.out
    assert upn not in (tmp_path / "statement.html").read_text(encoding="utf-8")


def test_a_child_on_the_exclusion_file_is_in_no_scores_and_on_no_list(work: Path, tmp_path: Path) -> None:
    key = (work / "list" / "who_is_who.csv").read_text(encoding="utf-8-sig")
    upns = [row["upn"] for row in csv.DictReader(io.StringIO(key)) if row["review_ref"].startswith("A-")][:12]
    exclusions = tmp_path / "exclusions.csv"
    exclusions.write_text("upn,reason\n" + "".join(f"{upn},objected\n" for upn in upns), encoding="utf-8")
    model = next(path for path in (work / "models").iterdir() if path.name == "with_attendance")
    scores = tmp_path / "scores.parquet"
    ran = run(
        "score", "--store", work / "authority.duckdb", "--model", model, "--as-of", "2026-10-31", "--out", scores,
        "--exclusions", exclusions,
    )  # fmt: skip
    assert ran.code == 0 and "excluded 12" in ran.out, ran.out + ran.err
    usual = (
        "list", "--scores", scores, "--store", work / "authority.duckdb", "--capacity", 10, "--owner", "Early Help",
        "--expires", "2027-02-12", "--out", tmp_path / "list",
    )  # fmt: skip
    assert run(*usual).code == 8
    assert run(*usual, "--exclusions", exclusions).code == 0
    listed = (tmp_path / "list" / "who_is_who.csv").read_text(encoding="utf-8-sig")
    assert not [upn for upn in upns if upn in listed]


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"--purpose": "penalty_notice"}, 8, "offers of support alone"),
        ({"--purpose": "service_planning_aggregate"}, 8, "no child's name"),
        ({"--capacity": None}, 2, "--capacity"),
        ({"--owner": None}, 2, "--owner"),
        ({"--expires": None}, 2, "--expires"),
    ],
)
def test_what_a_list_refuses_says_why(
    work: Path, tmp_path: Path, changed: dict[str, str | None], code: int, words: str
) -> None:
    options: dict[str, object] = {
        "--scores": work / "scores.parquet", "--store": work / "authority.duckdb", "--capacity": 5,
        "--owner": "Early Help", "--expires": "2027-02-12", "--out": tmp_path / "list", **changed,
    }  # fmt: skip
    ran = run(
        "list", *(part for name, value in options.items() if value is not None for part in (name, value))
    )
    assert ran.code == code and words in ran.err
    assert not list(tmp_path.iterdir())
