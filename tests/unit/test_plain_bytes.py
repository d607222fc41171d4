"""A file that somebody else made is read as a plain file of a bounded size, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from absence_risk.files import plain_bytes


def test_a_plain_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert plain_bytes(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger"):
        plain_bytes(path, 4)
    with pytest.raises(OSError):
        plain_bytes(tmp_path / "absent", 5)
    with pytest.raises(OSError):
        plain_bytes(tmp_path, 5)


@pytest.mark.skipif(os.name != "posix", reason="pipes, links and devices are POSIX here")
def test_a_pipe_is_not_waited_for_and_no_link_or_device_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError):
            plain_bytes(path, 100)


@pytest.mark.skipif(os.name != "posix", reason="a file can be given more room than it has on the disk")
def test_ten_gigabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as handle:
        handle.truncate(10 * 2**30)
    with pytest.raises(OSError, match="larger"):
        plain_bytes(tmp_path / "large", 1_000)
