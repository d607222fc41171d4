"""What the gates say, word for word: on the report, the model card, the command line and every list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ..disclosure import HIDDEN, DisclosurePolicy
from ..features.phrasing import day_words

#: What each gate asks, in the order in which gates are judged and printed.
ASKS = {
    "beats_best_rule": "Does it find more pupils than the best simple rule, for the same places?",
    "precision_at_capacity": "Are enough of the listed pupils rightly listed?",
    "calibration_slope": "Are its stated chances neither too bold nor too timid?",
    "calibration_in_the_large": "Do its stated chances agree with what came, all pupils together?",
    "median_inclusion_share": "Would most listed pupils still be listed, had it been trained on other draws of the "
    "same past pupils?",
    "group_gaps": "Is no group missed, or listed wrongly, far more or far less often than everyone else?",
    "data_freshness": "Do the records reach as far as they should?",
}


class Found(NamedTuple):
    """A gate's bar and finding in words, and whether it passed; None where it cannot be judged."""

    bar: str
    found: str
    passed: bool | None


def number(value: float) -> str:
    """A number of pupils, which may be a part of one where places among equals are shared.

    >>> number(14.0), number(13.5), number(-2.0)
    ('14', '13.5', '-2')
    """
    text = f"{float(value):.1f}"
    return text.removesuffix(".0").replace("-0", "0") if float(text) == 0 else text.removesuffix(".0")


def more_or_fewer(difference: float) -> str:
    """A difference in pupils, in words.

    >>> more_or_fewer(14.0), more_or_fewer(-10.0), more_or_fewer(0.0)
    ('14 more', '10 fewer', '0 more')
    """
    return f"{number(abs(difference))} {'fewer' if difference < 0 else 'more'}"


def about(count: float, policy: DisclosurePolicy) -> str:
    """A count as it may be printed.

    >>> from absence_risk.disclosure import DisclosurePolicy
    >>> [about(count, DisclosurePolicy()) for count in (97.0, 3.0, 0.0)]
    ['about 95', 'fewer than 10', '0']
    """
    said = policy.count(count)
    if said is None or said == HIDDEN:
        return f"fewer than {policy.suppress_below}"
    return str(said) if said == count else f"about {said}"


def interval(row: Mapping[str, Any], digits: int = 0, name: str = "") -> str:
    """The 95% interval of a row's value.

    >>> interval({"low": 3.0, "high": 25.0})
    '95% interval 3 to 25'
    """
    low, high = (f"{name}_low", f"{name}_high") if name else ("low", "high")
    ends = float(row[low]), float(row[high])
    if not all(map(math.isfinite, ends)):
        return "no interval could be drawn"
    return f"95% interval {' to '.join(f'{end:.{digits}f}' if digits else number(end) for end in ends)}"


def shown_rate(row: Mapping[str, Any], policy: DisclosurePolicy) -> str:
    """A share of the list worked out again from its count as it may be printed; its length is no count of pupils."""
    part, of = policy.count(float(row["part"])), int(row["of"])
    if not isinstance(part, int) or not of:
        return "too few rightly listed to print"
    return f"{part / of:.2f} ({about(row['part'], policy)} of {of}); {interval(row, 2)}"


def gap_words(gap: float, what: str, row: Mapping[str, Any]) -> str:
    """A gap with its group, as points of 100."""
    points, more = number(abs(gap) * 100), "more" if gap > 0 else "fewer"
    return f"{points} in 100 {more} {what} than of everyone else ({row['attribute']}: {row['group']})"


def freshness_words(sources: Sequence[tuple[str, str | None, bool, int | None]]) -> str:
    """How far each return reaches; if any is stale, only those are named."""
    stale = [source for source in sources if source[2]]
    said = [_reach(*source) for source in stale or sources]
    return "; ".join(said)


def _reach(words: str, latest: str | None, stale: bool, days_old: int | None) -> str:
    if latest is None:
        return f"no {words} is held"
    age = f", {days_old:,} days before" if stale and days_old is not None else ""
    return f"{words} to {day_words(date.fromisoformat(latest))}{age}"
