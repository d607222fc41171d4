"""Timings beside each other as a table of ratios, each ratio taken within a turn; and figures to reach.

A table shows the median over the turns with its lowest and highest; seconds stand beside ratios, never alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from timing import Timing


@dataclass(frozen=True)
class Table:
    """Timings beside each other; the first row is what the others are measured by.

    Parameters
    ----------
    title : str
    timings : mapping of str to Timing
        The first is the yardstick. All of as many turns as it, or the ratio is one of medians.
    by : str
        "speed": how many times as many rows in the same CPU time; "cost": how many times the CPU of the yardstick.
    notes : mapping of str to str
        A remark on a row.
    wall : bool
        Ratios in wall time, not CPU: where waiting is part of what is judged.
    """

    title: str
    timings: Mapping[str, Timing]
    by: str = "speed"
    notes: Mapping[str, str] = field(default_factory=dict)
    wall: bool = False

    def ratio(self, name: str) -> tuple[float, float, float]:
        """Median, lowest and highest ratio of a row to the yardstick, each turn against the same turn."""
        first = self._seconds(next(iter(self.timings.values())))
        other = self._seconds(self.timings[name])
        if len(first) != len(other):
            first, other = (statistics.median(first),), (statistics.median(other),)
        pairs = list(zip(first, other, strict=True))
        found = [(b / a if self.by == "cost" else a / b) if a > 0 < b else float("nan") for a, b in pairs]
        return statistics.median(found), min(found), max(found)

    def _seconds(self, timing: Timing) -> tuple[float, ...]:
        return timing.wall_per_row if self.wall else timing.cpu_per_row

    def as_dict(self) -> dict[str, Any]:
        """The table as the JSON file keeps it."""
        return {
            "title": self.title,
            "ratio": self.by,
            "time": "wall" if self.wall else "cpu",
            "rows": [self._row(name, timing) for name, timing in self.timings.items()],
        }

    def _row(self, name: str, timing: Timing) -> dict[str, Any]:
        ratio, low, high = self.ratio(name)
        cpu, wall = statistics.median(timing.cpu), statistics.median(timing.wall)
        row = {
            "name": name,
            "ratio": ratio,
            "lowest": low,
            "highest": high,
            "cpu_s": cpu,
            "wall_s": wall,
            "rows": timing.rows,
            "rows_per_cpu_s": timing.rows / cpu if timing.rows and cpu > 0 else None,
            "repeats": len(timing.cpu),
            "peak_gib": timing.peak_gib,
            "note": self.notes.get(name),
        }
        return {key: rounded(value) for key, value in row.items() if value is not None}

    def lines(self) -> list[str]:
        """The table as printed: ratios first, seconds beside them."""
        wide = max(map(len, self.timings)) + 2
        head = (
            f"{self.title} [{'times the speed' if self.by == 'speed' else 'times the cost'} of the first row]"
        )
        return [head, *(self._line(row, wide) for row in self.as_dict()["rows"])]

    @staticmethod
    def _line(row: dict[str, Any], wide: int) -> str:
        rate = f"{row['rows_per_cpu_s']:12,.0f} rows/CPU-s" if "rows_per_cpu_s" in row else ""
        peak = f"  peak {row['peak_gib']:5.2f} GiB" if "peak_gib" in row else ""
        note = f"  ({row['note']})" if "note" in row else ""
        spread = f"{row['lowest']:.2f} to {row['highest']:.2f}"
        return (
            f"  {row['name']:<{wide}} {row['ratio']:8.2f}x  {spread:<18} CPU {row['cpu_s']:8.2f} s  "
            f"wall {row['wall_s']:8.2f} s{rate}{peak}{note}"
        )


@dataclass(frozen=True)
class Target:
    """A figure to reach and what was found: at least or at most so much, in a unit said in words."""

    what: str
    found: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "x"

    def as_dict(self) -> dict[str, Any]:
        """The target as the JSON file keeps it, with whether it was met."""
        enough = self.at_least is None or self.found >= self.at_least
        limits = {"at_least": self.at_least, "at_most": self.at_most}
        return {
            "what": self.what,
            "found": rounded(self.found),
            "unit": self.unit,
            **{key: limit for key, limit in limits.items() if limit is not None},
            "met": bool(enough and (self.at_most is None or self.found <= self.at_most)),
        }


def rounded(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.5g}") if value == value else None  # noqa: PLR0124 - NaN has no place in JSON
