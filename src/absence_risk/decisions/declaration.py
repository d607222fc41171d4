"""The decision record, declared once: its columns, their kinds and choices, and what each decision asks for.

The workbook's columns and drop-downs, the check of a returned copy, the register and the impact report all read this.
None of it may ever become a feature or a label: an offer that helped would look like an error of the model, and teach
it to leave such children out.

Source: the users' reference, section 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

#: Raised by one whenever the sheet's columns or their meaning change; a copy of another format is refused.
SHEET_FORMAT = 1

#: The sheet (hidden) on which a workbook says which list it is: rows of key and value, with ``list_id`` and ``format``.
ABOUT_SHEET = "About this list"
#: The sheet (hidden) that holds the choices of the drop-downs.
CHOICES_SHEET = "Choices"
#: Column of the review reference. Every sheet whose first row holds it and ``DECISION.header`` is read for decisions.
REFERENCE = "Reference"
#: How a date is typed where the cell is text; day first, by this form alone.
DATE_FORM = "dd/mm/yyyy"

Kind = Literal["choice", "yes_no", "date", "text", "number"]


class Decision(NamedTuple):
    """One thing that may be decided, and what must stand beside it."""

    words: str
    offers_contact: (
        bool  #: somebody goes to the family: the school must have been spoken to, and a review date stands
    )
    key: str


#: The offer of help comes first: support first.
DECISIONS = (
    Decision("Offer early help", True, "offer_early_help"),
    Decision("Continue existing help", True, "continue_existing_help"),
    Decision("Pass to lead practitioner", True, "pass_to_lead_practitioner"),
    Decision("Virtual school", True, "virtual_school"),
    Decision("SEND", True, "send"),
    Decision("Medical pathway", True, "medical_pathway"),
    Decision("School-led support", True, "school_led_support"),
    # Never held up: a worry about safety does not wait until the school has been spoken to, or for a contact list.
    Decision("Safeguarding referral (normal route)", False, "safeguarding_referral"),
    Decision("No action", False, "no_action"),
    Decision("Data wrong", False, "data_wrong"),
    Decision("Not appropriate to contact", False, "not_appropriate_to_contact"),
)
DECISION_BY_WORDS = {decision.words: decision for decision in DECISIONS}

YES_NO = ("Yes", "No")


@dataclass(frozen=True)
class Field:
    """One column of the decision record.

    ``vocabulary`` names the attribute of the plan that holds the choices, where they are the authority's own.
    ``required`` fields must be filled before a row counts as decided.
    """

    name: str
    header: str
    kind: Kind
    hint: str
    choices: tuple[str, ...] = ()
    vocabulary: str = ""
    required: bool = False


#: In the order of the sheet: the reviewer's own view comes before the decision.
FIELDS = (
    Field("reviewer_role", "Reviewer's role", "text", "Your role, such as Early Help manager. No name is needed.", required=True),
    Field("reviewed_on", "Looked at on", "date", "The day you looked at this child's records.", required=True),
    Field("school_contacted", "School spoken to?", "yes_no", "Speak to the school before you decide.", YES_NO, required=True),
    Field("school_contacted_on", "School spoken to on", "date", "The day, if yes."),
    Field("records_checked", "Records checked", "text", "Which records you looked at yourself."),
    Field("already_known", "Already known to us?", "yes_no", "Did you or a colleague already know this?", YES_NO, required=True),
    Field("initial_view", "First view", "choice", "Your own view before you read how sure the list is.", ("Offer help", "Not sure", "No offer now")),
    Field("final_decision", "Decision", "choice", "What was decided.", tuple(d.words for d in DECISIONS), required=True),
    Field("agrees_with_listing", "Agree with listing?", "choice", "To disagree is as easy as to agree.", ("Agree", "Partly", "Disagree")),
    Field("reason_code", "Reason", "choice", "The main reason for the decision.", vocabulary="reasons", required=True),
    Field("reason_text", "Reason in words", "text", "Anything the reason alone does not say."),
    Field("data_error_reported", "Wrong data reported?", "yes_no", "Have you told the keeper of a record that it is wrong?", YES_NO),
    Field("route", "Passed to", "choice", "The team that takes it on.", vocabulary="teams"),
    Field("meeting", "Meeting", "choice", "The meeting or panel, if one is asked for.", vocabulary="meetings"),
    Field("level_recorded", "Level", "choice", "Recorded by people after review; never worked out.", vocabulary="levels"),
    Field("stage_recorded", "Stage", "choice", "Recorded by people after review; never worked out.", vocabulary="stages"),
    Field("help_offered_on", "Help offered on", "date", "The day the family was offered help."),
    Field("family_response", "Family's answer", "choice", "No answer counts against a family.", ("Accepted", "Declined", "Not reached")),
    Field("action", "Action", "text", "What will be done: specific and small enough to do."),
    Field("owner", "Who does it", "text", "The role that does it."),
    Field("review_date", "Review on", "date", "The day you look again; needed if somebody goes to the family."),
    Field("measure", "How we will know", "text", "What will show that it helped."),
    Field("outcome_at_review", "What happened", "text", "Filled in at the review."),
    Field("minutes_spent", "Minutes spent", "number", "Whole minutes; for planning only."),
)  # fmt: skip
FIELD_BY_NAME = {field.name: field for field in FIELDS}
FIELD_BY_HEADER = {field.header: field for field in FIELDS}
DECISION = FIELD_BY_NAME["final_decision"]
FIELD_NAMES = tuple(field.name for field in FIELDS)
