"""What is printed of a card, and what is printed again and again, as rules of style: terms and questions.

Said once in the style, a line stands on every sheet of paper and costs a page of 500 cards a few hundred bytes
instead of a few hundred thousand. On screen the same words stand once, as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..card import Card

#: Lines of half the sheet's width that a card has for sentences, and letters to a line: at the usual size of print,
#: and at the small one. Measured with wide letters, so that narrower ones leave room rather than want it.
USUAL, SMALL = (58, 46), (84, 56)
#: The latest events always printed.
FEWEST_EVENTS = 4


class Fit(NamedTuple):
    """How many of a card's events are printed, latest first, and whether its print is small."""

    events: int
    dense: bool


def fit_of(card: Card, questions: Sequence[str]) -> Fit:
    """What of a card is printed so that it stands on one side of A4; on screen all of it stands.

    Every sentence but the earliest events is printed, in small print if need be; the events take what room is left.
    """
    for lines, letters in (USUAL, SMALL):
        room = lines - _lines(_sentences(card, questions), letters)
        events, dense = _events(card, room, letters), (lines, letters) == SMALL
        if dense or events >= min(FEWEST_EVENTS, len(card.events)):
            break
    return Fit(max(events, min(FEWEST_EVENTS, len(card.events))), dense)


def _sentences(card: Card, questions: Sequence[str]) -> list[str]:
    said = [
        card.route.lead + card.route_words,
        "They receive: " + card.route.receives,
        ", ".join(card.siblings),
    ]
    for part in (
        card.why_listed,
        card.other_way,
        card.involved,
        card.context,
        card.checks,
        card.prompts,
        card.moved,
        questions,
    ):
        said += part
    return said


def _lines(sentences: Sequence[str], letters: int) -> int:
    return sum(-(-len(sentence) // letters) for sentence in sentences)


def _events(card: Card, room: int, letters: int) -> int:
    """How many events fit into so many lines."""
    fitting = 0
    for event in card.events:
        room -= _lines([f"{event.day} {event.said}"], letters)
        if room < 0:
            break
        fitting += 1
    return fitting


def isolated(text: str) -> str:
    """Text whose writing direction, whatever it is, ends where it ends (Unicode TR 9, first strong isolate).

    >>> isolated("a") == "\\u2068a\\u2069"
    True
    """
    return f"\u2068{text}\u2069"


def printed_style(line: str, running: str, questions: Sequence[str]) -> str:
    """Rules that print ``line`` at the foot of every page, and on each card with ``running`` and the questions.

    Parameters
    ----------
    line : str
        Purpose, list, owner and last day of use.
    running : str
        What each card says of gates that were overridden; may be empty.
    questions : sequence of str
        Questions to ask, in order.
    """
    asked = "\n".join(f"•\u2002{question}" for question in questions)
    return (
        f"@page {{ @bottom-left {{ content: {css_string(line)}; }} }}\n"
        "@page card { @bottom-left { content: none; } }\n"
        f"@media print {{ .running::after {{ content: {css_string(f'{line} {running}'.strip())}; }} "
        f".asks::after {{ content: {css_string(asked)}; }} }}\n"
    )


def css_string(text: str) -> str:
    """Text as a string of a style sheet; nothing in it can end the string, the rule or the style.

    Whatever is neither a letter, a digit nor a space of ASCII is written by its number (W3C, CSS syntax level 3,
    4.3.7); the space after a number belongs to it.

    >>> css_string("a</b")
    '"a\\\\3c \\\\2f b"'
    """
    safe = "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'
