"""A list as the register keeps it: who stands behind each reference, and the exact parts of each estimate."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ..decisions.entries import ListedPupil, ListEntry
from ..features.catalogue import Family
from ..files import canonical_json
from ..tables.outputs import contribution_column
from .card import ListContents, Listed
from .terms import Terms

if TYPE_CHECKING:
    import pandas as pd

    from ..scored_file import ScoredFile


def entry_of(scored: ScoredFile, terms: Terms, contents: ListContents, today: date) -> ListEntry:
    """The list as the register keeps it: who stands behind each reference, and the parts of each estimate."""
    pupils = _listed_pupils(scored.frame, contents)
    manifest = scored.manifest
    rows = [(pupil.review_ref, pupil.pupil_id, pupil.part, pupil.situation) for pupil in pupils]
    rows_sha256 = hashlib.sha256(canonical_json(rows).encode("utf-8")).hexdigest()
    return ListEntry(
        list_id=terms.list_id(manifest["sha256"], rows_sha256),
        made_on=today,
        as_of=date.fromisoformat(manifest["as_of"]),
        purpose=terms.purpose,
        owner=terms.owner,
        capacity=terms.capacity,
        expires=terms.expires,
        outcome=manifest["outcome"],
        model=str(manifest["model"]),
        scores_sha256=manifest["sha256"],
        store_fingerprint=manifest["store_fingerprint"],
        pupils=pupils,
        next_in_line=contents.next_in_line,
    )


def _listed_pupils(frame: pd.DataFrame, contents: ListContents) -> tuple[ListedPupil, ...]:
    wanted = {row.pupil_id for row in contents.listed}
    scored = {row["pupil_id"]: row for row in frame[frame["pupil_id"].isin(wanted)].to_dict("records")}
    return tuple(
        ListedPupil(*row, log_odds=math.nan, base=math.nan, contributions={})
        if row.pupil_id not in scored
        else _with_parts(row, scored[row.pupil_id])
        for row in contents.listed
    )


def _with_parts(row: Listed, scored: Mapping[Any, Any]) -> ListedPupil:
    parts = {family.value: float(scored[contribution_column(family.value)]) for family in Family}
    return ListedPupil(
        *row, log_odds=float(scored["log_odds"]), base=float(scored["base"]), contributions=parts
    )
