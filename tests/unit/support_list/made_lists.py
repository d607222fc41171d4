"""Whole lists written from the small authority, for tests of what is in their folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from made_contents import PLAN

from absence_risk.decisions.register import Register
from absence_risk.scoring import Scored, write_scores
from absence_risk.store import Store
from absence_risk.support_list.asked import Asked, Beside
from absence_risk.support_list.folder import SupportList, write_support_list
from absence_risk.support_list.terms import Terms

TODAY = date(2026, 11, 2)
LIST_PLAN = replace(PLAN, localities={"North": ("8504001",)}, refuse_after_days={"school_census": 250})
TERMS: dict[str, Any] = {
    "purpose": "early_help_offer",
    "capacity": 20,
    "owner": "Early Help, East",
    "expires": date(2027, 2, 12),
}


def written_scores(scored: Scored, store: Store, path: Path, **about: Any) -> Path:
    """The scores as a file that says it is of this store."""
    write_scores(scored, path, {"store_fingerprint": store.fingerprint, **about})
    return path


def make_list(
    store: Store,
    scores: Path,
    out: Path,
    *,
    today: date = TODAY,
    plan: Any = LIST_PLAN,
    beside: Beside | None = None,
    evidence: Path | None = None,
    **terms: Any,
) -> SupportList:
    """Write a list with the usual terms, some of them changed; the register stands beside it."""
    asked = Asked(Terms(**{**TERMS, **terms}), plan, today, beside or Beside(), evidence)
    with Register(out.parent / "decisions.sqlite") as register:
        return write_support_list(store, scores, out, asked, register)
