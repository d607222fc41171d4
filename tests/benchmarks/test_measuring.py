"""Timings, ratios and the JSON that every benchmark writes."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import numpy as np
import pytest
from measuring import (
    Table,
    Target,
    Timing,
    call_in_child,
    child,
    in_turns,
    numbers,
    options,
    report,
    together,
)

KEYS = {"benchmark", "made_up", "measured_on", "machine", "versions", "sizes", "tables", "targets", "facts"}


def test_calls_take_turns_and_each_turn_begins_with_another() -> None:
    called: list[str] = []
    found = in_turns({name: lambda name=name: called.append(name) for name in "abc"}, 3, {"a": 5})
    assert "".join(called) == "abcbcacab"
    assert all(len(timing.cpu) == len(timing.wall) == 3 for timing in found.values())
    assert found["a"].rows == 5 and found["b"].rows is None


def test_a_ratio_is_taken_within_a_turn_so_that_a_busy_turn_cancels_out() -> None:
    quiet_and_busy = {"slow": Timing((2.0, 8.0), (2.0, 8.0)), "fast": Timing((1.0, 4.0), (1.0, 4.0))}
    assert Table("t", quiet_and_busy).ratio("fast") == (2.0, 2.0, 2.0)
    assert Table("t", quiet_and_busy, by="cost").ratio("fast") == (0.5, 0.5, 0.5)
    assert Table("t", quiet_and_busy).ratio("slow") == (1.0, 1.0, 1.0)


def test_a_sample_of_fewer_rows_is_compared_per_row() -> None:
    timings = {"sample": Timing((2.0,), (2.0,), rows=10), "all": Timing((2.0,), (2.0,), rows=1_000)}
    assert Table("t", timings).ratio("all")[0] == pytest.approx(100)


def test_runs_of_unlike_numbers_of_turns_are_compared_by_their_medians() -> None:
    timings = {"three": Timing((1.0, 3.0, 9.0), (1.0, 1.0, 1.0)), "one": Timing((1.5,), (1.5,))}
    assert Table("t", timings).ratio("one") == (2.0, 2.0, 2.0)


def test_wall_time_can_be_what_is_compared() -> None:
    timings = {"a": Timing((1.0,), (1.0,)), "b": Timing((1.0,), (3.0,))}
    assert Table("t", timings, by="cost", wall=True).ratio("b")[0] == 3.0


def test_a_child_tells_its_own_peak_and_not_that_of_a_large_parent() -> None:
    large = np.ones(50_000_000)  # 0.37 GiB held by this process
    found = call_in_child("versions", "measuring", "numbers", text="4,8")
    assert large.sum() > 0
    assert found.peak_gib is not None and found.peak_gib < 0.2
    assert found.said == [4, 8]
    assert found.cpu[0] > 0


def test_a_child_that_fails_ends_the_benchmark_and_says_which() -> None:
    with pytest.raises(SystemExit, match="the stage ended with exit code 3"):
        child("the stage", [sys.executable, "-c", "raise SystemExit(3)"])


def test_runs_in_children_are_put_together_as_turns() -> None:
    both = together([Timing((1.0,), (2.0,), 5, 0.5, "a"), Timing((3.0,), (4.0,), 5, 0.7, "b")])
    assert both == Timing((1.0, 3.0), (2.0, 4.0), 5, 0.7, "b")


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target("speed", 60.0, at_least=60), True),
        (Target("speed", 59.9, at_least=60), False),
        (Target("memory", 4.1, at_most=4), False),
        (Target("not known", float("nan"), at_least=60), False),
    ],
)
def test_a_target_is_met_or_not(target: Target, met: bool) -> None:
    assert target.as_dict()["met"] is met


def test_the_json_has_every_key_and_names_no_computer_and_no_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("t", {"first": Timing((2.0,), (2.0,), 10, 0.1), "second": Timing((1.0,), (1.0,), 10)})
    out = tmp_path / "made.json"
    sizes = {"rows": 10, "json": out}
    report(
        "trial",
        sizes,
        [table],
        targets=[Target("speed", 2.0, at_least=3)],
        facts={"gap": 1 / 3},
        json_file=out,
    )
    text = out.read_text(encoding="utf-8")
    found = json.loads(text)
    assert set(found) == KEYS
    assert found["sizes"] == {"rows": 10}
    assert [row["ratio"] for row in found["tables"][0]["rows"]] == [1.0, 2.0]
    assert str(tmp_path) not in text and platform.node() not in text
    printed = capsys.readouterr().out
    assert "2.00x" in printed and "NOT REACHED: speed" in printed


def test_sizes_are_read_from_one_kind_of_command_line() -> None:
    parser = options("A benchmark.\n\nMore.", rows=5, leaves="4,8")
    assert vars(parser.parse_args([])) == {"rows": 5, "leaves": (4, 8), "json": None}
    asked = parser.parse_args(["--rows", "7", "--leaves", "31", "--json", "x.json"])
    assert (asked.rows, asked.leaves, asked.json) == (7, (31,), Path("x.json"))
    assert numbers("1,2") == (1, 2)
