"""The filters of the page, and which choice of each filter a card answers to.

A choice is known to the page by its place, never by its words, so a school's name is nowhere but where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..card import Card

NO_LOCALITY = "No locality"
INVOLVED, NOT_INVOLVED = "Yes", "None recorded"


class Choice(NamedTuple):
    """One entry of a filter: its value, what is read, and how many cards answer to it."""

    value: str
    words: str
    cards: int


class Filter(NamedTuple):
    """One filter of the page: its name, label, the entry that leaves all in, and its choices in order."""

    name: str
    label: str
    everything: str
    choices: tuple[Choice, ...]


def _year_group(card: Card) -> tuple[str, ...]:
    return (card.year_group.rjust(4), f"Year {card.year_group}")


#: Name, label, the entry for all, and the key of a card: sorted by all of it, its last part is read.
_FILTERS: tuple[tuple[str, str, str, Callable[[Card], tuple[str, ...]]], ...] = (
    ("school", "School", "All schools", lambda card: (card.school, card.school_id, card.school)),
    ("locality", "Locality", "All localities", lambda card: (card.locality, card.locality or NO_LOCALITY)),
    ("lead", "Who leads", "All leads", lambda card: (card.route.lead, card.route.lead)),
    ("year", "Year group", "All years", _year_group),
    (
        "involved",
        "Already involved",
        "Either",
        lambda card: ("0", INVOLVED) if card.is_involved else ("1", NOT_INVOLVED),
    ),
)


def filters_of(cards: Sequence[Card]) -> tuple[tuple[Filter, ...], Mapping[str, str]]:
    """The filters, and for each review reference its choices in the filters' order, such as ``"0 2 1 4 1"``.

    A list of schools without localities has no filter for them.
    """
    filters: list[Filter] = []
    answers: dict[str, list[str]] = {card.review_ref: [] for card in cards}
    for name, label, everything, key_of in _FILTERS:
        if name == "locality" and not has_localities(cards):
            continue
        keys = [key_of(card) for card in cards]
        places = {key: str(place) for place, key in enumerate(sorted(set(keys)))}
        for card, key in zip(cards, keys, strict=True):
            answers[card.review_ref].append(places[key])
        choices = tuple(Choice(value, key[-1], keys.count(key)) for key, value in places.items())
        filters.append(Filter(name, label, everything, choices))
    return tuple(filters), {ref: " ".join(values) for ref, values in answers.items()}


def has_localities(cards: Sequence[Card]) -> bool:
    """Whether any card's school is named by a locality."""
    return any(card.locality for card in cards)
