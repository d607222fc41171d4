import itertools
import math
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from absence_risk.errors import AbsenceRiskError
from absence_risk.explanation.reasons import reasons_for
from absence_risk.features.catalogue import CATALOGUE
from absence_risk.features.phrasing import Facts, Period
from absence_risk.features.words import BANNED_WORDS, MODEL_TOPICS, TOPIC_WORDS

AS_OF = date(2026, 10, 31)
PERIOD = Period(AS_OF)
NOT_KNOWN = math.nan

#: Values that stand for every state a column of this unit can be in.
STATES = {
    "0 or 1": (NOT_KNOWN, 0.0, 1.0),
    "count": (NOT_KNOWN, 0.0, 1.0, 2.0, 3.0),
    "days": (NOT_KNOWN, 0.0, 1.0, 250.0, 900.0),
    "share 0-1": (NOT_KNOWN, 0.0, 0.001, 0.1, 1.0),
    "difference": (NOT_KNOWN, -0.3, 0.0, 0.3),
    "year": (NOT_KNOWN, 0.0, 9.0),
    "sessions": (NOT_KNOWN, 0.0, 1.0, 2.0, 380.0),
}
_MOST_COMBINATIONS = 3_000


def say(topic: str, **values: float) -> str:
    return TOPIC_WORDS[topic].sentence(Facts(values, PERIOD))


