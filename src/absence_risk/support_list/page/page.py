"""The support-offer list as one self-contained page: no network, no asset, no colour that ranks a child.

The page's script and style are named by their hashes in its content security policy, so that nothing else can run
in it, whatever stands in a school's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from ...features.phrasing import counted, day_words
from ...pages import asset, render_page
from ...reports.gate_statement import GateStatement
from .. import words
from ..card import PARTS, Card, ListContents
from ..plan import SITUATIONS, Plan, Route
from ..terms import Terms
from . import words as page_words
from .bars import Bars, axes_of, bars_of
from .front import from_manifest
from .index_rows import filters_of, has_localities
from .printed import fit_of, isolated, printed_style


class Shown(NamedTuple):
    """One part of the list as the page shows it: its title, how to read it, its cards, and those by school."""

    name: str
    title: str
    said: str
    cards: tuple[Card, ...]
    schools: tuple[tuple[str, tuple[Card, ...]], ...]


class Led(NamedTuple):
    """One route, the situation that decides it in words, and the references that take it."""

    route: Route
    situation: str
    refs: tuple[str, ...]


def page(
    manifest: Mapping[str, Any],
    terms: Terms,
    plan: Plan,
    contents: ListContents,
    gates: GateStatement,
    past: Sequence[str] = (),
    *,
    list_id: str,
) -> str:
    """The page's HTML, the same for the same input.

    Parameters
    ----------
    manifest : mapping
        The scored table's manifest: as-of date, outcome, sources, counts, model.
    terms : Terms
        Purpose, length, owner and last day of use.
    plan : Plan
        The authority's routes, questions, and whom to ask.
    contents : ListContents
        What stands on the page, in order.
    gates : GateStatement
        What is said of the gates of the model, in the first lines if it did not pass them.
    past : sequence of str
        How often lists like this were right in past years, in sentences; empty where no past year was judged.
    list_id : str
        ``Terms.list_id`` of these scores and pupils.
    """
    expires = day_words(terms.expires)
    style = asset("support_list/page.css") + printed_style(
        f"{words.PURPOSE_WALL} List {list_id}, {isolated(terms.owner)}. Last day of use: {expires}.",
        gates.running,
        plan.questions,
    )
    script = asset("support_list/page.js")
    filters, answers = filters_of(contents.cards)
    return render_page(
        "support_list/page.html",
        style=style,
        script=script,
        words=words,
        page_words=page_words,
        model_said=page_words.said_of_model,
        counted=counted,
        terms=terms,
        plan=plan,
        expires=expires,
        list_id=list_id,
        purpose=words.purpose_words(terms.purpose),
        contents=contents,
        parts=_parts(contents, manifest["feature_year"]),
        filters=filters,
        answers=answers,
        localities=has_localities(contents.cards),
        routes=_routes(plan, contents.cards),
        with_card={card.review_ref for card in contents.cards},
        fits={card.review_ref: fit_of(card, plan.questions) for card in contents.cards},
        firmness=_firmness(contents),
        gates=gates,
        past=tuple(past),
        **_drawings(contents.cards),
        **from_manifest(manifest),
    )


def _parts(contents: ListContents, year: str) -> list[Shown]:
    """The parts that have cards, in order; the main part always, so that an empty list says so."""
    parts = []
    for name in PARTS:
        cards = contents.of_part(name)
        if cards or name == "main":
            title, said = page_words.PART_WORDS[name]
            parts.append(Shown(name, title, said.format(year=year), cards, _by_school(cards)))
    return parts


def _by_school(cards: Sequence[Card]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    groups = groupby(cards, key=lambda card: (card.school, card.school_id))
    return tuple((school, tuple(found)) for (school, _), found in groups)


def _routes(plan: Plan, cards: Sequence[Card]) -> list[Led]:
    """Every route of the plan in its order, with the references of the pupils who take it."""
    return [
        Led(
            route,
            SITUATIONS.get(route.when, route.when),
            tuple(c.review_ref for c in cards if c.route == route),
        )
        for route in plan.routes
    ]


def _drawings(cards: Sequence[Card]) -> dict[str, Any]:
    axes = axes_of([card.periods for card in cards])
    bars: dict[str, Bars | None] = {card.review_ref: bars_of(card.periods, axes) for card in cards}
    return {"axes": list(axes.values()), "bars": bars}


def _firmness(contents: ListContents) -> str:
    """How many of the main list are firm and how many borderline; nothing where none is said to be either."""
    standings = [card.standing for card in contents.of_part("main")]
    firm, borderline = standings.count("firm"), standings.count("borderline")
    if contents.refits and firm + borderline:
        return words.firmness(firm, borderline, contents.refits)
    if not borderline:
        return ""
    stand, say = ("stands", "its card says") if borderline == 1 else ("stand", "their cards say")
    return f"{counted(borderline, 'pupil')} {stand} near the edge of the list; {say} so."
