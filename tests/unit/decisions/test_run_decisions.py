"""From the returned workbook to the register and the contact list, as a person at the command line goes."""

from __future__ import annotations

import csv
import getpass
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_copies import LIST_ID, NO_ACTION, NOW, OFFER, TODAY, as_text, entry, list_folder, record, write_copy

from absence_risk.decisions.register import Register
from absence_risk.errors import InputError, RefusedError, UsageError
from absence_risk.features.words import BANNED_WORDS
from absence_risk.support_list.words import PURPOSE_WALL
from absence_risk.workflows.contacts import ContactsResult, run_contacts
from absence_risk.workflows.decisions import DecisionsResult, run_decisions

WHEN: dict[str, Any] = {"by": "E. Reader", "today": TODAY, "now": NOW}
EVERY = {"A-001": OFFER, "A-002": NO_ACTION, "A-003": NO_ACTION}


def _read(folder: Path, filled: dict[str, dict[str, Any]], **named: Any) -> DecisionsResult:
    return run_decisions(folder, write_copy(folder.parent / "back.xlsx", filled), **{**WHEN, **named})


def _contacts(folder: Path, **named: Any) -> ContactsResult:
    return run_contacts(folder, folder.parent / "contacts.csv", **{**WHEN, **named})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_complete_rows_are_recorded_and_the_rest_is_told(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    begun = {**OFFER, "school_contacted": "No", "reason_text": "private words"}
    said = _read(folder, {"A-001": OFFER, "A-002": begun}).in_words()
    assert said.splitlines() == [
        "1 row begun and not recorded yet:",
        "  A-002: speak to the school before anybody goes to the family; “School spoken to?” says No",
        "2 rows to be decided still: A-002, A-003",
        "Rows of this copy: 1 newly recorded, 0 completed, 0 settled as this copy has it, 0 as recorded before",
        f"List {LIST_ID}: 1 of 3 rows are decided ({tmp_path / 'decisions.sqlite'})",
    ]


def test_without_a_copy_it_is_said_where_the_list_stands_and_nothing_is_recorded(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, EVERY)
    before = (tmp_path / "decisions.sqlite").read_bytes()
    found = run_decisions(folder, **WHEN)
    assert found.recorded is None and (found.decided, found.to_decide) == (3, 3)
    assert found.in_words() == f"List {LIST_ID}: 3 of 3 rows are decided ({tmp_path / 'decisions.sqlite'})"
    assert (tmp_path / "decisions.sqlite").read_bytes() == before


def test_a_later_copy_that_only_adds_is_judged_together_with_what_stands(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, {"A-001": OFFER})
    later = _read(folder, {"A-001": {"help_offered_on": date(2026, 11, 12), "family_response": "Accepted"}})
    assert later.recorded is not None and later.recorded.completed == ("A-001",) and not later.incomplete


def test_a_conflict_is_shown_with_both_values_and_settled_by_name(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, EVERY)
    other = {**OFFER, "final_decision": "SEND"}
    shown = _read(folder, {"A-001": other})
    assert (
        "  A-001: Decision: Offer early help is recorded, SEND came now (came on 2026-11-20)"
        in shown.in_words()
    )
    assert "1 row filled in differently in another copy; what was recorded first stands:" in shown.in_words()
    settled = _read(folder, {"A-001": other}, settle=("a-001 ",))
    assert settled.conflicts == () and settled.recorded is not None and settled.recorded.settled == ("A-001",)


def test_only_rows_that_are_filled_in_can_be_settled(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    with pytest.raises(UsageError, match="says nothing about A-002"):
        _read(folder, {"A-001": OFFER}, settle=("A-001", "A-002"))
    with pytest.raises(UsageError, match="expected a returned copy to settle rows from"):
        run_decisions(folder, settle=("A-001",), **WHEN)
    _read(folder, {"A-001": OFFER})
    begun = _read(folder, {"A-001": {"final_decision": "SEND"}}, settle=("A-001",))
    assert list(begun.incomplete) == ["A-001"] and begun.recorded is not None and not begun.recorded.settled


def test_the_folder_the_copy_and_the_register_must_belong_together(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    copy = write_copy(tmp_path / "o.xlsx", {}, about={"list_id": "ffffffff", "format": 1})
    with pytest.raises(InputError, match="belongs to list ffffffff"):
        run_decisions(folder, copy, **WHEN)
    with pytest.raises(InputError, match="no register of decisions"):
        run_decisions(folder, register=tmp_path / "none.sqlite", **WHEN)
    with Register(tmp_path / "other.sqlite") as register:
        register.add_list(entry("f" * 8))
    with pytest.raises(InputError, match="list 0badcafe does not stand in the register"):
        run_decisions(folder, register=tmp_path / "other.sqlite", **WHEN)
    with pytest.raises(InputError, match="is not the folder of a list"):
        run_decisions(tmp_path, **WHEN)
    (folder / "manifest.json").write_text('{"kind": "scores", "list_id": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match="is not the manifest of a list"):
        run_decisions(folder, **WHEN)


def test_who_reads_it_in_is_kept_and_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = list_folder(tmp_path)
    for by in ("", "two\nlines", "x" * 101, "A123456789012"):
        with pytest.raises(UsageError, match="give it with --by"):
            _read(folder, {}, by=by)
    monkeypatch.setattr(getpass, "getuser", lambda: "jsmith")
    _read(folder, {"A-001": OFFER}, by=None)
    with Register(tmp_path / "decisions.sqlite") as register:
        assert register.standing(LIST_ID)["A-001"].recorded_by == "jsmith"


def test_a_contact_list_holds_the_rows_in_which_somebody_goes_to_the_family(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    offer = {**OFFER, "action": "+44 ring at ten", "owner": "Family worker", "route": "Early Help"}
    _read(folder, {**EVERY, "A-001": offer})
    made = _contacts(folder)
    assert "(1 rows)" not in made.in_words() and "1 row" in made.in_words()
    assert _rows(made.out) == [
        {
            "review_ref": "A-001",
            "school": "'=Hill Top School",
            "year_group": "8",
            "decision": "Offer early help",
            "passed_to": "Early Help",
            "action": "'+44 ring at ten",
            "who_does_it": "Family worker",
            "review_on": "2027-01-11",
            "use": PURPOSE_WALL,
        }
    ]
    with Register(tmp_path / "decisions.sqlite") as register:
        assert register.contact_exports(LIST_ID) == (("2026-11-20T09:30:00", "E. Reader", 1),)


def test_rows_without_a_card_are_on_it_when_they_were_decided(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, EVERY)
    with Register(tmp_path / "decisions.sqlite") as register:
        register.record(LIST_ID, [record("B-001", OFFER)], copy_sha256="aa", by="x", at=NOW)
    rows = _rows(_contacts(folder).out)
    assert [(row["review_ref"], row["school"]) for row in rows] == [
        ("A-001", "'=Hill Top School"),
        ("B-001", "Brook Lane School"),
    ]


def test_no_contact_list_while_a_row_is_undecided_or_copies_differ_or_the_list_has_expired(
    tmp_path: Path,
) -> None:
    folder = list_folder(tmp_path)
    _read(folder, {"A-002": NO_ACTION})
    with pytest.raises(
        RefusedError, match=r"2 of the rows to be decided .* have no decision: A-001, A-003\."
    ):
        _contacts(folder)
    _read(folder, EVERY)
    _read(folder, {"A-003": {**NO_ACTION, "already_known": "No"}})
    with pytest.raises(RefusedError, match=r"copies of list 0badcafe differ: A-003\. Settle"):
        _contacts(folder)
    with pytest.raises(RefusedError, match="for use until 2027-02-12"):
        _contacts(folder, today=date(2027, 2, 13))
    assert not (tmp_path / "contacts.csv").exists()
    with Register(tmp_path / "decisions.sqlite") as register:
        assert register.contact_exports(LIST_ID) == ()
    _read(folder, {"A-003": NO_ACTION}, settle=("A-003",))
    assert _contacts(folder, today=date(2027, 2, 12)).rows == 1


def test_a_changed_table_another_name_and_a_manifest_without_it_are_refused(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, EVERY)
    with pytest.raises(UsageError, match=r"ending in \.csv, found c\.xlsx"):
        run_contacts(folder, tmp_path / "c.xlsx", **WHEN)
    with (folder / "support_list.csv").open("a", encoding="utf-8") as handle:
        handle.write("x")
    with pytest.raises(InputError, match="is not the file its manifest describes"):
        _contacts(folder)


def test_what_is_said_holds_no_banned_word_and_no_free_text(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, {**EVERY, "A-001": {**OFFER, "reason_text": "private one"}})
    said = _read(folder, {"A-001": {**OFFER, "reason_text": "private two"}, "A-002": {"action": "private"}})
    words = said.in_words().lower()
    assert "private" not in words and "Reason in words: the two texts differ" in said.in_words()
    for banned in BANNED_WORDS:
        assert f" {banned} " not in f" {words} "


def test_a_list_made_again_on_another_day_keeps_its_decisions(tmp_path: Path) -> None:
    folder = list_folder(tmp_path)
    _read(folder, EVERY)
    with Register(tmp_path / "decisions.sqlite") as register:
        register.add_list(replace(entry(), made_on=TODAY))
        assert dict(register.standing(LIST_ID)["A-001"].record.values) == as_text(OFFER)
