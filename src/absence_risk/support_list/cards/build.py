"""A card for each listed pupil: what is on record, both ways, who is involved and who leads. No estimate, no rank.

Which pupils, and in which order, is decided before; here every line of a card is put into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..card import Card
from ..plan import Plan
from ..words import BORDERLINE, FIRM, natural_frequency
from .chronology import events_of
from .going_well import going_well
from .involvement import context_of, involved_of, is_involved
from .lead_words import route_words
from .periods import missed_of, periods_of, year_rows
from .prompts import prompts_of
from .records import Gathered, Records

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]
Bands = Mapping[int, Mapping[str, Any]]

MOST_UP, MOST_DOWN, MOST_OTHER_WAY = 5, 3, 5
NONE_RECORDED = "None recorded"
NOTHING_NOTED = "Nothing noted in the data"

_STANDING_WORDS = {"firm": FIRM, "borderline": BORDERLINE, "": ""}


def cards_of(
    chosen: pd.DataFrame, gathered: Gathered, plan: Plan, outcome: Mapping[str, Any], bands: Bands
) -> list[Card]:
    """A card for each row of ``chosen``, in its order.

    Parameters
    ----------
    chosen : pandas.DataFrame
        One row per pupil in list order: ``review_ref``, ``part``, ``pupil_id``, ``school_id``, ``school``,
        ``year_group``, ``band``, ``reasons_up``, ``reasons_down``, ``data_flags``, ``standing`` (firm, borderline or
        empty), ``situation`` (a key of ``plan.SITUATIONS``), ``not_yet_persistent`` and ``siblings`` (references).
    gathered : Gathered
        The records of these pupils.
    plan : Plan
        Who leads, and the lines of the rules.
    outcome : mapping
        The outcome's definition, as the manifest holds it.
    bands : mapping of int to mapping
        ``events`` and ``n`` of each band, by its number.

    Returns
    -------
    list of Card
        ``moved`` is empty and ``is_new`` None: what changed since an earlier list is filled in by whoever holds one.

    Raises
    ------
    KeyError
        If a pupil of ``chosen`` is not among those gathered (a fault of the caller).
    """
    sure = {band: _how_sure(counts, outcome) for band, counts in bands.items()}
    unknown = _how_sure({}, outcome)
    return [
        _card(row, gathered.records[row["pupil_id"]], gathered, plan, sure.get(int(row["band"]), unknown))
        for row in chosen.to_dict("records")
    ]


def _how_sure(counts: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    return natural_frequency(int(counts.get("events", 0)), int(counts.get("n", 0)), outcome)


def _card(row: Row, records: Records, gathered: Gathered, plan: Plan, how_sure: str) -> Card:
    situation, early = row["situation"], bool(row["not_yet_persistent"])
    return Card(
        review_ref=row["review_ref"],
        part=row["part"],
        school_id=row["school_id"],
        school=row["school"],
        locality=plan.locality_of(row["school_id"]),
        year_group=str(int(row["year_group"])),
        missed=missed_of(records, gathered.as_of),
        not_yet_persistent=early,
        why_listed=tuple(row["reasons_up"])[:MOST_UP] or (NONE_RECORDED,),
        other_way=_other_way(row, records, gathered),
        how_sure=how_sure,
        standing=row["standing"],
        standing_words=_STANDING_WORDS[row["standing"]],
        involved=involved_of(records, gathered),
        context=context_of(records, gathered),
        is_involved=is_involved(records),
        route=plan.route_of({situation: True}),
        route_words=route_words(situation, records, gathered, plan),
        prompts=prompts_of(records, gathered, plan, not_yet_persistent=early),
        checks=_checks(row["data_flags"], records, gathered),
        siblings=tuple(row["siblings"]),
        moved=(),
        is_new=None,
        events=events_of(records, gathered),
        periods=periods_of(records, gathered.as_of),
    )


def _other_way(row: Row, records: Records, gathered: Gathered) -> tuple[str, ...]:
    """What moved the pupil down the list, then what goes well in the records beside it; said once each."""
    down = tuple(row["reasons_down"])[:MOST_DOWN]
    well = going_well(records, gathered, row["school_id"], down)
    return (down + well)[:MOST_OTHER_WAY] or (NONE_RECORDED,)


def _checks(flags: Iterable[str], records: Records, gathered: Gathered) -> tuple[str, ...]:
    said = [flag[:1].upper() + flag[1:] for flag in flags]
    rows = year_rows(records, gathered.as_of.feature_year)
    if any(row.exceeds for row in rows):
        said.append(
            "More absence than possible sessions is returned this year: ask the school to check its marks"
        )
    return tuple(said) or (NOTHING_NOTED,)
