"""The register adds rows and never changes or loses one; whatever was done to the file by other means is found."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from made_copies import LIST_ID, NO_ACTION, NOW, OFFER, as_text, entry, record

from absence_risk.decisions.register import Register
from absence_risk.decisions.sealing import TABLES, statements
from absence_risk.errors import InputError, OutputError

READ_IN = {"copy_sha256": "aa" * 32, "by": "E. Reader", "at": NOW}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A register in which every table has a row."""
    found = tmp_path / "decisions.sqlite"
    with Register(found) as register:
        register.add_list(entry())
        register.record(LIST_ID, [record("A-001", OFFER), record("A-002", NO_ACTION)], **READ_IN)
        register.record(LIST_ID, [record("A-001", {**OFFER, "already_known": "Yes"})], **READ_IN)
        register.note_contacts(LIST_ID, rows=1, by="E. Reader", at=NOW)
    return found


def _raw(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_list_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    made = entry()
    with Register(tmp_path / "r.sqlite") as register:
        assert register.lists() == () and not (tmp_path / "r.sqlite").exists()
        register.add_list(made)
        found = register.entry(LIST_ID)
    assert found is not None
    assert replace(found, pupils=()) == replace(made, pupils=())
    assert found.pupils[:3] == made.pupils[:3]
    assert math.isnan(found.pupils[3].log_odds) and found.pupils[3].contributions == {}


def test_an_estimate_of_minus_nought_is_no_sign_of_alteration(tmp_path: Path) -> None:
    """The database keeps nought without its sign, and the seal must be over what it keeps."""
    made = entry()
    with Register(tmp_path / "r.sqlite") as register:
        register.add_list(replace(made, pupils=(replace(made.pupils[0], log_odds=-0.0, base=-0.0),)))
        assert register.lists()[0].pupils[0].log_odds == 0.0


def test_the_same_list_again_adds_nothing_whatever_the_day(path: Path) -> None:
    before = path.read_bytes()
    with Register(path) as register:
        register.add_list(replace(entry(), made_on=date(2026, 11, 9)))
        assert len(register.lists()) == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize("changed", [{"refs": ("A-001", "A-002")}, {"capacity": 4}])
def test_a_list_of_the_same_name_with_other_rows_is_refused(path: Path, changed: dict[str, object]) -> None:
    with Register(path) as register, pytest.raises(InputError, match=r"other rows.*another last day"):
        register.add_list(entry(**changed))  # type: ignore[arg-type]


def test_an_absent_register_is_empty_or_refused_as_asked(tmp_path: Path) -> None:
    with Register(tmp_path / "none.sqlite") as register:
        assert register.standing(LIST_ID) == {} and register.undecided(LIST_ID) == ()
        with pytest.raises(InputError, match="does not stand in the register"):
            register.note_contacts(LIST_ID, rows=1, by="x", at=NOW)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="no register of decisions at"):
        Register(tmp_path / "other.sqlite", must_exist=True)


def test_a_register_opened_before_it_was_made_sees_what_another_wrote(tmp_path: Path) -> None:
    with Register(tmp_path / "r.sqlite") as early, Register(tmp_path / "r.sqlite") as other:
        other.add_list(entry())
        assert early.entry(LIST_ID) is not None


def test_another_program_s_way_of_writing_is_undone(path: Path) -> None:
    _raw(path, "PRAGMA journal_mode = WAL")
    with Register(path) as register:
        assert register.undecided(LIST_ID) == ("A-003",)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_only_its_owner_may_read_it(path: Path) -> None:
    assert {p.stat().st_mode & 0o777 for p in path.parent.iterdir()} == {0o600}


def test_what_was_recorded_is_told_by_reference(path: Path) -> None:
    with Register(path) as register:
        standing = register.standing(LIST_ID)
        assert dict(standing["A-001"].record.values) == as_text(OFFER)
        assert (standing["A-001"].number, standing["A-001"].recorded_by) == (1, "E. Reader")
        assert standing["A-001"].recorded_at == "2026-11-20T09:30:00"
        assert register.undecided(LIST_ID) == ("A-003",)
        (conflict,) = register.conflicts(LIST_ID)
        assert conflict.in_words() == "A-001: Already known to us?: No is recorded, Yes came now"
        assert [(c.added, c.conflicts) for c in register.copies(LIST_ID)] == [(2, 0), (0, 1)]
        assert register.contact_exports(LIST_ID) == (("2026-11-20T09:30:00", "E. Reader", 1),)


def test_unknown_references_and_lists_are_refused_and_nothing_is_recorded(path: Path) -> None:
    with Register(path) as register:
        with pytest.raises(InputError, match="no such reference: A-099"):
            register.record(LIST_ID, [record("A-003", OFFER), record("A-099", OFFER)], **READ_IN)
        with pytest.raises(InputError, match="does not stand in the register"):
            register.record("ffffffff", [], **READ_IN)
        assert register.undecided(LIST_ID) == ("A-003",)


