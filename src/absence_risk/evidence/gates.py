"""The gates: bars that are set before a test year is opened, and what a model came to at each of them.

A gate that lacks its numbers cannot be judged, and what cannot be judged has not passed. The numbers decide exactly;
in the words, counts are suppressed and rounded, since a gate is printed on cards that may leave the authority.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..disclosure import DisclosurePolicy
from .gate_words import (
    ASKS,
    Found,
    about,
    freshness_words,
    gap_words,
    interval,
    more_or_fewer,
    number,
    shown_rate,
)
from .tables import EVIDENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

PASSED, FAILED, CANNOT = "passed", "failed", "cannot be judged"
ENOUGH = "enough"
NATIONAL = 0.65

#: Gaps the gate looks at: harm by being missed, and harm by being listed wrongly.
GAPS = {"miss_rate_gap": "missed", "false_listing_rate_gap": "listed wrongly"}


@dataclass(frozen=True)
class GateBars:
    """Where each bar stands.

    Attributes
    ----------
    beats_best_rule_by : float
        Pupils: the lower end of the paired interval against the best simple rule must lie above it.
    precision_at_capacity : float
        Share rightly listed. 0.65 is the level that the review of machine learning in children's services set before
        it looked at any result, there of average precision (What Works for Children's Social Care, 2020).
    calibration_slope : tuple of float
        Lowest and highest slope of observed on stated log-odds.
    median_inclusion_share : float
        Share of refits that list the middle pupil of the list.
    group_gap_limit : float
        Largest gap in miss rate or false-listing rate between a group and everyone else; the authority's own choice.
    """

    beats_best_rule_by: float = 0.0
    precision_at_capacity: float = NATIONAL
    calibration_slope: tuple[float, float] = (0.8, 1.2)
    median_inclusion_share: float = 0.8
    group_gap_limit: float = 0.2


class SourceReach(NamedTuple):
    """How far a kind of return reaches: words, latest date (ISO) or None, whether a later one was due, days old."""

    words: str
    latest: str | None
    stale: bool
    days_old: int | None


def judge_gates(
    tables: Mapping[str, pd.DataFrame],
    bars: GateBars,
    *,
    median_inclusion: float | None,
    sources: Sequence[tuple[str, str | None, bool, int | None]],
    final_year: str,
    candidate: str,
    policy: DisclosurePolicy | None = None,
) -> pd.DataFrame:
    """Every gate in words, one row each, in a fixed order.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The evidence tables ``measures``, ``uplift`` and ``groups``, exact. A table may be absent; its gates then
        cannot be judged.
    bars : GateBars
    median_inclusion : float or None
        Median inclusion share (0-1) of listed pupils; None if there were no refits.
    sources : sequence of SourceReach
        Every kind of return.
    final_year : str
        The year that decides, as 2024/25.
    candidate : str
        Rival name of the model that is judged.
    policy : DisclosurePolicy, optional
        How counts are said; by default the shipped one.

    Returns
    -------
    DataFrame
        The columns of ``EVIDENCE_TABLES["gates"]``.
    """
    said = policy or DisclosurePolicy()
    measures = _measures_of(tables.get("measures"), final_year, candidate)
    judged = {
        "beats_best_rule": _beats_best_rule(_rows(tables.get("uplift"), final_year), bars, said),
        "precision_at_capacity": _precision(measures.get("precision_at_capacity"), bars, said),
        "calibration_slope": _slope(measures.get("calibration_slope"), bars),
        "calibration_in_the_large": _in_the_large(measures.get("calibration_in_the_large")),
        "median_inclusion_share": _inclusion(median_inclusion, bars),
        "group_gaps": _group_gaps(_rows(tables.get("groups"), final_year), bars),
        "data_freshness": _freshness([SourceReach(*source) for source in sources]),
    }
    return EVIDENCE_TABLES["gates"].frame(
        {
            "gate": name,
            "words": ASKS[name],
            "bar": found.bar,
            "found": found.found,
            "state": {True: PASSED, False: FAILED, None: CANNOT}[found.passed],
        }
        for name, found in judged.items()
    )


def _rows(table: pd.DataFrame | None, year: str) -> list[dict[str, Any]]:
    if table is None:
        return []
    return [
        {str(key): cell for key, cell in row.items()}
        for row in table[table["year"] == year].to_dict("records")
    ]


def _measures_of(table: pd.DataFrame | None, year: str, candidate: str) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in _rows(table, year) if row["rival"] == candidate}


def _known(row: Mapping[str, Any] | None, *names: str) -> bool:
    return row is not None and all(math.isfinite(float(row[name])) for name in names)


def _beats_best_rule(rows: list[dict[str, Any]], bars: GateBars, said: DisclosurePolicy) -> Found:
    bar = f"the lower end of the 95% interval above {number(bars.beats_best_rule_by)} pupils"
    rules = [row for row in rows if row["kind"] == "rule"]
    if not rules or not all(_known(row, "rival_found") for row in rules):
        return Found(bar, "no simple rule stood beside it on the test year", None)
    best = min(rules, key=lambda row: (-float(row["rival_found"]), str(row["rival"])))
    name = str(best["rival"]).replace("_", " ")
    if not _known(best, "difference", "low", "high"):
        return Found(bar, f"no interval could be drawn beside the best simple rule ({name})", None)
    found = (
        f"{more_or_fewer(best['difference'])} than the best simple rule ({name}), which found "
        f"{about(best['rival_found'], said)}; {interval(best)}"
    )
    return Found(bar, found, float(best["low"]) > bars.beats_best_rule_by)


def _precision(row: dict[str, Any] | None, bars: GateBars, said: DisclosurePolicy) -> Found:
    level = ", the level set in advance in national testing" if bars.precision_at_capacity == NATIONAL else ""
    bar = f"{bars.precision_at_capacity:.2f} or more{level}"
    if row is None or not _known(row, "value", "part", "of"):
        return Found(bar, "not measured", None)
    passed = float(row["value"]) >= bars.precision_at_capacity
    return Found(bar, shown_rate(row, said), passed)


def _slope(row: dict[str, Any] | None, bars: GateBars) -> Found:
    low, high = bars.calibration_slope
    bar = f"{low:.2f} to {high:.2f}; 1 is right, below 1 is too bold"
    if row is None or not _known(row, "value"):
        return Found(bar, "not measured", None)
    return Found(bar, f"{row['value']:.2f}; {interval(row, 2)}", low <= float(row["value"]) <= high)


def _in_the_large(row: dict[str, Any] | None) -> Found:
    bar = "the 95% interval of what came less what was stated covers zero"
    if row is None or not _known(row, "value", "low", "high"):
        return Found(bar, "not measured, or no interval could be drawn", None)
    passed = float(row["low"]) <= 0.0 <= float(row["high"])
    return Found(bar, f"{row['value']:+.4f}; {interval(row, 4)}", passed)


def _inclusion(share: float | None, bars: GateBars) -> Found:
    bar = f"{bars.median_inclusion_share:.2f} or more"
    if share is None or not math.isfinite(share):
        return Found(bar, "the model was not trained again on other draws", None)
    return Found(bar, f"{share:.2f}", share >= bars.median_inclusion_share)


def _group_gaps(rows: list[dict[str, Any]], bars: GateBars) -> Found:
    """Judged over single attributes: pairs of them are shown, and are too many and too small to decide by."""
    bar = f"no clear gap larger than {bars.group_gap_limit:.2f}"
    single = [row for row in rows if row["attribute"] != "overall" and " and " not in str(row["attribute"])]
    enough = [
        (float(row[gap]), gap, row)
        for row in single
        if row["state"] == ENOUGH
        for gap in GAPS
        if _known(row, gap, f"{gap}_low", f"{gap}_high")
    ]
    if not enough:
        return Found(bar, "no group was recorded with enough pupils to say", None)
    clear = [
        one for one in enough if not float(one[2][f"{one[1]}_low"]) <= 0 <= float(one[2][f"{one[1]}_high"])
    ]
    if not clear:
        return Found(bar, f"none of {len(enough)} gaps is clear of zero", True)
    gap, name, row = max(clear, key=lambda one: abs(one[0]))
    found = f"the largest of {len(clear)} clear among {len(enough)} gaps: {gap_words(gap, GAPS[name], row)}"
    return Found(bar, f"{found}; {interval(row, 2, name)}", abs(gap) <= bars.group_gap_limit)


def _freshness(sources: list[SourceReach]) -> Found:
    bar = "no return missing or older than it should be"
    if not sources:
        return Found(bar, "no return was looked at", None)
    return Found(bar, freshness_words(sources), not any(source.stale for source in sources))
