"""One process at a time, also after one was killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from absence_risk.errors import OutputError
from absence_risk.tracking.first_start import file_lock, made_once

HOLD = (
    "import sys, time; from pathlib import Path; from absence_risk.tracking.first_start import file_lock\n"
    "with file_lock(Path(sys.argv[1])):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)


def _holder(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline().strip() == "held"
    return child


def test_a_lock_held_elsewhere_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    child = _holder(tmp_path / "a.lock")
    try:
        with (
            pytest.raises(OutputError, match="another process"),
            file_lock(tmp_path / "a.lock", wait_seconds=0.2),
        ):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_killed_holder_lets_go_at_once(tmp_path: Path) -> None:
    child = _holder(tmp_path / "a.lock")
    child.kill()
    child.wait()
    start = time.monotonic()
    with file_lock(tmp_path / "a.lock", wait_seconds=5):
        assert time.monotonic() - start < 2


def test_a_lock_can_be_taken_again_and_after_a_fault_inside(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), file_lock(tmp_path / "a.lock"):
        _ = 1 / 0
    with file_lock(tmp_path / "a.lock", wait_seconds=0.1):
        pass


def _opener(database: Path, made: list[str]) -> str:
    if not database.exists():
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
