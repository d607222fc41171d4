"""Models read in a child process, case by case: a child that dies or hangs is a finding, not the end of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("model_child.py")


def read_in_a_child(cases: Sequence[tuple[Path, str]], scratch: Path) -> list[dict[str, Any]]:
    """What came of each (folder, hash of the sound model), in order; ``end`` is ``died`` where the process did."""
    listed = scratch / "cases.json"
    listed.write_text(json.dumps([{"folder": str(f), "hash": h} for f, h in cases]), encoding="utf-8")
    found: list[dict[str, Any]] = []
    while len(found) < len(cases):
        said = subprocess.run(
            [sys.executable, str(CHILD), str(listed), str(len(found))],
            capture_output=True,
            text=True,
            check=False,
            cwd=scratch,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        lines = [json.loads(line) for line in said.stdout.splitlines()]
        found += [line for line in lines if "case" in line]
        if any(line["end"] == "network" for line in lines):
            raise AssertionError("a model led to the network")
        if len(found) < len(cases):
            found.append({"end": "died", "words": f"{said.returncode}: {said.stderr[-400:]}"})
    return found


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with some files."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
