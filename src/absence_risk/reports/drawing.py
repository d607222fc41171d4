"""How every figure is drawn: one style, narrow enough to be read on a phone, and the same bytes for the same numbers.

The only module that imports matplotlib, without its global state. Text stays text, so that it can be read aloud and
searched; identifiers are fixed and no date is written.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Inches. A figure of this width, shown as wide as a phone, has letters of 11 pixels.
WIDTH = 4.0

_STYLE = {
    "svg.hashsalt": "absence_risk",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "legend.fontsize": 9,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
#: Okabe and Ito's colours, told apart with any colour vision; line styles and markers tell them apart in grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#666666"


def look(place: int, label: str) -> dict[str, Any]:
    """How the curve in a place of the legend is drawn: colour, line and marker of its own."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "linestyle": LINES[place % len(LINES)],
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4,
        "label": label,
    }


@contextlib.contextmanager
def canvas(height: float, *, width: float = WIDTH) -> Iterator[Figure]:
    """An empty figure in our style; matplotlib's settings are put back afterwards.

    Parameters
    ----------
    height, width : float
        Inches.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def svg(figure: Figure) -> bytes:
    """The figure as SVG bytes, without a date or the name of a program."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    held = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(held, metadata={"Date": None, "Creator": None})
    return held.getvalue()


def percent(axis: Any) -> None:
    """Write the ticks of an axis of shares as 10%, 20%."""
    axis.set_major_formatter(lambda share, _: f"{share * 100:.3g}%")
