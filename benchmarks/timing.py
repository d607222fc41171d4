"""CPU and wall time of calls that take turns in one process, and of child processes with their peak memory.

Other work on the machine moves seconds, not ratios inside one run: so calls that are compared take turns.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).resolve().parent

#: Starts a command and waits for it from a small process: a child's peak memory is never said to be less than that of
#: the process it was split from, and a benchmark may be large. Arguments: where to write, then the command.
_WATCHER = """
import json, os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(child.pid, 0)
found = {"code": os.waitstatus_to_exitcode(status), "wall": time.perf_counter() - start,
         "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss}
open(sys.argv[1], "w").write(json.dumps(found))
"""
_CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
print(json.dumps(getattr(__import__(sys.argv[2]), sys.argv[3])(**json.loads(sys.argv[4]))))
"""


@dataclass(frozen=True)
class Timing:
    """Seconds of one thing that was measured, one entry a turn.

    ``rows`` is how many rows one call works through (None where that means nothing), ``peak_gib`` the peak memory in
    GiB (only known of a child process; the largest of the processes it started, not their sum), ``said`` what a child
    printed, read as JSON where it is JSON.
    """

    cpu: tuple[float, ...]
    wall: tuple[float, ...]
    rows: int | None = None
    peak_gib: float | None = None
    said: Any = None

    @property
    def cpu_per_row(self) -> tuple[float, ...]:
        """CPU seconds for one row (for the whole call where no rows are stated), by turn."""
        return tuple(seconds / (self.rows or 1) for seconds in self.cpu)

    @property
    def wall_per_row(self) -> tuple[float, ...]:
        """Wall seconds for one row, as ``cpu_per_row``."""
        return tuple(seconds / (self.rows or 1) for seconds in self.wall)


def in_turns(
    calls: Mapping[str, Callable[[], Any]], repeats: int, rows: Mapping[str, int] | int | None = None
) -> dict[str, Timing]:
    """Every call is measured once a turn, in this process, each turn beginning with another call.

    Call each once beforehand if its first call compiles or reads something that is not to be counted.

    Parameters
    ----------
    calls : mapping of str to callable
    repeats : int
        Turns, 1 or more.
    rows : mapping of str to int, or int, optional
        Rows that one call works through, by name or the same for all.
    """
    names, cpu, wall = list(calls), {name: [] for name in calls}, {name: [] for name in calls}  # type: ignore[var-annotated]
    for turn in range(repeats):
        for place in range(len(names)):
            name = names[(place + turn) % len(names)]
            gc.collect()
            started, spent = time.perf_counter(), time.process_time()
            calls[name]()
            cpu[name].append(time.process_time() - spent)
            wall[name].append(time.perf_counter() - started)
    each = rows if isinstance(rows, Mapping) else dict.fromkeys(names, rows)
    return {name: Timing(tuple(cpu[name]), tuple(wall[name]), each.get(name)) for name in names}


def child(name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Timing:
    """One command in its own process: CPU with that of its own children, wall, and peak memory.

    Raises
    ------
    SystemExit
        If it ends with a fault; what it wrote to standard error has been shown.
    """
    print(f"... {name}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        if not hasattr(os, "wait4"):
            return _timed_plainly(name, command, env)
        note = Path(scratch) / "used.json"
        done = subprocess.run(
            [sys.executable, "-S", "-E", "-c", _WATCHER, str(note), *command],
            env=None if env is None else dict(env), stdout=subprocess.PIPE, encoding="utf-8", check=False,
        )  # fmt: skip
        used = (
            json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {"code": done.returncode or 1}
        )
    if used["code"]:
        raise SystemExit(f"{name} ended with exit code {used['code']}")
    peak = used["peak"] / ((1 << 30) if sys.platform == "darwin" else (1 << 20))
    return Timing((used["cpu"],), (used["wall"],), peak_gib=peak, said=_read(done.stdout))


def _timed_plainly(name: str, command: Sequence[str], env: Mapping[str, str] | None) -> Timing:
    """As ``child`` where the system tells neither CPU nor memory of one child: wall alone."""
    start = time.perf_counter()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{name} ended with exit code {done.returncode}")
    return Timing((float("nan"),), (time.perf_counter() - start,), said=_read(done.stdout))


def _read(printed: str) -> Any:
    try:
        return json.loads(printed.strip().rpartition("\n")[2])
    except ValueError:
        return printed.strip()


def call_in_child(name: str, module: str, function: str, **asked: Any) -> Timing:
    """A function of a module of this folder in its own process; what it returns (JSON) is in ``said``."""
    return child(
        name, [sys.executable, "-c", _CALL, str(BENCHMARKS), module, function, json.dumps(asked, default=str)]
    )


def together(parts: Sequence[Timing]) -> Timing:
    """Several runs of the same thing, each of one turn, as the turns of one; the highest peak, the last ``said``."""
    peaks = [part.peak_gib for part in parts if part.peak_gib is not None]
    return Timing(
        tuple(seconds for part in parts for seconds in part.cpu),
        tuple(seconds for part in parts for seconds in part.wall),
        parts[-1].rows,
        max(peaks, default=None),
        parts[-1].said,
    )
