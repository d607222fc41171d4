"""What the page says beside the words every list says: its four parts, its lists, and how each is to be read.

Source: the users' reference, sections 1.3 and 5; the order is that of the four questions of the Department for
Education's tips for social workers (2022): identify, intelligence, intervention, impact.
"""

from __future__ import annotations

#: The four sections: where a link leads, the guide's word, and what it asks.
SECTIONS = (
    ("identify", "Identify", "Whose families may welcome help"),
    ("intelligence", "Intelligence", "Who is already involved"),
    ("intervention", "Intervention", "Who should lead"),
    ("impact", "Impact", "What has changed"),
)

#: Title of each part of the list, and how it is to be read; {year} is the school year just ended.
PART_WORDS = {
    "main": ("On the list", "No more pupils than the team has places for."),
    "lead": (
        "Already with a lead",
        "Somebody already leads for these children, so they take none of the team's places. "
        "Pass the card to that lead; please make no second approach to the family.",
    ),
    "onset": (
        "Not yet persistently absent",
        "These pupils were not yet persistently absent in {year}. A small offer now may be welcome.",
    ),
    "reserve": ("Reserve", "Only if a place on the list becomes free."),
}

ORDER = "Pupils stand by school and year group. The order says nothing about who needs help most."
NO_PAST = (
    "No past year was judged for this list, so it cannot say how often lists like it were right. "
    "Ask the data team for the report on past years."
)
ADD = "To add a child, refer in your usual way; no place on this list is needed."
CORRECT = "To correct a record, tell the school or the team that keeps it; the next list follows the corrected record."
NOT_INVOLVED = (
    "For these pupils the records name nobody who is involved now. Not recorded does not mean nobody."
)
FIRST_LIST = (
    "This is the first list of this team for this purpose, so there is nothing yet to compare it with."
)
IMPACT_LATER = (
    "What was offered, what families answered and what happened next is told by the impact report "
    "(absence-risk impact), once decisions are recorded and a later school year is in."
)
FORESEES = (
    "The model behind this list foresees absence. It does not show that help worked: children who missed the most "
    "one year often miss fewer days the next, with or without help."
)
NOT_LOOKED_AT = "These pupils could not be looked at. That says nothing about whether they need help."


def said_of_model(same_model: bool) -> str:
    """Whether the two lists were made by the same model; if not, a change may come from the model alone."""
    if same_model:
        return "Both lists were made by the same model, so what changed comes from the records."
    return "The two lists were made by different models, so some changes come from the model and not from the records."


#: How lines begin that say what is not on record; the table of who is involved leaves them to the cards.
NOTHING_THERE = ("No ", "Not recorded", "Early help: not held")
