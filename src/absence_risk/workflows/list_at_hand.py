"""A list's folder, the register beside it, and who asks: what reading decisions and making a contact list share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, UsageError
from ..files import MANIFEST, settled

if TYPE_CHECKING:
    from ..decisions.entries import ListEntry
    from ..decisions.register import Register

_LONGEST_NAME = 100


def read_list_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a list's folder.

    Raises
    ------
    InputError
        If the folder holds none, or that of something else.
    """
    path = settled(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(
            f"{folder} is not the folder of a list: expected a readable {MANIFEST} in it. Give the folder that "
            "absence-risk list wrote"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("kind") != "support_list" or "list_id" not in manifest:
        raise InputError(
            f"{path} is not the manifest of a list; give the folder that absence-risk list wrote"
        )
    return manifest


def register_of(list_folder: Path, register: Path | str | None) -> Path:
    """The register asked for, or the one that stands beside a list's folder."""
    from ..decisions.register import REGISTER_NAME

    if register is not None:
        return Path(register)
    # The parent of "." or "list/.." cannot be read off its name; otherwise the path stays as it was typed.
    named = list_folder.name not in ("", "..")
    return (list_folder if named else list_folder.resolve()).parent / REGISTER_NAME


def known_list(register: Register, list_id: str) -> ListEntry:
    """A list as the register knows it.

    Raises
    ------
    InputError
        If it does not.
    """
    entry = register.entry(list_id)
    if entry is None:
        raise InputError(
            f"list {list_id} does not stand in the register {register.path}; it is noted there when the list is "
            "made. Give the register that stood beside the folder then"
        )
    return entry


def who(by: str | None) -> str:
    """Who does this: as given, or the name under which they are logged in.

    Raises
    ------
    UsageError
        If that is no name, or has the form of a pupil's number.
    """
    from ..logbook.entries import NAMES_A_PUPIL

    name = (by if by is not None else _logged_in()).strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME or NAMES_A_PUPIL.search(name):
        raise UsageError(
            f"expected the name or role of the person who does this, one line of at most {_LONGEST_NAME} characters; "
            "give it with --by"
        )
    return name


def _logged_in() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
