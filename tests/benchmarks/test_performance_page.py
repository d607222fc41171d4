"""docs/performance.md and its picture are made from the JSON files, and agree with them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from growth_picture import growth_picture
from measuring import Table, Target, Timing
from report import GROWTH, KEPT, PAGE, PICTURE, kept, page_from

PAGE_TEXT = """above
<!-- made from explain -->
old
<!-- end -->
between
<!-- made from all_targets -->
<!-- end -->
below
"""


def one(benchmark: str, tables: list[Table], targets: list[Target] | None = None) -> dict[str, Any]:
    return {
        "benchmark": benchmark, "made_up": True, "measured_on": "2026-11-22", "versions": {}, "sizes": {"rows": 2_000},
        "machine": {"cores": 2, "processor": "a processor", "memory_gib": 8, "system": "Linux", "python": "3.11.7"},
        "tables": [table.as_dict() for table in tables], "targets": [t.as_dict() for t in targets or []],
        "facts": {"largest difference": 2.5e-13, "rows with a near-tie": 3},
    }  # fmt: skip


def explained() -> dict[str, Any]:
    timings = {"theirs": Timing((3.0, 3.0), (3.0, 3.0), 100), "ours": Timing((0.5, 0.6), (0.5, 0.6), 1_000)}
    table = Table("8 leaves", timings, notes={"theirs": "a sample"})
    return one("explain", [table], [Target("speed", table.ratio("ours")[0], at_least=60)])


def test_the_page_agrees_with_the_figures_kept_beside_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_from(page, kept(KEPT)) == page, "run `python benchmarks/report.py`"


def test_the_page_has_a_place_for_every_file_of_figures() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [name for name in kept(KEPT) if f"<!-- made from {name} -->" not in page]
    assert not missing


def test_what_stands_outside_the_markers_stays() -> None:
    made = page_from(PAGE_TEXT, {"explain": explained()})
    assert made.startswith("above\n") and "\nbetween\n" in made and made.endswith("below\n")
    assert "old" not in made
    assert page_from(made, {"explain": explained()}) == made


def test_a_table_shows_ratios_with_their_spread_and_says_on_how_many_rows() -> None:
    made = page_from(PAGE_TEXT, {"explain": explained()})
    assert "| theirs (a sample) | 1.00x | 1.00x to 1.00x | 100 | 33.3 | 3 | 3 |" in made
    assert "| ours | 55.0x | 50.0x to 60.0x | 1,000 |" in made
    assert "- largest difference: 2.5e-13" in made


def test_a_figure_that_was_not_reached_says_so() -> None:
    assert "| speed | 55.0x | at least 60.0x | **not reached** |" in page_from(
        PAGE_TEXT, {"explain": explained()}
    )


def test_a_benchmark_that_was_not_run_says_how_to_run_it() -> None:
    assert "Not measured yet: `python benchmarks/explain.py" in page_from(PAGE_TEXT, {})


def test_the_picture_has_a_line_for_each_stage_and_the_limit() -> None:
    sizes = (50_000, 1_000_000)
    stages = [
        Table(stage, {f"{n:,}": Timing((n / 1e5,), (n / 1e5,), n, 0.5) for n in sizes})
        for stage in ("features", "scored")
    ]
    drawn = growth_picture(one("growth", stages))
    ET.fromstring(drawn)
    text = drawn.decode("utf-8")
    assert all(words in text for words in ("features", "scored", "the limit, 4 GiB", "peak memory, GiB"))
    assert drawn == growth_picture(one("growth", stages))


@pytest.mark.skipif(GROWTH not in kept(KEPT), reason="growth has not been measured yet")
def test_the_kept_picture_shows_the_stages_of_the_kept_figures() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert all(table["title"] in text for table in kept(KEPT)[GROWTH]["tables"])
