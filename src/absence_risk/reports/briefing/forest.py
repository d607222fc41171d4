"""Points with intervals, one block of rows per name: rivals by year, odds ratios by factor.

The name stands above its points, not beside them, so that long names leave room on a phone. What cannot be said is
written in its place, never drawn as nought.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..drawing import COLOURS, GREY, MARKERS, canvas, percent, svg

_NAME, _ROW, _GAP = 0.2, 0.19, 0.08  # inches: the line of a name, of a point, and the space below a block


@dataclass(frozen=True)
class Point:
    """One value with its interval; ``note`` is written instead where the value is missing."""

    series: str
    value: float
    low: float
    high: float
    note: str = "not shown"


@dataclass(frozen=True)
class Block:
    """A name and its points, in the order of the series; ``own`` marks the model that is judged."""

    name: str
    points: tuple[Point, ...]
    own: bool = False


def forest_figure(
    blocks: Sequence[Block], *, title: str, x_label: str, line_at: float | None = None, scale: str = "plain"
) -> bytes:
    """Draw the blocks from the top.

    Parameters
    ----------
    blocks : sequence of Block
        In the order to be drawn.
    title, x_label : str
        Words.
    line_at : float, optional
        Where an upright line says "no difference".
    scale : {"plain", "share", "ratio"}
        Shares are written as percentages; ratios are drawn on a logarithmic scale.
    """
    series = list(dict.fromkeys(point.series for block in blocks for point in block.points))
    depth = sum(_depth(block) for block in blocks) or _ROW
    with canvas(depth + 1.0 + 0.25 * (len(series) > 1)) as figure:
        axes = figure.subplots()
        _scaled(axes, scale)
        if line_at is not None:
            axes.axvline(line_at, color=GREY, linewidth=1)
        _draw(axes, blocks, series)
        axes.set(ylim=(depth, -0.05), yticks=[], xlabel=x_label)
        axes.spines["left"].set_visible(False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        if len(series) > 1:
            _legend(axes, figure, series)
        return svg(figure)


def _depth(block: Block) -> float:
    return _NAME + _ROW * len(block.points) + _GAP


def _scaled(axes: Any, scale: str) -> None:
    if scale == "ratio":
        axes.set_xscale("log")
        ticks = [0.25, 0.5, 1, 2, 4, 8, 16]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    elif scale == "share":
        percent(axes.xaxis)


def _draw(axes: Any, blocks: Sequence[Block], series: Sequence[str]) -> None:
    at_left = axes.get_yaxis_transform()  # across the axes, whatever the numbers
    # A white ground, so that no line runs through a name.
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    y = 0.0
    for block in blocks:
        weight = "bold" if block.own else "normal"
        name = axes.text(
            0.0, y + _NAME / 2, block.name, transform=at_left, va="center", fontweight=weight, bbox=ground
        )
        name.set_in_layout(False)  # a long name would otherwise narrow the axes for all
        for place, point in enumerate(block.points):
            middle = y + _NAME + _ROW * (place + 0.5)
            _draw_point(axes, point, middle, series.index(point.series), at_left)
        y += _depth(block)


def _draw_point(axes: Any, point: Point, y: float, place: int, at_left: Any) -> None:
    if math.isnan(point.value):
        axes.text(0.02, y, point.note, transform=at_left, va="center", fontsize=9, style="italic", color=GREY)
        return
    colour = COLOURS[place % len(COLOURS)]
    if not (math.isnan(point.low) or math.isnan(point.high)):
        axes.plot([point.low, point.high], [y, y], color=colour, linewidth=1.6)
    # Filled for the first series and hollow for the others, so that they differ in grey.
    filled = colour if place == 0 else "white"
    axes.plot(
        [point.value],
        [y],
        marker=MARKERS[place % len(MARKERS)],
        markersize=6,
        color=colour,
        markerfacecolor=filled,
    )


def _legend(axes: Any, figure: Any, series: Sequence[str]) -> None:
    handles = [
        axes.plot([], [], marker=MARKERS[place % len(MARKERS)], color=COLOURS[place % len(COLOURS)],
                  markerfacecolor=COLOURS[place % len(COLOURS)] if place == 0 else "white")[0]
        for place in range(len(series))
    ]  # fmt: skip
    figure.legend(handles, series, loc="outside lower left", ncols=min(3, len(series)), frameon=False)
