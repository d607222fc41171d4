"""The words for what differs from training: plain, with numbers, and with the name of the column for an analyst."""

from __future__ import annotations

from ..features.catalogue import CATALOGUE, Family

_FAMILY_WORDS = {family: family.value.replace("_", " ") for family in Family}
_PER_TOPIC = {
    "cin": "Was the CIN census ingested?",
    "cp_plan": "Was the CIN census ingested?",
    "looked_after": "Was the SSDA903 return ingested?",
    "la_funded_ap": "Was the AP census ingested?",
}


def label_of(what: str | Family) -> str:
    """A family, or a column by its label and its name."""
    if isinstance(what, Family):
        return _FAMILY_WORDS[what]
    return f"{CATALOGUE[what].label} ({what})"


def in_hundred(share: float) -> str:
    """A share in words; a small one is never rounded to none.

    >>> in_hundred(0.041), in_hundred(0.004), in_hundred(0.0002), in_hundred(0.0), in_hundred(0.9996)
    ('4 in 100', '4 in 1,000', 'fewer than 1 in 1,000', 'none', 'more than 999 in 1,000')
    """
    if share <= 0:
        return "none"
    if share >= 1:
        return "all"
    if 0.015 <= share <= 0.985:
        return f"{share * 100:.0f} in 100"
    if share < 0.0005:
        return "fewer than 1 in 1,000"
    if share > 0.9995:
        return "more than 999 in 1,000"
    return f"{share * 1000:.0f} in 1,000"


def months(days: int) -> str:
    """An age in words.

    >>> months(31), months(400)
    ('1 month', '13 months')
    """
    number = round(days / 30.4)
    return "1 month" if number == 1 else f"{number} months"


def nobody_words(name: str, had: float) -> str:
    """Nobody has what some had in training."""
    ask = _PER_TOPIC.get(CATALOGUE[name].topic, "Were the returns that carry it ingested?")
    return f"{label_of(name)}: no pupil has any; {in_hundred(had)} had in training. {ask}"


def column_words(name: str, low: float | None, high: float, then: float, now: float) -> str:
    """A share of a column's known values that moved: at or below ``high``, and above ``low`` if that is given."""
    if low is not None:
        return (
            f"{label_of(name)}: {high:g} for {in_hundred(now)} of the pupils; {in_hundred(then)} in training"
        )
    # Above, not at most: "more than 0" is how people ask.
    return (
        f"{label_of(name)}: more than {high:g} for {in_hundred(1 - now)} of the pupils of whom it is known; "
        f"{in_hundred(1 - then)} in training"
    )
