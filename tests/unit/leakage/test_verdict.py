"""What is said of the canaries, and when it is refused."""

from __future__ import annotations

from datetime import date

import pytest

from absence_risk.errors import RefusedError
from absence_risk.leakage.alarm import POISONED_FUTURE, SINGLE_COLUMN, TWO_IDS, Alarm
from absence_risk.leakage.verdict import canaries_of, not_judged, on_clean_data, on_planted

FOUND = Alarm(POISONED_FUTURE, "fsm_now", "fsm_now changed in 12 of 400 rows when the future is overwritten")
DAY = date(2025, 10, 31)


def test_silence_on_clean_data_and_every_plant_caught_passes() -> None:
    rows = [
        on_clean_data("every feature", POISONED_FUTURE, ()),
        not_judged("every feature", SINGLE_COLUMN),
        on_planted("a copy of the outcome", POISONED_FUTURE, [FOUND]),
        on_planted("a copy of the outcome", SINGLE_COLUMN, [FOUND]),
        on_planted("a future-dated column", POISONED_FUTURE, [FOUND]),
    ]
    found = canaries_of(rows, DAY)
    assert found.passed
    found.refuse_if_leaking()
    first, *lines = found.in_words().splitlines()
    assert first == (
        "Nothing known only after 2025-10-31 reaches what is trained or scored, and all 2 planted leaks were caught"
    )
    assert len(lines) == len(rows)
    assert any("fewer than 10 pupils" in line for line in lines)
    assert found.table["state"].tolist() == ["no alarm", "not judged", "caught", "caught", "caught"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (on_clean_data("every feature", POISONED_FUTURE, [FOUND]), "fsm_now changed in 12 of 400 rows"),
        (on_planted("pupils copied", TWO_IDS, []), "pupils copied: not caught by one history under two ids"),
    ],
    ids=["an alarm", "a blind detector"],
)
def test_an_alarm_or_a_blind_detector_is_refused_and_named(row, said) -> None:
    found = canaries_of([row, on_planted("a copy", POISONED_FUTURE, [FOUND])], DAY)
    assert not found.passed
    with pytest.raises(RefusedError, match=r"1 alarms|1 planted leaks not caught") as refused:
        found.refuse_if_leaking()
    assert refused.value.exit_code == 8
    assert said in str(refused.value)
    assert "a copy: caught" not in str(refused.value)
