"""Everything measured on one test year: every rival, every measure with its interval, groups, and who was missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.decision import EVERYONE, LISTED, NO_ONE, net_benefit, net_benefit_of_list
from ..evaluation.drawn_calibration import calibration_curve
from ..evaluation.draws import SchoolDraws, draw_schools
from ..evaluation.groups import group_measures, pairs_of
from ..evaluation.measures import MeasuredYear, measure_year, paired
from ..evaluation.ranking import by_list_length, listed_share
from .rivals import Contest, Rival

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

#: Chances of the outcome from which an offer might be worth making: a value judgement, so a range of them is shown.
THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 31))

#: Measures whose draws are kept, so that two runs can be compared draw by draw.
KEPT = (
    "found_at_capacity",
    "precision_at_half_capacity",
    "precision_at_capacity",
    "precision_at_double_capacity",
    "average_precision",
    "roc_auc",
    "brier",
    "calibration_slope",
)


@dataclass(frozen=True)
class MeasuredContest:
    """Rows for the tidy tables of one test year, and the measures with their draws by rival."""

    contest: Contest
    draws: SchoolDraws
    measured: dict[str, MeasuredYear]
    rows: dict[str, list[Row]]

    def kept_draws(self) -> pd.DataFrame:
        """One column ``year|rival|measure`` per measure kept, one row per draw."""
        import pandas as pd

        return pd.DataFrame(
            {
                f"{self.contest.year}|{name}|{measure}": found.draws[measure]
                for name, found in self.measured.items()
                for measure in KEPT
                if measure in found.draws
            }
        )


def measure_contest(contest: Contest, *, capacity: int, rounds: int, seed: int) -> MeasuredContest:
    """Judge every rival of a test year on the same pupils, the same capacity and the same draws of schools.

    Parameters
    ----------
    contest : Contest
    capacity : int
        Places the team can offer; below the number of pupils.
    rounds, seed : int
        Draws of whole schools; the same seed and schools give the same draws.
    """
    draws = draw_schools(contest.school, rounds=rounds, random_state=seed)
    measured = {rival.name: _measured(contest, rival, draws, capacity) for rival in contest.rivals}
    tables = {
        "measures": list(_measure_rows(contest, measured)),
        "uplift": list(_uplift_rows(contest, measured, capacity)),
        "list_lengths": list(_length_rows(contest, capacity)),
        "onset_list": list(_onset_rows(contest, capacity, rounds=rounds, seed=seed)),
        "calibration": list(_calibration_rows(contest, draws)),
        "net_benefit": list(_net_benefit_rows(contest, draws, capacity)),
        "groups": list(_group_rows(contest, draws, capacity)),
        "views": list(_view_rows(contest, draws, capacity)),
        "missed": list(_missed_rows(contest, capacity)),
    }
    return MeasuredContest(contest, draws, measured, tables)


def _measured(contest: Contest, rival: Rival, draws: SchoolDraws, capacity: int) -> MeasuredYear:
    return measure_year(
        contest.y,
        rival.score,
        draws,
        capacity=capacity,
        is_probability=rival.is_probability,
        persistent=contest.persistent,
        in_service=contest.in_service,
    )


def _measure_rows(contest: Contest, measured: dict[str, MeasuredYear]) -> Iterator[Row]:
    for rival in contest.rivals:
        for name, found in measured[rival.name].estimates.items():
            yield {
                **rival.labels(contest.year),
                "measure": name,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "part": found.part,
                "of": found.of,
            }


def _uplift_rows(contest: Contest, measured: dict[str, MeasuredYear], capacity: int) -> Iterator[Row]:
    name = "found_at_capacity"
    candidate = measured[contest.candidate.name]
    for rival in contest.rivals[1:]:
        gap = paired(candidate, measured[rival.name], name)
        yield {
            **rival.labels(contest.year),
            "k": capacity,
            "candidate_found": candidate.estimates[name].value,
            "rival_found": measured[rival.name].estimates[name].value,
            "difference": gap.value,
            "low": gap.low,
            "high": gap.high,
        }


def list_lengths(capacity: int, pupils: int) -> list[int]:
    """Lengths of list to draw: from an eighth of the capacity to four times it."""
    wanted = [max(1, capacity * eighths // 8) for eighths in (1, 2, 4, 6, 8, 12, 16, 24, 32)]
    return sorted({k for k in wanted if k <= pupils})


def _length_rows(contest: Contest, capacity: int) -> Iterator[Row]:
    events = int(contest.y.sum())
    for rival in contest.rivals:
        found = by_list_length(contest.y, rival.score, list_lengths(capacity, len(contest.y)))
        for row in _rows(found[["k", "found", "precision", "recall"]]):
            yield {**rival.labels(contest.year), "events": events, **row}


def _onset_rows(contest: Contest, capacity: int, *, rounds: int, seed: int) -> Iterator[Row]:
    """The list that a team draws from pupils not yet persistently absent: judged on them alone."""
    among = contest.persistent == 0  # NaN equals nothing: a pupil of whom that is unknown is on no such list
    y, k = contest.y[among], min(capacity, int(among.sum()))
    if k == 0 or not 0 < y.sum() < len(y):
        return
    draws = draw_schools(contest.school[among], rounds=rounds, random_state=seed)
    for rival in contest.rivals:
        found = measure_year(y, rival.score[among], draws, capacity=k, is_probability=False).estimates
        row = {"k": k, "n": len(y), "found": found["precision_at_capacity"].part, "events": int(y.sum())}
        for name in ("precision", "recall"):
            measured = found[f"{name}_at_capacity"]
            row |= {name: measured.value, f"{name}_low": measured.low, f"{name}_high": measured.high}
        yield {**rival.labels(contest.year), **row}


def _calibration_rows(contest: Contest, draws: SchoolDraws) -> Iterator[Row]:
    for rival in contest.rivals:
        if rival.is_probability:
            for row in _rows(calibration_curve(contest.y, rival.score, draws)):
                yield {**rival.labels(contest.year), **row}


def _net_benefit_rows(contest: Contest, draws: SchoolDraws, capacity: int) -> Iterator[Row]:
    beside = net_benefit(contest.y, contest.candidate.score, THRESHOLDS, draws)
    for policy in (EVERYONE, NO_ONE):
        reference = Rival(policy.replace(" ", "_"), f"an offer to {policy}", "rule", contest.candidate.score)
        yield from _benefits(contest, reference, beside[beside["policy"] == policy])
    for rival in contest.rivals:
        if rival.is_probability:
            found = net_benefit(contest.y, rival.score, THRESHOLDS, draws)
        else:
            found = net_benefit_of_list(contest.y, rival.score, capacity, THRESHOLDS, draws)
        yield from _benefits(contest, rival, found[found["policy"] == LISTED])


def _benefits(contest: Contest, rival: Rival, found: pd.DataFrame) -> Iterator[Row]:
    for row in _rows(found.drop(columns="policy")):
        yield {**rival.labels(contest.year), **row}


def _group_rows(contest: Contest, draws: SchoolDraws, capacity: int) -> Iterator[Row]:
    wanted = {**contest.groups, **pairs_of(_for_pairs(contest))}
    found = group_measures(contest.y, contest.candidate.score, wanted, k=capacity, draws=draws)
    for row in _rows(found):
        yield {"year": contest.year, **row}


def _for_pairs(contest: Contest) -> dict[str, Any]:
    # Year groups one by one would make pairs too small to say anything; phases stand for them.
    return {name: group for name, group in contest.groups.items() if name != "year group"}


def _view_rows(contest: Contest, draws: SchoolDraws, capacity: int) -> Iterator[Row]:
    found = group_measures(contest.y, contest.candidate.score, contest.views, k=capacity, draws=draws)
    for row in _rows(found):
        yield {"year": contest.year, **row}


def _missed_rows(contest: Contest, capacity: int) -> Iterator[Row]:
    listed = listed_share(contest.candidate.score, capacity)
    below = listed_share(contest.candidate.score, min(2 * capacity, len(listed)))
    place = np.select(
        [listed > 0, below > 0], ["on the list", f"among the next {capacity:,}"], "further down"
    ).astype(object)
    for description, levels in {**contest.descriptions, "place by the model": place}.items():
        for level in sorted({str(found) for found in levels}):
            met = contest.y * (levels == level)
            events, found = int(met.sum()), float((listed * met).sum())
            yield {
                "year": contest.year,
                "description": description,
                "level": level,
                "events": events,
                "found": found,
                "missed": events - found,
                "miss_rate": (events - found) / events if events else float("nan"),
            }


def _rows(frame: pd.DataFrame) -> Iterator[Row]:
    for row in frame.to_dict("records"):
        yield {str(name): cell for name, cell in row.items()}
