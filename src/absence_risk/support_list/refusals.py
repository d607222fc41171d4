"""What a list of names is not made for: data too old to act on, and purposes that need no child's name.

Source: the users' reference, sections 2.2 (recency) and 5.2 (refuse, not warn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..errors import RefusedError, all_at_once
from ..features.data_flags import SOURCE_WORDS
from ..features.phrasing import day_words

#: What a list without a kind of return could not say.
_WITHOUT = {
    "school_census": "nobody can say who is on a school's roll, or how many days were missed",
    "cin_census": "nobody can say who has a social worker, and a family might be approached twice",
    "ssda903": "nobody can say who is looked after",
    "ap_census": "placements that the authority pays for are not known",
}
_TO_DO = (
    "Ingest the latest returns and score again. Where the authority has decided that an older return will do, it says "
    "so in its settings of the list (`refuse_after_days`; null asks nothing of a kind)."
)


def refuse_stale(
    sources: Iterable[Mapping[str, Any]], as_of: date, refuse_after_days: Mapping[str, int]
) -> None:
    """Refuse a list whose returns are too old on the as-of date, or are not held at all.

    Parameters
    ----------
    sources : iterable of mapping
        ``sources`` of the scores' manifest: ``kind`` and ``latest`` (ISO date of the latest reference date known on
        the as-of date, or None).
    as_of : date
        The date on which facts had to be known.
    refuse_after_days : mapping of str to int
        Oldest age in days by kind of return; a kind without an entry may be of any age, or missing.

    Raises
    ------
    RefusedError
        With every source that is too old or missing: its date, its age, the limit, and what to do.
    """
    latest = {str(source["kind"]): source["latest"] for source in sources}
    faults = [
        fault
        for kind, limit in refuse_after_days.items()
        if (fault := _fault_of(kind, latest.get(kind), as_of, limit))
    ]
    if faults:
        title = f"no list is made as of {day_words(as_of)}: what it would rest on is too old, or not held"
        raise RefusedError(all_at_once(title, [*faults, _TO_DO]))


def _fault_of(kind: str, latest: str | None, as_of: date, limit: int) -> str:
    words = SOURCE_WORDS.get(kind, kind)
    without = _WITHOUT.get(kind, "what it would say is not known")
    if latest is None:
        return f"{words}: not held, so {without}"
    day = date.fromisoformat(latest)
    age = (as_of - day).days
    if age <= limit:
        return ""
    return (
        f"{words}: the latest is of {day_words(day)}, {age:,} days before; the limit is {limit:,} days. Since then we "
        f"know nothing: {without} now"
    )


def refuse_aggregate_purpose(purpose: str) -> None:
    """Refuse a list of names for the planning of services, which needs numbers and no child's name.

    Raises
    ------
    RefusedError
        If the purpose is ``service_planning_aggregate``.
    """
    if purpose == "service_planning_aggregate":
        raise RefusedError(
            "planning services for groups of families needs no child's name, so no list is made for it; use the tables "
            "of the backtest's report and of the impact report, which hide small numbers"
        )
