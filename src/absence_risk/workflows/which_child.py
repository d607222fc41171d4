"""Which child is meant: by a reference of one list, by the pseudonym, or by a UPN that is typed where nothing keeps it.

A reference means a child only together with its list: the same A-014 is another child on another list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError, UsageError
from ..features.phrasing import day_words
from ..files import MANIFEST, settled

if TYPE_CHECKING:
    from ..decisions.entries import ListEntry
    from ..decisions.register import Register

ASK = "-"
_REFERENCE = re.compile(r"[A-Z]-\d{3,}", re.ASCII)
_PSEUDONYM = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Child(NamedTuple):
    """The pupil_id, and how it was found, in words that name no identifier."""

    pupil_id: str
    found_by: str


def check_how_named(named: str) -> None:
    """Refuse any way of naming a child but a reference, a pseudonym and ``-``; what was given is not repeated.

    Raises
    ------
    UsageError
        Above all for a UPN: an argument stays in the history of commands and in the list of processes.
    """
    text = named.strip()
    if text != ASK and not _REFERENCE.fullmatch(text.upper()) and not _PSEUDONYM.fullmatch(text.lower()):
        raise UsageError(
            "expected the review reference of a list (like A-014, with --list), a pseudonym, or - to be asked for the "
            "UPN. A UPN or a name is not taken here: it would stay in the history of commands, and others on this "
            "computer could see it"
        )


def find_child(
    named: str, store: Path, register: Register | None, list_folder: Path | None, ask: Callable[[], str]
) -> Child:
    """The child that a reference, a pseudonym or ``-`` means.

    Parameters
    ----------
    named : str
        See ``check_how_named``.
    store : Path
        The authority store; its lookup of UPNs stands beside it.
    register : Register or None
        Needed for a reference.
    list_folder : Path or None
        The folder of the list that the reference belongs to.
    ask : callable
        Asks for the UPN; called only for ``-``.

    Raises
    ------
    UsageError
        If a reference comes without its list and could mean more than one child.
    InputError
        If no such child is known, or the folder is not that of a list in the register.
    """
    from ..support_list.who_is_who import pupil_of

    text = named.strip()
    if text == ASK:
        return Child(pupil_of(store, ask()), "a UPN typed in by whoever made this statement")
    if not _REFERENCE.fullmatch(text.upper()):
        return Child(text.lower(), "the pseudonym that stands for the child in the records")
    if register is None:
        raise UsageError(
            "a review reference means a child only together with its list; give the folder of the list with --list, "
            "or its register with --decisions"
        )
    entry = _list_meant(register, list_folder)
    return _on_list(entry, text.upper())


def _on_list(entry: ListEntry, reference: str) -> Child:
    for row in entry.pupils:
        if row.review_ref == reference:
            of_list = f"list {entry.list_id} ({entry.owner}, records as of {day_words(entry.as_of)})"
            return Child(row.pupil_id, f"reference {reference} of {of_list}")
    raise InputError(
        f"list {entry.list_id} has no reference {reference}; look at the page or the workbook again"
    )


def _list_meant(register: Register, list_folder: Path | None) -> ListEntry:
    if list_folder is not None:
        list_id = _list_id_of(list_folder)
        entry = register.entry(list_id)
        if entry is None:
            raise InputError(
                f"list {list_id} in {list_folder} does not stand in the register {register.path}; give the register "
                "that stood beside the folder when the list was made"
            )
        return entry
    lists = register.lists()
    if not lists:
        raise InputError(f"no list stands in the register {register.path}")
    if len({(entry.owner, entry.purpose) for entry in lists}) > 1:
        raise UsageError(
            f"the register {register.path} holds lists of more than one team or purpose, and a reference means another "
            "child on each; say which with --list"
        )
    return lists[-1]


def _list_id_of(folder: Path) -> str:
    path = settled(folder) / MANIFEST
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("kind") != "support_list" or not about.get("list_id"):
        raise InputError(
            f"expected the folder of a list at {folder}, with its {MANIFEST}; give another --list"
        )
    return str(about["list_id"])
