"""What a child's statement says, word for word: short plain sentences for families, and a sheet for who hands it over.

Source: the users' reference, section 5.3 (wording that an authority may edit; tests keep its meaning), and the rights
of the UK GDPR: Articles 13 to 16 (to be told, to see, to correct), 21 (to object) and 22A to 22D (a person decides).
"""

from __future__ import annotations

from ...features.catalogue import Family

TITLE = "A statement about your child"
UNDER_TITLE = "How school and council records were used to find families who might like some help"
WHY = (
    "Some children find it hard to get to school. Help early on can make things easier.",
    "Schools and the council already hold records about pupils. We look at them once or twice a year to find families "
    "who may welcome an offer of help. Nobody has to take it.",
    "This is for offers of support only. It is not used for penalty notices, for court or for any other sanction, and "
    "it is not evidence about your child or your family.",
)

LISTED = "Your child was named on {lists} made for this work. The part called “Lists” says which, and why."
NOT_LISTED = "Your child was not named on any list made for this work."
NO_RECORD_OF_LISTS = (
    "The record of lists was not looked at for this statement, so it cannot say whether your child was named "
    "on one."
)
ESTIMATED = (
    "A computer made an estimate from your child’s records. A person, not a computer, decides about help."
)
NOT_ESTIMATED = "No estimate was made about your child from the records of {year}."

#: Why no estimate was made, in words for a family; keys are the cohort's reasons.
WHY_NO_ESTIMATE = {
    "year_11_in_feature_year": "Your child had finished Year 11.",
    "past_compulsory_age": "Your child was past the age at which school is compulsory.",
    "not_on_roll": "Your child was not on the roll of a school here when pupils were counted that autumn.",
    "below_year_1": "Your child was not yet in Year 1.",
    "year_group_not_recorded": "No year group was recorded for your child.",
    "left_out": "Your child’s records were left out, on request or for protection. Nothing was worked out from them.",
    "not_seen": "Your child was not on the returns of schools here for that school year.",
}

#: The heading of each kind of records, and the returns that carry it.
FAMILY_HEADINGS: dict[Family, tuple[str, tuple[str, ...]]] = {
    Family.SUSPENSIONS: ("Suspensions and exclusions", ("school_census",)),
    Family.SOCIAL_CARE: ("Social care", ("cin_census", "ssda903")),
    Family.ALTERNATIVE_PROVISION: ("Places outside a mainstream school", ("school_census", "ap_census")),
    Family.FREE_SCHOOL_MEALS: ("Free school meals", ("school_census",)),
    Family.CONTEXT: ("Year group and changes of school", ("school_census",)),
    Family.ATTENDANCE: ("Days at school and days missed", ("school_census",)),
}
#: What each return is, for somebody who has never heard its name.
RETURN_WORDS = {
    "school_census": "School Census: what your child’s school sends to the council each term",
    "cin_census": "Children in need census: what the council’s social workers record",
    "ssda903": "Looked-after children return: what the council records about children in its care",
    "ap_census": "Alternative provision census: places that the council pays for",
}
TERM_COLUMNS = (
    "Not agreed: the school did not agree to the time away. Late: came after the register had closed. Illness: medical "
    "appointments too. A school day is two sessions, so half a day is one of them."
)
#: The name of each source beside a dated record.
SOURCE_NAMES = {kind: said.partition(":")[0] for kind, said in RETURN_WORDS.items()} | {
    "early_help": "The council’s own list of early help"
}
NOT_HELD = "not held"
ALSO_SEEN = (
    "If your child was on a list, the staff who used it could see these lines as well. Those on special educational "
    "needs, caring and early help were not used in the estimate."
)
NOT_USED = (
    "ethnic background, religion, language, nationality or sex",
    "health records, apart from days missed through illness",
    "police, housing or benefit records, apart from free school meals",
    "notes that a worker has written in their own words",
    "what you or your child have said or chosen; saying no to help is never used",
    "the records of brothers, sisters or anybody else in your family",
    "anything that became known after {as_of}",
)

ESTIMATE_HOW = (
    "A computer compared these records with the records of other children in past years. It learned from records of "
    "{trained}. It was then tried on a later year, {tested}, which it had not seen."
)
MANY_CHILDREN = (
    "This is about many children, not about yours. It does not say what your child will do. "
    "Nobody can know that."
)
NOT_CAUSE = "These are patterns in records. They do not show why a child is missing school."
UNAUTHORISED = "“Without authorisation” means that the school did not agree to the time away."
UNKNOWN = (
    "The records do not show how your child feels, what your child says, health, caring for somebody at home, "
    "bullying, or a wait for an assessment. You can tell us about these if you wish."
)
MODEL_CARD = (
    "The rules the computer worked out are called a model. This one is {label} ({hash}). A longer paper, the model "
    "card, says what it was made from, how often it was right and what it cannot do. Ask us for it."
)
MADE_UP = (
    "Made-up records: the model was trained on a made-up authority. This page is for learning how it works."
)

