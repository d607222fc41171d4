"""What an impact report says, in words: what was done, what happened next, and what must not be read into it.

Numbers of pupils come from tables that went through the disclosure policy; days are whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..disclosure import DisclosurePolicy
from ..features.phrasing import counted, day_words, listed
from ..labels import CENSUSES_OF_A_YEAR
from ..reports.briefing.words import pupils
from ..reports.outcome_words import OUTCOME_HOW, outcome_words
from .afterwards import COMPARISON, HELP, OVERALL
from .done import LOOKED_AT, MINUTES, OFFERED
from .groups import ACCEPTED, DECLINED, NEXT_IN_LINE, NO_ANSWER, NO_OFFER, NOT_REACHED, UNDECIDED
from .missed import TwoYears
from .one_list import ALL_LISTS, ListImpact

if TYPE_CHECKING:
    import pandas as pd

REGRESSION = (
    "Children at the top of a list can be expected to miss fewer days in the next year even if nobody helps them: a "
    "list finds many of them in an unusually hard year. The next in line, whom no list named, as a rule missed fewer "
    "days to begin with, so theirs need not fall alike. A fall among the listed beside none among the next in line can "
    "be seen without any help."
)
CHOSEN = (
    "People chose whom to offer help, and families chose whether to accept. The groups differ in ways that no record "
    "shows, so a gap between two groups is not the difference that help made."
)
NOT_SHOWN = "Nothing here shows that help made a difference, and nothing here shows that it made none."
WOULD_SHOW = (
    "What would show it: where more families would welcome help than there are places, a draw by lot decides who is "
    "offered it first and who waits. It is agreed beforehand, with the service and the data protection officer, and "
    "looked at over more years than one."
)
LEAVERS = (
    "Pupils who left the rolls here are counted apart. Leaving is never counted as better: it may be a move, or a "
    "change to education at home that somebody should look into."
)
NOT_PEOPLE = "Nothing here is about one reviewer, one school or one family, nor may it be used to judge one."
TERM_WORDS = {
    "autumn": "autumn",
    "spring": "spring",
    "summer_1": "first half of summer",
    "summer_2": "second half of summer",
}
CAUTIONS = (REGRESSION, CHOSEN, NOT_SHOWN, WOULD_SHOW, LEAVERS, NOT_PEOPLE)


def heading(found: ListImpact) -> str:
    """Which list, or which lists, in one line."""
    entry = found.lists[-1].entry
    purpose = entry.purpose.replace("_", " ")
    if found.name.startswith(ALL_LISTS):
        return f"{counted(len(found.lists), 'list')} of {entry.owner} together (purpose: {purpose})"
    return f"List {entry.list_id}, made on {day_words(entry.made_on)} for {entry.owner} (purpose: {purpose})"


def done_sentences(found: ListImpact, policy: DisclosurePolicy) -> list[str]:
    """What was decided, offered and answered, and how soon."""
    said = _Said(found.tables["done"], policy)
    lines = [
        f"To be looked at: {said.of(OVERALL, OVERALL)}; not decided yet: {said.of('decision', UNDECIDED)}.",
        f"Help offered and accepted: {said.of(HELP, ACCEPTED)}; declined: {said.of(HELP, DECLINED)}; not reached: "
        f"{said.of(HELP, NOT_REACHED)}; no answer recorded: {said.of(HELP, NO_ANSWER)}; no offer recorded: "
        f"{said.of(HELP, NO_OFFER)}.",
        f"Newly known to the team: {said.of('known before', 'newly known')}; already known: "
        f"{said.of('known before', 'already known')}.",
        f"Listing agreed with: {said.of('agreement', 'Agree')}; in part: {said.of('agreement', 'Partly')}; not agreed "
        f"with: {said.of('agreement', 'Disagree')}.",
        f"Wrong data reported to the keeper of a record: {said.of('wrong data reported', 'Yes')}.",
    ]
    if found.conflicts:
        lines.append(
            f"Returned copies differ, and nobody has settled it: {pupils(found.conflicts, policy)}. What was recorded "
            "first is counted here."
        )
    return lines + _pace(found.tables["pace"], policy)


class _Said:
    """A printed table of counts, asked one number at a time."""

    def __init__(self, table: pd.DataFrame, policy: DisclosurePolicy) -> None:
        named = zip(table["attribute"], table["group"], table["n"], strict=True)
        self.counts = {(str(attribute), str(group)): n for attribute, group, n in named}
        self.policy = policy

    def of(self, attribute: str, group: str) -> str:
        number = self.counts.get((attribute, group), 0)
        return _count(number, self.policy)


def _pace(table: pd.DataFrame, policy: DisclosurePolicy) -> list[str]:
    rows = {str(row["step"]): row for row in table.to_dict("records")}
    lines = []
    for step, words in ((LOOKED_AT, "Looked at"), (OFFERED, "Help offered")):
        half, most = (rows[step][name] for name in ("half_within", "nine_in_ten_within"))
        if not math.isnan(half):
            lines.append(
                f"{words}: half within {counted(int(half), 'day')} of the list being made, nine in ten within "
                f"{int(most)} (dates recorded for {pupils(rows[step]['n'], policy)})."
            )
    minutes = rows[MINUTES]["minutes"]
    if not math.isnan(minutes):
        lines.append(
            f"Minutes spent: {int(minutes):,} in all (noted for {pupils(rows[MINUTES]['n'], policy)})."
        )
    return lines


def next_sentences(found: ListImpact, policy: DisclosurePolicy) -> list[str]:
    """What happened next, as far as it is known; never why."""
    lines = _counted_lists(found) if found.years is None else years_sentences(found.years)
    if found.tables["afterwards"].empty:
        return lines
    how = OUTCOME_HOW[found.outcome.name]
    rows = {(str(r["attribute"]), str(r["group"])): r for r in found.tables["afterwards"].to_dict("records")}
    everybody, beside = rows[OVERALL, OVERALL], rows.get((COMPARISON, NEXT_IN_LINE))
    terms = "" if found.years is None or found.years.whole else ", in the same terms of both years"
    said = [_days("all listed", everybody, found)]
    if beside is not None:
        said.append(_days(NEXT_IN_LINE, beside, found))
    lines.append(f"Days missed {how}, out of every 100 possible days{terms}: {'; '.join(said)}.")
    lines.append(
        f"Left the rolls here, of those listed: {_count(everybody['left'], policy)}; attendance not held: "
        f"{_count(everybody['not_held'], policy)}."
    )
    return lines + _outcome_lines(found, policy)


def _counted_lists(found: ListImpact) -> list[str]:
    if not found.ended:
        return ["No list's year after is held to its end yet, so none is counted together here."]
    return [
        f"Counted here: {found.ended} of {counted(len(found.lists), 'list')}, whose year after is held to its end."
    ]


def years_sentences(years: TwoYears) -> list[str]:
    """What is held of the year after, and what is not."""
    if not years.terms and len(years.missing) < len(CENSUSES_OF_A_YEAR):
        return [
            f"The store holds no term of both {years.before} and {years.after}, so nothing stands side by side."
        ]
    if not years.terms:
        return [
            f"Nothing is known yet of {years.after}: the store does not hold the {listed(years.missing)}, which carry "
            "its attendance. Ingest them when they come, and ask again."
        ]
    if not years.whole:
        return [
            f"{years.after} is not held to its end. Still to come: {listed(years.missing)}. So the same terms of "
            f"{years.before} and {years.after} stand beside each other ({listed(TERM_WORDS[t] for t in years.terms)}), "
            "and what a whole year comes to is not known for anybody."
        ]
    return []


def _count(number: Any, policy: DisclosurePolicy) -> str:
    return "none" if number == 0 else pupils(number, policy)


def _days(who: str, row: Mapping[Any, Any], found: ListImpact) -> str:
    if math.isnan(row["before"]):
        return f"{who}, too few pupils to say"
    first, then = _year_names(found)
    return f"{who}, {round(row['before'])} {first} and {round(row['after'])} {then}"


def _year_names(found: ListImpact) -> tuple[str, str]:
    if found.years is None:
        return "in the year of the list", "in the year after"
    return f"in {found.years.before}", f"in {found.years.after}"


def _outcome_lines(found: ListImpact, policy: DisclosurePolicy) -> list[str]:
    rows = {str(r["attribute"]): r for r in found.tables["outcome"].to_dict("records")}
    if OVERALL not in rows:
        return []
    said = [f"{_in_100(rows[OVERALL])} of those listed"]
    if COMPARISON in rows:
        said.append(f"{_in_100(rows[COMPARISON])} of the next in line")
    words = outcome_words(found.outcome.definition())
    return [f"In the year after, {listed(said)} {words}, of those for whom it is known."]


def _in_100(row: Mapping[Any, Any]) -> str:
    return "too few to say" if math.isnan(row["met"]) else f"{round(100 * row['met'])} in 100"


def terminal_words(results: list[ListImpact], policy: DisclosurePolicy) -> str:
    """Everything the command prints."""
    lines = []
    for found in results:
        lines += [heading(found), *(f"  {line}" for line in done_sentences(found, policy))]
        lines += [*(f"  {line}" for line in next_sentences(found, policy)), ""]
    if any(not found.tables["afterwards"].empty for found in results):
        lines += [*CAUTIONS, ""]
    return "\n".join([*lines, policy.words])
