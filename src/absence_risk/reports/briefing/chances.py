"""The part of an evidence page on whether the stated chances can be believed, and from which one a list pays."""

from __future__ import annotations

import math

from .printed import (
    NOT_KNOWN,
    FigureShown,
    Results,
    Section,
    Table,
    number,
    share,
    share_with_interval,
    statistic,
)


def chances_section(results: Results) -> Section:
    """Whether the stated chances can be believed, and from which chance a list is worth making."""
    shown = FigureShown(
        "calibration", "Stated and observed shares with intervals", _calibration_reading(results)
    )
    benefit = FigureShown(
        "net_benefit",
        "Net benefit by threshold",
        "Higher is better. Net benefit counts a right offer as one and takes off for each offer that was not "
        "needed, the more so the further right one reads. From which chance an offer is worth making is a "
        "judgement of values, not of this report.",
    )
    return Section(
        "chances",
        "Can the stated chances be believed?",
        figures=(shown, benefit),
        tables=(_bins(results), _chance_table(results)),
    )


def _calibration_reading(results: Results) -> str:
    slope, large = (results.measure(f"calibration_{name}")["value"] for name in ("slope", "in_the_large"))
    said = "Points on the dotted line: what was stated is what came. "
    if math.isnan(slope):
        return said + "The judged model states no chances."
    bold = "too extreme" if slope < 0.8 else "too timid" if slope > 1.2 else "as spread as they should be"
    more = "more" if large >= 0 else "fewer"
    return (
        f"{said}Here the slope is {statistic(slope)} (1 is best), so the chances are {bold}; on the whole "
        f"{statistic(abs(large) * 100, 1)} {more} in 100 pupils met the outcome than stated."
    )


def _bin_words(lowest: str, highest: str) -> str:
    if lowest == NOT_KNOWN:
        return f"up to {highest}"
    return f"{lowest} or more" if highest == NOT_KNOWN else f"{lowest} to {highest}"


def _bins(results: Results) -> Table:
    rows = [row for row in results.rows("calibration") if row["candidate"]]
    cells = tuple(
        (
            _bin_words(share(float(row["lowest"]), 1), share(float(row["highest"]), 1)),
            share(float(row["mean_prob"]), 1),
            share_with_interval(row, "observed", 1),
            number(row["n"]),
            number(row["events"]),
        )
        for row in rows
    )
    heads = ("Stated chance", "Mean stated", "Observed", "Pupils", "Met the outcome")
    reading = "Each line is about a tenth of the pupils, from the lowest stated chance to the highest."
    return Table(f"Stated and observed, {results.year}", heads, cells, reading)


_CHANCE_ROWS = (
    ("calibration_in_the_large", "Observed share less mean stated chance", "0"),
    ("calibration_slope", "Slope", "1"),
    ("calibration_intercept", "Intercept, log-odds", "0"),
    ("roc_auc", "ROC AUC", "1; 0.5 is chance"),
    ("average_precision", "Average precision", "1"),
    ("brier", "Brier score", "0"),
    ("brier_reliability", "Brier: reliability", "0"),
    ("brier_resolution", "Brier: resolution", "as high as may be"),
    ("brier_uncertainty", "Brier: uncertainty of the year", "not the model's"),
    ("brier_remainder", "Brier: within the bins", "not the model's"),
)


def _chance_table(results: Results) -> Table:
    cells = []
    for name, words, best in _CHANCE_ROWS:
        row = results.measure(name)
        value = float(row["value"])
        if not math.isnan(value):
            digits = 4 if name.startswith("brier") else 3
            low, high = (statistic(float(row[end]), digits) for end in ("low", "high"))
            ends = NOT_KNOWN if NOT_KNOWN in (low, high) else f"{low} to {high}"
            cells.append((words, statistic(value, digits), ends, best))
    reading = "For an analyst: measures of the whole ranking and of the chances; none is about a list of this length."
    heads = ("Measure", "Value", "95% interval", "Best")
    return Table(f"Measures of ranking and chance, {results.year}", heads, tuple(cells), reading)
