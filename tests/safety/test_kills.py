"""Killed at any moment, or out of room: the output is absent, the earlier one bit for bit, or complete.

A kill takes the process, not what the system has taken over from it: a power cut is another matter, which no test here
can show. ``files`` flushes each file before its name appears.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killed_runs import AS_OF, Runs, runs_on
from made_copies import NO_ACTION, OFFER, list_folder, write_copy
from small_authority import fit_bundle, write_store
from whole_outputs import READERS, Signature, everything, hidden, next_writer

from absence_risk.returns.identity import new_key_file
from absence_risk.scored_file import read_scores
from absence_risk.store import lookup_path
from absence_risk.workflows.score import run_score
from absence_risk.workflows.simulate import run_simulate

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")

Counted = Callable[[str, int, int], None]
Begun = Callable[[str, bool], tuple[Path, float]]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands read: returns, a store, a model, scores and returned copies."""
    made = tmp_path_factory.mktemp("ground")
    with write_store(made / "a.duckdb") as store:
        fit_bundle(store).save(made / "bundle")
    write_store(made / "other.duckdb", names=("Hill Top School", None, "Valley School")).close()
    run_score(made / "a.duckdb", made / "bundle", AS_OF, made / "scores.parquet")
    new_key_file(made / "key")
    for again, seed in (("old", 1), ("new", 2)):
        run_simulate(made / f"all_{again}", pupils=200, years=1, seed=seed)
        shutil.copytree(made / f"all_{again}" / "school_census" / "2025_autumn", made / f"returns_{again}")
    write_copy(made / "back_old.xlsx", {"A-001": OFFER})
    write_copy(
        made / "back_new.xlsx",
        {ref: NO_ACTION if ref > "A-001" else OFFER for ref in ("A-001", "A-002", "A-003")},
    )
    return made


@pytest.fixture(scope="module")
def runs(ground: Path) -> Iterator[Runs]:
    with runs_on(ground) as running:
        yield running


