"""A made-up authority of two years in which nobody is helped, a list of its first year, and records of made-up reviews.

Each pupil has a level of their own and each year adds luck, so whoever stands at the top in one year was, on the
whole, unlucky in it. Nothing in the second year depends on the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.decisions.entries import ListedPupil, ListEntry, Record, StandingRecord
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.impact.groups import ListRecords
from absence_risk.store import create_store

PUPILS, SCHOOLS, LISTED, LEAVERS = 900, 15, 100, 12
MADE_ON, AS_OF, TODAY = date(2025, 11, 10), date(2025, 10, 31), date(2026, 11, 1)
BEFORE, AFTER = 2024, 2025
OWNER = "Early Help, East"
TERMS = (
    ("autumn", 140, "01-15"),
    ("spring", 110, "05-21"),
    ("summer_1", 100, "10-01"),
    ("summer_2", 30, "10-01"),
)


def pupil(number: int) -> str:
    return sha256(f"two years {number}".encode()).hexdigest()[:32]


def school(number: int) -> str:
    return f"850{4001 + number % SCHOOLS}"


def missed(rng: np.random.Generator) -> dict[int, np.ndarray[Any, Any]]:
    """Sessions missed by year, pupil and term."""
    level = rng.normal(-3.2, 0.8, PUPILS)
    shares = {year: 1 / (1 + np.exp(-(level + rng.normal(0, 0.8, PUPILS)))) for year in (BEFORE, AFTER)}
    possible = np.array([sessions for _, sessions, _ in TERMS])
    return {year: rng.binomial(possible, share[:, None]) for year, share in shares.items()}


def in_order(sessions: Mapping[int, np.ndarray[Any, Any]]) -> list[int]:
    """Pupils, most missed in the first year first."""
    return [int(n) for n in np.argsort(-sessions[BEFORE].sum(axis=1), kind="stable")]


def _insert(con: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, dtype=object)
    con.register("rows_to_insert", frame)
    con.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
    con.unregister("rows_to_insert")


def write_two_years(path: Path) -> list[int]:
    """The store; returns its pupils in the order of the list, of whom the first few leave in the second January."""
    sessions = missed(np.random.default_rng(11))
    order = in_order(sessions)
    gone = set(order[:LEAVERS])
    terms, codes = [], []
    for year in (BEFORE, AFTER):
        for n in range(PUPILS):
            for place, (term, possible, day) in enumerate(TERMS):
                if year == AFTER and n in gone and term != "autumn":
                    continue
                key = (pupil(n), school(n), year, term)
                known = f"{year + 1}-{day}"
                terms.append((*key, possible, None, None, True, False, known, None))
                if number := int(sessions[year][n, place]):
                    codes.append((*key, "O", number, known, None))
    with create_store(path, {"key_id": "k", "made_up": "yes"}) as con:
        _insert(con, "pupils", [
            (pupil(n), school(n), 2025, "autumn", True, 8, "C", "N", None, None, "2025-10-02", None)
            for n in range(PUPILS)
        ])  # fmt: skip
        _insert(con, "enrolments", [
            (pupil(n), school(n), "C", "2022-09-01", "2026-01-20" if n in gone else None, "2026-05-21", None)
            for n in range(PUPILS)
        ])  # fmt: skip
        _insert(con, "attendance_terms", terms)
        _insert(con, "attendance", codes)
        _insert(con, "returns", [
            ("school_census", year, term, day, day, day, SCHOOLS, 1, day)
            for year in (2025, 2026)
            for term, day in (("spring", f"{year}-01-15"), ("summer", f"{year}-05-21"), ("autumn", f"{year}-10-01"))
        ])  # fmt: skip
    return order


def made_entry(pupils: list[str], beside: list[str], **changed: Any) -> ListEntry:
    """A list of the given pupils, all in the team's places, with those next in line."""
    listed = tuple(
        ListedPupil(
            f"A-{place:03d}", one, "main", "none" if place % 3 else "early_help", True, 0.5, 0.0, {"x": 0.5}
        )
        for place, one in enumerate(pupils, start=1)
    )
    entry = ListEntry(
        "1f2e3d4c", MADE_ON, AS_OF, "early_help_offer", OWNER, len(pupils), date(2026, 2, 12),
        OUTCOMES["unauthorised"].definition(), "ab" * 32, "5c" * 32, "d0" * 32, listed, tuple(beside),
    )  # fmt: skip
    return replace(entry, **changed)


OFFER = {
    "reviewer_role": "Manager Xq",
    "reviewed_on": "2025-11-14",
    "school_contacted": "Yes",
    "already_known": "No",
    "final_decision": "Offer early help",
    "agrees_with_listing": "Agree",
    "reason_code": "School and family would welcome it",
    "help_offered_on": "2025-11-20",
    "family_response": "Accepted",
    "review_date": "2026-02-01",
    "action": "Breakfast club from Xq",
    "minutes_spent": "20",
}
NO_OFFER = {
    **{name: OFFER[name] for name in ("reviewer_role", "reviewed_on", "school_contacted")},
    "already_known": "Yes",
    "final_decision": "No action",
    "agrees_with_listing": "Disagree",
    "reason_code": "Already in place",
}


def record_of(entry: ListEntry, place: int, values: Mapping[str, str]) -> Record:
    """A record for the row at this place of the list."""
    return Record(entry.list_id, entry.pupils[place].review_ref, {k: v for k, v in values.items() if v})


def standing(entry: ListEntry, by_place: Mapping[int, Mapping[str, str]]) -> ListRecords:
    """A list with the records given for rows at these places."""
    return ListRecords(
        entry,
        {
            entry.pupils[place].review_ref: StandingRecord(
                record_of(entry, place, values), 1, "2025-12-01T09:00:00", "Xq Reader", "c0" * 32
            )
            for place, values in by_place.items()
        },
    )


def made_records(entry: ListEntry) -> dict[int, Mapping[str, str]]:
    """Reviews by lot: four in ten accepted, two in ten declined, three in ten not offered, one in ten not decided."""
    declined = {**OFFER, "family_response": "Declined"}
    not_reached = {**OFFER, "family_response": "Not reached", "help_offered_on": ""}
    kinds = (*[OFFER] * 4, declined, not_reached, *[NO_OFFER] * 3, None)
    drawn = np.random.default_rng(5).permutation(np.arange(len(entry.pupils)) % len(kinds))
    found = ((place, kinds[kind]) for place, kind in enumerate(drawn))
    return {place: values for place, values in found if values is not None}
