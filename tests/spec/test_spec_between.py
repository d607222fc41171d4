"""No feature that is built breaks a law between features, whatever the tables."""

from __future__ import annotations

from datetime import date

import pytest
from made_up import authority

from absence_risk.cohort import select_cohort
from absence_risk.features.between import broken_laws
from absence_risk.features.build import collect_features


@pytest.mark.parametrize(("seed", "year"), [(2, 2026), (3, 2025)])
def test_features_that_are_built_do_not_contradict_each_other(seed: int, year: int) -> None:
    tables, as_of = authority(seed=seed), date(year, 10, 31)
    built = collect_features(tables, select_cohort(tables, as_of).frame, as_of)
    assert len(built) > 30
    assert broken_laws(built) == []
