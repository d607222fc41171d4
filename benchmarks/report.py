"""Make the tables of docs/performance.md, and its picture of growth, from the JSON files of the benchmarks.

    python benchmarks/report.py

Reads ``docs/performance/*.json``, writes the text between the markers of ``docs/performance.md`` anew and draws
``docs/pictures/growth.svg``. No figure of that page is written by hand; a test holds page and JSON together.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from growth_picture import growth_picture

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, KEPT, PICTURE = DOCS / "performance.md", DOCS / "performance", DOCS / "pictures" / "growth.svg"
GROWTH = "growth"

_MARKED = re.compile(r"(<!-- made from (?P<name>[a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TARGETS = "all_targets"


def kept(folder: Path) -> dict[str, dict[str, Any]]:
    """Every benchmark's figures by the name of its file, in the order of names."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def page_from(page: str, found: dict[str, dict[str, Any]]) -> str:
    """The page with the text between its markers made anew from the figures; the rest as it stands."""

    def made(mark: re.Match[str]) -> str:
        name = mark["name"]
        lines = targets(found) if name == _TARGETS else section(name, found.get(name))
        return mark[1] + "\n".join(lines) + "\n" + mark[3]

    return _MARKED.sub(made, page)


def targets(found: dict[str, dict[str, Any]]) -> list[str]:
    """Every figure to reach beside what was measured, whether it was reached or not."""
    rows = [target for one in found.values() for target in one["targets"]]
    if not rows:
        return ["No benchmark with figures to reach has been run yet."]
    lines = ["| what | measured | to reach | |", "| --- | ---: | ---: | --- |"]
    return lines + [
        f"| {row['what']} | {_of(row['found'], row['unit'])} | {_aim(row)} | {_met(row)} |" for row in rows
    ]


def _met(row: dict[str, Any]) -> str:
    return "reached" if row["met"] else "**not reached**"


def _aim(row: dict[str, Any]) -> str:
    if "at_least" in row:
        return f"at least {_of(row['at_least'], row['unit'])}"
    return f"at most {_of(row['at_most'], row['unit'])}"


def _of(value: float | None, unit: str) -> str:
    return _times(value) if unit == "x" else f"{_number(value)} {unit}"


def _times(value: float | None) -> str:
    """A ratio: 1.00x, 48.3x, 214x."""
    if value is None:
        return "not known"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}x"


def _number(value: float | None) -> str:
    """Three figures, as a person writes them; counts whole."""
    if value is None:
        return "not known"
    if isinstance(value, int) or value == 0:
        return f"{value:,.0f}"
    if abs(value) >= 1_000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.1e}" if abs(value) < 0.001 else f"{value:.3g}"


def section(name: str, one: dict[str, Any] | None) -> list[str]:
    """The tables of one benchmark, its facts, and what it was measured on."""
    if one is None:
        return [f"Not measured yet: `python benchmarks/{name}.py --json docs/performance/{name}.json`."]
    lines = [_measured_on(one), ""]
    for table in one["tables"]:
        lines += [*table_lines(table), ""]
    lines += [f"- {fact}: {_fact(value)}" for fact, value in one["facts"].items()]
    return lines[:-1] if lines[-1] == "" else lines


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_fact(part) for part in value)
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _measured_on(one: dict[str, Any]) -> str:
    machine, sizes = one["machine"], ", ".join(f"{name} {_fact(size)}" for name, size in one["sizes"].items())
    return (
        f"Made-up data: {sizes}. Measured {one['measured_on']} on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']} GiB, Python {machine['python']}."
    )


def table_lines(table: dict[str, Any]) -> list[str]:
    """One table of ratios as Markdown; columns that no row fills are left out."""
    rows = table["rows"]
    head = "times the speed" if table["ratio"] == "speed" else "times the cost"
    columns = [
        (
            f"**{table['title']}**",
            "---",
            lambda row: row["name"] + (f" ({row['note']})" if "note" in row else ""),
        ),
        (
            f"{head} of the first row, {table['time'].replace('cpu', 'CPU')}",
            "---:",
            lambda row: _times(row.get("ratio")),
        ),
    ]
    if any(row["repeats"] > 1 for row in rows):
        spread = (
            "lowest to highest",
            "---:",
            lambda row: f"{_times(row.get('lowest'))} to {_times(row.get('highest'))}",
        )
        columns.append(spread)
    columns += [
        (words, "---:", lambda row, key=key: _number(row[key]) if key in row else "")
        for key, words in (("rows", "rows"), ("rows_per_cpu_s", "rows per CPU-s"), ("cpu_s", "CPU s"), ("wall_s", "wall s"), ("peak_gib", "peak, GiB"))
        if any(key in row for row in rows)
    ]  # fmt: skip
    return [
        _line([head for head, _, _ in columns]),
        _line([side for _, side, _ in columns]),
        *(_line([cell(row) for _, _, cell in columns]) for row in rows),
    ]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Write the page and the picture; 0."""
    found = kept(KEPT)
    PAGE.write_text(page_from(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    print(f"Wrote {PAGE.name} from {', '.join(found) or 'no file'}")
    if GROWTH in found:
        PICTURE.write_bytes(growth_picture(found[GROWTH]))
        print(f"Wrote {PICTURE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
