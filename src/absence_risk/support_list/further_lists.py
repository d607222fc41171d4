"""Lists that no estimate makes: who missed half or more of school, and whom the virtual school may want to look at.

Both are counted whole. Of pupils without a card only so many are named as people can look at; the total says the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..features.phrasing import counted, days_of
from .card import SEVERE, VIRTUAL_SCHOOL, SevereRow, VirtualSchoolRow
from .order import in_list_order
from .plan import SITUATIONS, Plan

if TYPE_CHECKING:
    import pandas as pd

NONE_RECORDED, NOT_HELD = "none recorded", "not held"

#: The status of a pupil on the virtual school's list, the first that is open; then the situations of the plan.
_STATUS = {
    "open_looked_after": "looked after",
    "open_cp_plan": "child protection plan",
    "open_cin_plan": "child in need plan",
    "open_cin": "child in need",
}


class FurtherList(NamedTuple):
    """The rows of one further list in page order, how many there are in all, and the references it gave by pupil_id."""

    rows: tuple[Any, ...]
    total: int
    own_refs: Mapping[str, str]


def severe_list(
    cohort: pd.DataFrame, refs: Mapping[str, str], schools: Mapping[str, str], limit: int
) -> FurtherList:
    """Pupils who missed half or more of possible sessions in the feature year, whatever the model says.

    Parameters
    ----------
    cohort : DataFrame
        ``pupil_id``, ``school_id``, ``year_group``, ``missed_half`` and sessions, one row per pupil.
    refs : mapping of str to str
        References of the pupils with a card, by pupil_id: they keep theirs and are all named.
    schools : mapping of str to str
        Names by ``school_id``.
    limit : int
        How many without a card are named: those who missed the largest part first, ties by pupil_id.
    """
    severe = cohort[_yes(cohort["missed_half"])]
    carded = severe["pupil_id"].isin(list(refs))
    others = in_list_order(most_absent(severe[~carded], limit), schools, SEVERE)
    own = _refs(others)
    shown = in_list_order(severe[carded | severe["pupil_id"].isin(list(own))], schools, SEVERE)
    rows = tuple(
        SevereRow(
            review_ref=refs.get(row["pupil_id"]) or own[row["pupil_id"]],
            school=row["school"],
            year_group=str(int(row["year_group"])),
            days_missed=days_of(int(row["sessions_absent"])),
            days_possible=days_of(int(row["sessions_possible"])),
            on_the_list=row["pupil_id"] in refs,
        )
        for row in shown.to_dict("records")
    )
    return FurtherList(rows, len(severe), own)


def most_absent(severe: pd.DataFrame, limit: int) -> pd.DataFrame:
    """At most ``limit`` rows, those who missed the largest part first (ties by pupil_id)."""
    part = severe["sessions_absent"].astype("float64") / severe["sessions_possible"].astype("float64")
    ordered = severe.assign(_part=part).sort_values(
        ["_part", "pupil_id"], ascending=[False, True], kind="stable"
    )
    return ordered.head(limit)


def virtual_school_list(
    cohort: pd.DataFrame,
    refs: Mapping[str, str],
    severe_refs: Mapping[str, str],
    schools: Mapping[str, str],
    plan: Plan,
) -> FurtherList:
    """Pupils of the virtual school who have a card, were suspended this year, or missed half or more of school.

    Whose pupils those are is said by the plan: everybody in a situation whose route names the virtual school.

    Parameters
    ----------
    cohort : DataFrame
        ``pupil_id``, ``school_id``, ``year_group`` and the columns of ``circumstances``, one row per pupil.
    refs, severe_refs : mapping of str to str
        References that pupils have already, of cards and of the list of severe absence: a pupil has one alone.
    schools : mapping of str to str
        Names by ``school_id``.
    plan : Plan
        The routes, and how many pupils without a card are named: those who missed half or more first, then those with
        most suspensions, then by pupil_id. With no places there is no such list.
    """
    if not plan.virtual_school_places:
        return FurtherList((), 0, {})
    whose = [route.when for route in plan.routes if route.virtual_school and route.when != "none"]
    theirs = cohort[_any_of(cohort, whose)]
    carded = theirs["pupil_id"].isin(list(refs))
    half, suspended = _yes(theirs["missed_half"]), theirs["suspensions"].fillna(0)
    on_list = theirs.assign(_half=half, _suspended=suspended)[carded | half | (suspended > 0)]
    without = on_list[~on_list["pupil_id"].isin(list(refs))].sort_values(
        ["_half", "_suspended", "pupil_id"], ascending=[False, False, True], kind="stable"
    )
    named = without.head(plan.virtual_school_places)
    own = _refs(in_list_order(named[~named["pupil_id"].isin(list(severe_refs))], schools, VIRTUAL_SCHOOL))
    every = {**own, **severe_refs, **refs}
    here = on_list["pupil_id"].isin([*refs, *named["pupil_id"]])
    rows = tuple(
        VirtualSchoolRow(
            review_ref=every[row["pupil_id"]],
            school=row["school"],
            year_group=str(int(row["year_group"])),
            status=_status(row, whose),
            suspended=_suspended(row["suspensions"]),
            has_card=row["pupil_id"] in refs,
        )
        for row in in_list_order(on_list[here], schools, VIRTUAL_SCHOOL).to_dict("records")
    )
    return FurtherList(rows, len(on_list), own)


def _refs(ordered: pd.DataFrame) -> dict[str, str]:
    return dict(zip(ordered["pupil_id"], ordered["review_ref"], strict=True))


def _yes(recorded: pd.Series[Any]) -> pd.Series[bool]:
    return recorded.fillna(value=False).astype("bool")


def _any_of(cohort: pd.DataFrame, situations: list[str]) -> pd.Series[bool]:
    found = cohort[[]].assign(found=False)["found"]
    for situation in situations:
        found = found | _yes(cohort[situation])
    return found


def _status(row: Mapping[Any, Any], situations: list[str]) -> str:
    import pandas as pd

    said = [words for column, words in _STATUS.items() if not pd.isna(row[column]) and row[column]]
    said += [SITUATIONS[name] for name in situations if not pd.isna(row[name]) and row[name]]
    return said[0]


def _suspended(number: Any) -> str:
    import pandas as pd

    if pd.isna(number):
        return NOT_HELD
    return counted(int(number), "suspension") if number else NONE_RECORDED