#: What standing on each part of a list meant, in words for a family.
PART_WORDS = {
    "main": "Your child was named so that a worker could think about an offer of help.",
    "lead": "Your child was named so that the service already in touch with your family could be told.",
    "onset": "Your child was named among children who had missed less of school, so that help could be offered early.",
    "reserve": "Your child was named in reserve, in case a place for help became free.",
    "severe": "Your child was named among children who missed half or more of school. This came from attendance "
    "records alone, not from the estimate.",
    "virtual_school": "Your child was named for the virtual school, which supports children with a social worker or "
    "in care. This came from records of care, not from the estimate.",
    "off_roll": "Your child was named among children who were no longer on the roll of a school here. This came from "
    "school records, not from the estimate.",
    "next_in_line": "Your child was not on this list. We keep a note that your child’s records came next, only to "
    "check later whether the offers of help were of use. Nobody uses the note to decide about your child.",
}
PERSON_DECIDES = (
    "A person looks at each child’s situation, speaks to the school and decides. The list decides nothing."
)
ONLY_ADDED_TO = "The same with less filled in; nothing was changed later."
NOT_DECIDED = "Nothing has been recorded yet about what was decided for this list."
DISAGREES = (
    "Two people’s records differ and nobody has settled it yet ({fields}). Ask us what each of them says."
)
SEEN_BY_OWNER = (
    "This list was made for {owner}. Opening the page or the workbook is not recorded by this program."
)
NOBODY_ELSE = "No decisions have been read in from it, and no contact list has been taken from it."

RIGHTS = (
    (
        "If something is wrong",
        "Tell us, and tell us what is right. Much of this comes from your child’s school, so we may ask the school to "
        "put it right too. (UK GDPR, Article 16)",
    ),
    (
        "If you want a person to look again",
        "A person must decide about help, and you may ask who did. You can say what you think, ask for a person to "
        "look again, and challenge what was decided. (Articles 22A to 22D)",
    ),
    (
        "If you do not want this",
        "You can object to our using your child’s records in this way. We must think about what you say and answer "
        "you. If your child is left out, that is done before any records are put together. (Article 21)",
    ),
    (
        "If you are offered help",
        "You can say yes or no, and change your mind. Saying no will not count against you or your child, and it is "
        "never used as a record about you.",
    ),
    (
        "If you want to see more",
        "You can ask for a copy of all that is held about your child. (Article 15)",
    ),
    (
        "If you are not happy with our answer",
        "You can complain to us, and to the Information Commissioner’s Office (ICO): ico.org.uk, telephone 0303 123 "
        "1113.",
    ),
)
ASK = "Ask: {contact}"
ASK_WHO_GAVE = "Ask the person or the team that gave you this statement."

HAND_OVER = "Before you hand this over"
HAND_OVER_LEAD = (
    "This sheet is for the person who answers the request. Take it off before you hand over the rest."
)
HAND_OVER_CHECKS = (
    (
        "Who is asking",
        "Check who they are and that they may have this: somebody with parental responsibility, or the child. A child "
        "who understands what it means may ask alone, and may not want a parent to see it.",
    ),
    (
        "The right child",
        "Check name, date of birth, school and year group against your own records. The pages that follow carry no "
        "name: write it in by hand last of all.",
    ),
    (
        "A protected address or a court order",
        "The name of a school, or that a child was left out for protection, can put somebody in danger. Ask the "
        "safeguarding lead before you tell anybody.",
    ),
    (
        "Other people",
        "Read every word that a worker wrote. Names of other people, and what they told us, come out unless they agree "
        "or it is reasonable to leave them in.",
    ),
    (
        "The card",
        "A child on a list has a card on its page. It is the child’s record too: print it and put it with this, "
        "without references of other children.",
    ),
    (
        "Social care and education records",
        "Some may be held back where telling would harm somebody’s health or safety (Data Protection Act 2018, "
        "Schedule 3).",
    ),
    (
        "Legal advice",
        "Ask your data protection officer where you are not sure. An answer is due within one month of the request.",
    ),
    ("A note of it", "Write down what you gave, to whom, when, and what you took out."),
)
FREE_TEXT_HERE = "Words written by a worker stand in: {headers}. Read each before you hand this over."
NO_FREE_TEXT = "No words written by a worker stand in this statement."
