"""A list asked for again, word for word and on the same day, is the list that stands there: it is left as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from .already_there import made_of, stands

if TYPE_CHECKING:
    from ..decisions.register import Register
    from ..settings import ListSettings
    from ..store import Store
    from ..support_list.folder import SupportList
    from ..support_list.terms import Terms


def name_of_list(
    store: Store,
    scores: Path,
    terms: Terms,
    settings: ListSettings,
    beside: Mapping[str, Path | str | None],
    today: date,
) -> str:
    """What names a list by everything that decides its bytes, but the list that it is compared with.

    Parameters
    ----------
    scores : Path
        The scored table; its manifest stands for it.
    beside : mapping of str to Path
        Every other file that may be given, None where it was not; a folder is named by its manifest.

    Returns
    -------
    str
        Empty where something that is needed cannot be read: whoever makes the list says what.
    """
    from ..errors import AbsenceRiskError
    from ..files import MANIFEST, sha256_of, sidecar_manifest
    from ..logbook import Logbook
    from ..settings import list_settings_sha256
    from ..store import lookup_path

    said = scores / MANIFEST if scores.is_dir() else sidecar_manifest(scores)
    given = {name: Path(path) for name, path in beside.items() if path is not None}
    files = {name: path / MANIFEST if path.is_dir() else path for name, path in given.items()}
    files |= {"scores": said, "lookup": lookup_path(store.path)}
    try:
        return made_of(
            "list",
            store=store.fingerprint,
            terms=[terms.purpose, terms.capacity, terms.owner, terms.expires.isoformat()],
            settings=list_settings_sha256(settings),
            files={name: sha256_of(path) for name, path in files.items()},
            standing=str(Logbook(store.path).standing(json.loads(said.read_bytes())["model"])),
            today=today.isoformat(),
        )
    except (AbsenceRiskError, OSError, ValueError, KeyError, TypeError):
        return ""


def listed_already(out: Path, name: str, register: Register) -> SupportList | None:
    """The list that stands at ``out`` under this name, in the register and compared with the same list; else None."""
    from ..support_list.folder import COMPARED_WITH, SupportList

    said = stands(out, name) if name else None
    if said is None or register.entry(said["list_id"]) is None:
        return None
    earlier = register.earlier_list(str(said["list_id"]))
    if said[COMPARED_WITH] != ("" if earlier is None else earlier.list_id):
        return None
    return SupportList(out, said["list_id"], said["cards"], said["missed_half_or_more"])
