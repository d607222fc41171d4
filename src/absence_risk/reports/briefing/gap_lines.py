"""One line per group with its interval, groups under a heading each: short enough for a page of A4.

What cannot be said is written in its place, never drawn as nought.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..drawing import COLOURS, GREY, canvas, svg

_LINE = 0.19  # inches


@dataclass(frozen=True)
class GapLine:
    """One group's gap; ``note`` is written instead where the value is missing."""

    heading: str
    name: str
    value: float
    low: float
    high: float
    note: str = ""


def gap_lines_figure(lines: Sequence[GapLine], *, title: str, x_label: str) -> bytes:
    """Draw the lines from the top, a heading where it changes; gaps are written as points of 100.

    Parameters
    ----------
    lines : sequence of GapLine
        In the order to be drawn, those of one heading together.
    title, x_label : str
        Words.
    """
    placed = list(_placed(lines))
    depth = max(1, len(placed)) * _LINE
    with canvas(depth + 0.9) as figure:
        axes = figure.subplots()
        axes.axvline(0.0, color=GREY, linewidth=1)
        for place, line in enumerate(placed):
            if isinstance(line, GapLine):
                _draw(axes, line, place)
        axes.set(ylim=(max(1, len(placed)) - 0.4, -0.6), xlabel=x_label)
        axes.xaxis.set_major_formatter(lambda gap, _: f"{gap * 100:+.3g}".replace("+0", "0"))
        axes.locator_params(axis="x", nbins=4)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _name(axes, placed)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        return svg(figure)


def _placed(lines: Iterable[GapLine]) -> Iterable[GapLine | str]:
    heading = ""
    for line in lines:
        if line.heading != heading:
            heading = line.heading
            yield heading
        yield line


def _draw(axes: Any, line: GapLine, place: int) -> None:
    if math.isnan(line.value):
        # Written from the left end of the axes, whatever the numbers, and over the line of no difference.
        at_left = axes.get_yaxis_transform()
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(
            0.03,
            place,
            line.note,
            transform=at_left,
            va="center",
            fontsize=8.5,
            style="italic",
            color=GREY,
            bbox=ground,
        )
        return
    axes.plot([line.low, line.high], [place, place], color=COLOURS[0], linewidth=1.6)
    axes.plot([line.value], [place], marker="o", markersize=5, color=COLOURS[0])


def _name(axes: Any, placed: Sequence[GapLine | str]) -> None:
    axes.set_yticks(range(len(placed)), [line.name if isinstance(line, GapLine) else line for line in placed])
    for label, line in zip(axes.get_yticklabels(), placed, strict=True):
        label.set_fontsize(9)
        if isinstance(line, str):
            label.set_fontweight("bold")
