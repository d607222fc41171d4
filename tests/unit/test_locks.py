"""One process at a time, also after one was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from absence_risk.errors import OutputError
from absence_risk.locks import file_lock, on_network_drive

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


def test_a_lock_that_is_not_kept_is_gone_and_whoever_waited_locks_its_successor(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with file_lock(path, keep=False):
        path.unlink()  # as the holder before removes it, while somebody has the same file open
        with file_lock(path, keep=False, wait_seconds=0):
            assert path.exists()
    assert not path.exists()


@pytest.mark.parametrize(
    ("mounts", "network"),
    [
        ("/dev/sda1 / ext4 rw 0 0\n", False),
        ("/dev/sda1 / ext4 rw 0 0\n//server/share {folder} cifs rw 0 0\n", True),
        ("server:/home / nfs4 rw 0 0\n/dev/sdb1 {folder} xfs rw 0 0\n", False),
        ("server:/home /elsewhere nfs rw 0 0\n", False),
        ("", False),
    ],
)
def test_a_network_drive_is_known_by_the_mount_nearest_to_the_file(
    tmp_path: Path, mounts: str, network: bool
) -> None:
    assert on_network_drive(tmp_path / "mlflow", mounts.format(folder=tmp_path)) is network
