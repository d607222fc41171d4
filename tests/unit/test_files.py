import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from absence_risk.errors import OutputError, UsageError
from absence_risk.files import (
    publishing,
    settled,
    sha256_of,
    whole,
    whole_file,
    whole_files,
    whole_folder,
    write_manifest,
    write_text,
)
from absence_risk.locks import NoLocksHere, file_lock


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
        write_manifest(partial, {})
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
            write_manifest(partial, {})
    assert sorted(p.name for p in target.iterdir()) == ["manifest.json", "new.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["list"]


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


def _raised() -> None:
    raise RuntimeError


def test_several_files_take_their_places_as_one_or_none_does(tmp_path: Path) -> None:
    targets = tmp_path / "a.txt", tmp_path / "b.txt"
    for said in ("earlier", "new"):
        with whole_files(*targets) as made:
            for path in made:
                path.write_text(said, encoding="utf-8")
    with pytest.raises(RuntimeError), whole_files(*targets) as made:
        made[0].write_text("half", encoding="utf-8")
        _raised()
    assert [path.read_text(encoding="utf-8") for path in targets] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def _killed_between(tmp_path: Path, done: int) -> tuple[Path, Path]:
    """Two files as a run leaves them that is killed once the note is written and ``done`` of the renames are done."""
    targets = tmp_path / "a.txt", tmp_path / "b.txt"
    for target in targets:
        write_text(target, "earlier")
    (partial := tmp_path / ".a.txt.01234567.partial").mkdir()
    for target in targets:
        (partial / target.name).write_text("new", encoding="utf-8")
    note = {"partial": partial.name, "moves": [target.name for target in targets]}
    (tmp_path / ".a.txt.publishing").write_text(json.dumps(note), encoding="utf-8")
    for target in targets[:done]:
        (partial / target.name).replace(target)
    return targets


@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("reader", [True, False])
def test_what_a_killed_run_had_begun_to_publish_is_finished(tmp_path: Path, done: int, reader: bool) -> None:
    targets = _killed_between(tmp_path, done)
    if reader:
        assert settled(targets[0]) == targets[0]
    else:
        with pytest.raises(RuntimeError), whole_files(*targets):
            _raised()
    assert [path.read_text(encoding="utf-8") for path in targets] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_a_folder_killed_between_its_two_renames_comes_back_new(tmp_path: Path) -> None:
    target, partial = tmp_path / "list", tmp_path / ".list.01234567.partial"
    for folder, said in ((partial / "earlier", "earlier"), (partial / "list", "new")):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(said, encoding="utf-8")
    note = {"partial": partial.name, "moves": ["list"]}
    (tmp_path / ".list.publishing").write_text(json.dumps(note), encoding="utf-8")
    assert (settled(target) / "a.txt").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


@pytest.mark.parametrize(
    "said",
    ["", "[]", '{"partial": "../x", "moves": ["a"]}', '{"partial": ".list.x.partial", "moves": ["../a"]}'],
)
def test_a_note_that_leads_elsewhere_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / ".list.publishing").write_text(said, encoding="utf-8")
    with pytest.raises(OutputError, match="no note of this package"):
        settled(tmp_path / "list")


def test_the_next_writer_removes_what_killed_runs_left_of_the_same_output_only(tmp_path: Path) -> None:
    left, theirs = tmp_path / ".a.txt.01234567.partial", tmp_path / ".a.txt.old.partial"
    others = tmp_path / ".b.txt.01234567.partial"
    for folder in (left, theirs, others):
        folder.mkdir()
    write_text(tmp_path / "a.txt", "new")
    assert not left.exists() and theirs.exists() and others.exists()


def test_the_partial_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a.txt") as partial:
        with (
            pytest.raises(OutputError, match="another process"),
            file_lock(tmp_path / ".a.txt.lock", wait_seconds=0),
        ):
            pass
        partial.write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_with_other_peoples_files_is_never_replaced(tmp_path: Path) -> None:
    (target := tmp_path / "Documents").mkdir()
    (target / "letter.txt").write_text("theirs", encoding="utf-8")
    with pytest.raises(UsageError, match="1 file that no earlier run wrote"), whole_folder(target):
        pass
    assert (target / "letter.txt").read_text(encoding="utf-8") == "theirs"


def test_a_file_of_the_set_that_somebody_filled_in_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "list"
    for said in (b"empty", b"filled in"):
        with whole_folder(target, filled_in=("book.xlsx",)) as partial:
            (partial / "book.xlsx").write_bytes(b"empty")
            write_manifest(partial, {})
        (target / "book.xlsx").write_bytes(said)
    with pytest.raises(UsageError, match="changed since"), whole_folder(target, filled_in=("book.xlsx",)):
        pass
    assert (target / "book.xlsx").read_bytes() == b"filled in"


