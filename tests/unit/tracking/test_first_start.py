"""A store is made once, by whoever comes first, and afresh after a start that was cut short."""

from __future__ import annotations

from pathlib import Path

import pytest

from absence_risk.tracking.first_start import made_once


def _opener(database: Path, made: list[str]) -> str:
    if not database.stat().st_size:
        made.append("made")
        database.write_bytes(b"whole")
    return database.read_text(encoding="utf-8")


def test_a_store_is_made_once_and_found_afterwards(tmp_path: Path) -> None:
    database, made = tmp_path / "a.db", []
    for _ in range(3):
        assert made_once(database, lambda: _opener(database, made)) == "whole"
    assert made == ["made"] and not (tmp_path / "a.db.starting").exists()


def test_a_first_start_cut_short_is_begun_afresh(tmp_path: Path) -> None:
    database, made = tmp_path / "a.db", []

    def cut_short() -> str:
        database.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_once(database, cut_short)
    assert made_once(database, lambda: _opener(database, made)) == "whole"


def test_a_store_that_was_there_before_is_never_removed(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    database.write_bytes(b"theirs")

    def fails() -> str:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            made_once(database, fails)
    assert database.read_bytes() == b"theirs"


def test_what_sqlite_left_beside_a_start_cut_short_goes_with_it(tmp_path: Path) -> None:
    database, made = tmp_path / "a.db", []
    database.write_bytes(b"half")
    for name in ("a.db.starting", "a.db-journal", "a.db-wal"):
        (tmp_path / name).write_bytes(b"of the dead")
    assert made_once(database, lambda: _opener(database, made)) == "whole"
    assert not list(tmp_path.glob("a.db-*"))


def test_a_new_database_is_its_owners_alone_from_before_its_first_byte(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    assert made_once(database, lambda: database.stat().st_mode & 0o777) == 0o600
