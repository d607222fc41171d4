"""One process at a time, also after one was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from absence_risk.errors import OutputError
from absence_risk.locks import file_lock

HOLD = (
    "import sys, time; from pathlib import Path; from absence_risk.locks import file_lock\n"
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
    with file_lock(tmp_path / "a.lock", wait_seconds=0):
        pass


def test_a_lock_can_be_taken_again_and_after_a_fault_inside(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), file_lock(tmp_path / "a.lock"):
        _ = 1 / 0
    with file_lock(tmp_path / "a.lock", wait_seconds=0.1):
        pass
