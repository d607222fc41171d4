"""Commands run in processes that are killed, and what stood on the disk at each moment at which one might have been.

A process that is stopped writes nothing more, and neither does a killed one: a copy of the folder taken while the
process stands still is what a kill at that moment would have left. So one run gives many cases. Copies are taken
before each step on files that Python takes (``steps``), and at moments drawn at random, in the midst of a library's own
writing too (``stops``); and some runs are killed in truth (``kill_after``). A run may also be given little room
(``largest_file``) or lose root's right to write where nobody may (``plain_user``).

Called as ``python killed_runs.py``. It loads everything once and forks a child for each run. One line of JSON comes in
for each and one goes out (:class:`Runs` speaks to it).
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from absence_risk.errors import UsageError

AS_OF, LATER_AS_OF, TODAY = date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30)

#: What a process may do to files, as Python tells of it before it is done.
STEPS = (
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.link",
    "os.truncate",
    "shutil.rmtree",
)


def ingest(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.ingest import run_ingest

    run_ingest(ground / f"returns_{again}", root / "a.duckdb", key_file=ground / "key")


def score(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.score import run_score

    day = LATER_AS_OF if again == "new" else AS_OF
    run_score(ground / "a.duckdb", ground / "bundle", day, root / "scores.parquet", today=TODAY)


def make_list(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.support_list import run_list

    run_list(
        ground / "scores.parquet",
        ground / "a.duckdb",
        root / "list",
        capacity=20,
        owner="Early Help",
        expires=date(2027, 2, 12 if again == "new" else 11),
        today=TODAY,
    )


def decisions(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.decisions import run_decisions

    run_decisions(root / "list", ground / f"back_{again}.xlsx", by="E. Reader", today=TODAY, now=NOW)


def train(ground: Path, root: Path, again: str) -> None:
    """What a training writes, in its order; its fitting leaves nothing on the disk."""
    from dataclasses import replace

    from absence_risk.logbook import Logbook
    from absence_risk.models.bundle import Bundle
    from absence_risk.tracking import Tracking

    hashes = dict.fromkeys(("settings_sha256", "gates_sha256", "store_fingerprint"), "ab" * 32)
    Logbook(root / "a.duckdb").record_opening(
        test_year="2024/25", command="train", settings=again, on=TODAY, **hashes
    )
    bundle = replace(Bundle.load(ground / "bundle"), name=again)
    bundle.save(root / "model", extras={"card.md": again})
    tracking = Tracking(None, root / "mlflow")
    run = tracking.log_training(again, params={"again": again}, measures={}, bundle=bundle)
    version = tracking.register(run, bundle)
    if tracking.champion() is None:
        tracking.promote(version)


def record(ground: Path, root: Path, again: str) -> None:
    """The next run in an MLflow store: it must be kept, and no run before it may still be called running."""
    from absence_risk.models.bundle import Bundle
    from absence_risk.tracking import Tracking

    tracking = Tracking(None, root / "mlflow")
    run = tracking.log_training("next", params={}, measures={}, bundle=Bundle.load(ground / "bundle"))
    runs = tracking.client.search_runs([tracking.experiment_id])
    status = {found.info.run_id: found.info.status for found in runs}
    assert status.pop(run) == "FINISHED" and set(status.values()) <= {"FINISHED", "FAILED"}
    with contextlib.suppress(UsageError):
        tracking.resolve("models:/absence-risk@challenger").load()


def one_run(ground: Path, root: Path, again: str) -> None:
    from absence_risk.models.bundle import Bundle
    from absence_risk.tracking import Tracking

    Tracking(None, root / "mlflow").log_training(
        again, params={}, measures={}, bundle=Bundle.load(ground / "bundle")
    )


def replace_store(ground: Path, root: Path, again: str) -> None:
    """What an ingest does in the end, many times over, with the one store and the other in turn."""
    from absence_risk.files import whole_files
    from absence_risk.store import lookup_path

    store = root / "a.duckdb"
    for number in range(int(again)):
        source = ground / ("other.duckdb", "a.duckdb")[number % 2]
        with whole_files(store, lookup_path(store)) as (new, lookup):
            shutil.copyfile(source, new)
            shutil.copyfile(lookup_path(source), lookup)


def score_root(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.score import run_score

    run_score(root / "a.duckdb", ground / "bundle", AS_OF, root / f"scores_{again}.parquet", today=TODAY)


def whole_train(ground: Path, root: Path, again: str) -> None:
    from absence_risk.settings import read_settings
    from absence_risk.workflows.shipped_configs import config_path
    from absence_risk.workflows.train import run_train

    settings = read_settings(config_path("last_years_rate"))
    capacity = 20 if again == "new" else 21
    run_train(
        root / "a.duckdb", settings.model_copy(update={"capacity": capacity}), out=root / "model", today=TODAY
    )


def features(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.features import run_features

    run_features(
        ground / "a.duckdb", LATER_AS_OF if again == "new" else AS_OF, root / "features.parquet", today=TODAY
    )


def export(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.export_tables import run_export_tables

    run_export_tables(ground / "a.duckdb", root / "tables", 2 if again == "new" else 3)


def new_key(ground: Path, root: Path, again: str) -> None:
    from absence_risk.returns.identity import new_key_file

    new_key_file(root / f"key_{again}")


def same_key(ground: Path, root: Path, again: str) -> None:
    from absence_risk.returns.identity import new_key_file

    new_key_file(root / "key")


def read_store(ground: Path, root: Path, again: str) -> None:
    """Open a store again and again while others replace it; say which of the two each opening held, whole."""
    from absence_risk.store import Store

    known = {}
    for source in ("a", "other"):
        with Store(ground / f"{source}.duckdb") as store:
            known[store.fingerprint] = store.table("schools").order("school_id, known_from").fetchall()
    assert len(set(map(str, known.values()))) == 2
    for _ in range(int(again)):
        with Store(root / "a.duckdb") as store:
            assert (
                store.table("schools").order("school_id, known_from").fetchall() == known[store.fingerprint]
            )
            assert store.rows()["pupils"]


def simulate(ground: Path, root: Path, again: str) -> None:
    from absence_risk.workflows.simulate import run_simulate

    run_simulate(root / "returns", pupils=200, years=1, seed=len(again))


COMMANDS: dict[str, Callable[[Path, Path, str], None]] = {
    "ingest": ingest,
    "score": score,
    "list": make_list,
    "decisions": decisions,
    "train": train,
    "record": record,
    "one run": one_run,
    "replace store": replace_store,
    "score root": score_root,
    "features": features,
    "export": export,
    "new key": new_key,
    "same key": same_key,
    "read store": read_store,
    "simulate": simulate,
    "whole train": whole_train,
}


class _Steps:
    """Counts what is done to files of one folder, and keeps the folder as it stood before each step."""

    def __init__(self, root: Path, kept: Path) -> None:
        self.root, self.kept = os.fspath(root), kept
        self.done, self.within = 0, False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.within or not (event in STEPS or (event == "open" and self._writes(*arguments))):
            return
        self.within, self.done = True, self.done + 1
        try:
            shutil.copytree(self.root, self.kept / f"step {self.done:04d}", symlinks=True)
        finally:
            self.within = False

    def _writes(self, path: Any, mode: Any, flags: int) -> bool:
        writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return (
            bool(writing) and isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(self.root)
        )


def _child(case: dict[str, Any], reply: int) -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    for out in (1, 2):
        os.dup2(silent, out)
    if case.get("largest_file") is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (case["largest_file"], resource.RLIM_INFINITY))
    if case.get("plain_user"):
        _obey_modes()
    if case.get("steps"):
        sys.addaudithook(_Steps(Path(case["root"]), Path(case["steps"])))
    fault = None
    try:
        COMMANDS[case["command"]](Path(case["ground"]), Path(case["root"]), case["again"])
    except BaseException as found:
        fault = f"{type(found).__name__} {getattr(found, 'exit_code', None)}: {found}"
    os.write(reply, json.dumps({"fault": fault}).encode())
    os._exit(0)


def _together(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Several runs at once, each in a child of its own; what became of each."""
    readings = []
    for one in case["together"]:
        reading, writing = os.pipe()
        if not os.fork():
            _child({**case, **one}, writing)
        os.close(writing)
        readings.append(reading)
    said = []
    for reading in readings:
        with os.fdopen(reading, "rb") as reply:
            said.append(json.loads(reply.read() or b'{"fault": "killed"}'))
    for _ in readings:
        os.wait()
    return said


