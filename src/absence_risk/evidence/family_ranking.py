"""The four families of records ranked in three ways beside the order of the DfE study, each place with its interval.

The three ways ask different things: how much the model's numbers move by a family, how many fewer pupils are found
without it, and how strongly having any of it goes with the outcome. A place is said to differ from the study's only if
its whole interval lies on one side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.draws import Estimate, SchoolDraws, estimate
from ..evaluation.measures import paired
from ..evaluation.ranks import Ranks, rank_interval
from ..features.catalogue import FOUR_FACTORS, Family
from ..features.phrasing import listed
from .factors import LogOdds, family_odds_draws
from .left_out import LeftOut
from .tables import EVIDENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

_NAN = float("nan")

#: The three ways of ranking: column of the place, and how it is said.
WAYS = (
    ("mean_shap_rank", "By how far the model's numbers move with it"),
    ("loss_rank", "By pupils no longer found when it is left out"),
    ("odds_ratio_rank", "By adjusted odds ratio of having any of it on record"),
)


def family_ranking(
    contributions: pd.DataFrame, left_out: LeftOut, odds: LogOdds, draws: SchoolDraws, *, seed: int
) -> pd.DataFrame:
    """The table ``family_ranking``: three measures of each of the four families, their places and intervals.

    Parameters
    ----------
    contributions : DataFrame, shape (n, families)
        Log-odds by family of each pupil of the test year (``explanation.contributions.by_family``).
    left_out : LeftOut
        The candidate with and without each family.
    odds : LogOdds
        ``factors.family_log_odds``.
    draws : SchoolDraws
        Of the pupils of the test year; those ``left_out`` was measured on.
    seed : int
        Seed of the draws of odds ratios.

    Returns
    -------
    DataFrame
        In the study's order. A family the candidate does not use has no mean contribution, no loss and no place in
        these; one with too few pupil-years on record has no odds ratio.
    """
    sizes = [_mean_size(contributions, family, draws) for family in FOUR_FACTORS]
    losses = [_loss(left_out, family, draws.rounds) for family in FOUR_FACTORS]
    drawn = family_odds_draws(odds, FOUR_FACTORS, rounds=draws.rounds, seed=seed)
    ratios = [(_ratio(odds, family), drawn[:, place]) for place, family in enumerate(FOUR_FACTORS)]
    measured = {"mean_shap": sizes, "loss": losses, "odds_ratio": ratios}
    ranks = {name: _ranks(found) for name, found in measured.items()}
    return EVIDENCE_TABLES["family_ranking"].frame(
        {
            "family": family.value,
            "dfe_rank": place + 1,
            **{key: value for name, found in measured.items() for key, value in _ends(name, found[place][0])},
            **{
                key: value
                for name, found in ranks.items()
                for key, value in _places(f"{name}_rank", found, place)
            },
        }
        for place, family in enumerate(FOUR_FACTORS)
    )


def _mean_size(contributions: pd.DataFrame, family: Family, draws: SchoolDraws) -> tuple[Estimate, Array]:
    if family.value not in contributions:
        return Estimate(_NAN, _NAN, _NAN), np.full(draws.rounds, _NAN)
    sizes = np.abs(contributions[family.value].to_numpy(dtype=np.float64))
    means = draws.whole_and_draws(sizes) / draws.sizes
    return estimate(means), means[1:]


def _loss(left_out: LeftOut, family: Family, rounds: int) -> tuple[Estimate, Array]:
    if family not in left_out.without:
        return Estimate(_NAN, _NAN, _NAN), np.full(rounds, _NAN)
    name, without = "found_at_capacity", left_out.without[family]
    return paired(left_out.whole, without, name), left_out.whole.draws[name] - without.draws[name]


def _ratio(odds: LogOdds, family: Family) -> Estimate:
    return Estimate(*odds.ratio((family.value, "any")))


def _ranks(measured: list[tuple[Estimate, Array]]) -> Ranks:
    # A family without a number has no draws either, so it takes no place and the others are ranked among themselves.
    values = np.array([found.value for found, _ in measured])
    drawn = np.column_stack([draws for _, draws in measured])
    return rank_interval(np.where(np.isnan(values), _NAN, drawn), values)


def _ends(name: str, found: Estimate) -> list[tuple[str, float]]:
    return [(name, found.value), (f"{name}_low", found.low), (f"{name}_high", found.high)]


def _places(name: str, ranks: Ranks, place: int) -> list[tuple[str, float]]:
    ends = (("", ranks.value), ("_low", ranks.low), ("_high", ranks.high))
    return [(f"{name}{end}", float(found[place])) for end, found in ends]


def ranking_in_words(table: pd.DataFrame) -> list[str]:
    """Where the order here differs from the study's, and where one cannot say, in plain sentences.

    Parameters
    ----------
    table : DataFrame
        As ``family_ranking`` gives it.
    """
    rows = table.sort_values("dfe_rank", kind="stable").to_dict("records")
    said = [
        f"The DfE study of May 2023 ranked, for pupils of secondary age in England: {_listed(rows, 'dfe_rank')}. "
        "It looked at other pupils, and at absence under code O alone, so another order here is no error of either."
    ]
    for column, way in WAYS:
        ranked = [row for row in rows if not np.isnan(row[column])]
        if len(ranked) < 2:
            said.append(f"{way}, the families cannot be ranked here.")
            continue
        said.append(
            f"{way}, the order here is {_listed(ranked, column)}. {_beside_the_study(ranked, column)}"
        )
    return said + _not_used(rows)


def _name(row: dict[Any, Any]) -> str:
    return str(row["family"]).replace("_", " ")


def _listed(rows: list[dict[Any, Any]], column: str) -> str:
    return ", ".join(_name(row) for row in sorted(rows, key=lambda row: row[column]))


def _beside_the_study(rows: list[dict[Any, Any]], column: str) -> str:
    """One family after another: its place among those ranked here, beside its place among the same in the study."""
    differs, open_ = [], []
    for study, row in enumerate(rows, start=1):
        here, low, high = (row[f"{column}{end}"] for end in ("", "_low", "_high"))
        if low > study or high < study:
            where = "lower" if low > study else "higher"
            differs.append(
                f"{_name(row)} {where} (place {here:g}, {_interval(low, high)}; {study} in the study)"
            )
        elif low < high:
            open_.append(_name(row))
    if not differs and not open_:
        return "That is the study's order, and no draw of schools changes it."
    sentences = [f"It puts {listed(differs)}."] if differs else ["No place clearly differs from the study's."]
    if open_:
        sentences.append(
            f"Whether {listed(open_)} {_stands(open_)} as in the study cannot be said from this many schools."
        )
    return " ".join(sentences)


def _interval(low: float, high: float) -> str:
    return "in nearly every draw" if low == high else f"interval {low:g} to {high:g}"


def _stands(names: list[str]) -> str:
    # "suspensions" and "free school meals" are plural, and so are several names.
    return "stands" if len(names) == 1 and not names[0].endswith("s") else "stand"


def _not_used(rows: list[dict[Any, Any]]) -> list[str]:
    absent = [_name(row) for row in rows if np.isnan(row["mean_shap"])]
    return [f"This model does not use {listed(absent)}."] if absent else []
