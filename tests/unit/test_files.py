import json
import os
from pathlib import Path

import pytest

from absence_risk.errors import OutputError
from absence_risk.files import sha256_of, whole_file, whole_folder, write_manifest, write_text


def test_a_fault_half_way_leaves_the_earlier_file_and_no_debris(tmp_path: Path) -> None:
    target = tmp_path / "scores.csv"
    write_text(target, "earlier\n")
    with pytest.raises(RuntimeError), whole_file(target) as partial:
        partial.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert target.read_text(encoding="utf-8") == "earlier\n"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]


def test_a_fault_half_way_leaves_the_earlier_folder_and_no_debris(tmp_path: Path) -> None:
    target = tmp_path / "list"
    with whole_folder(target) as partial:
        (partial / "page.html").write_text("earlier", encoding="utf-8")
    with pytest.raises(RuntimeError), whole_folder(target) as partial:
        (partial / "page.html").write_text("half", encoding="utf-8")
        raise RuntimeError
    assert (target / "page.html").read_text(encoding="utf-8") == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["list"]


def test_a_new_folder_takes_the_place_of_the_earlier_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "list"
    for name in ("old.txt", "new.txt"):
        with whole_folder(target) as partial:
            (partial / name).write_text(name, encoding="utf-8")
    assert [p.name for p in target.iterdir()] == ["new.txt"]


def test_a_disk_fault_is_told_as_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nothing was published"), whole_file(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="found a file"):
        write_text(tmp_path / "taken" / "a.txt", "")


def test_the_manifest_holds_the_hash_of_every_file(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "set") as partial:
        (partial / "a.txt").write_bytes(b"a")
        write_manifest(partial, {"about": "a set"})
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == {"about": "a set", "files": {"a.txt": sha256_of(tmp_path / "set" / "a.txt")}}


@pytest.mark.skipif(os.name != "posix", reason="Windows inherits the folder's rights")
def test_outputs_are_their_owners_alone_from_before_the_first_byte(tmp_path: Path) -> None:
    with whole_file(tmp_path / "new" / "a.txt") as partial:
        assert partial.stat().st_mode & 0o777 == 0o600
        assert partial.parent.stat().st_mode & 0o777 == 0o700
    with whole_folder(tmp_path / "set") as partial:
        (partial / "a.txt").write_text("", encoding="utf-8")
    assert (tmp_path / "set" / "a.txt").stat().st_mode & 0o777 == 0o600
