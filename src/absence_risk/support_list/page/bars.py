"""Small bars of days missed by term, as drawing instructions for a page: greys and patterns, never a colour that ranks.

Each bar is a stack of strokes, so that a pupil's whole drawing is a few hundred bytes; what is the same on every card
(years and terms below the bars, the key) is drawn once and shown on each card by reference. Every number also stands
in a line of text below the drawing, for those who hear the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from ...features.phrasing import days_short
from ..card import Period

#: Distance between bars, height of the highest, and where they stand, in units of the drawing (pixels at full size).
STEP, HIGHEST, GROUND = 24, 72, 90
#: The key below the bars needs this much width.
NARROWEST = 290
#: The highest bar a scale reaches, in sessions: 10, 20, 30, 40, 60, 80 days.
SCALES = (20, 40, 60, 80, 120, 160)
#: A term below its bar, and in a line of text.
SHORT_WORDS = {
    "Autumn": ("Aut", "Autumn"),
    "Spring": ("Spr", "Spring"),
    "Summer to half-term": ("Su1", "Summer 1"),
    "Summer after half-term": ("Su2", "Summer 2"),
}
NOT_HELD = "not held"
#: Parts of a bar from the ground up: the letter of their pattern in the page's style, and their words.
PARTS_OF_BAR = {"u": "not authorised", "l": "late", "i": "illness", "o": "other"}


class Axis(NamedTuple):
    """What stands below the bars: terms and years with where they are; the same for all pupils of the same terms."""

    name: str
    width: int
    terms: tuple[tuple[int, str], ...]
    years: tuple[tuple[int, int, str], ...]  #: from, to, words


class Bars(NamedTuple):
    """One pupil's drawing, and the same numbers in words, a line for each year."""

    axis: str
    width: int
    strokes: tuple[tuple[str, str], ...]  #: letter of the pattern, path
    numbers: tuple[tuple[int, int, str], ...]  #: where, and days missed
    lines: tuple[str, ...]
    partly: bool  #: some bar is known in part only
    missing: bool  #: some term is not held at all


def axes_of(layouts: Sequence[Sequence[Period]]) -> dict[tuple[tuple[str, str], ...], Axis]:
    """An axis for each different row of terms, named in the order in which they first appear."""
    axes: dict[tuple[tuple[str, str], ...], Axis] = {}
    for periods in layouts:
        key = _key(periods)
        if key and key not in axes:
            axes[key] = _axis(f"axis-{len(axes) + 1}", key)
    return axes


def bars_of(periods: Sequence[Period], axes: dict[tuple[tuple[str, str], ...], Axis]) -> Bars | None:
    """The drawing of one pupil's terms, oldest first; None where no term is named at all.

    The scale is the smallest of ``SCALES`` that holds the highest bar, so a day missed is not drawn as a tower.
    Parts that are not held leave a gap and are marked, never drawn as nothing missed.
    """
    if not periods:
        return None
    axis = axes[_key(periods)]
    highest = max(sum(_held(period)) for period in periods)
    scale = next((step for step in SCALES if step >= highest), highest)
    paths: dict[str, list[str]] = {part: [] for part in PARTS_OF_BAR}
    numbers = []
    for place, period in enumerate(periods):
        middle = STEP * place + STEP // 2
        top = _stack(paths, middle, _parts(period), scale)
        numbers.append((middle, top - 4, _number(period)))
    return Bars(
        axis=axis.name,
        width=axis.width,
        strokes=tuple((part, "".join(found)) for part, found in paths.items() if found),
        numbers=tuple(numbers),
        lines=tuple(
            _year_said(year, list(found)) for year, found in groupby(periods, key=lambda period: period.year)
        ),
        partly=any(_known(period) not in (0, len(PARTS_OF_BAR)) for period in periods),
        missing=any(_known(period) == 0 for period in periods),
    )


def _key(periods: Sequence[Period]) -> tuple[tuple[str, str], ...]:
    return tuple((period.year, period.words) for period in periods)


def _axis(name: str, key: Sequence[tuple[str, str]]) -> Axis:
    years: dict[str, list[int]] = {}
    for place, (year, _) in enumerate(key):
        years.setdefault(year, []).append(STEP * place)
    return Axis(
        name=name,
        width=max(STEP * len(key), NARROWEST),
        terms=tuple(
            (STEP * n + STEP // 2, SHORT_WORDS.get(words, (words[:3], words))[0])
            for n, (_, words) in enumerate(key)
        ),
        years=tuple((min(at) + 3, max(at) + STEP - 3, year) for year, at in years.items()),
    )


def _parts(period: Period) -> tuple[int | None, ...]:
    return (period.unauthorised, period.late, period.illness, period.other)


def _held(period: Period) -> list[int]:
    return [part for part in _parts(period) if part is not None]


def _known(period: Period) -> int:
    return len(_held(period))


def _stack(paths: dict[str, list[str]], middle: int, parts: Sequence[int | None], scale: int) -> int:
    """Add one bar's strokes, each from where the last ended; gives the height at which the bar ends."""
    sessions, below = 0, GROUND
    for letter, part in zip(PARTS_OF_BAR, parts, strict=True):
        if not part:
            continue
        sessions += part
        above = min(GROUND - HIGHEST * sessions // scale, below - 1)
        paths[letter].append(f"M{middle} {below}V{above}")
        below = above
    return below


def _number(period: Period) -> str:
    known = _known(period)
    if not known:
        return "–"
    return days_short(sum(_held(period))) + ("" if known == len(PARTS_OF_BAR) else "+")


def _year_said(year: str, periods: Sequence[Period]) -> str:
    """One year in words, kind by kind over its terms; a kind of which nothing was missed is left out.

    What is not held is never left out.
    """
    terms = ", ".join(SHORT_WORDS.get(period.words, ("", period.words))[1] for period in periods)
    if not any(_known(period) for period in periods):
        return f"{year}: {NOT_HELD}."
    by_kind = zip(PARTS_OF_BAR.values(), zip(*map(_parts, periods), strict=True), strict=True)
    said = [f"{words} {_each(sessions)}" for words, sessions in by_kind if set(sessions) != {0}]
    days = [period.possible for period in periods]
    possible = f"possible days {NOT_HELD}" if set(days) == {None} else f"of {_each(days)} days"
    return f"{year} ({terms}): {'; '.join(said) or 'none missed'}; {possible}."


def _each(sessions: Sequence[int | None]) -> str:
    return ", ".join(NOT_HELD if number is None else days_short(number) for number in sessions)