def _obey_modes() -> None:
    """Give up what lets root pass over the modes of files and folders."""
    if os.geteuid() == 0:
        header, none = struct.pack("Ii", 0x20080522, 0), struct.pack("IIIIII", *[0] * 6)
        assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0


def _run(case: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    begun = time.monotonic()
    if not (pid := os.fork()):
        _child(case, writing)
    os.close(writing)
    alive = True
    for number, moment in enumerate(case.get("stops", ())):
        if not (alive := _stopped(pid, begun + moment)):
            break
        halted = time.monotonic()
        shutil.copytree(case["root"], Path(case["keep"]) / f"moment {number:04d}", symlinks=True)
        begun += time.monotonic() - halted
        os.kill(pid, signal.SIGCONT)
    # A child that has ended was waited for, and its number may be somebody else's by now.
    if alive and case.get("kill_after") is not None and _stopped(pid, begun + case["kill_after"]):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    with os.fdopen(reading, "rb") as reply:
        said = json.loads(reply.read() or b"{}")
    return {"killed": not said, **said, "seconds": time.monotonic() - begun}


def _stopped(pid: int, moment: float) -> bool:
    """Stop a child at a moment, every thread of it, wherever it is; False if it has ended by then."""
    while (left := moment - time.monotonic()) > 0:
        time.sleep(min(left, 0.005))
        if os.waitpid(pid, os.WNOHANG)[0]:
            return False
    os.kill(pid, signal.SIGSTOP)
    return os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])


