"""What a support-offer list says, word for word, and the purposes it may serve.

Source: the project's users' reference, sections 5.2 and 5.3 (wording that an authority may edit; tests keep its
meaning). An estimate is said as a natural frequency: so many of 100 children with records like these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import RefusedError
from ..models.bands import FEWEST_TO_SAY
from ..reports.outcome_words import outcome_words

#: The purposes a list may serve, in words. Anything else is refused, not warned of.
PURPOSES = {
    "early_help_offer": "to offer families early help",
    "attendance_support": "to offer support with getting to school",
    "virtual_school_support": "to offer support through the virtual school",
    "send_support": "to offer support through special educational needs services",
    "service_planning_aggregate": "to plan services for groups of families",
    "evaluation": "to learn whether offers of help are made to the families who want them",
}

HEADER = (
    "Children whose families may welcome an offer of help with getting to school. A starting point for conversation, "
    "made from records held on {dates}. It is not a finding about a child or a family."
)
HUMAN = (
    "A person must look at each child's situation, speak to the school, and decide. "
    "You may disagree; please say why."
)
NOT_CAUSE = "These are patterns in records. They do not show why a child is missing school."
UNKNOWN = (
    "The records do not show health, caring, bullying, anxiety, waits for assessment, or what the child says. "
    "Young carers are often not recorded: please ask."
)
NOT_LISTED = (
    "A child who is not here may still need help. "
    "Referrals from families, schools and professionals are unaffected."
)
BORDERLINE = "Near the edge of the list: small changes in the data could move this child on or off it."
#: Said of a pupil who is firmly on the list, where the evidence of that model is at hand.
FIRM = "Firm: most lists made from other draws of the same past pupils name this child as well."
#: Why days missed on a card may be fewer than those in its reasons.
LATE_APART = (
    "Arrivals after registers closed count as missed sessions. Here they stand apart from other days missed without "
    "authorisation; reasons and events count the two together."
)
SAFEGUARDING = "If you are worried about a child's safety, follow your safeguarding procedure now."
PURPOSE_WALL = (
    "For offers of support only. "
    "Not to be used for penalty notices, prosecution or any sanction, nor as evidence."
)
FAMILY = (
    "We looked at school and council records to find families who might like some help. A person checked before anyone "
    "contacted you. You can say no, and saying no will not count against you. You can see what we used, ask us to "
    "correct it, and object."
)
RULE_WINS = (
    "A simple rule found at least as many of these children as this model did, at this length of list, in the year "
    "both were tested on. Consider the rule's list first."
)

#: Over what ``models.drift`` reported of the records behind a list.
UNLIKE = "How these records differ from those the model was made from"


def purpose_words(purpose: str) -> str:
    """The purpose in words.

    Raises
    ------
    RefusedError
        If the purpose is not one of support.
    """
    if purpose not in PURPOSES:
        raise RefusedError(
            "this list is made for offers of support alone; the purpose asked for is not one of "
            f"{', '.join(PURPOSES)}. It is never made for sanctions, ranking of schools or other services' records."
        )
    return PURPOSES[purpose]


def firmness(firm: int, borderline: int, refits: int) -> str:
    """How many of the list are firm and how many borderline, and what that means; never a number about one child.

    >>> firmness(12, 8, 30)[:58]
    'Of the 20 pupils listed, 12 are firmly on the list and 8 a'
    """
    is_, are = (f"{number:,} {'is' if number == 1 else 'are'}" for number in (firm, borderline))
    return (
        f"Of the {firm + borderline:,} pupils listed, {is_} firmly on the list and {are} borderline; each card says "
        f"which. Firm means that the same pupil was on the list in at least 8 in 10 of {refits} models trained on "
        "other draws of the same past pupils. Borderline says nothing about need: look at both alike."
    )


def _in_100(events: int, number: int) -> int:
    # Integers round half up: the same on every computer.
    return (200 * events + number) // (2 * number)


def _roughly(events: int, number: int) -> tuple[int, int]:
    """95 % Wilson interval in whole children of 100 (Wilson, 1927, JASA 22, 209-212)."""
    z, share = 1.96, events / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    return max(0, math.floor(100 * (middle - half))), min(100, math.ceil(100 * (middle + half)))


def natural_frequency(events: int, number: int, outcome: Mapping[str, Any]) -> str:
    """How sure, as a frequency among past children with records like these; whole children, both ways round.

    >>> natural_frequency(38, 100, {"name": "unauthorised", "threshold": "1/10"})[:77]
    'In past years, about 38 in 100 children with records like these missed 19 or '
    """
    if number < FEWEST_TO_SAY:
        return "There were too few children with records like these in past years to say how often this happened."
    many = _in_100(events, number)
    low, high = _roughly(events, number)
    share = "fewer than 1" if many == 0 else "nearly all 100" if many == 100 else f"about {many}"
    rest = "Nearly all" if many == 0 else "Very few" if many == 100 else f"About {100 - many}"
    span = f" (Past numbers allow roughly {low} to {high} in 100.)" if 0 < many < 100 else ""
    return (
        f"In past years, {share} in 100 children with records like these {outcome_words(outcome)} "
        f"in the next school year. {rest} did not.{span}"
    ).replace("nearly all 100 in 100", "nearly all of 100")
