"""What is foreseen, and why a pupil was not looked at, in words for a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

OUTCOME_HOW = {
    "unauthorised": "without authorisation",
    "unauthorised_other": "for other reasons that were not authorised (code O)",
    "unauthorised_not_holiday": "without authorisation, holidays apart",
    "overall": "for any reason",
}

#: Why a pupil is not in the cohort, in words for the page.
OUT_WORDS = {
    "year_11_in_feature_year": "finished Year 11",
    "past_compulsory_age": "past compulsory school age",
    "not_on_roll": "not on a school's roll here at the autumn census (moved, home educated or missing from education)",
    "below_year_1": "not yet in Year 1",
    "year_group_not_recorded": "no year group recorded",
    "excluded": "left out on request or for protection",
}

SCHOOL_YEAR_DAYS = 190


def outcome_days(outcome: Mapping[str, Any]) -> int:
    """Days of a school year of 190 that reach the outcome's threshold: 19 for a tenth."""
    numerator, denominator = (int(part) for part in str(outcome["threshold"]).split("/"))
    return math.ceil(SCHOOL_YEAR_DAYS * numerator / denominator)


def outcome_words(outcome: Mapping[str, Any]) -> str:
    """What the model was made for, in words: "missed 19 or more days without authorisation"."""
    return f"missed {outcome_days(outcome)} or more days {OUTCOME_HOW.get(str(outcome['name']), 'of school')}"
