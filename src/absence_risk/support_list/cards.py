"""Who is on a support-offer list, in which order, and what stands on each card. No UPN, no estimate, no rank.

The list is as long as the team can offer help. Within it, pupils stand by school and year group, never by estimate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..domain.outcome import SEVERE_DENOMINATOR
from ..features.phrasing import days_of
from .words import BORDERLINE, FIRM, natural_frequency

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]
Bands = Mapping[int, Mapping[str, Any]]

#: A pupil whose log-odds lie this near the first pupil left off the list is near its edge (a tenth of the odds).
EDGE = 0.1
MOST_UP, MOST_DOWN = 5, 3
NONE_RECORDED = "None recorded"
NOTHING_NOTED = "Nothing noted in the data"
NOT_HELD = "not held"


@dataclass(frozen=True)
class Card:
    """One pupil as reviewers see them; every field is text or a list of sentences."""

    review_ref: str
    school_id: str
    school: str
    year_group: str
    days_this_year: str
    days_last_year: str
    late_sessions: str
    illness_days: str
    why_listed: list[str]
    other_way: list[str]
    how_sure: str
    near_edge: bool
    involved: list[str]
    checks: list[str]
    events: list[str]


@dataclass(frozen=True)
class SevereRow:
    """One pupil who missed half or more of possible sessions, listed whatever the model says."""

    review_ref: str
    school: str
    year_group: str
    days_missed: str
    days_possible: str
    on_the_list: bool


@dataclass(frozen=True)
class Beside:
    """What stands on cards beside the facts of the estimate, by pupil_id: who is involved, and dated events."""

    involved: Mapping[str, list[str]] = field(repr=False)
    events: Mapping[str, list[str]] = field(repr=False)


@dataclass(frozen=True)
class ListContents:
    """Everything that stands on a list. ``refs`` gives the pupil_id behind each review reference, in order.

    ``refits`` is the number of models that firmness rests on; 0 where no evidence was at hand, and then a pupil near
    the edge of the list is borderline.
    """

    cards: list[Card]
    severe: list[SevereRow]
    severe_total: int
    severe_listed: int
    refs: dict[str, str] = field(repr=False)
    refits: int = 0


def choose(scores: pd.DataFrame, capacity: int, firm: Mapping[str, bool] | None = None) -> pd.DataFrame:
    """The ``capacity`` rows with the largest estimates (ties by pupil_id), with ``firm`` and ``near_edge``.

    With ``firm`` (by pupil_id, ``evidence.firmness``) a listed pupil is either firm or borderline; without it none is
    called firm, and ``near_edge`` goes by the distance to the first pupil left off.
    """
    ranked = scores.sort_values(["risk", "pupil_id"], ascending=[False, True], kind="stable")
    chosen = ranked.head(capacity).assign(firm=False)
    if firm is not None:
        held = chosen["pupil_id"].map(firm).astype(bool)
        return chosen.assign(firm=held, near_edge=~held)
    if len(ranked) <= capacity:
        return chosen.assign(near_edge=False)
    first_off = float(ranked["log_odds"].iloc[capacity])
    return chosen.assign(near_edge=chosen["log_odds"] - first_off < EDGE)


def in_list_order(rows: pd.DataFrame, schools: Mapping[str, str], letter: str) -> pd.DataFrame:
    """Rows by school name, school number, year group and pupil_id, with ``school`` and ``review_ref`` (A-001)."""
    named = rows.assign(school=[schools.get(s) or f"School {s}" for s in rows["school_id"]])
    ordered = named.sort_values(
        ["school", "school_id", "year_group", "pupil_id"], kind="stable", ignore_index=True
    )
    return ordered.assign(review_ref=[f"{letter}-{place:03d}" for place in range(1, len(ordered) + 1)])


def _days(sessions: float) -> str:
    if math.isnan(sessions):
        return NOT_HELD
    return days_of(int(sessions)) if sessions else "none"


def _count(sessions: float) -> str:
    return NOT_HELD if math.isnan(sessions) else str(int(sessions))


def _sure(row: Row, bands: Bands, outcome: Mapping[str, Any]) -> str:
    band = bands.get(int(row["band"]), {})
    said = natural_frequency(int(band.get("events", 0)), int(band.get("n", 0)), outcome)
    if row["firm"]:
        return f"{said} {FIRM}"
    return f"{said} {BORDERLINE}" if row["near_edge"] else said


def _card(row: Row, fact: Row, beside: Beside, how_sure: str) -> Card:
    return Card(
        review_ref=row["review_ref"],
        school_id=row["school_id"],
        school=row["school"],
        year_group=str(int(row["year_group"])),
        days_this_year=_days(fact["sessions_unauthorised"]),
        days_last_year=_days(fact["sessions_unauthorised_previous_year"]),
        late_sessions=_count(fact["sessions_late_after_close"]),
        illness_days=_days(fact["sessions_illness"]),
        why_listed=list(row["reasons_up"])[:MOST_UP] or [NONE_RECORDED],
        other_way=list(row["reasons_down"])[:MOST_DOWN] or [NONE_RECORDED],
        how_sure=how_sure,
        near_edge=bool(row["near_edge"]),
        involved=beside.involved[row["pupil_id"]],
        checks=[_sentence(flag) for flag in row["data_flags"]] or [NOTHING_NOTED],
        events=beside.events[row["pupil_id"]],
    )


def _sentence(flag: str) -> str:
    return flag[:1].upper() + flag[1:]


def cards_of(
    listed: pd.DataFrame,
    facts: pd.DataFrame,
    beside: Beside,
    bands: Bands,
    outcome: Mapping[str, Any],
) -> list[Card]:
    """A card for each row of ``listed`` (in list order), from the facts the estimate rests on."""
    ids = set(listed["pupil_id"])
    held = {fact["pupil_id"]: fact for fact in facts[facts["pupil_id"].isin(ids)].to_dict("records")}
    return [
        _card(row, held[row["pupil_id"]], beside, _sure(row, bands, outcome))
        for row in listed.to_dict("records")
    ]


def severe_of(scores: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Rows of pupils who missed half or more of possible sessions in the feature year; integers decide."""
    held = facts[["pupil_id", "sessions_absent", "sessions_possible"]].dropna()
    reached = held["sessions_absent"] * SEVERE_DENOMINATOR >= held["sessions_possible"]
    return scores.merge(held[reached & (held["sessions_possible"] > 0)], on="pupil_id", how="inner")


def most_absent(severe: pd.DataFrame, limit: int) -> pd.DataFrame:
    """At most ``limit`` rows, those who missed the largest part first (ties by pupil_id)."""
    part = severe["sessions_absent"] / severe["sessions_possible"]
    ordered = severe.assign(_part=part).sort_values(
        ["_part", "pupil_id"], ascending=[False, True], kind="stable"
    )
    return ordered.head(limit)


def severe_rows(
    severe: pd.DataFrame, listed_refs: Mapping[str, str], own_refs: Mapping[str, str]
) -> list[SevereRow]:
    """Rows for the page: a pupil on the list keeps the list's reference, another has one of its own."""
    return [
        SevereRow(
            review_ref=listed_refs.get(row["pupil_id"]) or own_refs[row["pupil_id"]],
            school=row["school"],
            year_group=str(int(row["year_group"])),
            days_missed=_days(row["sessions_absent"]),
            days_possible=_days(row["sessions_possible"]),
            on_the_list=row["pupil_id"] in listed_refs,
        )
        for row in severe.to_dict("records")
    ]