def test_an_output_in_the_folder_one_stands_in_has_the_name_of_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with whole_folder(Path()) as partial:
        assert partial.name == "here"


@pytest.mark.skipif(os.name != "posix", reason="Windows inherits the folder's rights")
def test_every_folder_that_is_made_and_all_that_a_library_made_inside_is_its_owners_alone(
    tmp_path: Path,
) -> None:
    with whole_folder(tmp_path / "new" / "deep" / "set") as partial:
        (partial / "open").mkdir(mode=0o755)
        (partial / "open" / "a.txt").touch(mode=0o644)
    made = [*(tmp_path / "new").rglob("*"), tmp_path / "new"]
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}


def _refuse(monkeypatch: pytest.MonkeyPatch, *held: Path) -> None:
    """Let nothing new be renamed to these places, as where a program has them open; what stood there may come back."""
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if target in held and path.name != "earlier":
            raise PermissionError(13, "in use by reader of pupil 1234")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)


def _made_twice(target: Path) -> None:
    for said in ("earlier", "new"):
        with whole_folder(target, own=True) as partial:
            (partial / "a.txt").write_text(said, encoding="utf-8")


def test_a_file_where_a_folder_should_go_is_refused_and_stays(tmp_path: Path) -> None:
    (target := tmp_path / "list").write_text("theirs", encoding="utf-8")
    with pytest.raises(OutputError, match=r"expected a folder at .*list, found a file"), whole_folder(target):
        pass
    assert target.read_text(encoding="utf-8") == "theirs"


def test_a_folder_that_cannot_be_made_is_named_with_the_systems_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mkdir(path: Path, *how: object, **named: object) -> None:
        raise PermissionError(13, "said of pupil 1234")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(OutputError, match=r"cannot make the folder .*new: Permission denied") as fault:
        write_text(tmp_path / "new" / "a.txt", "")
    assert "1234" not in str(fault.value)


def test_a_folder_that_is_its_makers_own_is_replaced_whatever_it_holds(tmp_path: Path) -> None:
    target = tmp_path / "list"
    _made_twice(target)
    assert (target / "a.txt").read_text(encoding="utf-8") == "new"


def test_a_folder_is_published_where_the_system_neither_opens_folders_nor_has_modes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, *how: int) -> int:
        assert not Path(path).is_dir(), "Windows cannot open a folder"
        return os.open(path, *how)

    def chmod(path: Path, mode: int) -> None:
        raise AssertionError("rights are inherited there")

    windows = SimpleNamespace(**{**vars(os), "name": "nt", "open": opened})
    for module in (publishing, whole):
        monkeypatch.setattr(module, "os", windows)
    monkeypatch.setattr(Path, "chmod", chmod)
    _made_twice(tmp_path / "list")
    assert (tmp_path / "list" / "a.txt").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


def test_on_a_drive_without_locks_a_file_is_written_and_nothing_of_another_run_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_lock(path: Path, **how: object) -> None:
        raise NoLocksHere("this drive keeps no locks")

    monkeypatch.setattr(publishing, "file_lock", no_lock)
    (perhaps_alive := tmp_path / ".a.txt.01234567.partial").mkdir()
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"
    assert perhaps_alive.exists()


def test_a_folder_that_is_held_open_stays_as_it_was_and_no_note_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "list"
    _made_twice(target)
    with monkeypatch.context() as held:
        _refuse(held, target)
        with pytest.raises(OutputError, match="nothing was published") as fault:
            _made_twice(target)
    assert "1234" not in str(fault.value)
    assert (target / "a.txt").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


def test_a_set_half_in_place_keeps_its_note_and_is_finished_by_the_next_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = tmp_path / "a.txt", tmp_path / "b.txt"
    with monkeypatch.context() as held:
        _refuse(held, targets[1])
        with (
            pytest.raises(OutputError, match="others of its set have; close what holds it") as fault,
            whole_files(*targets) as made,
        ):
            for path in made:
                path.write_text("new", encoding="utf-8")
        assert "1234" not in str(fault.value)
        assert targets[0].exists() and not targets[1].exists()
    assert settled(targets[0]) == targets[0]
    assert [path.read_text(encoding="utf-8") for path in targets] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_a_reader_who_cannot_finish_what_a_killed_run_began_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = _killed_between(tmp_path, 0)
    _refuse(monkeypatch, targets[0])
    with pytest.raises(OutputError, match=r"had not quite published .*a.txt .*make it again") as fault:
        settled(targets[0])
    assert "1234" not in str(fault.value)
    assert [path.read_text(encoding="utf-8") for path in targets] == ["earlier", "earlier"]
