"""What is said of each topic, fact by fact: recorded, none recorded, or not covered. Never a percentage."""

from __future__ import annotations

from datetime import date

import pytest

from absence_risk.features.phrasing import Facts, Period
from absence_risk.features.words import TOPIC_WORDS

PERIOD = Period(date(2026, 10, 31))
#: Days before 31 October 2026: 30 September, 30 August, 10 March 2026, 1 May 2024.
IN_SEPTEMBER, IN_AUGUST, IN_MARCH, IN_2024 = 31, 62, 235, 913

SAID: list[tuple[str, dict[str, float], str]] = [
    ("suspensions", {}, "The records held do not cover suspensions in 2025/26"),
    ("suspensions", {"suspensions_this_year": 0}, "No suspensions recorded in 2025/26"),
    (
        "suspensions",
        {"suspensions_this_year": 0, "days_since_suspension": IN_2024},
        "No suspensions recorded in 2025/26; the latest known in May 2024",
    ),
    ("suspensions", {"suspensions_this_year": 1}, "1 suspension in 2025/26"),
    (
        "suspensions",
        {"suspensions_this_year": 1, "suspension_sessions_this_year": 3, "days_since_suspension": IN_MARCH},
        "1 suspension in 2025/26, 1 and a half days lost, in March 2026",
    ),
    (
        "suspensions",
        {"suspensions_this_year": 3, "suspension_sessions_this_year": 8, "days_since_suspension": IN_MARCH},
        "3 suspensions in 2025/26, 4 days lost in all, the latest in March 2026",
    ),
    (
        "suspensions",
        {"suspensions_this_year": 2, "days_since_suspension": IN_SEPTEMBER},
        "2 suspensions in 2025/26; another began in September 2026",
    ),
    (
        "suspensions_earlier",
        {},
        "The records held do not cover suspensions in the three years before 2025/26",
    ),
    (
        "suspensions_earlier",
        {"suspensions_earlier_years": 0},
        "No suspensions recorded in the three years before 2025/26",
    ),
    (
        "suspensions_earlier",
        {"suspensions_earlier_years": 2},
        "2 suspensions in the three years before 2025/26",
    ),
    ("permanent_exclusion", {}, "The records held do not cover permanent exclusions"),
    ("permanent_exclusion", {"permanent_exclusions": 0}, "No permanent exclusion recorded"),
    ("permanent_exclusion", {"permanent_exclusions": 1}, "1 permanent exclusion on record"),
    ("cin", {}, "The records held do not cover child in need"),
    ("cin", {"cin_current": 0, "cin_previous": 0}, "No child in need spell recorded"),
    ("cin", {"cin_current": 1, "cin_previous": 0}, "Child in need spell, open when last reported"),
    (
        "cin",
        {"cin_current": 1, "cin_previous": 1, "cin_days_since_end": IN_2024},
        "Child in need spell, open when last reported; an earlier one closed in May 2024",
    ),
    (
        "cp_plan",
        {"cp_plan_current": 0, "cp_plan_previous": 1, "cp_plan_days_since_end": IN_AUGUST},
        "Child protection plan, closed in August 2026",
    ),
    (
        "cp_plan",
        {"cp_plan_current": 0, "cp_plan_previous": 1, "cp_plan_spells": 3, "cp_plan_days_since_end": 1_096},
        "Child protection plan, the latest of 3 closed more than three years ago",
    ),
    (
        "looked_after",
        {"looked_after_current": 0, "looked_after_previous": 0},
        "No looked-after spell recorded",
    ),
    ("ap_school", {}, "The records held do not cover alternative provision schools"),
    (
        "ap_school",
        {"ap_school_current": 1},
        "On the roll of an alternative provision school or pupil referral unit",
    ),
    (
        "ap_school",
        {"ap_school_current": 0},
        "Not on the roll of an alternative provision school or pupil referral unit",
    ),
    (
        "school_arranged_ap",
        {"school_arranged_ap_current": 1},
        "In alternative provision arranged by a school",
    ),
    ("la_funded_ap", {"la_funded_ap_current": 1}, "In alternative provision funded by the authority"),
    ("ap_earlier", {}, "The records held do not cover earlier alternative provision"),
    ("ap_earlier", {"ap_previous": 0}, "No earlier alternative provision recorded"),
    (
        "ap_earlier",
        {"ap_previous": 1, "ap_days_since_end": IN_2024},
        "Earlier alternative provision, ended in May 2024",
    ),
    ("ap_earlier", {"ap_previous": 1}, "Earlier alternative provision, ended more than three years ago"),
    ("ap_days", {}, "The records held do not cover alternative provision in 2025/26"),
    ("ap_days", {"ap_days_this_year": 0}, "No alternative provision recorded in 2025/26"),
    (
        "ap_days",
        {"ap_days_this_year": 40},
        "Alternative provision placements covered 40 calendar days of 2025/26",
    ),
    ("fsm", {}, "The records held do not cover free school meals"),
    (
        "fsm",
        {"fsm_now": 1, "fsm_share_of_time": 0.6},
        "Free school meals now, and for most of the last six years at school",
    ),
    ("fsm", {"fsm_now": 1, "fsm_share_of_time": 0.5}, "Free school meals now"),
    ("fsm", {"fsm_now": 1}, "Free school meals now"),
    (
        "fsm",
        {"fsm_now": 0, "fsm_ever_six": 1},
        "Free school meals at some time in the last six years, not now",
    ),
    ("fsm", {"fsm_now": 0, "fsm_ever_six": 0}, "No free school meals recorded in the last six years"),
    ("fsm", {"fsm_now": 0}, "No free school meals recorded now"),
    ("year_group", {}, "The records held do not cover the year group"),
    ("year_group", {"year_group": 7}, "In Year 7"),
    ("year_group", {"year_group": 0}, "In Reception"),
    ("school_moves", {}, "The records held do not cover changes of school"),
    (
        "school_moves",
        {"school_moves_three_years": 0, "school_moves_this_year": 0},
        "No change of school recorded in the last three years",
    ),
    ("school_moves", {"school_moves_this_year": 2}, "Changed school twice in 2025/26"),
    (
        "school_moves",
        {"school_moves_three_years": 1, "school_moves_this_year": 1},
        "Changed school once in 2025/26",
    ),
    (
        "school_moves",
        {"school_moves_three_years": 4, "school_moves_this_year": 1},
        "Changed school 4 times in the last three years, once in 2025/26",
    ),
    (
        "school_moves",
        {"school_moves_three_years": 2, "school_moves_this_year": 0},
        "Changed school twice in the last three years",
    ),
    ("unauthorised", {}, "The records held do not cover days missed without authorisation in 2025/26"),
    (
        "unauthorised",
        {"sessions_unauthorised": 0, "unauthorised_rate": 0.0},
        "No days missed without authorisation in 2025/26",
    ),
    (
        "unauthorised",
        {"sessions_unauthorised": 38, "late_after_close_rate": 0.01},
        "Missed 19 days without authorisation in 2025/26, late arrivals among them",
    ),
    (
        "unauthorised",
        {"unauthorised_rate": 0.1, "other_unauthorised_rate": 0.05, "sessions_possible": 200},
        "Missed 10 days without authorisation in 2025/26; for other reasons not authorised (code O): 5 days",
    ),
    ("unauthorised", {"unauthorised_rate": 0.001}, "No days missed without authorisation in 2025/26"),
    (
        "unauthorised",
        {"unauthorised_rate": 0.002},
        "Missed about 1 day in 190 without authorisation in 2025/26",
    ),
    (
        "unauthorised_trend",
        {},
        "The records held do not cover both the autumn and the summer term of 2025/26",
    ),
    (
        "unauthorised_trend",
        {"unauthorised_trend": 0.01},
        "Missed school without authorisation about as often in summer as in autumn 2025/26",
    ),
    (
        "unauthorised_trend",
        {"unauthorised_trend": 0.02},
        "Missed school without authorisation more often in summer than in autumn 2025/26",
    ),
    (
        "unauthorised_trend",
        {"unauthorised_trend": -0.02},
        "Missed school without authorisation less often in summer than in autumn 2025/26",
    ),
    (
        "unauthorised_earlier",
        {},
        "The records held do not cover days missed without authorisation in 2022/23 to 2024/25",
    ),
    (
        "unauthorised_earlier",
        {"unauthorised_rate_previous_year": 0.0},
        "No days missed without authorisation in 2024/25",
    ),
    (
        "unauthorised_earlier",
        {"unauthorised_rate_earlier_years": 0.1},
        "Missed about 19 days a year without authorisation over 2022/23 to 2024/25",
    ),
    (
        "unauthorised_earlier",
        {
            "unauthorised_rate_previous_year": 0.05,
            "sessions_possible_previous_year": 200,
            "unauthorised_rate_earlier_years": 0.001,
        },
        "Missed 5 days without authorisation in 2024/25; "
        "less than a day a year without authorisation over 2022/23 to 2024/25",
    ),
    (
        "holiday",
        {"holiday_rate": 0.05, "sessions_possible": 200},
        "Missed 5 days on holidays the school had not agreed in 2025/26",
    ),
    ("no_reason", {"no_reason_rate": 0.0}, "No days missed with no reason given yet in 2025/26"),
    ("late_after_close", {}, "The records held do not cover arrivals after registers closed in 2025/26"),
    (
        "late_after_close",
        {"late_after_close_rate": 0.0},
        "No arrivals after registers closed recorded in 2025/26",
    ),
    (
        "late_after_close",
        {"sessions_late_after_close": 3, "late_after_close_rate": 0.01},
        "Arrived after registers closed on 3 sessions in 2025/26",
    ),
    (
        "late_before_close",
        {"late_before_close_rate": 0.01},
        "Arrived late, before registers closed, on about 4 sessions in 380 in 2025/26",
    ),
    (
        "illness",
        {"sessions_illness": 5},
        "Missed 2 and a half days through illness or medical appointments in 2025/26",
    ),
    (
        "other_authorised",
        {"other_authorised_rate": 0.05, "sessions_possible": 20},
        "Missed half a day for authorised reasons other than illness in 2025/26",
    ),
    (
        "absence_earlier",
        {"absence_rate_previous_year": 0.1, "sessions_possible_previous_year": 40},
        "Missed 2 days for any reason in 2024/25",
    ),
    ("school", {}, "The records held do not cover the other pupils of the pupil's school in 2025/26"),
    (
        "school",
        {"school_unauthorised_rate": 0.02},
        "At the pupil's school, other pupils missed about 4 days each without authorisation in 2025/26",
    ),
]


@pytest.mark.parametrize(("topic", "values", "expected"), SAID)
def test_a_topic_is_said_in_days_dates_and_whole_numbers(
    topic: str, values: dict[str, float], expected: str
) -> None:
    assert TOPIC_WORDS[topic].sentence(Facts(values, PERIOD)) == expected


def test_every_topic_is_said_here_where_it_is_known() -> None:
    known = {topic for topic, values, _ in SAID if values}
    assert known == set(TOPIC_WORDS)


def test_a_gap_in_a_column_is_not_known_just_as_a_missing_column_is() -> None:
    facts = Facts({"suspensions_this_year": float("nan")}, PERIOD)
    assert (
        TOPIC_WORDS["suspensions"].sentence(facts) == "The records held do not cover suspensions in 2025/26"
    )
