"""Who a pupil is: the UPN and its check letter, year groups, phases.

UPN rule: Government Data Standards Catalogue v2.0 (18 November 2004), which alone states the temporary form in
full; DfE validation rule 1510; DfE, UPN guide 1.2 (June 2019).
"""

from __future__ import annotations

import re
from enum import StrEnum

#: Check letters stand for 0 to 22; I, O and S are left out.
CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_FORM = re.compile(rf"^[A-Z]\d{{11}}[\d{CHECK_LETTERS}]$", re.ASCII)

#: UN1 to UN7 say why a child has no UPN. Joining on them would merge strangers.
_NO_UPN = re.compile(r"^UN\d$", re.ASCII)

YEAR_GROUPS = (
    "E1", "E2", "N1", "N2", "R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "M", "X",
)  # fmt: skip
SCORED_YEAR_GROUPS = tuple(range(1, 12))


class UpnState(StrEnum):
    """What can be said of a UPN by looking at it."""

    VALID = "valid"
    WRONG_CHECK_LETTER = "wrong_check_letter"
    MALFORMED = "malformed"
    NOT_GIVEN = "not_given"


def normalise_upn(text: str | None) -> str:
    """Upper case without spaces; an absent UPN is the empty string."""
    return "" if text is None else "".join(text.split()).upper()


def check_letter(upn_tail: str) -> str:
    """The letter that must stand before the last 12 characters of a UPN.

    Multiply characters 2 to 13 by 2 to 13, add, take the remainder by 23; a final letter (temporary UPN)
    counts as its own place among the check letters.

    >>> check_letter("207000016049")
    'P'
    """
    total = 0
    for weight, character in enumerate(upn_tail, start=2):
        value = CHECK_LETTERS.index(character) if character in CHECK_LETTERS else int(character)
        total += weight * value
    return CHECK_LETTERS[total % 23]


def upn_state(upn: str) -> UpnState:
    """Judge a normalised UPN. A wrong letter is a warning: the same wrong number still names the same child."""
    if not upn or _NO_UPN.match(upn):
        return UpnState.NOT_GIVEN
    if not _FORM.match(upn):
        return UpnState.MALFORMED
    return UpnState.VALID if check_letter(upn[1:]) == upn[0] else UpnState.WRONG_CHECK_LETTER


def is_pupil_number(text: str) -> bool:
    """Whether a text has the form of a UPN, right check letter or not.

    >>> is_pupil_number("P207000016049"), is_pupil_number("A-001")
    (True, False)
    """
    return upn_state(normalise_upn(text)) in (UpnState.VALID, UpnState.WRONG_CHECK_LETTER)


def is_temporary(upn: str) -> bool:
    """A temporary UPN ends in a letter; it is replaced when the permanent one is found."""
    return bool(upn) and upn[-1] in CHECK_LETTERS


def year_group_number(year_group: str | None) -> int | None:
    """National curriculum year as a number: R is 0; nursery, M, X and unknown have none.

    >>> year_group_number("R"), year_group_number("7"), year_group_number("N2")
    (0, 7, None)
    """
    if year_group == "R":
        return 0
    if year_group is not None and year_group.isascii() and year_group.isdigit():
        return int(year_group)
    return None


def phase_of(year_group: int | None) -> str:
    """Primary to Year 6, secondary from Year 7; unknown stays unknown."""
    if year_group is None:
        return "unknown"
    return "primary" if year_group <= 6 else "secondary"
