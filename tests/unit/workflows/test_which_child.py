from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_statements import FIRST, GONE, MADE_ON, SECOND, entry, listed, visible
from small_authority import AS_OF, Authority, made_up_upn

from absence_risk.decisions.register import Register
from absence_risk.errors import InputError, OutputError, UsageError
from absence_risk.files import canonical_json
from absence_risk.scored_file import read_scores
from absence_risk.scoring import score, write_scores
from absence_risk.store import lookup_path
from absence_risk.support_list.statement import words
from absence_risk.support_list.who_is_who import pupil_of
from absence_risk.workflows.statement import run_statement

#: A child without an estimate: how a child is found does not hang on what is then said.
GONE_LISTED = (listed("A-001", GONE), listed("A-002", SECOND))


@pytest.fixture(scope="module")
def scores(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    about = {"store_fingerprint": authority.store.fingerprint, "model_label": "absence-risk version 2"}
    write_scores(score(authority.store.tables(), authority.bundle, AS_OF), path, about)
    return path


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "decisions.sqlite") as book:
        book.add_list(entry("0badf00d", pupils=GONE_LISTED, next_in_line=()))
        yield book


@pytest.fixture
def run(authority: Authority, scores: Path, register: Register, tmp_path: Path) -> Any:
    def statement(named: str, typed: str = "", **given: Any) -> Path:
        out = tmp_path / "out" / "statement.html"
        given = {"register": register.path, "today": MADE_ON, **given}
        run_statement(named, scores, authority.store.path, out, ask=lambda: typed, **given)
        return out

    return statement


def folder_of(tmp_path: Path, list_id: str) -> Path:
    folder = tmp_path / "list"
    folder.mkdir()
    about = {"kind": "support_list", "list_id": list_id}
    (folder / "manifest.json").write_text(canonical_json(about), encoding="utf-8")
    return folder


def test_a_reference_a_pseudonym_and_a_typed_number_give_the_same_statement(run: Any, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "0badf00d")
    pages = {
        re.sub(r"<dt>Found by</dt><dd>.*?</dd>", "", run(named, typed, **given).read_text(encoding="utf-8"))
        for named, typed, given in (
            ("A-001", "", {}),
            (" a-001 ", "", {"list_folder": folder, "register": None}),
            (GONE.upper(), "", {}),
            ("-", f" {made_up_upn(1).lower()} ", {}),
        )
    }
    assert len(pages) == 1


def test_the_same_request_writes_the_same_bytes_for_its_owner_alone(run: Any) -> None:
    first = run("A-001").read_bytes()
    again = run("A-001")
    assert again.read_bytes() == first
    assert again.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("named", [made_up_upn(10), "Sam Smith", "", "A014", "A-14", FIRST[:31]])
def test_a_child_named_in_another_way_is_refused_and_the_name_is_not_repeated(run: Any, named: str) -> None:
    with pytest.raises(UsageError, match="history of commands") as fault:
        run(named)
    assert not named or named not in str(fault.value)


@pytest.mark.parametrize("typed", ["", "Sam", "Y999999999999"])
def test_a_typed_number_that_is_unknown_or_none_is_refused_and_not_repeated(run: Any, typed: str) -> None:
    with pytest.raises(InputError, match="was typed") as fault:
        run("-", typed)
    assert not typed or typed not in str(fault.value)


def test_a_wrong_check_letter_is_pointed_out(authority: Authority) -> None:
    with pytest.raises(InputError, match="its check letter is wrong"):
        pupil_of(authority.store.path, "A999999999999")


def test_a_number_that_the_store_never_held_or_a_lost_lookup_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ingest the returns again"):
        pupil_of(tmp_path / "a.duckdb", made_up_upn(10))
    frame = pd.DataFrame({"pupil_id": [FIRST], "upn": [made_up_upn(10)]})
    frame.to_parquet(lookup_path(tmp_path / "a.duckdb"), index=False)
    assert pupil_of(tmp_path / "a.duckdb", made_up_upn(10)) == FIRST


def test_a_reference_that_the_list_does_not_have_is_told_with_its_list(run: Any) -> None:
    with pytest.raises(InputError, match="list 0badf00d has no reference A-099"):
        run("A-099")


def test_a_reference_without_its_list_is_refused(run: Any) -> None:
    with pytest.raises(UsageError, match="only together with its list"):
        run("A-001", register=None)


def test_the_latest_list_is_meant_unless_the_register_holds_lists_of_several_teams(
    run: Any, register: Register, tmp_path: Path
) -> None:
    assert "A-001 of list 0badf00d" in run("A-001").read_text(encoding="utf-8")
    register.add_list(entry("0badbeef", owner="Early Help, West"))
    with pytest.raises(UsageError, match="more than one team"):
        run("A-001")
    page = run("A-001", list_folder=folder_of(tmp_path, "0badf00d")).read_text(encoding="utf-8")
    assert "A-001 of list 0badf00d" in page


def test_a_folder_that_is_no_list_or_not_of_the_register_is_refused(run: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not stand in the register"):
        run("A-001", list_folder=folder_of(tmp_path, "00000000"))
    with pytest.raises(InputError, match="expected the folder of a list"):
        run("A-001", list_folder=tmp_path)


def test_an_absent_or_damaged_register_is_refused_and_an_earlier_statement_stays(
    run: Any, register: Register
) -> None:
    earlier = run("A-001")
    before = earlier.read_bytes()
    with pytest.raises(InputError, match="no register"):
        run("A-001", register=register.path.with_name("none.sqlite"))
    register.close()
    register.path.write_bytes(register.path.read_bytes()[:3000])
    with pytest.raises(InputError, match="register"):
        run("A-001")
    assert earlier.read_bytes() == before


def test_scores_of_another_store_are_refused(authority: Authority, scores: Path, tmp_path: Path) -> None:
    about = {**read_scores(scores).manifest, "store_fingerprint": "0" * 64}
    copied = tmp_path / "s.parquet"
    copied.write_bytes(scores.read_bytes())
    copied.with_name("s.parquet.manifest.json").write_text(canonical_json(about), encoding="utf-8")
    with pytest.raises(InputError, match="another store"):
        run_statement(GONE, copied, authority.store.path, tmp_path / "s.html", ask=str)
    assert not (tmp_path / "s.html").exists()


def test_a_child_on_the_file_of_exclusions_is_left_out_even_if_scored_before(
    run: Any, tmp_path: Path
) -> None:
    file = tmp_path / "exclusions.csv"
    file.write_text(f"upn,reason\n{made_up_upn(10)},protected_address\n", encoding="utf-8")
    page = visible(run(FIRST, exclusions=file).read_text(encoding="utf-8"))
    assert words.WHY_NO_ESTIMATE["left_out"] in page
    assert "protected_address" not in page
    assert "in 100 children" not in page


def test_what_is_told_on_the_terminal_says_what_to_do_first_and_names_nobody(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    out = tmp_path / "statement.html"
    result = run_statement(FIRST, scores, authority.store.path, out, ask=str, today=MADE_ON)
    assert "take that sheet off" in result.in_words()
    assert result.in_words().endswith(f"Wrote the statement to {out}")
    assert FIRST not in result.in_words()
    assert (result.estimated, result.lists) == (True, None)


def test_a_statement_that_cannot_be_written_is_told(
    authority: Authority, scores: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="found a folder"):
        run_statement(GONE, scores, authority.store.path, tmp_path, ask=str)