def every_state_of(topic: str) -> list[dict[str, float]]:
    reads = TOPIC_WORDS[topic].reads
    states = [STATES[CATALOGUE[name].unit] for name in reads]
    combinations = itertools.product(*states)
    every = [dict(zip(reads, values, strict=True)) for values in combinations]
    return every[:: max(1, len(every) // _MOST_COMBINATIONS)]


def test_every_topic_that_a_model_may_use_has_words() -> None:
    assert set(TOPIC_WORDS) == set(MODEL_TOPICS)


@pytest.mark.parametrize("topic", MODEL_TOPICS)
def test_every_state_of_every_topic_has_approved_words(topic: str) -> None:
    banned = re.compile(r"\b(" + "|".join(re.escape(word) for word in BANNED_WORDS) + r")\b", re.IGNORECASE)
    wrong_number = re.compile(
        r"\b1 (suspensions|days|sessions|permanent exclusions|calendar days)\b"
        r"|\b(0|[2-9]|\d{2,}) (suspension|day|session|permanent exclusion|calendar day)\b"
    )
    said = {say(topic, **values) for values in every_state_of(topic)}
    assert len(said) > 1
    for sentence in said:
        assert not banned.search(sentence), sentence
        assert not wrong_number.search(sentence), sentence
        assert not re.search(r"\d\.\d|%|nan|None|  |\b0 ", sentence), sentence
        assert sentence == sentence.strip(" .,;") and sentence[0] == sentence[0].upper(), sentence


@pytest.mark.parametrize("topic", MODEL_TOPICS)
def test_what_is_not_known_is_said_as_not_covered_and_never_as_none(topic: str) -> None:
    assert say(topic).startswith("The records held do not cover ")


@pytest.mark.parametrize(
    ("topic", "values", "sentence"),
    [
        ("suspensions", {"suspensions_this_year": 3, "suspension_sessions_this_year": 12, "days_since_suspension": 170},
         "3 suspensions in 2025/26, 6 days lost in all, the latest in May 2026"),
        ("suspensions", {"suspensions_this_year": 1, "suspension_sessions_this_year": 1, "days_since_suspension": 170},
         "1 suspension in 2025/26, half a day lost, in May 2026"),
        ("suspensions", {"suspensions_this_year": 1, "days_since_suspension": 20},
         "1 suspension in 2025/26; another began in October 2026"),
        ("suspensions", {"suspensions_this_year": 0}, "No suspensions recorded in 2025/26"),
        ("suspensions_earlier", {"suspensions_earlier_years": 2}, "2 suspensions in the three years before 2025/26"),
        ("cin", {"cin_current": 0, "cin_previous": 1, "cin_spells": 1, "cin_days_since_end": 580},
         "Child in need spell, closed in March 2025"),
        ("cin", {"cin_current": 1, "cin_previous": 0, "cin_spells": 1}, "Child in need spell, open when last reported"),
        ("cp_plan", {"cp_plan_current": 0, "cp_plan_previous": 1, "cp_plan_spells": 2, "cp_plan_days_since_end": 580},
         "Child protection plan, the latest of 2 closed in March 2025"),
        ("looked_after", {"looked_after_current": 0, "looked_after_previous": 0}, "No looked-after spell recorded"),
        ("fsm", {"fsm_now": 1, "fsm_ever_six": 1, "fsm_share_of_time": 0.2}, "Free school meals now"),
        ("fsm", {"fsm_now": 0, "fsm_ever_six": 1, "fsm_share_of_time": 0.2},
         "Free school meals at some time in the last six years, not now"),
        ("unauthorised", {"unauthorised_rate": 0.1, "sessions_unauthorised": 38, "sessions_possible": 380},
         "Missed 19 days without authorisation in 2025/26"),
        ("unauthorised", {"sessions_unauthorised": 40.0, "sessions_possible": 380.0, "other_unauthorised_rate": 0.1},
         "Missed 20 days without authorisation in 2025/26; for other reasons not authorised (code O): 19 days"),
        ("unauthorised", {"unauthorised_rate": 0.1, "sessions_unauthorised": 38, "sessions_possible": 380,
                          "late_after_close_rate": 0.01},
         "Missed 19 days without authorisation in 2025/26, late arrivals among them"),
        ("unauthorised", {"unauthorised_rate": 0.1}, "Missed about 19 days in 190 without authorisation in 2025/26"),
        ("late_after_close", {"late_after_close_rate": 23 / 380, "sessions_possible": 380},
         "Arrived after registers closed on 23 sessions in 2025/26"),
        ("illness", {"illness_rate": 0.1, "sessions_illness": 24, "sessions_possible": 240},
         "Missed 12 days through illness or medical appointments in 2025/26"),
        ("school_moves", {"school_moves_three_years": 1, "school_moves_this_year": 0},
         "Changed school once in the last three years"),
        ("school", {"school_unauthorised_rate": 0.016},
         "At the pupil's school, other pupils missed about 3 days each without authorisation in 2025/26"),
        ("year_group", {"year_group": 9}, "In Year 9"),
    ],
)  # fmt: skip
def test_values_are_said_in_these_words(topic: str, values: dict[str, float], sentence: str) -> None:
    assert say(topic, **values) == sentence


def _three_pupils() -> tuple[pd.DataFrame, pd.DataFrame]:
    X = pd.DataFrame(
        {
            "suspensions_this_year": [2.0, 0.0, np.nan],
            "fsm_now": [1.0, 0.0, np.nan],
            "fsm_ever_six": [1.0, 0.0, np.nan],
            "year_group": [7.0, 8.0, 9.0],
        },
        index=[5, 6, 7],
    )
    contributions = pd.DataFrame(
        {"fsm": [0.4, -0.2, 0.01], "suspensions": [0.4, -0.3, 0.02], "year_group": [-0.06, 0.04, -0.01]}
    )
    return X, contributions


def test_the_largest_contributions_come_first_equals_in_catalogue_order_and_trifles_are_not_said() -> None:
    reasons = reasons_for(*_three_pupils(), AS_OF)
    assert list(reasons.index) == [5, 6, 7]
    assert reasons["up"].tolist() == [["2 suspensions in 2025/26", "Free school meals now"], [], []]
    assert reasons["down"].tolist() == [
        ["In Year 7"],
        ["No suspensions recorded in 2025/26", "No free school meals recorded in the last six years"],
        [],
    ]


def test_no_more_reasons_are_given_than_asked_for() -> None:
    reasons = reasons_for(*_three_pupils(), AS_OF, top=1, top_down=1)
    assert [len(up) for up in reasons["up"]] == [1, 0, 0]
    assert [len(down) for down in reasons["down"]] == [1, 1, 0]


def test_the_order_of_columns_and_rows_changes_no_pupils_reasons() -> None:
    X, contributions = _three_pupils()
    straight = reasons_for(X, contributions, AS_OF)
    turned = reasons_for(X.iloc[::-1, ::-1], contributions.iloc[::-1, ::-1], AS_OF)
    pd.testing.assert_frame_equal(straight, turned.sort_index())


def test_a_topic_without_words_stops_the_run() -> None:
    X, contributions = _three_pupils()
    with pytest.raises(AbsenceRiskError, match="no words stand for the topics shoe_size"):
        reasons_for(X, contributions.assign(shoe_size=0.3), AS_OF)


def test_rows_that_do_not_match_are_refused() -> None:
    X, contributions = _three_pupils()
    with pytest.raises(AbsenceRiskError, match="expected contributions for 3 rows, found 2"):
        reasons_for(X, contributions.head(2), AS_OF)
