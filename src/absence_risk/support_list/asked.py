"""What is asked for when a list is made: its terms, the authority's plan, and what stands beside the returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from .plan import Plan
from .terms import Terms


@dataclass(frozen=True)
class Beside:
    """What is known of pupils beside the returns, by pupil_id, and what past years say of lists like this.

    Attributes
    ----------
    excluded : frozenset of str
        Left out on request or for protection, before anything is built.
    excluded_by_reason : mapping of str to str
        How many, by coarse reason, in words with small counts hidden; empty if no file of exclusions was given.
    early_help : mapping of str to date, optional
        When early help opened; None where no such file was given, which is not the same as nobody.
    siblings : mapping of str to str, optional
        A key per family.
    past : sequence of str
        Sentences on how often lists of this model were right in past years.
    """

    excluded: frozenset[str] = field(default=frozenset(), repr=False)
    excluded_by_reason: Mapping[str, str] = field(default_factory=dict)
    early_help: Mapping[str, date] | None = field(default=None, repr=False)
    siblings: Mapping[str, str] | None = field(default=None, repr=False)
    past: Sequence[str] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked for: the terms, the authority's plan, the day, and what stands beside the returns.

    ``evidence`` is the folder of a backtest's evidence of the same model: its refits say who is firmly on the list and
    who is borderline. Without it, a pupil near the edge of the list is borderline. ``made_of`` is what the caller calls
    all of this together; the manifest keeps it.
    """

    terms: Terms
    plan: Plan
    today: date
    beside: Beside = field(default_factory=Beside)
    evidence: Path | None = None
    made_of: str = ""
