"""What people decide and families answer can never become a feature or a label.

Help that was offered changes what happens next: a child who was helped would look like an error of the model, and
teach it to leave such children out.
"""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from made_copies import LIST_ID, NO_ACTION, NOW, OFFER, entry, record
from small_authority import Authority, fit_bundle

from absence_risk.cohort import select_cohort
from absence_risk.decisions.declaration import FIELDS
from absence_risk.decisions.register import Register
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.domain.outcome import OUTCOMES
from absence_risk.errors import UsageError
from absence_risk.features.build import collect_features
from absence_risk.features.catalogue import CATALOGUE, NEVER_FEATURES
from absence_risk.labels import label_outcomes
from absence_risk.settings import settings_from
from absence_risk.store import Store

SOURCE = Path(__file__).parents[3] / "src" / "absence_risk"
BEFORE = date(2025, 10, 31)


@pytest.mark.parametrize(
    "room",
    [
        "returns", "features", "labels", "cohort", "dataset", "models", "evidence", "scoring", "splits", "store",
        "scored_file", "explanation", "leakage", "tables", "synthetic", "evaluation",
    ],
)  # fmt: skip
def test_no_room_on_the_way_to_a_model_or_an_estimate_imports_decisions(room: str) -> None:
    paths = sorted((SOURCE / room).rglob("*.py")) or [SOURCE / f"{room}.py"]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            assert not any("decisions" in name.split(".") for name in (module, *names)), path


def test_every_field_of_the_record_is_refused_as_a_feature() -> None:
    for declared in FIELDS:
        assert declared.name in NEVER_FEATURES and declared.name not in CATALOGUE
        with pytest.raises(UsageError, match=f"`{declared.name}` can never be a feature"):
            settings_from({"name": "x", "families": [declared.name], "capacity": 10})


def _facts_and_outcomes(store: Store) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = store.tables()
    cohort = select_cohort(tables, BEFORE)
    features = collect_features(tables, cohort.frame, BEFORE)
    return features, label_outcomes(tables, cohort.frame, OUTCOMES["unauthorised"], AcademicYear(2024))


def _decide(folder: Path, pupils: list[str]) -> None:
    refs = [f"A-{n:03d}" for n in range(1, len(pupils) + 1)]
    made = entry(refs=refs)
    listed = tuple(
        type(one)(**{**vars(one), "pupil_id": pupil}) for one, pupil in zip(made.pupils, pupils, strict=False)
    )
    helped = {**OFFER, "help_offered_on": date(2026, 11, 12), "family_response": "Accepted"}
    with Register(folder / "decisions.sqlite") as register:
        register.add_list(replace(made, pupils=listed))
        rows = [record(ref, helped if n % 2 else NO_ACTION) for n, ref in enumerate(refs)]
        register.record(LIST_ID, rows, copy_sha256="aa", by="x", at=NOW)


def test_features_outcomes_and_the_model_are_the_same_with_a_register_full_of_decisions_beside_the_store(
    tmp_path: Path, authority: Authority
) -> None:
    path = tmp_path / authority.store.path.name
    shutil.copyfile(authority.store.path, path)
    plain_features, plain_outcomes = _facts_and_outcomes(authority.store)
    _decide(tmp_path, list(plain_features["pupil_id"][:40]))
    with Store(path) as store:
        features, outcomes = _facts_and_outcomes(store)
        assert store.fingerprint == authority.store.fingerprint
        assert fit_bundle(store).hash == authority.bundle.hash
    assert len(features) > 100 and outcomes["y"].notna().any()
    pd.testing.assert_frame_equal(features, plain_features, check_exact=True)
    pd.testing.assert_frame_equal(outcomes, plain_outcomes, check_exact=True)