@pytest.fixture(scope="module")
def begun(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """A folder as it stands before a command, empty or with the output of an earlier run, and what a run takes."""
    made: dict[str, tuple[Path, Path, float]] = {}

    def before(command: str, earlier: bool) -> tuple[Path, float]:
        if command not in made:
            root, empty = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("empty")
            if command == "decisions":
                for folder in (root, empty):
                    list_folder(folder)
            said = runs(command, root, "old")
            assert said["fault"] is None, said
            made[command] = root, empty, said["seconds"]
        root, empty, seconds = made[command]
        return (root if earlier else empty), seconds

    return before


def _placed(state: Path, root: Path) -> Path:
    # Every state is looked at where it was made: MLflow keeps absolute places.
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(state, root)
    return root


def _held(
    command: str, state: Path, root: Path, allowed: list[Signature], runs: Runs, *, mlflow: bool
) -> bool:
    """Whether a state is one of those allowed, for its own reader, before and after the next writer came."""
    read = READERS[command]
    _placed(state, root)
    try:
        found = read(root)
        next_writer(command, root)
        if mlflow and command == "train":
            assert runs("record", root)["fault"] is None
        return found in allowed and read(root) == found
    except Exception as fault:
        print(f"{command}, {state.name}: {type(fault).__name__}: {fault}")
        return False


def _evenly(states: list[Path], number: int) -> list[Path]:
    if number >= len(states):
        return states
    return [states[(place + 1) * len(states) // number - 1] for place in range(number)]


@pytest.mark.parametrize("command", READERS)
def test_a_kill_leaves_the_earlier_output_or_the_new_one(
    command: str, runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    """One run each, looked at as it stood at moments drawn at random and before steps on files, twelve times in all.

    The next run of a training opens a store of MLflow, which takes seconds: it is the next writer of every sixth.
    """
    states, drawn = tmp_path / "states", random.Random(command)
    states.mkdir()
    before, seconds = begun(command, True)
    root = _placed(before, tmp_path / "root")
    allowed = [READERS[command](root)]
    stops = sorted(drawn.uniform(0, seconds) for _ in range(6))
    if command == "decisions":
        # The database writes by itself, in one step for Python: more moments, in runs of their own.
        for number in range(6):
            (kept := states / str(number)).mkdir()
            runs(command, root, stops=[drawn.uniform(0.2, 0.9) * seconds], keep=kept)
            for state in kept.iterdir():
                state.rename(states / f"moment 1{number}")
            _placed(before, root)
    assert runs(command, root, steps=states, stops=stops, keep=states)["fault"] is None
    allowed.append(READERS[command](root))
    assert allowed[0] != allowed[1]
    moments = sorted(states.glob("moment *"))
    looked_at = [*moments, *_evenly(sorted(states.glob("step *")), 12 - len(moments))]
    held = sum(
        _held(command, state, root, allowed, runs, mlflow=place % 6 == 5)
        for place, state in enumerate(looked_at)
    )
    counted(f"kills: {command}", len(looked_at), held)


@pytest.mark.slow
@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("command", READERS)
def test_a_kill_before_any_step_on_files_leaves_the_earlier_output_or_the_new_one(
    command: str, earlier: bool, runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    states = tmp_path / "states"
    states.mkdir()
    root = _placed(begun(command, earlier)[0], tmp_path / "root")
    allowed = [READERS[command](root)]
    assert runs(command, root, steps=states)["fault"] is None
    allowed.append(READERS[command](root))
    found = sorted(states.iterdir())
    held = sum(_held(command, s, root, allowed, runs, mlflow=n % 4 == 0) for n, s in enumerate(found))
    counted(f"kills at every step on files: {command}", len(found), held)


@pytest.mark.slow
@pytest.mark.parametrize("command", READERS)
def test_a_kill_at_any_moment_leaves_the_earlier_output_or_the_new_one(
    command: str, runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    """Ten runs, each looked at as it stood at nineteen moments and then killed."""
    states, drawn, cases, held = tmp_path / "states", random.Random(f"{command}, any moment"), 0, 0
    for one in range(10):
        before, seconds = begun(command, one % 3 != 2)
        states.mkdir()
        root = _placed(before, tmp_path / "root")
        allowed = [READERS[command](root)]
        stops = sorted(drawn.uniform(0, seconds) for _ in range(19))
        runs(command, root, stops=stops, keep=states, kill_after=drawn.uniform(stops[-1], 1.05 * seconds))
        shutil.copytree(root, states / "killed")
        runs(command, _placed(before, root))
        allowed.append(READERS[command](root))
        for state in sorted(states.iterdir()):
            cases += 1
            held += _held(command, state, root, allowed, runs, mlflow=cases % 2 == 0)
        shutil.rmtree(states)
    counted(f"kills at a random moment: {command}", cases, held)


#: Bytes that a file may have, from none at all to nearly enough for some of the files of every command.
ROOM = (0, 100, 5_000, 60_000, 700_000)


def _no_room(command: str, largest: int, root: Path, runs: Runs) -> bool:
    """Whether a run without room says so in our words and leaves everything as it was, with nothing of its own."""
    before = everything(root, command)
    said = runs(command, root, largest_file=largest)
    if said["fault"] is None:
        return True
    ours = said["fault"].startswith("OutputError 7: ")
    if "MLflow could not" in said["fault"]:
        # The model stands in its folder by then; what MLflow keeps of the attempt is a run that failed.
        held = ours and bool(READERS[command](root)) and not hidden(root)
        return held and runs("record", root)["fault"] is None
    held = ours and "nothing was" in said["fault"]
    held = held and everything(root, command) == before and not hidden(root)
    if not held:
        print(f"{command} with files of {largest:,} bytes: {said['fault'][:300]} {hidden(root)}")
    return held


LONGER = [
    pytest.param(name, ROOM, marks=pytest.mark.slow)
    for name in ("score", "list", "features", "ingest", "train")
]


@pytest.mark.parametrize(
    ("command", "rooms"), [("decisions", ROOM[:3]), ("new key", (0, 10)), ("export", ROOM[1:2]), *LONGER]
)
def test_a_full_disk_is_told_as_nothing_published_and_leaves_no_debris(
    command: str, rooms: tuple[int, ...], runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    before = begun(command, True)[0]
    held = sum(_no_room(command, room, _placed(before, tmp_path / "root"), runs) for room in rooms)
    counted("full disk", len(rooms), held)


def _file_for_folder(root: Path, output: str) -> None:
    shutil.rmtree(root / output, ignore_errors=True)
    (root / output).write_bytes(b"theirs")


def _folder_for_file(root: Path, output: str) -> None:
    (root / output).unlink(missing_ok=True)
    (root / output).mkdir()


def _others_files(root: Path, output: str) -> None:
    (root / output / "photographs").mkdir()
    (root / output / "photographs" / "1.jpg").write_bytes(b"theirs")


def _no_right(root: Path, output: str) -> None:
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        folder.chmod(0o500)


IN_THE_WAY = {
    "a file in the place of a folder": (
        _file_for_folder,
        {"list": "list", "export": "tables", "train": "model"},
        "7",
    ),
    "a folder in the place of a file": (
        _folder_for_file,
        {
            "score": "scores.parquet",
            "features": "features.parquet",
            "new key": "key_new",
            "ingest": "a.duckdb",
        },
        "7",
    ),
    "a manifest's name in use": (_folder_for_file, {"score": "scores.parquet.manifest.json"}, "7"),
    "a register's name in use": (_folder_for_file, {"decisions": "decisions.sqlite"}, "3"),
    "other things in the folder": (
        _others_files,
        {"list": "list", "export": "tables", "train": "model"},
        "2",
    ),
    "no right to write": (
        _no_right,
        {"score": "", "list": "", "decisions": "", "features": "", "export": "", "new key": "", "ingest": ""},
        "7",
    ),
}
#: Those that are refused before, or without, much work.
QUICK = ("decisions", "ingest", "export", "new key")


@pytest.mark.parametrize("situation", IN_THE_WAY)
@pytest.mark.parametrize("commands", [QUICK, pytest.param((), marks=pytest.mark.slow)], ids=["some", "all"])
def test_what_stands_in_the_way_is_told_with_the_kind_of_fault_and_stays(
    situation: str, commands: tuple[str, ...], runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    put, outputs, code = IN_THE_WAY[situation]
    asked = {command: output for command, output in outputs.items() if not commands or command in commands}
    if not asked:
        pytest.skip("in the full version")
    held = 0
    for command, output in asked.items():
        root = _placed(begun(command, True)[0], tmp_path / command.replace(" ", "_"))
        put(root, output)
        before = everything(root, command)
        said = runs(command, root, plain_user=True)["fault"] or "no fault"
        kept = said.split(":")[0].endswith(f"Error {code}") and everything(root, command) == before
        held += kept and not hidden(root)
        if not kept or hidden(root):
            print(f"{situation}, {command}: {said[:300]} {hidden(root)}")
        for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
            folder.chmod(0o700)
    counted("in the way", len(asked), held)


@pytest.mark.parametrize(
    ("processes", "times"),
    [(4, 1), pytest.param(8, 20, marks=pytest.mark.slow)],
    ids=["4 once", "8 twenty times"],
)
def test_first_starts_at_once_lose_no_run_and_ruin_no_store(
    processes: int, times: int, runs: Runs, tmp_path: Path, counted: Counted
) -> None:
    held = 0
    for time in range(times):
        root = tmp_path / str(time)
        root.mkdir()
        faults = runs.together(root, *(("one run", str(number)) for number in range(processes)))
        with contextlib.closing(sqlite3.connect(root / "mlflow" / "mlflow.db")) as database:
            names = {name for (name,) in database.execute("SELECT name FROM runs WHERE status = 'FINISHED'")}
            whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sound = whole and runs("record", root)["fault"] is None
        held += sum(sound and fault is None and str(n) in names for n, fault in enumerate(faults))
        shutil.rmtree(root)
    counted("two at once: first starts", times * processes, held)


SLOW_AT_ONCE = [
    pytest.param(name, 6, marks=pytest.mark.slow) for name in ("score", "list", "ingest", "train")
]


@pytest.mark.parametrize(("command", "times"), [("decisions", 3), *SLOW_AT_ONCE])
def test_two_runs_into_one_place_leave_one_complete_output(
    command: str, times: int, runs: Runs, begun: Begun, tmp_path: Path, counted: Counted
) -> None:
    empty, root = begun(command, False)[0], tmp_path / "root"
    alone = []
    for order in (("old",), ("new",), ("old", "new"), ("new", "old")):
        _placed(empty, root)
        for again in order if command == "decisions" else order[-1:]:
            assert runs(command, root, again)["fault"] is None
        alone.append(READERS[command](root))
    held = 0
    for _ in range(times):
        _placed(empty, root)
        faults = runs.together(root, (command, "old"), (command, "new"))
        found = READERS[command](root)
        ends = alone[2:] if command == "decisions" else alone
        held += faults == [None, None] and found in ends and not hidden(root)
    counted(f"two at once: {command}", times, held)


def test_of_two_keys_made_at_once_under_one_name_one_is_refused(
    runs: Runs, tmp_path: Path, counted: Counted
) -> None:
    held = 0
    for number in range(10):
        (root := tmp_path / str(number)).mkdir()
        faults = runs.together(root, *[("same key", "new")] * 4)
        held += faults.count(None) == 1 and sum("KeyFileError" in (fault or "") for fault in faults) == 3
    counted("two at once: a key", 10, held)


def test_a_store_read_while_it_is_replaced_is_the_one_or_the_other(
    runs: Runs, ground: Path, tmp_path: Path, counted: Counted
) -> None:
    shutil.copy(ground / "a.duckdb", tmp_path)
    shutil.copy(lookup_path(ground / "a.duckdb"), tmp_path)
    assert runs.together(tmp_path, ("replace store", "60"), ("read store", "15")) == [None, None]
    counted("two at once: a store replaced while it is read", 15, 15)


@pytest.mark.slow
def test_a_store_replaced_while_it_is_scored_gives_the_scores_of_one_or_the_other(
    runs: Runs, ground: Path, tmp_path: Path, counted: Counted
) -> None:
    root, known, times = tmp_path / "root", {}, 12
    for source in ("a", "other"):
        (place := tmp_path / source).mkdir()
        for path in (ground / f"{source}.duckdb", lookup_path(ground / f"{source}.duckdb")):
            shutil.copy(path, place / path.name.replace("other", "a"))
        assert runs("score root", place)["fault"] is None
        found = read_scores(place / "scores_new.parquet")
        known[found.manifest["store_fingerprint"]] = found.manifest["sha256"]
    assert len(known) == 2
    _placed(tmp_path / "a", root)
    each = [("score root", str(number)) for number in range(times)]
    faults = runs.together(root, ("replace store", str(200 * times)), *each)
    said = [read_scores(root / f"scores_{number}.parquet").manifest for _, number in each]
    held = sum(known[one["store_fingerprint"]] == one["sha256"] for one in said) if not any(faults) else 0
    counted("two at once: a store replaced while it is scored", times, held)
