"""Made-up contents of a list, without a store: cards, further lists and changes, with any school names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from absence_risk.reports.gate_statement import GateStatement
from absence_risk.support_list.card import (
    Card,
    Changes,
    Event,
    ListContents,
    Listed,
    Missed,
    OffRollRow,
    Period,
    SevereRow,
    VirtualSchoolRow,
)
from absence_risk.support_list.plan import Plan, Route
from absence_risk.support_list.terms import Terms

ROUTES = (
    Route(
        "looked_after",
        "Virtual School with the allocated social worker",
        "Virtual school list; PEP",
        False,
        True,
    ),
    Route("social_worker", "Allocated social worker", "The card; not an early-help referral", False, True),
    Route("early_help", "Existing lead practitioner", "Already supported: anything to change?"),
    Route("stepped_down", "Early Help team", "A review of interest"),
    Route("ehc_plan", "SEND casework with Early Help", "The card and the SEND contact"),
    Route("illness", "Medical-needs lead", "The pathway to check"),
    Route("alternative_provision", "Inclusion service with Early Help", "A review of the placement"),
    Route("none", "Early Help reviewers", "The list"),
)
PLAN = Plan(
    routes=ROUTES,
    onset_places=10,
    reserve_places=5,
    virtual_school_places=50,
    stepped_down_months=12,
    illness_days=15,
    localities={"North": ("8504001",), "South": ("8504002",)},
    sheets_by="none",
    show_siblings=False,
    levels=("Level 1", "Level 2", "Level 3", "Level 4"),
    stages=("Initial", "Formal", "Statutory"),
    teams=("Early Help", "Virtual School", "SEND casework"),
    meetings=("Team around the family", "PEP meeting"),
    reasons=(
        "School and family would welcome it",
        "Already in place",
        "Record is wrong",
        "Other (say in words)",
    ),
    questions=("What does the child say about school?", "Who else is already helping?"),
    contact="Early Help data team, earlyhelp@example.invalid",
    refuse_after_days={"school_census": 250, "cin_census": 700},
)
TERMS = Terms("early_help_offer", 20, "Early Help, East", date(2027, 2, 12))
GATES = GateStatement((), (), "The model passed every gate (tests set in advance) on 2 November 2026.", "")
MANIFEST: dict[str, Any] = {
    "sha256": "5c" * 32,
    "as_of": "2026-10-31",
    "feature_year": "2025/26",
    "outcome_year": "2026/27",
    "outcome": {"name": "unauthorised", "threshold": "1/10"},
    "sources": [
        {"kind": "school_census", "words": "School Census", "latest": "2026-10-01", "stale": False},
        {"kind": "cin_census", "words": "CIN census", "latest": "2025-03-31", "stale": True},
        {"kind": "ssda903", "words": "SSDA903 return", "latest": None, "stale": True},
    ],
    "counts": {"seen": 330, "eligible": 300, "not_on_roll": 25, "excluded": 5},
    "counts_order": ["seen", "eligible", "not_on_roll", "excluded"],
    "model": "ab" * 32,
    "model_name": "with_attendance",
    "model_label": "models:/absence-risk/2",
    "best_rule_wins": False,
    "made_up": True,
}

_TERMS = ("Autumn", "Spring", "Summer to half-term", "Summer after half-term")


def made_periods(number: int, years: Sequence[str] = ("2023/24", "2024/25", "2025/26")) -> tuple[Period, ...]:
    """Twelve periods; every seventh pupil has one year in which nothing was held."""
    return tuple(
        Period(year, words, 120, (number + k) % 30, k % 4, (number * k) % 9, k % 3)
        if not (number % 7 == 3 and year == years[0])
        else Period(year, words, None, None, None, None, None)
        for year in years
        for k, words in enumerate(_TERMS)
    )


def made_card(ref: str, part: Any, number: int, school_id: str, school: str) -> Card:
    route = ROUTES[(number * 3) % len(ROUTES)] if part != "main" else ROUTES[2 + number % 6]
    return Card(
        review_ref=ref,
        part=part,
        school_id=school_id,
        school=school,
        locality=PLAN.locality_of(school_id),
        year_group=str(1 + number % 10),
        missed=(
            Missed("2025/26", f"{10 + number % 30} days", "7 sessions", "3 and a half days"),
            Missed("2024/25", "none", "not held", "not held"),
        ),
        not_yet_persistent=part == "onset" or number % 5 == 0,
        why_listed=(
            f"{10 + number % 30} days missed without authorisation in 2025/26.",
            "4 suspensions in 2025/26, the latest on 4 May 2026.",
            "Arrived after registers closed in 7 sessions.",
        )[: 1 + number % 3],
        other_way=("None recorded",) if number % 2 else ("No suspension on record since 12 May 2024.",),
        how_sure="In past years, about 38 in 100 children with records like these missed 19 or more days without "
        "authorisation in the next school year. About 62 did not. (Past numbers allow roughly 30 to 46 in 100.)",
        standing="firm" if number % 3 else "borderline",
        standing_words="Firm: most lists made from other draws of the same past pupils name this child as well."
        if number % 3
        else "Near the edge of the list: small changes in the data could move this child on or off it.",
        involved=("Child in need plan, open since March 2026 (as at 31 March 2026)",)
        if route.when == "social_worker"
        else ("None recorded",),
        context=("SEN support", "Free school meals now", "Young carer: not recorded, please ask"),
        is_involved=route.when in ("looked_after", "social_worker", "early_help"),
        route=route,
        route_words="Nothing in the records names a lead."
        if route.when == "none"
        else "The records show this.",
        prompts=(
            "Missed 15 or more days through illness or medical appointments: check the medical needs pathway.",
        )
        if number % 4 == 0
        else (),
        checks=("Nothing noted in the data",) if number % 3 else ("Attendance not held for 2024/25",),
        siblings=(),
        moved=("Records of suspensions moved this child up since the last list.",) if number % 2 else (),
        is_new=number % 4 == 1,
        events=tuple(
            Event(f"2026-0{1 + k % 9}-1{k % 10}", f"1{k % 10} month {1 + k % 9} 2026", "Suspension, 2 days")
            for k in range(number % 12)
        ),
        periods=made_periods(number),
    )


def made_contents(
    listed: int = 20,
    schools: Sequence[tuple[str, str]] = (("8504001", "Hill Top School"), ("8504002", "Brook Lane School")),
) -> ListContents:
    """A list of ``listed`` pupils in the main part, a few in every other part, over the schools in turn."""
    parts = {"main": ("A", listed), "lead": ("L", 4), "onset": ("C", 3), "reserve": ("R", 2)}
    cards: list[Card] = []
    for part, (letter, count) in parts.items():
        of_part = [
            made_card("", part, number, *schools[number * len(schools) // max(count, 1)])
            for number in range(count)
        ]
        cards += [replace(c, review_ref=f"{letter}-{n:03d}") for n, c in enumerate(of_part, start=1)]
    refs = [card.review_ref for card in cards] + ["B-001", "V-001", "N-001"]
    kinds = [card.part for card in cards] + ["severe", "virtual_school", "off_roll"]
    return ListContents(
        cards=tuple(cards),
        severe=(
            SevereRow("A-001", schools[0][1], "8", "120 days", "190 days", True),
            SevereRow("B-001", schools[-1][1], "9", "100 days", "190 days", False),
        ),
        severe_total=2,
        virtual_school=(
            VirtualSchoolRow("L-001", schools[0][1], "7", "looked after", "none recorded", True),
            VirtualSchoolRow("V-001", schools[-1][1], "5", "child in need plan", "2 suspensions", False),
        ),
        virtual_school_total=2,
        off_roll=(OffRollRow("N-001", schools[0][1], "6", "21 July 2026", "Not on a school's roll here"),),
        off_roll_total=1,
        changes=Changes(
            "0badcafe",
            "31 October 2025",
            ("A-002",),
            ("A-009",),
            {"A-009": "No longer among the first."},
            18,
            True,
        ),
        excluded={"on request": "fewer than 10", "for protection": "about 10"},
        refits=30,
        listed=tuple(
            Listed(
                ref, sha256(ref.encode()).hexdigest()[:32], kind, "none", kind in ("main", "lead", "onset")
            )
            for ref, kind in zip(refs, kinds, strict=True)
        ),
        next_in_line=tuple(sha256(f"next {n}".encode()).hexdigest()[:32] for n in range(listed)),
    )
