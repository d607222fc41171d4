"""A cohort is compared with training before it is scored; one that is refused is scored only if somebody answers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_authority import AS_OF, PUPILS, Authority

from absence_risk.errors import InputError
from absence_risk.files import sidecar_manifest
from absence_risk.logbook import Override
from absence_risk.models.bundle import Bundle
from absence_risk.workflows.check import run_check
from absence_risk.workflows.features import run_features
from absence_risk.workflows.score import run_score
from absence_risk.workflows.score_features import run_score_features

BY = Override("A. Person", "Head of data", "the authority was divided in April 2026")


@pytest.fixture(scope="module")
def store(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(authority.store.path, tmp_path_factory.mktemp("check") / "a.duckdb"))


@pytest.fixture(scope="module")
def model(authority: Authority, store: Path) -> Path:
    return authority.bundle.save(store.parent / "model")


@pytest.fixture(scope="module")
def of_many(authority: Authority, store: Path) -> Path:
    """The same model, as if it had been made from an authority three times as large."""
    training = authority.bundle.training
    (year,) = training.years
    larger = replace(training, years=(replace(year, seen=3 * year.seen, eligible=3 * year.eligible),))
    return replace(authority.bundle, training=larger).save(store.parent / "of_many")


def test_a_cohort_like_training_is_clean_and_nothing_is_written(store: Path, model: Path) -> None:
    before = sorted(path.name for path in store.parent.iterdir())
    found = run_check(store, model, AS_OF, today=AS_OF)
    assert found.refused == () and found.counts["eligible"] == PUPILS - 4
    # The small store holds an old AP census, as it did when the model was made; scoring says so too.
    assert found.reported == ("no alternative provision census known since 16 January 2025",)
    assert found.in_words().endswith(
        "This cohort can be scored; what is reported above will be printed with it"
    )
    assert sorted(path.name for path in store.parent.iterdir()) == before


def test_the_number_of_parts_changes_nothing(store: Path, model: Path) -> None:
    assert run_check(store, model, AS_OF, parts=3, today=AS_OF) == run_check(store, model, AS_OF, today=AS_OF)


def test_checking_says_what_scoring_refuses_and_an_earlier_file_stays(
    store: Path, of_many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    out.write_bytes(b"earlier")
    found = run_check(store, of_many, AS_OF, out=tmp_path / "found.json", today=AS_OF)
    assert len(found.refused) == 1 and "296 pupils would be scored; 900 in" in found.refused[0]
    assert found.in_words().endswith("This cohort would be refused; nothing was written")
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["refused"] == list(found.refused)
    with pytest.raises(InputError, match="296 pupils would be scored") as caught:
        run_score(store, of_many, AS_OF, out, today=AS_OF)
    assert "--accept-drift" in str(caught.value)
    assert out.read_bytes() == b"earlier" and not sidecar_manifest(out).exists()


def test_without_a_file_a_refused_cohort_is_not_given_back_either(store: Path, of_many: Path) -> None:
    with pytest.raises(InputError, match="pupils would be scored"):
        run_score(store, of_many, AS_OF, today=AS_OF)


def test_who_accepts_a_refused_cohort_is_named_in_the_manifest(
    store: Path, of_many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    scored = run_score(store, of_many, AS_OF, out, accept_drift=BY, today=AS_OF)
    said = json.loads(sidecar_manifest(out).read_text(encoding="utf-8"))
    assert said["drift_accepted"] == {"name": BY.name, "role": BY.role, "reason": BY.reason}
    assert said["drift"]["accepted"][0].startswith("A. Person (Head of data) decided to score")
    assert "296 pupils would be scored" in said["drift"]["accepted"][1]
    assert said["warnings"][:2] == said["drift"]["accepted"] == list(scored.warnings[:2])


def test_an_acceptance_that_was_not_needed_is_not_printed(store: Path, model: Path, tmp_path: Path) -> None:
    scored = run_score(store, model, AS_OF, tmp_path / "scores.csv", accept_drift=BY, today=AS_OF)
    assert not [words for words in scored.warnings if "decided" in words]


def test_records_that_are_no_features_are_refused_in_words_and_not_raised(store: Path, model: Path) -> None:
    found = run_check(store, model, "2027-10-31", today=AS_OF)
    assert "autumn School Census of 2027/28" in found.refused[0] and found.counts == {}


def test_a_year_the_model_was_made_from_is_no_forecast(authority: Authority, store: Path) -> None:
    years = {**authority.bundle.years, "tested": "2025/26"}
    folder = replace(authority.bundle, years=years).save(store.parent / "of_the_year")
    assert (
        "2025/26 is one of the years the model was made from" in run_check(store, folder, AS_OF).reported[1]
    )


def test_a_bundle_says_what_it_met_and_reads_it_back(authority: Authority, model: Path) -> None:
    assert Bundle.load(model).training == authority.bundle.training
    assert authority.bundle.training.columns


def test_features_of_a_refused_cohort_are_scored_only_if_somebody_answers(
    store: Path, of_many: Path, tmp_path: Path
) -> None:
    features, out = (
        run_features(store, AS_OF, tmp_path / "f.parquet", today=AS_OF).out,
        tmp_path / "e.parquet",
    )
    with pytest.raises(InputError, match="296 pupils would be scored") as caught:
        run_score_features(features, of_many, out)
    assert "--accept-drift" in str(caught.value) and not out.exists()
    scored = run_score_features(features, of_many, out, accept_drift=BY)
    said = json.loads(sidecar_manifest(out).read_text(encoding="utf-8"))
    assert said["drift_accepted"] == {"name": BY.name, "role": BY.role, "reason": BY.reason}
    assert any(BY.name in words and BY.reason in words for words in scored.warnings)
    # Without the answer the same file is judged anew, and refused.
    with pytest.raises(InputError, match="296 pupils would be scored"):
        run_score_features(features, of_many, out)
    assert out.exists()
