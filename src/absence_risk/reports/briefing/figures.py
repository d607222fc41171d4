"""The figures of a backtest, drawn from tables that went through the disclosure policy. No pupil is in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...evidence.tables import EVIDENCE_TABLES
from ..drawing import COLOURS, GREY, canvas, look, svg
from ..figures import calibration_figure, list_length_figure
from .forest import Block, Point, forest_figure
from .gap_lines import GapLine, gap_lines_figure
from .standing import judged_year, ours_and_best
from .terms import attribute_words, natural, rival_words, spaced

if TYPE_CHECKING:
    import pandas as pd

    from ...disclosure import DisclosurePolicy
    from ...evidence.result import Evidence

TOO_FEW = "too few to say"


def evidence_figures(evidence: Evidence, policy: DisclosurePolicy) -> dict[str, bytes]:
    """Every figure as SVG bytes, by name: what the page shows and what is recorded with the run.

    Parameters
    ----------
    evidence : Evidence
        Exact tables.
    policy : DisclosurePolicy
        Applied to every table before anything is drawn from it.
    """
    shown = shown_tables(evidence, policy)
    year, capacity = judged_year(evidence), int(evidence.about["capacity"])
    ours, best = ours_and_best(evidence, year)
    beside = tuple(dict.fromkeys((str(evidence.about["candidate"]), ours.rival, best.rival)))
    draw: dict[str, Callable[[], bytes]] = {
        "precision": lambda: precision_figure(shown["measures"], capacity=capacity, first=year),
        "uplift": lambda: uplift_figure(shown["uplift"], capacity=capacity, first=year),
        "list_length": lambda: _lengths(_year(shown["list_lengths"], year), beside, capacity),
        "calibration": lambda: _calibration(_year(shown["calibration"], year), year),
        "net_benefit": lambda: net_benefit_figure(_year(shown["net_benefit"], year), rivals=beside),
        "miss_rate_gaps": lambda: gap_figure(_year(shown["groups"], year), "miss_rate"),
        "false_listing_gaps": lambda: gap_figure(_year(shown["groups"], year), "false_listing_rate"),
        "inclusion": lambda: inclusion_figure(shown["inclusion"]),
        "odds_ratios": lambda: odds_figure(shown["odds_ratios"]),
    }
    needs = {"inclusion": "inclusion", "odds_ratios": "odds_ratios", "calibration": "calibration"}
    return {name: drawn() for name, drawn in draw.items() if not shown[needs.get(name, "measures")].empty}


def shown_tables(evidence: Evidence, policy: DisclosurePolicy) -> dict[str, pd.DataFrame]:
    """Every table as it may be printed."""
    return {name: policy.apply(table, evidence.tables[name]) for name, table in EVIDENCE_TABLES.items()}


def _year(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    return frame[frame["year"] == year].reset_index(drop=True)


def _points_by_year(rows: pd.DataFrame, value: str) -> dict[tuple[str, str], Point]:
    named = zip(rows["rival"], rows["year"], rows[value], rows["low"], rows["high"], strict=True)
    return {
        (str(r), str(y)): Point(f"test year {y}", float(v), float(a), float(b)) for r, y, v, a, b in named
    }


def _rival_blocks(rows: pd.DataFrame, value: str, first: str) -> list[Block]:
    """One block per rival, best on the year that comes first; a value that is not shown comes last."""
    points = _points_by_year(rows, value)
    years = [first, *sorted({year for _, year in points} - {first}, reverse=True)]
    own = {
        str(rival): bool(candidate) for rival, candidate in zip(rows["rival"], rows["candidate"], strict=True)
    }
    blocks = {}
    for rival, candidate in own.items():
        found = tuple(points[(rival, year)] for year in years if (rival, year) in points)
        blocks[rival] = Block(rival_words(rival, candidate=candidate), found, candidate)
    return [blocks[rival] for rival in sorted(blocks, key=lambda rival: (_low_last(blocks[rival]), rival))]


def _low_last(block: Block) -> float:
    value = block.points[0].value
    return math.inf if math.isnan(value) else -value


def precision_figure(measures: pd.DataFrame, *, capacity: int, first: str) -> bytes:
    """Share of the list that was right, by rival and year, with intervals.

    Parameters
    ----------
    measures : DataFrame
        The table ``measures``, policy applied.
    capacity : int
        Length of the list.
    first : str
        The year whose order rules.
    """
    rows = measures[measures["measure"] == "precision_at_capacity"]
    return forest_figure(
        _rival_blocks(rows, "value", first),
        title=f"Right on a list of {capacity:,}",
        x_label="share of the list that met the outcome",
        scale="share",
    )


def uplift_figure(uplift: pd.DataFrame, *, capacity: int, first: str) -> bytes:
    """Pupils found by the model beyond each rival, by year, with paired intervals.

    Parameters are those of :func:`precision_figure`, with the table ``uplift``.
    """
    blocks = list(reversed(_rival_blocks(uplift, "difference", first)))
    return forest_figure(
        blocks,
        title="The model beside each rival",
        x_label=f"more pupils found by the model, of {capacity:,}",
        line_at=0.0,
    )


def _lengths(rows: pd.DataFrame, rivals: tuple[str, ...], capacity: int) -> bytes:
    candidate = rivals[0]
    curves = {
        rival_words(rival, candidate=rival == candidate): rows[rows["rival"] == rival].sort_values("k")
        for rival in rivals
    }
    return list_length_figure(curves, capacity=capacity)


def _calibration(rows: pd.DataFrame, year: str) -> bytes:
    return calibration_figure(
        rows[rows["candidate"].astype(bool)], title=f"Stated and observed shares, {year}"
    )


def net_benefit_figure(rows: pd.DataFrame, *, rivals: tuple[str, ...]) -> bytes:
    """Net benefit across thresholds: the model, the rules beside it, everyone and no one.

    Parameters
    ----------
    rows : DataFrame
        The table ``net_benefit`` of one year.
    rivals : tuple of str
        Short names to draw, the model first.
    """
    with canvas(4.6) as figure:
        axes = figure.subplots()
        drawn = rows[rows["rival"].isin([*rivals, "everyone", "no_one"])]
        own = drawn[drawn["rival"] == rivals[0]]["net_benefit"]
        for place, rival in enumerate([*rivals, "everyone", "no_one"]):
            curve = drawn[drawn["rival"] == rival].sort_values("threshold")
            how = look(place, rival_words(rival, candidate=rival == rivals[0])) | {"marker": ""}
            axes.plot(curve["threshold"] * 100, curve["net_benefit"] * 1000, **how)
        # An offer to everyone falls without end: the axis follows the model.
        top = max(float(own.max()) * 1000, 1.0)
        axes.set(ylim=(-0.25 * top, 1.1 * top), xlabel="chance worth an offer, in 100")
        axes.set(ylabel="net benefit, per 1,000 pupils", title="Net benefit")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", frameon=False)
        return svg(figure)


_GAP_WORDS = {
    "miss_rate": (
        "Missed, beside everyone else",
        "more in 100 who met it",
    ),
    "false_listing_rate": (
        "Listed wrongly, beside everyone else",
        "more in 100 who did not",
    ),
}


def in_order(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """Rows of groups with the levels of each attribute in their natural order, attributes as they come."""
    attributes = list(dict.fromkeys(row["attribute"] for row in rows))
    return sorted(rows, key=lambda row: (attributes.index(row["attribute"]), natural(row["group"])))


def gap_figure(groups: pd.DataFrame, rate: str) -> bytes:
    """The gap of each group to everyone else, with intervals; pairs of groups stay in the tables.

    Parameters
    ----------
    groups : DataFrame
        The table ``groups`` of one year.
    rate : str
        ``miss_rate`` or ``false_listing_rate``.
    """
    single = groups[~groups["attribute"].str.contains(" and ") & (groups["attribute"] != "overall")]
    lines = [_gap_line(row, f"{rate}_gap") for row in in_order(single.to_dict("records"))]
    title, x_label = _GAP_WORDS[rate]
    return gap_lines_figure(lines, title=title, x_label=x_label)


def _gap_line(row: Mapping[Any, Any], gap: str) -> GapLine:
    heading, name = attribute_words(row["attribute"]), spaced(row["group"])
    value, low, high = (float(row[key]) for key in (gap, f"{gap}_low", f"{gap}_high"))
    if row["state"] != "enough":
        return GapLine(heading, name, math.nan, math.nan, math.nan, TOO_FEW)
    return GapLine(heading, name, value, low, high, "too small to print")


def inclusion_figure(inclusion: pd.DataFrame) -> bytes:
    """How many listed pupils stand in which band of inclusion share; a hidden number is written, not drawn."""
    with canvas(3.6) as figure:
        axes = figure.subplots()
        bands = [str(band) for band in inclusion["inclusion"]]
        heights = [0 if isinstance(n, str) or n is None else int(n) for n in inclusion["listed"]]
        axes.bar(range(len(bands)), heights, color=COLOURS[0], width=0.85)
        for place, number in enumerate(inclusion["listed"]):
            said = "" if number is None else f"{number:,}" if not isinstance(number, str) else number
            axes.annotate(said, (place, heights[place]), ha="center", va="bottom", color=GREY, fontsize=9)
        axes.set_xticks(range(len(bands)), [band.replace(" to ", "–\n") for band in bands])
        axes.set(xlabel="share of refits that list the pupil", ylabel="pupils on the list")
        axes.set_title("How firmly pupils stand on the list")
        return svg(figure)


def odds_figure(odds: pd.DataFrame) -> bytes:
    """Adjusted and unadjusted odds ratios with intervals, on a logarithmic scale; reference levels are left out.

    Parameters
    ----------
    odds : DataFrame
        The table ``odds_ratios``, policy applied.
    """
    blocks = []
    for row in odds[odds["state"] != "reference"].to_dict("records"):
        name = f"{str(row['factor'])[:1].upper()}{str(row['factor'])[1:]}: {row['level']}"
        blocks.append(Block(name, tuple(_odds_point(row, how) for how in ("adjusted", "unadjusted"))))
    return forest_figure(
        blocks, title="Odds ratios", x_label="odds ratio (1: no link)", line_at=1.0, scale="ratio"
    )


def _odds_point(row: Mapping[Any, Any], how: str) -> Point:
    value, low, high = (float(row[name]) for name in (how, f"{how}_low", f"{how}_high"))
    if row["state"] != "enough" or not value > 0:
        return Point(how, math.nan, math.nan, math.nan, TOO_FEW)
    return Point(how, value, low, high)
