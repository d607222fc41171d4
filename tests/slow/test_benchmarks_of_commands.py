"""The benchmarks that run whole commands, at a tiny size: too slow for every run, since each step starts anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(
    ("name", "sizes", "rows"),
    [
        ("ingest", ["--pupils", "200", "--years", "1", "--repeats", "1"], ["absence-risk ingest"]),
        ("main_job", ["--pupils", "3000", "--years", "5"], ["ingest", "train", "score", "list"]),
    ],
)
def test_it_runs_and_writes_its_ratios(name: str, sizes: list[str], rows: list[str], tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *sizes, "--json", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["benchmark"] == name
    shown = {row["name"]: row["ratio"] for row in found["tables"][0]["rows"]}
    assert all(shown[row] > 0 for row in rows)
