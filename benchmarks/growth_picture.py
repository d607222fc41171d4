"""The picture of growth: CPU seconds and memory against pupils, a line for each stage, from the figures of growth.py."""

from __future__ import annotations

from typing import Any

from absence_risk.reports.drawing import GREY, canvas, look, svg

#: The stated limit of memory, in GiB.
LIMIT = 4
WIDTH, HEIGHT = 8.0, 3.9


def growth_picture(found: dict[str, Any]) -> bytes:
    """SVG bytes; the same figures, the same bytes.

    Parameters
    ----------
    found : dict
        What ``growth.py --json`` wrote: each of its ``tables`` is a stage, each row of one a size, with ``rows``
        (pupils), ``cpu_s`` and, where it ran in a process of its own, ``peak_gib``.
    """
    with canvas(HEIGHT, width=WIDTH) as figure:
        left, right = figure.subplots(1, 2)
        for place, table in enumerate(_stages(found)):
            style = look(place, table["title"])
            rows = sorted(table["rows"], key=lambda row: row["rows"])
            left.plot([row["rows"] for row in rows], [row["cpu_s"] for row in rows], **style)
            held = [row for row in rows if "peak_gib" in row]
            if held:
                right.plot([row["rows"] for row in held], [row["peak_gib"] for row in held], **style)
        left.set(xscale="log", yscale="log", xlabel="pupils", ylabel="CPU seconds")
        left.set_title("Time grows as the pupils do")
        left.set_yticks(
            [1, 3, 10, 30, 100, 300, 1000], ["1", "3", "10", "30", "100", "300", "1,000"], minor=False
        )
        left.set_yticks([], minor=True)
        right.axhline(LIMIT, color=GREY, linestyle=":", label=f"the limit, {LIMIT} GiB")
        right.set(xscale="log", xlabel="pupils", ylabel="peak memory, GiB", ylim=(0, LIMIT * 1.1))
        right.set_title("Memory stays below its limit")
        for axes in (left, right):
            axes.xaxis.set_major_formatter(lambda pupils, _: _short(pupils))
        figure.legend(*_labels(left, right), loc="outside lower center", ncols=3, frameon=False)
        return svg(figure)


def _stages(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [table for table in found["tables"] if all("rows" in row for row in table["rows"])]


def _labels(left: Any, right: Any) -> tuple[list[Any], list[str]]:
    handles, labels = left.get_legend_handles_labels()
    for handle, label in zip(*right.get_legend_handles_labels(), strict=True):
        if label not in labels:
            handles, labels = [*handles, handle], [*labels, label]
    return handles, labels


def _short(pupils: float) -> str:
    if pupils >= 1_000_000:
        return f"{pupils / 1_000_000:g} M"
    return f"{pupils / 1_000:g} k" if pupils >= 1_000 else f"{pupils:g}"
