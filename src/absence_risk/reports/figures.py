"""Three drawings for the model card and the report: calibration, length of list, and what the model looks at.

No pupil is in them. Each returns SVG bytes; the same numbers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .drawing import COLOURS, GREY, canvas, look, percent, svg

if TYPE_CHECKING:
    import pandas as pd


def calibration_figure(table: pd.DataFrame, *, title: str = "Stated and observed shares, test year") -> bytes:
    """Stated against observed shares, one point per bin, with the number of pupils at a point.

    Parameters
    ----------
    table : DataFrame
        ``mean_prob``, ``observed`` and ``n`` (a count, or ``c`` where it is hidden) by bin, as
        ``evaluation.calibration.calibration_table`` returns them; with ``observed_low`` and ``observed_high`` the
        intervals are drawn too. A bin without an observed share is left out.
    """
    with canvas(4.4) as figure:
        axes = figure.subplots()
        shown = table[table["observed"].notna()]
        tops = [shown["mean_prob"].max(), shown["observed"].max(), 0.01]
        if "observed_high" in shown:
            tops.append(shown["observed_high"].max())
            axes.vlines(shown["mean_prob"], shown["observed_low"], shown["observed_high"], color=COLOURS[0])
        top = float(max(t for t in tops if t == t)) * 1.08  # noqa: PLR0124 - leaves out what is missing
        axes.plot([0, top], [0, top], color=GREY, linestyle=":", label="as stated")
        axes.plot(shown["mean_prob"], shown["observed"], color=COLOURS[0], marker="o", label="observed")
        axes.set(xlim=(0, top), ylim=(0, top), ylabel="observed, share of pupils")
        axes.set_xlabel(f"stated, share of pupils\n({_pupils_at_a_point(table)})")
        for axis in (axes.xaxis, axes.yaxis):
            percent(axis)
        axes.set_title(title)
        axes.legend(frameon=False)
        return svg(figure)


def _pupils_at_a_point(table: pd.DataFrame) -> str:
    counts = [int(n) for n in table["n"] if not isinstance(n, str)]
    if not counts:
        return "number of pupils not shown"
    fewest, most = min(counts), max(counts)
    each = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    return f"{each} pupils at each point"


def list_length_figure(curves: Mapping[str, pd.DataFrame], *, capacity: int) -> bytes:
    """Precision and recall by length of list, the model beside the simple rules.

    Parameters
    ----------
    curves : dict of DataFrame
        By the name shown, each with ``k``, ``precision`` and ``recall``, as ``evaluation.ranking.by_list_length``
        returns them.
    capacity : int
        Marked by an upright line.
    """
    with canvas(6.2 + 0.2 * len(curves)) as figure:
        axes = figure.subplots(2, 1, sharex=True)
        for place, (name, curve) in enumerate(curves.items()):
            drawn: dict[str, Any] = look(place, name)
            axes[0].plot(curve["k"], curve["precision"], **drawn)
            axes[1].plot(curve["k"], curve["recall"], **drawn)
        axes[0].set_title("Right, of those listed")
        axes[1].set_title("Found, of those who met the outcome")
        axes[1].set_xlabel(f"pupils on the list (dotted: {capacity:,} places)")
        for part in axes:
            part.axvline(capacity, color=GREY, linestyle=":")
            part.set(ylim=(0, None))
            percent(part.yaxis)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left", frameon=False)
        return svg(figure)


def size_figure(sizes: Mapping[str, float], *, title: str) -> bytes:
    """Bars of the mean size of contributions (log-odds), largest at the top: what the model looks at, not causes.

    Parameters
    ----------
    sizes : dict of float
        By label, in the order to be drawn; for features, the first fifteen or so of ``mean_size``.
    """
    with canvas(0.9 + 0.3 * max(1, len(sizes)), width=8.0) as figure:
        axes = figure.subplots()
        places = range(len(sizes))
        axes.barh(places, list(sizes.values()), color=COLOURS[0])
        axes.set_yticks(places, list(sizes))
        axes.invert_yaxis()
        axes.set_xlabel("mean size of contribution, log-odds")
        figure.suptitle(title)  # over the whole figure: long labels leave the axes too narrow for it
        return svg(figure)
