"""The canaries on a made-up authority: silent on its data, and each planted leak caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Demonstration

from absence_risk.leakage.plants import DUPLICATE_PUPILS, PLANTED_COLUMNS
from absence_risk.settings import read_settings, with_leaves
from absence_risk.workflows.canaries import STEPS, run_canaries

CONFIG = Path(__file__).parents[2] / "configs" / "with_attendance.yaml"


@pytest.mark.slow
def test_nothing_leaks_and_every_planted_leak_is_caught(demonstration: Demonstration) -> None:
    told: list[str] = []
    asked = with_leaves(read_settings(CONFIG), 8)
    # What is planted is plain to see: it takes no two hundred trees.
    asked = asked.model_copy(update={"boosting": asked.boosting.model_copy(update={"trees": 60})})
    found = run_canaries(demonstration.store, asked, progress=lambda step, done, total: told.append(step))
    assert found.passed, found.in_words()
    found.refuse_if_leaking()
    assert told == list(STEPS)
    planted = found.table[found.table["kind"] == "planted"]
    assert set(planted["what"]) == {DUPLICATE_PUPILS, *(plant.words for plant in PLANTED_COLUMNS)}
    assert set(planted["state"]) == {"caught"}
    clean = found.table[found.table["kind"] == "data as held"]
    assert clean["detector"].nunique() == len(clean) == 4
    assert set(clean["state"]) == {"no alarm"}
