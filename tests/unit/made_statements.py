"""Made-up lists and decisions about children of the small authority, for tests of the child's statement."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from small_authority import AS_OF, pupil

from absence_risk.decisions.entries import ListedPupil, ListEntry, Record
from absence_risk.decisions.register import Register

MADE_ON = date(2026, 11, 20)
READ_IN = datetime(2026, 11, 9, 10, 0)
#: Listed first and second at one school, next in line, and looked at without being listed.
FIRST, SECOND, NEXT, UNLISTED, GONE = (pupil(n) for n in (10, 12, 40, 11, 1))
DECIDED = {
    "reviewer_role": "Early Help manager",
    "reviewed_on": "2026-11-05",
    "school_contacted": "Yes",
    "already_known": "No",
    "final_decision": "Offer early help",
    "reason_code": "Other (say in words)",
    "reason_text": "Mornings are hard. <script>alert(1)</script>",
    "review_date": "2027-01-15",
}


def listed(ref: str, pupil_id: str, part: str = "main") -> ListedPupil:
    return ListedPupil(ref, pupil_id, part, "none", part == "main", -1.0, -1.5, {"attendance": 0.5})


def entry(list_id: str = "0badcafe", **changed: Any) -> ListEntry:
    made = ListEntry(
        list_id=list_id,
        made_on=date(2026, 11, 2),
        as_of=AS_OF,
        purpose="early_help_offer",
        owner="Early Help, East",
        capacity=2,
        expires=date(2027, 2, 12),
        outcome={"name": "unauthorised", "threshold": "1/10"},
        model="ab" * 32,
        scores_sha256="5c" * 32,
        store_fingerprint="f" * 64,
        pupils=(listed("A-001", FIRST), listed("A-002", SECOND)),
        next_in_line=(NEXT,),
    )
    return replace(made, **changed)


def decide(register: Register, ref: str, at: datetime = READ_IN, copy: str = "a", **changed: str) -> None:
    record = Record("0badcafe", ref, {**DECIDED, **changed})
    register.record("0badcafe", [record], copy_sha256=copy * 64, by="Dana Reviewer", at=at)


def visible(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))
