"""The impact report as one offline page, and its tables as CSV: nothing on it that did not go through the policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..disclosure import EXACT_WORDS, DisclosurePolicy
from ..disclosure.columns import Role
from ..features.phrasing import day_words
from ..pages import asset, render_page
from ..reports.briefing.terms import capital
from ..reports.briefing.words import MADE_UP
from ..spreadsheet import guarded
from .afterwards import COMPARISON, OVERALL
from .groups import NEXT_IN_LINE
from .one_list import ListImpact
from .tables import IMPACT_TABLES
from .words import CAUTIONS, done_sentences, heading, next_sentences

if TYPE_CHECKING:
    import pandas as pd

#: Attributes that stand on the page one table each, with their captions.
_CAPTIONS = {
    "part": "Where on the list they stood",
    "situation": "Who else is involved",
    "decision": "What was decided",
    "help": "What became of an offer of help",
    "known before": "Known to the team before",
    "agreement": "Agreement with the listing",
    "school spoken to": "School spoken to",
    "wrong data reported": "Wrong data reported",
}
_CROSSED = {
    ("situation", "help"): "What became of an offer, by who else is involved",
    ("reason", "agreement"): "Reasons given, by agreement with the listing",
}


@dataclass(frozen=True)
class PageTable:
    """A table as it stands on the page; the first cell of a row heads it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PageList:
    """One list, or several together, as they stand on the page."""

    name: str
    heading: str
    done: tuple[str, ...]
    small: tuple[PageTable, ...]
    wide: tuple[PageTable, ...]
    next: tuple[str, ...]
    after: tuple[PageTable, ...]


def impact_page(
    results: Sequence[ListImpact], policy: DisclosurePolicy, *, until: date, made_up: bool
) -> str:
    """The page's HTML, the same for the same results and policy.

    Parameters
    ----------
    results : sequence of ListImpact
        One or more, in the order of the page.
    policy : DisclosurePolicy
        The one that the results went through.
    until : datetime.date
        Nothing known after this day is in the results.
    made_up : bool
        Whether the authority is made up.
    """
    style = asset("reports/evidence.css") + asset("impact/impact.css")
    return render_page(
        "impact/impact.html",
        style=style,
        lists=[_page_list(f"list-{place}", found, policy) for place, found in enumerate(results, start=1)],
        cautions=CAUTIONS,
        until=day_words(until),
        made_up=MADE_UP if made_up else "",
        exact=EXACT_WORDS if policy.exact else "",
        policy=policy.words,
    )


def _page_list(name: str, found: ListImpact, policy: DisclosurePolicy) -> PageList:
    done = found.tables["done"]
    return PageList(
        name=name,
        heading=heading(found),
        done=tuple(done_sentences(found, policy)),
        small=tuple(_one_way(done, attribute, caption) for attribute, caption in _CAPTIONS.items()),
        wide=tuple(_crossed(done, *pair, caption) for pair, caption in _CROSSED.items()),
        next=tuple(next_sentences(found, policy)),
        after=tuple(table for table in (_days_table(found), _outcome_table(found)) if table.rows),
    )


def _levels(done: pd.DataFrame, attribute: str) -> list[tuple[str, str]]:
    rows = done[done["attribute"] == attribute]
    return [(str(group), cell(n)) for group, n in zip(rows["group"], rows["n"], strict=True)]


def _one_way(done: pd.DataFrame, attribute: str, caption: str) -> PageTable:
    return PageTable(
        caption, ("", "Pupils"), tuple((capital(group), n) for group, n in _levels(done, attribute))
    )


def _crossed(done: pd.DataFrame, down: str, across: str, caption: str) -> PageTable:
    """Two attributes crossed; a pair that nobody is in is a true nought."""
    pairs = {**dict(_levels(done, f"{down} and {across}")), **_turned(done, across, down)}
    columns = [level for level, _ in _levels(done, across)]
    rows = (
        (capital(level), *(pairs.get(f"{level}, {column}", "0") for column in columns))
        for level, _ in _levels(done, down)
    )
    return PageTable(caption, ("", *map(capital, columns)), tuple(rows))


def _turned(done: pd.DataFrame, first: str, second: str) -> dict[str, str]:
    seconds = [level for level, _ in _levels(done, second)]
    found = {}
    for group, n in _levels(done, f"{first} and {second}"):
        level = max((one for one in seconds if group.endswith(f", {one}")), key=len)
        found[f"{level}, {group.removesuffix(f', {level}')}"] = n
    return found


def cell(value: Any) -> str:
    """A number of a table as the page shows it.

    >>> cell("c"), cell(1250), cell(7.25), cell(float("nan"))
    ('c', '1,250', '7.2', 'not shown')
    """
    if isinstance(value, str):
        return value
    if value is None or math.isnan(value):
        return "not shown"
    return f"{value:.1f}" if isinstance(value, float) else f"{int(value):,}"


def _group_name(row: Mapping[Any, Any]) -> str:
    if row["attribute"] == OVERALL:
        return "All listed"
    return capital(NEXT_IN_LINE if row["attribute"] == COMPARISON else str(row["group"]))


def _span(row: Mapping[Any, Any], name: str, times: float = 1.0) -> str:
    value, low, high = (float(row[end]) * times for end in (name, f"{name}_low", f"{name}_high"))
    if math.isnan(value):
        return "too few to say" if row["state"] != "enough" else "not shown"
    return f"{value:.1f}" if math.isnan(low) else f"{value:.1f} ({low:.1f} to {high:.1f})"


def _days_table(found: ListImpact) -> PageTable:
    first, then = (
        ("Year of the list", "Year after")
        if found.years is None
        else (str(found.years.before), str(found.years.after))
    )
    heads = ("", "Pupils", "Followed", "Left", "Not held", first, then, "Change")
    rows = (
        (_group_name(row), *(cell(row[name]) for name in ("n", "followed", "left", "not_held")),
         *(_span(row, name) for name in ("before", "after", "change")))
        for row in found.tables["afterwards"].to_dict("records")
    )  # fmt: skip
    return PageTable("Days missed out of every 100 possible days (95% interval)", heads, tuple(rows))


def _outcome_table(found: ListImpact) -> PageTable:
    heads = ("", "Outcome known", "Met it", "Did not", "In 100 (95% interval)")
    rows = (
        (
            _group_name(row),
            *(cell(row[name]) for name in ("n", "events", "non_events")),
            _span(row, "met", 100),
        )
        for row in found.tables["outcome"].to_dict("records")
    )
    return PageTable(capital(found.outcome.words), heads, tuple(rows))


def impact_tables(results: Sequence[ListImpact]) -> dict[str, pd.DataFrame]:
    """The printed tables of every list under each other, by name, with the column ``list`` first."""
    import pandas as pd

    return {
        name: pd.concat([found.tables[name].assign(list=found.name) for found in results], ignore_index=True)[
            ["list", *declared.column_names]
        ]
        for name, declared in IMPACT_TABLES.items()
    }


def csv_bytes(name: str, frame: pd.DataFrame) -> bytes:
    """One table as CSV; cells that a spreadsheet would take for a formula are guarded (reasons are typed by people)."""
    labels = ["list", *(c.name for c in IMPACT_TABLES[name].columns if c.role is Role.LABEL)]
    safe = frame.assign(**{column: frame[column].astype(str).map(guarded) for column in labels})
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8")
