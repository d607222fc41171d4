"""The whole report on a made-up authority in which nobody is helped: what it says, and what it never says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_two_years import (
    AS_OF,
    LEAVERS,
    LISTED,
    NO_OFFER,
    TODAY,
    made_entry,
    made_records,
    pupil,
    record_of,
    school,
    write_two_years,
)

from absence_risk.decisions.entries import ListEntry
from absence_risk.decisions.register import Register
from absence_risk.disclosure import DisclosurePolicy
from absence_risk.errors import InputError, KeyFileError, UsageError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.files import sha256_of
from absence_risk.impact.words import CAUTIONS
from absence_risk.pages import content_hash
from absence_risk.workflows.impact import ImpactResult, run_impact

EXACT = DisclosurePolicy(suppress_below=0, round_to=1, secondary=False)
NOW = datetime(2025, 12, 1, 9, 0)
CLAIMS = (
    "effect",
    "effective",
    "worked(?! out)",
    "due to",
    "because",
    "thanks to",
    "led to",
    "improved",
    "success",
    "saved",
)


@dataclass(frozen=True)
class Made:
    """The store, the register, and the list that stands in it."""

    store: Path
    register: Path
    entry: ListEntry


def _keep(path: Path, *entries: ListEntry) -> Path:
    with Register(path) as register:
        for entry in entries:
            register.add_list(entry)
            records = [record_of(entry, place, values) for place, values in made_records(entry).items()]
            register.record(entry.list_id, records, copy_sha256="c0" * 32, by="Xq Reader", at=NOW)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("two_years")
    order = [pupil(n) for n in write_two_years(folder / "authority.duckdb")]
    entry = made_entry(order[:LISTED], order[LISTED : 2 * LISTED])
    return Made(folder / "authority.duckdb", _keep(folder / "decisions.sqlite", entry), entry)


@pytest.fixture(scope="module")
def report(made: Made, tmp_path_factory: pytest.TempPathFactory) -> ImpactResult:
    return run_impact(made.store, made.register, tmp_path_factory.mktemp("out") / "impact", today=TODAY)


@pytest.fixture(scope="module")
def written(report: ImpactResult) -> Path:
    assert report.folder is not None
    return report.folder


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside != "style":
            self.said.append(data)


def text_of(page: str) -> str:
    reader = _Text()
    reader.feed(page)
    return " ".join(" ".join(reader.said).split())


def test_the_listed_and_the_next_in_line_both_fall_and_no_claim_is_made(
    report: ImpactResult, written: Path
) -> None:
    days = report.tables["afterwards"].set_index("group")
    assert days.loc["overall", "change_high"] < 0
    assert days.loc["next in line, never listed", "change_high"] < 0
    assert "can be expected to miss fewer days in the next year even if nobody helps" in report.in_words()
    for said in (report.in_words(), text_of((written / "impact.html").read_text(encoding="utf-8"))):
        for claim in CLAIMS:
            assert not re.search(rf"\b{claim}\b", said, re.IGNORECASE), claim
        for caution in CAUTIONS:
            assert caution in said


def test_those_who_left_are_counted_apart(made: Made) -> None:
    tables = run_impact(made.store, made.register, today=TODAY, policy=EXACT).tables
    days, outcome = (tables[name].set_index("group").loc["overall"] for name in ("afterwards", "outcome"))
    assert days[["n", "followed", "left", "not_held"]].tolist() == [LISTED, LISTED - LEAVERS, LEAVERS, 0]
    assert outcome["n"] == LISTED - LEAVERS


def test_small_numbers_do_not_leave(report: ImpactResult) -> None:
    tables = report.tables
    for name, counts in (("done", ["n"]), ("afterwards", ["n", "followed", "left", "not_held"])):
        for count in counts:
            shown = [n for n in tables[name][count] if n != "c"]
            assert all(n % 5 == 0 and (n == 0 or n >= 10) for n in shown), (name, count)


def test_undecided_rows_and_open_conflicts_are_counted(made: Made, tmp_path: Path) -> None:
    register = _keep(tmp_path / "r.sqlite", made.entry)
    undecided = LISTED - len(made_records(made.entry))
    before = run_impact(made.store, register, today=date(2025, 12, 1), policy=EXACT).in_words()
    assert f"not decided yet: {undecided}." in before and "copies differ" not in before
    place = next(
        n for n, values in made_records(made.entry).items() if values["final_decision"] != "No action"
    )
    with Register(register) as opened:
        other = record_of(made.entry, place, NO_OFFER)
        opened.record(made.entry.list_id, [other], copy_sha256="d1" * 32, by="Xq Reader", at=NOW)
    after = run_impact(made.store, register, today=date(2025, 12, 1), policy=EXACT).in_words()
    assert "Returned copies differ, and nobody has settled it: 1." in after


def test_nothing_is_said_of_a_year_that_has_not_come(made: Made) -> None:
    result = run_impact(made.store, made.register, today=date(2025, 12, 1))
    assert (
        "Nothing is known yet of 2025/26: the store does not hold the spring census 2026" in result.in_words()
    )
    assert result.tables["afterwards"].empty and result.tables["outcome"].empty
    assert "Help offered and accepted: about 40" in result.in_words()


def test_while_the_year_is_under_way_no_outcome_is_given(made: Made) -> None:
    result = run_impact(made.store, made.register, today=date(2026, 2, 1))
    assert "the same terms of 2024/25 and 2025/26 stand beside each other (autumn)" in result.in_words()
    assert not result.tables["afterwards"].empty and result.tables["outcome"].empty


def test_no_reference_pupil_school_or_reviewer_is_in_any_output(
    made: Made, report: ImpactResult, written: Path
) -> None:
    everything = report.in_words() + "".join(
        path.read_text(encoding="utf-8") for path in written.rglob("*") if path.is_file()
    )
    for one in made.entry.pupils:
        assert one.pupil_id not in everything and one.review_ref not in everything
    assert not any(school(n) in everything for n in range(20))
    assert not re.search(r"\b[A-Z]-\d{3}\b", everything)
    for free_text in ("Xq", "Breakfast club", "Manager"):
        assert free_text not in everything


def test_no_banned_word_is_printed(report: ImpactResult, written: Path) -> None:
    said = text_of((written / "impact.html").read_text(encoding="utf-8"))
    said += report.in_words()
    assert [w for w in BANNED_WORDS if re.search(rf"\b{re.escape(w)}\b", said, re.IGNORECASE)] == []


def test_a_list_of_another_key_is_refused_in_words(made: Made, tmp_path: Path) -> None:
    other = made_entry([f"{n:032x}" for n in range(30)], [], list_id="0badc0de")
    register = _keep(tmp_path / "r.sqlite", other)
    with pytest.raises(KeyFileError, match="of the 30 pupils of list 0badc0de, none is in this store"):
        run_impact(made.store, register, today=TODAY)


def test_an_outcome_that_is_defined_otherwise_is_refused(made: Made, tmp_path: Path) -> None:
    changed = {**made.entry.outcome, "threshold": "1/5"}
    register = _keep(tmp_path / "r.sqlite", replace(made.entry, outcome=changed))
    with pytest.raises(InputError, match="looks ahead to something that this package defines otherwise"):
        run_impact(made.store, register, today=TODAY)


def test_an_unknown_list_and_an_absent_register_are_refused(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no list ffffffff stands .*; lists known there: 1f2e3d4c"):
        run_impact(made.store, made.register, list_id="ffffffff", today=TODAY)
    with pytest.raises(InputError, match="no register"):
        run_impact(made.store, tmp_path / "none.sqlite", today=TODAY)


def test_a_list_of_nobody_is_no_fault(made: Made, tmp_path: Path) -> None:
    register = _keep(tmp_path / "r.sqlite", made_entry([], []))
    assert "To be looked at: none" in run_impact(made.store, register, today=TODAY).in_words()


def test_somebody_elses_folder_is_not_replaced(made: Made, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other files"):
        run_impact(made.store, made.register, tmp_path, today=TODAY)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "keep me"


def test_an_earlier_report_is_replaced(made: Made, written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "out")
    run_impact(made.store, made.register, tmp_path / "out", today=date(2025, 12, 1))
    assert "Nothing is known yet" in (tmp_path / "out" / "impact.html").read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes_vouched_for_by_the_manifest(
    made: Made, written: Path, tmp_path: Path
) -> None:
    run_impact(made.store, made.register, tmp_path / "again", today=TODAY)
    manifest = json.loads((tmp_path / "again" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "impact" and set(manifest["files"]) == {
        "impact.html", "tables/done.csv", "tables/pace.csv", "tables/afterwards.csv", "tables/outcome.csv"
    }  # fmt: skip
    for name, digest in manifest["files"].items():
        assert sha256_of(written / name) == digest == sha256_of(tmp_path / "again" / name)


def test_the_page_admits_its_own_style_alone_and_says_that_it_is_made_up(written: Path) -> None:
    page = (written / "impact.html").read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None and f"default-src 'none'; style-src '{content_hash(style[1])}'" in page
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert "Made-up authority." in text_of(page)


def test_words_typed_by_people_stay_words(made: Made, tmp_path: Path) -> None:
    hostile = {**NO_OFFER, "reason_code": "=1+1<script>alert(1)</script>"}
    with Register(tmp_path / "r.sqlite") as register:
        register.add_list(made.entry)
        records = [record_of(made.entry, place, hostile) for place in range(40)]
        register.record(made.entry.list_id, records, copy_sha256="c0" * 32, by="Xq", at=NOW)
    run_impact(made.store, tmp_path / "r.sqlite", tmp_path / "out", today=date(2025, 12, 1))
    page = (tmp_path / "out" / "impact.html").read_text(encoding="utf-8")
    assert "<script" not in page and "=1+1&lt;script&gt;" in page
    assert ",'=1+1<script>" in (tmp_path / "out" / "tables" / "done.csv").read_text(encoding="utf-8")


@pytest.fixture
def three(made: Made, tmp_path: Path) -> Iterator[Path]:
    earlier = replace(made.entry, list_id="aaaaaaaa")
    under_way = replace(made.entry, list_id="bbbbbbbb", as_of=date(2026, 10, 31), made_on=date(2026, 11, 1))
    elsewhere = replace(made.entry, list_id="cccccccc", owner="Early Help, West")
    yield _keep(tmp_path / "three.sqlite", earlier, under_way, elsewhere)


def test_lists_of_one_team_are_also_counted_together(made: Made, three: Path) -> None:
    result = run_impact(made.store, three, today=TODAY)
    done = result.tables["done"]
    together = done[done["list"] == "all lists: Early Help, East, early_help_offer"]
    assert together.loc[together["attribute"] == "overall", "n"].tolist() == [2 * LISTED]
    assert "Counted here: 1 of 2 lists, whose year after is held to its end." in result.in_words()
    assert AS_OF.year == 2025 and "Nothing is known yet of 2026/27" in result.in_words()


def test_where_counts_are_hidden_but_not_rounded_nothing_is_counted_together(made: Made, three: Path) -> None:
    policy = DisclosurePolicy(suppress_below=10, round_to=1)
    done = run_impact(made.store, three, today=date(2025, 12, 1), policy=policy).tables["done"]
    assert set(done["list"]) == {"aaaaaaaa", "bbbbbbbb", "cccccccc"}
