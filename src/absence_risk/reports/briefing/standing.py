"""Where a model stands beside each rival on one test year, read from the exact tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...evidence.result import Evidence


class Standing(StrEnum):
    """What may be said of a difference in pupils found at the same length of list."""

    CLEARLY_BETTER = "clearly better"  #: the whole interval lies above nought
    MAY_BE_CHANCE = "may be chance"  #: more are found, but the interval reaches nought
    NO_BETTER = "no better"  #: the rival finds at least as many
    CLEARLY_WORSE = "clearly worse"  #: the whole interval lies below nought
    CANNOT_SAY = "cannot say"  #: no interval could be drawn


@dataclass(frozen=True)
class Beside:
    """The candidate beside one rival: pupils found among ``k`` by each, and the paired difference with its interval."""

    rival: str
    words: str
    kind: str
    k: int
    candidate_found: float
    rival_found: float
    difference: float
    low: float
    high: float

    @property
    def standing(self) -> Standing:
        if math.isnan(self.low) or math.isnan(self.high):
            return Standing.CANNOT_SAY if self.difference > 0 else Standing.NO_BETTER
        if self.low > 0:
            return Standing.CLEARLY_BETTER
        if self.high < 0:
            return Standing.CLEARLY_WORSE
        return Standing.MAY_BE_CHANCE if self.difference > 0 else Standing.NO_BETTER


def judged_year(evidence: Evidence) -> str:
    """The final test year, or the latest one tested while that is kept closed."""
    tested = set(map(str, evidence.tables["measures"]["year"]))
    final = str(evidence.about["final_year"])
    return final if final in tested else max(tested)


def besides(evidence: Evidence, year: str) -> list[Beside]:
    """Every rival of one test year, the one that finds most first."""
    frame = evidence.of_year("uplift", year)
    found = [
        Beside(**{name: row[name] for name in Beside.__dataclass_fields__})
        for row in frame.to_dict("records")
    ]
    return sorted(found, key=lambda one: (-one.rival_found, one.rival))


def ours_and_best(evidence: Evidence, year: str) -> tuple[Beside, Beside]:
    """The rule in use and the best simple rule, by the number found; the same one where none is named.

    Raises
    ------
    ValueError
        If no rule was measured: a fault of ours, since rules always are.
    """
    rules = [one for one in besides(evidence, year) if one.kind == "rule"]
    if not rules:
        raise ValueError(f"the table uplift holds no rule for {year}")
    named = evidence.about["rule_in_use"]
    return next((one for one in rules if one.rival == named), rules[0]), rules[0]


def measure_row(evidence: Evidence, measure: str, *, year: str, rival: str | None = None) -> dict[str, Any]:
    """One measure of one rival (by default the candidate): ``value``, ``low``, ``high``, ``part``, ``of``.

    Missing where it was not measured, as a calibration of a rule.
    """
    frame = evidence.of_year("measures", year)
    wanted = rival or evidence.about["candidate"]
    rows = frame[(frame["rival"] == wanted) & (frame["measure"] == measure)].to_dict("records")
    empty = dict.fromkeys(("value", "low", "high", "part", "of"), math.nan)
    return {str(name): value for name, value in rows[0].items()} if rows else empty
