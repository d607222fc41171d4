"""How a row of the workbook is filled in, what each decision needs beside it, and how a copy is sent back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...decisions.declaration import DATE_FORM, DECISIONS, FIELD_BY_NAME, FIELDS, REFERENCE
from ...features.phrasing import listed
from ..page.words import PART_WORDS
from .sheets import MUST_DECIDE


class Line(NamedTuple):
    """One line of the sheet: a label in bold, what is said, and whether it is a heading or a notice."""

    label: str
    said: str
    style: str = "plain"  #: plain, heading, notice or title


def filling_in() -> Iterator[Line]:
    """The steps from finding a child's row to the last column of it."""
    needed = [_header(field.name) for field in FIELDS if field.required]
    yield Line("How to fill in a row", "", "heading")
    for number, said in enumerate(
        (
            f"Find the child by {REFERENCE} (such as A-014). The card with the same reference on the page shows more. "
            "Who is behind a reference stands in the key, which is kept apart.",
            "Read the columns on what the records show, both why listed and what speaks the other way.",
            "Speak to the school. Look at your own records.",
            "Fill in your first view. Only then read how sure the list is, in the columns to the right of it.",
            f"Fill in the rest of the lightly shaded columns. Every row needs: {listed(needed)}.",
            f"Type dates day first, as {DATE_FORM}: 3 November 2026 is 03/11/2026. Choose from the drop-downs where "
            "there is one.",
            "Level and stage are what people recorded after review. Leave them empty if nobody has.",
            "Write no child's name, address or pupil number anywhere in this workbook.",
        ),
        start=1,
    ):
        yield Line(str(number), said)


def deciding() -> Iterator[Line]:
    """What must stand beside each decision; ``decisions.checks`` asks for the same."""
    contact = [decision.words for decision in DECISIONS if decision.offers_contact]
    others = [decision.words for decision in DECISIONS if not decision.offers_contact]
    spoken, review, wrong, answer, offered, agree = map(
        _header,
        ("school_contacted", "review_date", "data_error_reported", "family_response", "help_offered_on",
         "agrees_with_listing"),
    )  # fmt: skip
    yield Line("What each decision needs", "", "heading")
    yield Line(
        "Somebody goes to the family",
        f"{listed(contact)}: {spoken} must be Yes, and {review} must be a day after the one you looked.",
    )
    yield Line(
        "No contact from this list",
        f"{listed(others)}: what every row needs is enough. A worry about safety never waits for a row.",
    )
    yield Line("Data wrong", f"Say under {wrong} whether the keeper of the record has been told.")
    yield Line(
        "An answer of the family", f"{answer} needs the day under {offered}, unless they were not reached."
    )
    yield Line("You may disagree", f"Choose Disagree under {agree}. It takes no more than to agree.")


def _header(name: str) -> str:
    return f"“{FIELD_BY_NAME[name].header}”"


def sending_back() -> Iterator[Line]:
    """How a filled-in copy goes back, and what is done with it."""
    yield Line("How to send it back", "", "heading")
    yield Line("Save", "Save as an Excel workbook (.xlsx), under any name. Sorting and filtering do no harm.")
    yield Line(
        "Do not change",
        "Headers, references and the names of columns; do not paste whole sheets from elsewhere.",
    )
    yield Line(
        "Send",
        "Send it back to the owner by the secure way your team uses. Whoever keeps the list reads it in.",
    )
    yield Line(
        "Two copies", "If two people return different answers, both are shown and nothing is overwritten."
    )
    yield Line(
        "A contact list",
        f"Every row under {listed([PART_WORDS[part][0] for part in MUST_DECIDE])} needs a decision before a "
        "contact list can be made.",
    )
