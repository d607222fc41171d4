"""Which pupils have a card: those for the team's places, those met on the way who have a lead, and two further lists.

The list goes down the cohort until the team's places are taken. A pupil whose lead is somebody else's takes no place
and is passed to that lead, so that no family is approached twice and no place is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .card import PARTS
from .order import in_list_order
from .plan import Plan

if TYPE_CHECKING:
    import pandas as pd

#: A pupil whose log-odds lie this near the first pupil left off the list is near its edge (a tenth of the odds).
EDGE = 0.1


@dataclass(frozen=True)
class Selection:
    """Who has a card, and who comes below the line.

    Attributes
    ----------
    chosen : DataFrame
        The rows of the pupils with a card, by place in the cohort, with ``part``; ``not_yet_persistent`` is false as
        well where attendance is not held.
    met : int
        How many pupils were met until the places were taken: parts ``main`` and ``lead`` together.
    first_off : float or None
        Log-odds of the first pupil below the line; None where the whole cohort was met.
    below : DataFrame
        Rows below the line whose route takes a place and who have no card, by place in the cohort.
    """

    chosen: pd.DataFrame = field(repr=False)
    met: int
    first_off: float | None
    below: pd.DataFrame = field(repr=False)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of the scored table from the largest estimate down, ties by pupil_id."""
    return scores.sort_values(["risk", "pupil_id"], ascending=[False, True], kind="stable", ignore_index=True)


def select(cohort: pd.DataFrame, plan: Plan, capacity: int) -> Selection:
    """Go down the cohort until ``capacity`` pupils are found whose route takes a place; then the two further lists.

    Parameters
    ----------
    cohort : DataFrame
        Rows of the scored table, each pupil once, with ``situation`` (str, the route that decides) and
        ``not_yet_persistent`` (boolean; missing where attendance is not held).
    plan : Plan
        The routes, and how long the further lists are.
    capacity : int
        Families the team can offer help to.

    Returns
    -------
    Selection
        A pupil has one card at most. Onset: the next pupils not yet persistently absent. Reserve: the next of all.
        Both only of pupils whose route takes a place.
    """
    import pandas as pd

    order = ranked(cohort)
    placed = order["situation"].isin([route.when for route in plan.routes if route.takes_a_place])
    early = order["not_yet_persistent"].fillna(value=False).astype("bool")
    order = order.assign(part="", not_yet_persistent=early)
    taken = placed.cumsum()
    # The line lies right below the pupil who takes the last place.
    met = int((taken < capacity).sum()) + 1 if taken.iloc[-1:].ge(capacity).any() else len(order)
    above = pd.Series(order.index < met, index=order.index)
    order.loc[above & placed, "part"] = "main"
    order.loc[above & ~placed, "part"] = "lead"
    _take(order, ~above & placed & early, "onset", plan.onset_places)
    _take(order, ~above & placed, "reserve", plan.reserve_places)
    free = order["part"] == ""
    return Selection(
        chosen=order[~free],
        met=met,
        first_off=float(order["log_odds"].iloc[met]) if met < len(order) else None,
        below=order[~above & placed & free],
    )


def _take(order: pd.DataFrame, of: pd.Series[bool], part: str, places: int) -> None:
    free = order.index[of & (order["part"] == "")]
    order.loc[free[:places], "part"] = part


def with_standing(selection: Selection, firm: Mapping[str, bool] | None) -> pd.DataFrame:
    """The chosen pupils with ``standing``: firm, borderline, or empty where that is not known.

    With ``firm`` (by pupil_id, ``evidence.firmness``, for a list as long as the one drawn) each pupil met is one or the
    other. Without it nobody is called firm, and borderline goes by the distance to the first pupil below the line.
    Pupils of the further lists were not met on the way down, so no standing is said of them.
    """
    import numpy as np

    chosen = selection.chosen
    met = chosen["part"].isin(["main", "lead"]).to_numpy(dtype=bool)
    if firm is not None:
        held = np.array([firm.get(pupil, False) for pupil in chosen["pupil_id"]], dtype=bool)
        standing = np.where(held, "firm", "borderline")
    elif selection.first_off is not None:
        near = chosen["log_odds"].to_numpy(dtype="float64") - selection.first_off < EDGE
        standing = np.where(near, "borderline", "")
    else:
        standing = np.full(len(chosen), "")
    return chosen.assign(standing=np.where(met, standing, "").astype(object))


def in_parts(chosen: pd.DataFrame, schools: Mapping[str, str]) -> pd.DataFrame:
    """The chosen pupils part by part, each in its order on the page and with its letter: A-001, L-001, C-001, R-001."""
    import pandas as pd

    of_part = [
        in_list_order(chosen[chosen["part"] == part], schools, letter) for part, letter in PARTS.items()
    ]
    return pd.concat(of_part, ignore_index=True)


def siblings_of(listed: pd.DataFrame, families: Mapping[str, str]) -> list[tuple[str, ...]]:
    """For each row, the references of the other pupils of its family on the list, in their order.

    Parameters
    ----------
    listed : DataFrame
        ``pupil_id`` and ``review_ref`` of every pupil with a card.
    families : mapping of str to str
        The family of each pupil_id; a pupil whom it leaves out has no brother or sister here.
    """
    by_family: dict[str, list[str]] = {}
    for pupil, ref in zip(listed["pupil_id"], listed["review_ref"], strict=True):
        if pupil in families:
            by_family.setdefault(families[pupil], []).append(ref)
    return [
        tuple(other for other in by_family[families[pupil]] if other != ref) if pupil in families else ()
        for pupil, ref in zip(listed["pupil_id"], listed["review_ref"], strict=True)
    ]
