"""The tables of an impact report, declared once: which columns count pupils, and which rest on those counts.

The disclosure policy reads the roles. A number that is no count (days, minutes) goes where its pupils are hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..disclosure import HIDDEN, DisclosurePolicy
from ..disclosure.columns import Column, EvidenceTable, Role, count, label, plain, rate
from ..evaluation.groups import TOO_FEW

if TYPE_CHECKING:
    import pandas as pd

#: Which group of rows; both are ``overall`` in the row of all pupils listed.
_WHO = (
    label("year", "school year whose records the list was made from, as 2025/26"),
    label("attribute", "what the pupils are grouped by"),
    label("group", "the group, or `overall`"),
)

DONE = EvidenceTable(
    "done",
    "What was decided about the pupils who were to be looked at, grouped one way at a time.",
    (*_WHO, count("n", "pupils")),
    groups_within=("year", "attribute"),
)
PACE = EvidenceTable(
    "pace",
    "How long it took from the day the list was made, and the minutes spent.",
    (
        label("year", "school year whose records the list was made from"),
        label("step", "what was done"),
        count("n", "pupils for whom it is recorded"),
        Column("half_within", Role.STATISTIC, "days within which it was done for half of them (median)"),
        Column("nine_in_ten_within", Role.STATISTIC, "days within which it was done for nine in ten"),
        Column("minutes", Role.STATISTIC, "minutes spent in all"),
    ),
)
AFTERWARDS = EvidenceTable(
    "afterwards",
    "Days missed out of every 100 possible days, in the same terms of the list's year and of the year after.",
    (
        *_WHO,
        count("n", "pupils"),
        count("followed", "of them, with the same terms held in both years"),
        count("left", "of them, left the rolls here: not counted as better or worse"),
        count("not_held", "of them, whose attendance is not held"),
        *plain("before", "days missed in 100, in the list's year"),
        *plain("after", "days missed in 100, in the year after"),
        *plain("change", "the second less the first"),
        label("state", "`enough` or `too few to say`"),
    ),
    groups_within=("year", "attribute"),
)
OUTCOME = EvidenceTable(
    "outcome",
    "Who met what the list looks ahead to, of those for whom that is known.",
    (
        *_WHO,
        count("n", "pupils whose outcome is known"),
        count("events", "of them, met it"),
        count("non_events", "of them, did not"),
        *rate("met", "share that met it", "events", "n"),
        label("state", "`enough` or `too few to say`"),
    ),
    groups_within=("year", "attribute"),
)
IMPACT_TABLES = {table.name: table for table in (DONE, PACE, AFTERWARDS, OUTCOME)}

#: The count that every other number of a row rests on.
_RESTS_ON = {"pace": "n", "afterwards": "followed", "outcome": "n"}
#: Decimals printed: fewer than would let anybody work a number back.
_DECIMALS = {"afterwards": 1, "outcome": 2}


def printed(table: EvidenceTable, frame: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """The rows of one list as they may be printed.

    Parameters
    ----------
    table : EvidenceTable
        One of ``IMPACT_TABLES``.
    frame : DataFrame
        Exact rows, all of one list: their parts add up.
    policy : DisclosurePolicy
        Counts go through it; where the pupils of a row are hidden, its days, minutes and shares are missing.
    """
    shown = policy.apply(table, frame)
    numbers = [c.name for c in table.columns if c.role in (Role.STATISTIC, Role.RATE)]
    if table.name in _DECIMALS:
        shown = shown.assign(
            **{name: shown[name].astype(float).round(_DECIMALS[table.name]) for name in numbers}
        )
    if table.name not in _RESTS_ON:
        return shown
    # A share is worked out again from the printed counts, so what is too little to speak of must go here once more.
    gone = shown[_RESTS_ON[table.name]].map(lambda value: value == HIDDEN).to_numpy(dtype=bool)
    if "state" in shown.columns:
        gone = gone | (shown["state"] == TOO_FEW).to_numpy(dtype=bool)
    return shown.assign(**{name: shown[name].mask(gone) for name in numbers})
