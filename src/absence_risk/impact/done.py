"""What was done with a list: decided or not, offered or not, how soon. Counts of pupils, never of a reviewer's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ..decisions.declaration import DECISIONS
from ..decisions.entries import ListedPupil
from ..disclosure import DisclosurePolicy
from ..domain.academic_year import feature_year_of
from .groups import HELP, UNDECIDED, ListRecords
from .tables import DONE, PACE

if TYPE_CHECKING:
    import pandas as pd

OVERALL = "overall"
NOT_SAID, OTHER_REASONS = "not said", "other reasons"
LOOKED_AT, SCHOOL_SPOKEN_TO = "looked at", "school spoken to"
OFFERED, MINUTES = "help offered", "minutes spent"

PART_WORDS = {
    "main": "the team's places",
    "lead": "passed to a lead who already knows the family",
    "onset": "not yet persistently absent",
    "reserve": "reserve",
    "severe": "missed half or more",
    "virtual_school": "virtual school",
    "off_roll": "off every roll here",
}
#: Situations as a plan names them, short enough for the head of a row.
SITUATION_WORDS = {
    "looked_after": "looked after",
    "social_worker": "social worker",
    "early_help": "early help open",
    "stepped_down": "social care closed lately",
    "ehc_plan": "EHC plan",
    "illness": "many days of illness",
    "alternative_provision": "alternative provision",
    "none": "none of these",
}
_KNOWN = {"Yes": "already known", "No": "newly known"}
_YES_NO = ("Yes", "No")

#: Attributes whose levels are said in this order; others come by name. What is blank comes last.
_LEVELS: dict[str, tuple[str, ...]] = {
    "part": tuple(PART_WORDS.values()),
    "situation": tuple(SITUATION_WORDS.values()),
    "decision": tuple(decision.words for decision in DECISIONS),
    "school spoken to": _YES_NO,
    "known before": tuple(_KNOWN.values()),
    "agreement": ("Agree", "Partly", "Disagree"),
    "help": HELP[:-1],
    "wrong data reported": _YES_NO,
}

One = Callable[[ListRecords, ListedPupil], str]


def _field(name: str, said: dict[str, str] | None = None) -> One:
    def value(records: ListRecords, pupil: ListedPupil) -> str:
        found = records.value(pupil, name)
        return UNDECIDED if found is None else (said or {}).get(found, found) or NOT_SAID

    return value


def _situation(records: ListRecords, pupil: ListedPupil) -> str:
    return SITUATION_WORDS.get(pupil.situation, pupil.situation.replace("_", " ")) or NOT_SAID


_ATTRIBUTES: dict[str, One] = {
    "part": lambda records, pupil: PART_WORDS.get(pupil.part, pupil.part.replace("_", " ")),
    "situation": _situation,
    "decision": _field("final_decision"),
    "school spoken to": _field("school_contacted"),
    "known before": _field("already_known", _KNOWN),
    "agreement": _field("agrees_with_listing"),
    "help": lambda records, pupil: records.help_of(pupil),
    "wrong data reported": _field("data_error_reported"),
}
_REASON = _field("reason_code")
#: Two attributes at once: who leads beside what became of the offer, and why people disagree.
_PAIRS = (("situation", "help"), ("agreement", "reason"))


def list_year(records: ListRecords) -> str:
    """The school year whose records a list was made from, as 2025/26."""
    return str(feature_year_of(records.entry.as_of))


def done_table(lists: Sequence[ListRecords], policy: DisclosurePolicy) -> pd.DataFrame:
    """Pupils to be decided, grouped one way at a time; exact counts.

    Parameters
    ----------
    lists : sequence of ListRecords
        One list, or several to be counted together; a pupil on two of them counts twice.
    policy : DisclosurePolicy
        A reason that stands for too few pupils to be printed is counted under "other reasons": reasons are an
        authority's own words.

    Returns
    -------
    DataFrame
        The table ``DONE``: first the row of everyone, then attribute by attribute; each adds up to everyone.
    """
    pupils = [(records, pupil) for records in lists for pupil in records.to_decide]
    values = {name: [one(*pair) for pair in pupils] for name, one in _ATTRIBUTES.items()}
    values["reason"] = _common([_REASON(*pair) for pair in pupils], policy)
    year = list_year(lists[0])
    rows = [_row(year, OVERALL, OVERALL, len(pupils))]
    for attribute, levels in values.items():
        rows += [_row(year, attribute, level, n) for level, n in _counts(attribute, levels)]
    for first, second in _PAIRS:
        crossed = Counter(zip(values[first], values[second], strict=True))
        order = sorted(crossed, key=lambda pair: (_place(first, pair[0]), _place(second, pair[1])))
        rows += [_row(year, f"{first} and {second}", ", ".join(pair), crossed[pair]) for pair in order]
    return DONE.frame(rows)


def _row(year: str, attribute: str, group: str, n: int) -> dict[str, Any]:
    return {"year": year, "attribute": attribute, "group": group, "n": n}


def _common(reasons: list[str], policy: DisclosurePolicy) -> list[str]:
    often = Counter(reasons)
    kept = {reason for reason, n in often.items() if not policy.hides(n)} | {NOT_SAID, UNDECIDED}
    return [reason if reason in kept else OTHER_REASONS for reason in reasons]


def _place(attribute: str, level: str) -> tuple[int, int, str]:
    known = _LEVELS.get(attribute, ())
    last = (OTHER_REASONS, NOT_SAID, UNDECIDED)
    return (last.index(level) + 1 if level in last else 0, known.index(level) if level in known else 0, level)


def _counts(attribute: str, levels: Iterable[str]) -> list[tuple[str, int]]:
    found = Counter(levels)
    return [(level, found[level]) for level in sorted(found, key=lambda level: _place(attribute, level))]


def pace_table(lists: Sequence[ListRecords]) -> pd.DataFrame:
    """Days from the list being made to each step, and minutes in all; exact.

    Returns
    -------
    DataFrame
        The table ``PACE``. Days are whole, by the nearest rank; the shortest and the longest are one family's and are
        not given. Missing where nothing is recorded.
    """
    steps = {
        LOOKED_AT: _days(lists, "reviewed_on"),
        SCHOOL_SPOKEN_TO: _days(lists, "school_contacted_on"),
        OFFERED: _days(lists, "help_offered_on"),
    }
    year = list_year(lists[0])
    rows = [
        {"year": year, "step": step, "n": len(days), "half_within": _within(days, 5),
         "nine_in_ten_within": _within(days, 9), "minutes": float("nan")}
        for step, days in steps.items()
    ]  # fmt: skip
    minutes = [int(value) for _, value in _recorded(lists, "minutes_spent")]
    total = float(sum(minutes)) if minutes else float("nan")
    rows.append(
        {"year": year, "step": MINUTES, "n": len(minutes), "half_within": float("nan"),
         "nine_in_ten_within": float("nan"), "minutes": total}
    )  # fmt: skip
    return PACE.frame(rows)


def _recorded(lists: Sequence[ListRecords], name: str) -> list[tuple[ListRecords, str]]:
    found = ((records, records.value(pupil, name)) for records in lists for pupil in records.to_decide)
    return [(records, value) for records, value in found if value]


def _days(lists: Sequence[ListRecords], name: str) -> list[int]:
    dated = _recorded(lists, name)
    return sorted((date.fromisoformat(value) - records.entry.made_on).days for records, value in dated)


def _within(days: list[int], tenths: int) -> float:
    """The day by which so many tenths were done: the smallest that is enough (nearest rank, whole days)."""
    return float(days[-(-len(days) * tenths // 10) - 1]) if days else float("nan")