def _load_everything() -> None:
    """What the commands import when first needed; nothing is opened, so that a fork holds no thread of a library."""
    for name in (
        "alembic.command", "defusedxml.ElementTree", "duckdb", "jinja2", "openpyxl", "pyarrow.parquet", "pydantic",
        "sqlalchemy.dialects.sqlite", "xlsxwriter", "yaml",
    ):  # fmt: skip
        importlib.import_module(name)
    for name in (
        "compiled.kernel", "decisions.register", "explanation.contributions", "explanation.one_pass", "logbook",
        "returns.ingest", "returns.pupil_files", "scoring", "settings.reading", "support_list.folder",
        "workflows.decisions", "workflows.ingest", "workflows.parts", "workflows.score", "workflows.scored_rows",
        "workflows.support_list", "workflows.list_plan", "workflows.train", "workflows.record", "tracking.registry",
    ):  # fmt: skip
        importlib.import_module(f"absence_risk.{name}")
    from absence_risk.tracking.quiet import quiet_mlflow

    importlib.import_module("mlflow.pyfunc", quiet_mlflow().__name__)


def main() -> None:
    _load_everything()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(_together(case) if "together" in case else _run(case)), flush=True)


class Runs:
    """A warm process that runs cases, each in a child of its own."""

    def __init__(self, ground: Path) -> None:
        self.ground = ground
        here = Path(__file__)
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(here.parent), os.environ.get("PYTHONPATH", ""))),
        }
        self._process = subprocess.Popen(
            [sys.executable, str(here)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )
        assert json.loads(self._answer()) == "ready"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __call__(self, command: str, root: Path, again: str = "new", **how: Any) -> dict[str, Any]:
        """Run a command in a folder.

        ``steps`` is a folder for its states before each step; ``stops`` are seconds at which its state goes to the
        folder ``keep``; it is killed ``kill_after`` seconds.
        """
        return self._asked({"command": command, "ground": self.ground, "root": root, "again": again, **how})

    def together(self, root: Path, *runs: tuple[str, str]) -> list[str | None]:
        """The fault of each of several runs at once, a command and its ``again`` each; None for those without."""
        each = [{"command": command, "again": again} for command, again in runs]
        return [
            said["fault"] for said in self._asked({"ground": self.ground, "root": root, "together": each})
        ]

    def _asked(self, case: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(
            json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in case.items()}) + "\n"
        )
        self._process.stdin.flush()
        return json.loads(self._answer())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextlib.contextmanager
def runs_on(ground: Path) -> Iterator[Runs]:
    """A warm process while the block runs."""
    runs = Runs(ground)
    try:
        yield runs
    finally:
        runs.close()


if __name__ == "__main__":
    main()