def test_the_earlier_list_is_the_latest_of_the_same_team_and_purpose(tmp_path: Path) -> None:
    made = [
        entry("1" * 8, as_of=date(2025, 10, 31)),
        entry("2" * 8, as_of=date(2026, 1, 31), owner="Early Help, South"),
        entry("3" * 8, as_of=date(2026, 2, 28)),
        entry("4" * 8, as_of=date(2026, 2, 28), purpose="send_support"),
        entry("5" * 8, as_of=date(2026, 10, 31)),
    ]
    with Register(tmp_path / "r.sqlite") as register:
        for one in made:
            register.add_list(one)

        def earlier(*args: object, **named: object) -> str | None:
            found = register.earlier_list(*args, **named)  # type: ignore[arg-type]
            return None if found is None else found.list_id

        assert earlier(made[4]) == "3" * 8
        assert earlier("5" * 8) == "3" * 8
        assert earlier(made[2]) == "1" * 8
        assert earlier(made[0]) is None and earlier(made[1]) is None
        assert earlier(entry("6" * 8, as_of=date(2026, 1, 31))) == "1" * 8
        assert earlier("new", "Early Help, North", "early_help_offer") == "5" * 8
        assert earlier("new", "Early Help, North", "early_help_offer", as_of=date(2026, 3, 1)) == "3" * 8


@pytest.mark.parametrize("table", TABLES)
def test_no_row_can_be_changed_taken_out_or_replaced_even_by_other_means(path: Path, table: str) -> None:
    columns = "number, " + ", ".join(c.split()[0] for c in TABLES[table]) + ", seal"
    for statement in (
        f"UPDATE {table} SET seal = 'x'",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=f"nothing in {table} is ever changed or taken out"):
            _raw(path, statement)


_GUARDS = [s for s in statements() if s.startswith("CREATE TRIGGER decisions_")]
_UNGUARD = [f"DROP TRIGGER {s.split()[2]}" for s in _GUARDS]


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE decisions SET filled = '{}' WHERE number = 1", 1),
        ("UPDATE decisions SET recorded_by = 'another' WHERE number = 2", 2),
        ("DELETE FROM decisions WHERE number = 1", 1),
        ("DELETE FROM decisions WHERE number = 2", 2),
    ],
)
def test_an_altered_row_is_found_though_the_guards_were_put_back(path: Path, change: str, row: int) -> None:
    _raw(path, *_UNGUARD, change, *_GUARDS)
    with (
        Register(path) as register,
        pytest.raises(InputError, match=f"row {row} of decisions is not as it was"),
    ):
        register.standing(LIST_ID)
    with Register(path) as register, pytest.raises(InputError, match="was altered"):
        register.record(LIST_ID, [], **READ_IN)


def test_a_row_put_in_by_other_means_is_found(path: Path) -> None:
    _raw(
        path,
        "INSERT INTO contact_exports SELECT NULL, list_id, 9, recorded_at, 'x', seal FROM contact_exports",
    )
    with Register(path) as register, pytest.raises(InputError, match="row 2 of contact_exports"):
        register.contact_exports(LIST_ID)


def test_a_missing_guard_is_found(path: Path) -> None:
    _raw(path, _UNGUARD[0])
    with pytest.raises(InputError, match="its tables or the rules that protect them"):
        Register(path)


def _another_program(path: Path) -> None:
    path.unlink()
    _raw(path, "CREATE TABLE t (x)")


def _another_format(path: Path) -> None:
    guards = [s for s in statements() if s.startswith("CREATE TRIGGER format_")]
    _raw(path, *(f"DROP TRIGGER {s.split()[2]}" for s in guards), "UPDATE format SET format = 9", *guards)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: p.write_bytes(b""), "is not a register of decisions, or was emptied"),
        (lambda p: p.write_bytes(b"review_ref,decision\n"), "is not a register of decisions"),
        (lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]), "is damaged or cut short"),
        (lambda p: p.write_bytes(p.read_bytes()[:4096] + b"\xff" * (p.stat().st_size - 4096)), "is damaged"),
        (_another_program, "database of another program"),
        (_another_format, "has format 9; this version reads format 1"),
    ],
)
def test_a_file_that_is_no_whole_register_is_refused_in_words(path: Path, spoil: object, said: str) -> None:
    spoil(path)  # type: ignore[operator]
    with pytest.raises(InputError, match=said) as fault:
        Register(path)
    assert "sqlite" not in str(fault.value).replace(str(path), "").lower()


def test_what_cannot_be_written_is_said_and_nothing_is_recorded(path: Path) -> None:
    with Register(path) as register:
        with pytest.raises(OutputError, match="nothing was added"):
            register.record(LIST_ID, [record("A-003", OFFER)], copy_sha256=None, by="x", at=NOW)  # type: ignore[arg-type]
        assert register.undecided(LIST_ID) == ("A-003",)
        register.record(LIST_ID, [record("A-003", OFFER)], **READ_IN)
        assert register.undecided(LIST_ID) == ()


_WRITER = """
import sys
from datetime import datetime
from absence_risk.decisions.entries import Record
from absence_risk.decisions.register import Register

path, first = sys.argv[1], int(sys.argv[2])
for number in range(first, first + 10):
    with Register(path) as register:
        said = Record("0badcafe", f"A-{number:03d}", {"final_decision": "No action"})
        register.record("0badcafe", [said], copy_sha256=str(first), by="x", at=datetime(2026, 11, 20))
"""


def test_two_processes_at_once_lose_no_record(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"
    with Register(path) as register:
        register.add_list(entry(refs=[f"A-{n:03d}" for n in range(20)]))
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), first]) for first in ("0", "10")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    with Register(path) as register:
        assert register.undecided(LIST_ID) == () and len(register.copies(LIST_ID)) == 20
