"""How one authority makes its lists: who leads in which situation, how long each list is, its own words for teams.

Names of teams, levels and stages are the authority's and come from ``configs/support_list.yaml``; no module of the
package names one. Which situation leads to whom is a rule that anyone can read; it is never learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: Situations a route may be given for, in words. Their order in the settings is the order in which they are asked.
SITUATIONS = {
    "looked_after": "looked after",
    "social_worker": "a child in need or child protection plan, or an open child in need spell",
    "early_help": "early help open",
    "stepped_down": "social care closed lately",
    "ehc_plan": "an education, health and care plan",
    "illness": "many days of illness or medical appointments",
    "alternative_provision": "in alternative provision or at a pupil referral unit",
    "none": "none of these",
}


@dataclass(frozen=True)
class Route:
    """Who leads where a situation holds, and what they receive.

    ``takes_a_place`` False: the pupil is passed to that lead with a card and takes none of the team's places, so that
    no second approach is made to a family. ``virtual_school`` True: the pupil is also on the virtual school's list.
    """

    when: str
    lead: str
    receives: str
    takes_a_place: bool = True
    virtual_school: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything an authority decides about its lists beforehand.

    Attributes
    ----------
    routes : tuple of Route
        Asked in this order, the first situation that holds decides; the last one is for ``none``.
    onset_places, reserve_places, virtual_school_places : int
        Longest further lists; 0 makes none.
    stepped_down_months : int
        A social care spell that closed at most so many months before the as-of date counts as closed lately.
    illness_days : int
        Days of illness and medical appointments in the feature year from which the medical pathway is to be checked.
    localities : mapping of str to tuple of str
        School ids by locality; a school that none names has no locality.
    sheets_by : str
        ``none``, ``school`` or ``locality``: one working sheet, or one each.
    show_siblings : bool
        Whether cards may say that a brother or sister is on the same list.
    levels, stages, teams, meetings, reasons : tuple of str
        The authority's words for the decision record; people record them, the package never assigns one.
    questions : tuple of str
        Questions to ask, on every card.
    contact : str
        Whom a family, a school or a colleague asks to correct a record, to object, or to add a child.
    refuse_after_days : mapping of str to int
        Per kind of return: the list is refused if its latest reference date is older on the as-of date.
    """

    routes: tuple[Route, ...]
    onset_places: int
    reserve_places: int
    virtual_school_places: int
    stepped_down_months: int
    illness_days: int
    localities: Mapping[str, tuple[str, ...]]
    sheets_by: Literal["none", "school", "locality"]
    show_siblings: bool
    levels: tuple[str, ...]
    stages: tuple[str, ...]
    teams: tuple[str, ...]
    meetings: tuple[str, ...]
    reasons: tuple[str, ...]
    questions: tuple[str, ...]
    contact: str
    refuse_after_days: Mapping[str, int]

    def route_of(self, situations: Mapping[str, bool]) -> Route:
        """The first route whose situation holds; ``situations`` may leave out what does not hold."""
        return next(route for route in self.routes if route.when == "none" or situations.get(route.when))

    def locality_of(self, school_id: str) -> str:
        """The locality that names a school; empty if none does."""
        return next((name for name, schools in self.localities.items() if school_id in schools), "")
