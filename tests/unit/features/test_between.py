"""Features of a pupil that contradict each other are found."""

from __future__ import annotations

import numpy as np
import pytest

from absence_risk.features.between import LAWS, broken_laws
from absence_risk.features.catalogue import CATALOGUE

#: One row that breaks each law, by the law's columns in order.
BREAKS = {
    "suspension_sessions_this_year": (2, 0),
    "cin_current": (1, 0), "cp_plan_current": (1, 0), "looked_after_current": (1, 0),
    "cin_previous": (1, 0), "cp_plan_previous": (1, 0), "looked_after_previous": (1, 0),
    "cin_days_since_end": (40, 0), "cp_plan_days_since_end": (40, 0), "looked_after_days_since_end": (40, 0),
    "ap_days_since_end": (np.nan, 1),
    "fsm_now": (1, 0),
    "fsm_share_of_time": (0.2, 0),
    "school_moves_this_year": (2, 1),
    "unauthorised_trend": (0.1, 0.1, 0.1),
    "unauthorised_rate": (0.5, 0.1, 0.2, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.columns[0])
def test_a_row_that_breaks_a_law_is_counted_and_one_of_which_nothing_is_known_is_not(law: object) -> None:
    names = law.columns  # type: ignore[attr-defined]
    assert set(names) <= set(CATALOGUE)
    rows = {name: np.array([value, np.nan]) for name, value in zip(names, BREAKS[names[0]], strict=True)}
    assert broken_laws(rows) == [(law, 1)]


def test_laws_about_columns_that_are_absent_say_nothing() -> None:
    assert broken_laws({"fsm_now": np.array([1.0])}) == []
