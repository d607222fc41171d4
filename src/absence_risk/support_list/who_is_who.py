"""Who is who: the one room in which a pupil_id becomes a UPN again, for one file of one list, and the way back.

The way back is for the statement that a family asks for: the UPN is typed where nothing keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..domain.pupil import UpnState, is_pupil_number, normalise_upn, upn_state
from ..errors import InputError
from ..returns.lookup import upn_of_each_pupil
from ..store import lookup_path

HEADER = ("review_ref", "upn", "handling")
KEEP_APART = "Keep this file apart from the list, as you keep UPNs"


def who_is_who(store: Path, refs: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """A row for each review reference: the reference, the UPN, and how to keep it.

    Parameters
    ----------
    store : Path
        The authority store; its lookup stands beside it.
    refs : mapping of str to str
        The pupil_id behind each review reference, in list order.

    Raises
    ------
    InputError
        If the lookup cannot be read or lacks a pupil on the list.
    """
    upns = upn_of_each_pupil(store)
    missing = sum(pupil not in upns for pupil in refs.values())
    if missing:
        raise InputError(
            f"{lookup_path(store)} lacks {missing:,} of the {len(refs):,} pupils to list; ingest the returns again"
        )
    return ((ref, upns[pupil], KEEP_APART) for ref, pupil in refs.items())


def pupil_of(store: Path, typed: str) -> str:
    """The pupil_id behind a UPN that somebody has typed; the UPN itself is never repeated.

    A wrong check letter does not matter if the returns held the same number, since both name the same child.

    Raises
    ------
    InputError
        If what was typed is not a UPN, the lookup cannot be read, or it does not hold this one.
    """
    if not is_pupil_number(typed):
        raise InputError(
            "what was typed is not a UPN (a letter, eleven figures, and a figure or letter); type it again"
        )
    wanted = normalise_upn(typed)
    found = [pupil for pupil, number in upn_of_each_pupil(store).items() if normalise_upn(number) == wanted]
    if len(found) != 1:
        wrong = upn_state(wanted) is UpnState.WRONG_CHECK_LETTER
        raise InputError(
            f"{lookup_path(store)} does not hold the UPN that was typed"
            f"{', and its check letter is wrong: look at it again' if wrong else ''}. The child may have a later UPN, "
            "or was on no return that was ingested"
        )
    return found[0]
