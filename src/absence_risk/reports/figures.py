"""Three drawings for the model card: calibration, length of list, and what the model looks at. No pupil is in them.

The only room that imports matplotlib, without its global state. Each returns SVG bytes; the same numbers give the same
bytes (fixed identifiers, no date). Text stays text, so that it can be read aloud and searched.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_STYLE = {
    "svg.hashsalt": "absence_risk",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "axes.spines.top": False,
    "axes.spines.right": False,
}
#: Okabe and Ito's colours, told apart with any colour vision; line styles and markers tell them apart in grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Figure) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    held = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(held, metadata={"Date": None, "Creator": None})
    return held.getvalue()


def _styled() -> Any:
    import matplotlib

    return matplotlib.rc_context(_STYLE)


def calibration_figure(table: pd.DataFrame, *, title: str = "Stated and observed shares, test year") -> bytes:
    """Stated against observed shares, one point per bin, with the number of pupils at a point.

    Parameters
    ----------
    table : DataFrame
        As returned by ``evaluation.calibration.calibration_table``.
    """
    with _styled():
        figure = _figure(5.2, 4.6)
        axes = figure.subplots()
        top = float(max(table["mean_prob"].max(), table["observed"].max(), 0.01)) * 1.08
        axes.plot([0, top], [0, top], color="#666666", linestyle=":", label="as stated")
        axes.plot(table["mean_prob"], table["observed"], color=_COLOURS[0], marker="o", label="observed")
        fewest, most = int(table["n"].min()), int(table["n"].max())
        each = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        axes.set(xlim=(0, top), ylim=(0, top), ylabel="observed, share of pupils")
        axes.set_xlabel(f"stated, share of pupils ({each} pupils at each point)")
        axes.set_title(title)
        axes.legend(frameon=False)
        return _svg(figure)


def list_length_figure(curves: Mapping[str, pd.DataFrame], *, capacity: int) -> bytes:
    """Precision and recall by length of list, the model beside the simple rules.

    Parameters
    ----------
    curves : dict of DataFrame
        By the name shown, each as returned by ``evaluation.ranking.by_list_length``.
    capacity : int
        Marked by an upright line.
    """
    with _styled():
        figure = _figure(9.0, 4.4)
        axes = figure.subplots(1, 2)
        for place, (name, curve) in enumerate(curves.items()):
            look = {
                "color": _COLOURS[place % len(_COLOURS)],
                "linestyle": _LINES[place % len(_LINES)],
                "marker": _MARKERS[place % len(_MARKERS)],
                "markersize": 3,
                "label": name,
            }
            axes[0].plot(curve["k"], curve["precision"], **look)
            axes[1].plot(curve["k"], curve["recall"], **look)
        axes[0].set(ylabel="of those listed, share who met the outcome", title="Precision")
        axes[1].set(ylabel="of those who met it, share listed", title="Recall")
        for part in axes:
            part.axvline(capacity, color="#666666", linestyle=":")
            part.set(xlabel="pupils on the list", ylim=(0, None))
        axes[1].legend(frameon=False, fontsize=8)
        return _svg(figure)


def size_figure(sizes: Mapping[str, float], *, title: str) -> bytes:
    """Bars of the mean size of contributions (log-odds), largest at the top: what the model looks at, not causes.

    Parameters
    ----------
    sizes : dict of float
        By label, in the order to be drawn; for features, the first fifteen or so of ``mean_size``.
    """
    with _styled():
        figure = _figure(8.0, 0.9 + 0.3 * max(1, len(sizes)))
        axes = figure.subplots()
        places = range(len(sizes))
        axes.barh(places, list(sizes.values()), color=_COLOURS[0])
        axes.set_yticks(places, list(sizes))
        axes.invert_yaxis()
        axes.set_xlabel("mean size of contribution, log-odds")
        figure.suptitle(title)  # over the whole figure: long labels leave the axes too narrow for it
        return _svg(figure)
