"""What may stand in the words that an authority gives for its lists: short, plain, and never words of sanction.

Sources: the users' reference, sections 5.2 (what is refused) and 5.3 (words that no reviewer or family reads).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Strict

from ..features.words import BANNED_WORDS
from ..spreadsheet import guarded
from .reading import fault

LONGEST_CHOICE, LONGEST_NAME, LONGEST_SENTENCE = 60, 120, 200

#: Teams, meetings and routes of sanction, or of other services' purposes: a list of support never leads to them.
REFUSED_WORDS = (
    "penalty", "penalties", "fines", "prosecution", "prosecutions", "prosecutor", "prosecute", "prosecuting",
    "supervision order", "supervision orders", "court action", "legal proceedings", "enforcement", "sanction",
    "sanctions", "exclusion panel", "exclusions panel", "off-rolling", "off rolling", "admissions", "police",
    "policing", "immigration", "home office", "benefit", "benefits", "housing", "bailiff", "bailiffs",
)  # fmt: skip

#: A place or a person may be called so: Amber Valley, Mr Green.
_NAMES_TOO = ("red", "amber", "green")


def holds(text: str, words: tuple[str, ...]) -> list[str]:
    """The words that a text holds as whole words, in any case and with any blanks or hyphens between their parts."""
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold())
    return [word for word in words if f" {re.sub(r'[^a-z]+', ' ', word)} " in f" {plain} "]


def _plain(text: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise fault("is empty")
    if len(text) > longest:
        raise fault(f"has {len(text)} characters; at most {longest} fit where it is printed")
    if not text.isprintable():
        raise fault("holds a line break, a tab or a sign that cannot be printed")
    if guarded(text) != text:
        raise fault("begins with =, +, - or @, which a spreadsheet takes for a formula")
    return text


def _kind(text: str, banned: tuple[str, ...] = BANNED_WORDS) -> str:
    found = holds(text, banned)
    if found:
        raise fault(
            f"holds words that no list prints ({', '.join(found)}); say it in words of support, without blame"
        )
    return text


def _supportive(text: str) -> str:
    found = holds(text, REFUSED_WORDS)
    if found:
        raise fault(
            f"names what a list of support never leads to ({', '.join(found)}); only teams, meetings and routes of "
            "support may stand here",
            refused=True,
        )
    return text


def _choice(text: str) -> str:
    return _kind(_plain(text, LONGEST_CHOICE))


def _team(text: str) -> str:
    return _supportive(_choice(text))


def _route(text: str) -> str:
    return _supportive(_kind(_plain(text, LONGEST_NAME)))


def _sentence(text: str) -> str:
    return _kind(_plain(text, LONGEST_SENTENCE))


def _name(text: str) -> str:
    return _kind(_plain(text, LONGEST_NAME), tuple(w for w in BANNED_WORDS if w not in _NAMES_TOO))


def _each_once(texts: tuple[str, ...]) -> tuple[str, ...]:
    seen = [text.casefold() for text in texts]
    twice = [text for place, text in enumerate(texts) if text.casefold() in seen[:place]]
    if not texts:
        raise fault("is empty; name at least one")
    if twice:
        raise fault(f"names {', '.join(f'`{text}`' for text in twice)} more than once")
    return texts


#: One entry of a drop-down; the same for teams and meetings; who leads and what they receive; a sentence; a name.
Choice = Annotated[str, Strict(), AfterValidator(_choice)]
TeamChoice = Annotated[str, Strict(), AfterValidator(_team)]
RouteWords = Annotated[str, Strict(), AfterValidator(_route)]
Sentence = Annotated[str, Strict(), AfterValidator(_sentence)]
Name = Annotated[str, Strict(), AfterValidator(_name)]
Choices = Annotated[tuple[Choice, ...], AfterValidator(_each_once)]
TeamChoices = Annotated[tuple[TeamChoice, ...], AfterValidator(_each_once)]
Sentences = Annotated[tuple[Sentence, ...], AfterValidator(_each_once)]
