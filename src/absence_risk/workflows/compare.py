"""Two backtests of the same pupils, compared draw by draw: is one model better, or may that be chance?"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from .evidence_folder import IN_RUN, EvidenceFolder, read_evidence_folder
from .tracked import tracking_for

if TYPE_CHECKING:
    import pandas as pd

#: What must be equal for two runs to have judged the same pupils by the same draws, in words.
SAME = {
    "store_fingerprint": "the store",
    "exclusions_sha256": "the children left out",
    "outcome": "the outcome",
    "as_of": "the day on which features are looked at",
    "capacity": "the capacity",
    "rounds": "the number of draws",
    "seed": "the seed of the draws",
}
HEADLINE = "found_at_capacity"
_RUN_ID = re.compile("[0-9a-f]{32}")
_FOOT = (
    "Differences and their intervals are of the paired draws: whole schools, the same for both. The two values of a "
    "line are as the reports print them, so numbers of pupils may be rounded."
)
_COLUMNS = ("year", "measure", "words", "first", "second", "difference", "low", "high", "verdict")


@dataclass(frozen=True)
class Compared:
    """The models judged by two backtests, side by side.

    Attributes
    ----------
    first, second : str
        What each model is called here.
    table : DataFrame
        One row per common test year and measure: ``first`` and ``second`` as their reports print them (rounded, or
        missing where suppressed), ``difference`` first less second in the middle of the paired draws, its 95% interval
        ``low`` to ``high``, and a ``verdict`` in words.
    years : tuple of str
        The common test years.
    left_out : tuple of str
        Test years that only one of them has.
    """

    first: str
    second: str
    table: pd.DataFrame
    years: tuple[str, ...]
    left_out: tuple[str, ...]

    def in_words(self) -> str:
        """The verdict on pupils found at capacity first, year by year, then every measure."""
        lines = [f"First: {self.first}", f"Second: {self.second}", "", *self._headlines(), ""]
        lines += [_line(row) for row in self.table.to_dict("records")]
        if self.left_out:
            lines += ["", f"Only one of them tested {', '.join(self.left_out)}; left out of the comparison."]
        return "\n".join([*lines, "", _FOOT])

    def _headlines(self) -> list[str]:
        rows = self.table[self.table["measure"] == HEADLINE]
        return [f"{row['year']}: {_found_words(row)}" for row in rows.to_dict("records")]


def run_compare(
    run_a: Path | str, run_b: Path | str, *, store: Path | str | None = None, tracking: str | None = None
) -> Compared:
    """Compare the models that two backtests judged, on the years both tested.

    Parameters
    ----------
    run_a, run_b : Path or str
        A folder of evidence, or the id of a backtest's run in MLflow.
    store : Path, optional
        The store beside which the MLflow folder stands, where a run is named by its id.
    tracking : str, optional
        MLflow tracking address.

    Raises
    ------
    UsageError
        If a run is not found, or the two did not judge the same pupils by the same draws: everything that differs is
        named.
    InputError
        If the evidence is damaged or was altered.
    """
    first, second = (read_evidence_folder(_folder(run, store, tracking)) for run in (run_a, run_b))
    _refuse_different(first.about, second.about)
    ours, theirs = first.candidate_draws(), second.candidate_draws()
    years = [sorted({year for year, _ in found}) for found in (ours, theirs)]
    common = tuple(year for year in years[0] if year in years[1])
    if not common:
        raise UsageError(
            f"the two runs have no test year in common: {', '.join(years[0]) or 'none'} and "
            f"{', '.join(years[1]) or 'none'}; compare two of the same years"
        )
    rows = [
        _row(first, second, year, measure, ours[year, measure] - theirs[year, measure])
        for year, measure in ours
        if (year, measure) in theirs
    ]
    import pandas as pd

    left_out = tuple(sorted(set(years[0]) ^ set(years[1])))
    return Compared(_name(first), _name(second), pd.DataFrame(rows, columns=list(_COLUMNS)), common, left_out)


def _folder(run: Path | str, store: Path | str | None, tracking: str | None) -> Path:
    if Path(run).is_dir():
        return Path(run)
    if not _RUN_ID.fullmatch(str(run)):
        raise UsageError(
            f"no evidence at {run}; expected a folder made by: absence-risk backtest --out, or the id of its run"
        )
    if store is None and tracking is None and not os.environ.get("MLFLOW_TRACKING_URI"):
        raise UsageError(
            "expected --store, --tracking or MLFLOW_TRACKING_URI to say where the run is recorded"
        )
    return tracking_for(Path(store or "authority.duckdb"), tracking).fetch_run_files(str(run), IN_RUN)


def _refuse_different(first: dict[str, Any], second: dict[str, Any]) -> None:
    # Evidence from before children could be left out does not name them: nobody was.
    different = [words for key, words in SAME.items() if first.get(key, "") != second.get(key, "")]
    if different:
        raise UsageError(
            f"the two runs cannot be paired: they differ in {', '.join(different)}; run both backtests with the same"
        )


def _name(run: EvidenceFolder) -> str:
    families = [str(family).replace("_", " ") for family in run.about.get("families", ())]
    kind = str(run.about["candidate"]).replace("_", " ")
    return f"{run.name}, {kind} ({', '.join(families) or 'families not said'})"


def _row(
    first: EvidenceFolder, second: EvidenceFolder, year: str, measure: str, draws: Any
) -> dict[str, Any]:
    from ..evaluation.draws import ends
    from ..evaluation.measures import MEASURES

    known = MEASURES.get(measure)
    low, high = ends(draws)
    defined = draws[~np.isnan(draws)]
    return {
        "year": year,
        "measure": measure,
        "words": known.words if known else measure.replace("_", " "),
        "first": first.printed(year, measure),
        "second": second.printed(year, measure),
        "difference": float(np.median(defined)) if defined.size else math.nan,
        "low": low,
        "high": high,
        "verdict": _verdict(low, high, known.higher_is_better if known else None),
    }


def _verdict(low: float, high: float, higher_is_better: bool | None) -> str:
    """Which is better, or why that cannot be said."""
    if math.isnan(low) or math.isnan(high):
        return "cannot be said"
    if low <= 0 <= high:
        return "may be chance"
    if higher_is_better is None:
        return "they differ; neither way is better in itself"
    return "the first is better" if (low > 0) == higher_is_better else "the second is better"


def _number(value: float, measure: str) -> str:
    if math.isnan(value):
        return "not printed"
    return f"{value:.0f}" if measure.startswith("found_") else f"{value:.3f}"


def _line(row: Mapping[Any, Any]) -> str:
    first, second, difference, low, high = (
        _number(float(row[name]), str(row["measure"]))
        for name in ("first", "second", "difference", "low", "high")
    )
    return (
        f"{row['year']}  {str(row['measure']).replace('_', ' ')}: {first} and {second}; difference {difference} "
        f"(95% interval {low} to {high}): {row['verdict']}"
    )


def _found_words(row: Mapping[Any, Any]) -> str:
    low, high, difference = (float(row[name]) for name in ("low", "high", "difference"))
    if math.isnan(low) or math.isnan(high):
        return "no interval could be drawn, so nothing can be said of which finds more pupils."
    pupils = round(abs(difference))
    who = f"the {'first' if difference > 0 else 'second'} finds about {pupils:,} more pupils at capacity"
    said = who if pupils else "both find about as many pupils at capacity"
    sure = "That may be chance." if low <= 0 <= high else "That is unlikely to be chance."
    return f"{said} (first less second: 95% interval {low:.0f} to {high:.0f}). {sure}"
