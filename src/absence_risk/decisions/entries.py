"""What the register holds: lists with the pupils behind their references, and what people decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class ListedPupil:
    """One row of a list: its reference, the pupil behind it, and the exact parts of the estimate it rested on.

    ``contributions`` are log-odds by family of records; ``base`` plus their sum is ``log_odds``. All three are NaN, and
    ``contributions`` empty, where a row rests on no estimate (missed half or more, off roll).
    """

    review_ref: str
    pupil_id: str
    part: str
    situation: str
    must_decide: bool
    log_odds: float
    base: float
    contributions: Mapping[str, float]


@dataclass(frozen=True)
class ListEntry:
    """One list as it was made. The same scores, terms and plan give the same ``list_id``."""

    list_id: str
    made_on: date
    as_of: date
    purpose: str
    owner: str
    capacity: int
    expires: date
    outcome: Mapping[str, Any]
    model: str
    scores_sha256: str
    store_fingerprint: str
    pupils: tuple[ListedPupil, ...] = field(repr=False)
    next_in_line: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Record:
    """What one person decided about one reference: the fields of ``declaration.FIELDS`` that were filled, as text.

    Dates are written 2026-10-31, choices as the sheet has them, numbers as whole numbers.
    """

    list_id: str
    review_ref: str
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class StandingRecord:
    """The record that stands for a reference, with who read it in and when, and the copy it came in."""

    record: Record
    number: int
    recorded_at: str
    recorded_by: str
    copy_sha256: str
