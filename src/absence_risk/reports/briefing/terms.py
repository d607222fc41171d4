"""Short names for people: rivals, families of records, groups and steps of the flow."""

from __future__ import annotations

import re
from typing import Any

from ..outcome_words import OUT_WORDS

_RIVALS = {
    "boosting": "Boosted trees",
    "logistic": "Logistic regression",
    "boosting_with_attendance": "Trees with attendance history",
    "boosting_without_attendance": "Trees without attendance history",
    "additive": "Additive model",
    "random": "Places drawn by lot",
    "last_year_unauthorised": "Last year's unauthorised rate",
    "persistent_last_year": "Persistently absent last year",
    "persistent_by_days": "Persistently absent, most days first",
    "four_factors": "Count of the four factors",
    "roni_points": "Points in the manner of RONI",
    "school_rate": "The school's rate alone",
    "everyone": "An offer to everyone",
    "no_one": "An offer to no one",
}

_STEPS = OUT_WORDS | {
    "seen": "pupils seen",
    "eligible": "looked at",
    "used": "with a known outcome, so in the measures",
    "census_missing": "outcome not known: a census of the next year is missing",
    "no_attendance": "outcome not known: no attendance returned",
    "absence_exceeds_possible": "outcome not known: more absence than possible sessions",
    "codes_not_held": "outcome not known: codes of absence not held",
    "left_during_year": "outcome not known: left during the year",
    "too_few_sessions": "outcome not known: too few possible sessions",
    "outcome_met": "of those in the measures, met the outcome",
    "on_the_line": "of those who met it, exactly on its line",
}


_ATTRIBUTES = {"sen": "SEN"}


def spaced(name: Any) -> str:
    """A short name as words: underscores are for tables."""
    return str(name).replace("_", " ")


def natural(text: Any) -> tuple[tuple[int, int, str], ...]:
    """A key that puts numbers in a text in their own order: Year 2 before Year 10.

    >>> sorted(["Year 10", "Year 2"], key=natural)
    ['Year 2', 'Year 10']
    """
    parts = re.findall(r"\d+|\D+", str(text))
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def attribute_words(attribute: Any) -> str:
    """What groups are groups of, as words; a pair of them as "one and other".

    >>> attribute_words("sex and sen"), attribute_words("free_school_meals")
    ('Sex and SEN', 'Free school meals')
    """
    parts = spaced(attribute).split(" and ")
    return capital(" and ".join(_ATTRIBUTES.get(part, part) for part in parts))


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is.

    >>> capital("DfE's order"), capital("sex")
    ("DfE's order", 'Sex')
    """
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def rival_words(rival: Any, *, candidate: bool = False) -> str:
    """A rival's name for a figure or a table.

    >>> rival_words("school_rate"), rival_words("logistic", candidate=True)
    ("The school's rate alone", 'This model (logistic regression)')
    """
    words = _RIVALS.get(str(rival), capital(spaced(rival)))
    return f"This model ({uncapital(words)})" if candidate else words


def family_words(family: Any) -> str:
    """A family of records as words."""
    return capital(spaced(family))


def group_name(attribute: Any, group: Any) -> str:
    """A group with what it is a group of.

    >>> group_name("free_school_meals", "eligible"), group_name("overall", "overall")
    ('Free school meals: eligible', 'Everyone')
    """
    if attribute == "overall":
        return "Everyone"
    return f"{attribute_words(attribute)}: {spaced(group)}"


def step_words(step: Any) -> str:
    """A step of the flow of pupils as words."""
    name = str(step).replace(" ", "_")
    return capital(_STEPS.get(name, spaced(step)))
