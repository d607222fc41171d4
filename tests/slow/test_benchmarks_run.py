"""Each benchmark of explaining runs at a tiny size, prints ratios and writes the figures of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import end_to_end
import explain
import features
import pytest
from report import section


def ran(benchmark: Any, out: Path, *sizes: str) -> dict[str, Any]:
    benchmark.main([*sizes, "--repeats", "1", "--json", str(out)])
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert section(found["benchmark"], found), "the page can show it"
    return found


def test_explaining_is_compared_and_found_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ran(explain, tmp_path / "e.json", "--rows", "600", "--leaves", "4", "--trees", "6")
    rows = {row["name"]: row for row in found["tables"][0]["rows"]}
    assert rows[explain.YARDSTICK]["ratio"] == 1.0
    assert explain.WHOLE in rows
    assert {target["what"]: target["met"] for target in found["targets"]} == {
        "4 leaves: largest difference from pred_contrib": True,
        "4 leaves: rows whose top reason differs without a near-tie": True,
    }
    assert "1.00x" in capsys.readouterr().out


def test_a_whole_pass_is_compared_with_reading_and_writing(tmp_path: Path) -> None:
    found = ran(end_to_end, tmp_path / "e.json", "--rows", "1500", "--trees", "6")
    first, second, *_ = found["tables"]
    assert first["rows"][0]["name"] == end_to_end.CONTRIB
    assert [row["name"] for row in second["rows"]] == [end_to_end.READ_WRITE, end_to_end.ONE_PASS]
    assert any("peak memory" in target["what"] and target["met"] for target in found["targets"])


def test_the_benchmark_compares_equal_sums_over_buckets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "features.json"
    features.main(["--pupils", "400", "--buckets", "2", "--repeats", "1", "--json", str(out)])
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [row["name"] for row in found["tables"][0]["rows"]][:2] == [features.HAND, features.OURS]
    assert "1.00x" in capsys.readouterr().out
