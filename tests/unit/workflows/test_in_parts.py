"""A store worked through in parts gives the bytes that it gives as one, from a file and from a folder."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_authority import AS_OF, PUPILS, Authority, made_up_upn, pupil

from absence_risk.errors import InputError, UsageError
from absence_risk.features.catalogue import FEATURES
from absence_risk.files import sidecar_manifest
from absence_risk.scoring import score, write_scores
from absence_risk.store import Store, connect, export_tables, lookup_path
from absence_risk.workflows.features import FeaturesResult, read_about, run_features
from absence_risk.workflows.score import FROM_A_FOLDER, ScoreResult, run_score
from absence_risk.workflows.score_features import run_score_features

TODAY = date(2026, 11, 2)
#: Pupils of one school, so that its averages move with them.
LEFT_OUT = [10, 13, *range(22, 82, 3)]


@pytest.fixture(scope="module")
def folder(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as a file and as a folder, each with its lookup; a bundle; a file of exclusions."""
    made = tmp_path_factory.mktemp("parts")
    shutil.copy(authority.store.path, made / "a.duckdb")
    export_tables(authority.store, made / "tables", 4)
    for name in ("a.duckdb", "tables"):
        shutil.copy(lookup_path(authority.store.path), lookup_path(made / name))
    authority.bundle.save(made / "bundle")
    rows = "".join(f"{made_up_upn(number)},objected\n" for number in LEFT_OUT)
    (made / "exclusions.csv").write_text("upn,reason\n" + rows, encoding="utf-8")
    return made


def both(path: Path) -> tuple[bytes, bytes]:
    return path.read_bytes(), sidecar_manifest(path).read_bytes()


@pytest.fixture(scope="module")
def result(folder: Path) -> ScoreResult:
    """The scores of the folder in two parts, written to ``scores.parquet``."""
    return run_score(
        folder / "tables", folder / "bundle", AS_OF, folder / "scores.parquet", parts=2, today=TODAY
    )


@pytest.fixture(scope="module")
def features(folder: Path) -> FeaturesResult:
    """The features of the file in one part, without the pupils left out, written to ``features.parquet``."""
    out, excluded = folder / "features.parquet", folder / "exclusions.csv"
    return run_features(folder / "a.duckdb", AS_OF, out, exclusions=excluded, today=TODAY)


def test_scores_of_a_folder_in_two_parts_are_to_the_byte_those_of_the_whole_store(
    result: ScoreResult, folder: Path, authority: Authority
) -> None:
    whole = score(authority.store.tables(), authority.bundle, AS_OF)
    assert result.out is not None
    said = json.loads(sidecar_manifest(result.out).read_text(encoding="utf-8"))
    about = {
        "store_fingerprint": authority.store.fingerprint,
        "model_label": f"bundle{FROM_A_FOLDER}",
        "made_of": said["made_of"],
    }
    (folder / "whole").mkdir()
    write_scores(whole, folder / "whole" / "scores.parquet", about)
    assert both(result.out) == both(folder / "whole" / "scores.parquet")
    assert result.parts == 2 and result.counts == whole.counts and result.warnings == whole.warnings
    pd.testing.assert_frame_equal(result.frame, whole.frame, check_dtype=False, check_exact=True)


def test_features_of_a_folder_in_two_parts_are_to_the_byte_those_of_the_file_in_one_with_pupils_left_out(
    features: FeaturesResult, folder: Path
) -> None:
    out, excluded = folder / "again" / "features.parquet", folder / "exclusions.csv"
    again = run_features(folder / "tables", AS_OF, out, exclusions=excluded, parts=2, today=TODAY)
    assert both(out) == both(features.out)
    assert (features.parts, again.parts) == (1, 2) and again.counts == features.counts
    assert features.counts["excluded"] == len(LEFT_OUT)


def test_features_hold_every_pupil_of_the_cohort_in_order_and_every_feature_of_the_catalogue(
    features: FeaturesResult, authority: Authority
) -> None:
    held = pq.read_table(features.out).to_pandas()
    assert held["pupil_id"].is_monotonic_increasing
    assert len(held) == features.counts["eligible"] == PUPILS - 4 - len(LEFT_OUT)
    assert list(held) == ["pupil_id", "school_id", "first_seen", *(feature.name for feature in FEATURES)]
    assert held["year_group"].between(1, 11).all() and held["unauthorised_rate"].isna().sum() == 5
    assert held["first_seen"].value_counts().to_dict() == {2025: len(held) - 5, 2026: 5}
    assert not set(held["pupil_id"]) & {pupil(number) for number in LEFT_OUT}


def test_a_manifest_vouches_for_features_and_another_file_is_refused(
    features: FeaturesResult, tmp_path: Path
) -> None:
    about = read_about(features.out)
    assert about["rows"] == features.counts["eligible"] and about["as_of"] == "2026-10-31"
    assert pupil(10) not in json.dumps(about)
    harmed = tmp_path / features.out.name
    harmed.write_bytes(features.out.read_bytes()[:-4])
    shutil.copy(sidecar_manifest(features.out), sidecar_manifest(harmed))
    with pytest.raises(InputError, match="another hash"):
        read_about(harmed)
    with pytest.raises(InputError, match="absence-risk features"):
        read_about(tmp_path / "none.parquet")


def test_a_fault_in_a_later_part_leaves_the_earlier_file_and_nothing_beside_it(
    result: ScoreResult, folder: Path, tmp_path: Path
) -> None:
    assert result.out is not None
    out, harmed = tmp_path / "scores.parquet", tmp_path / "a.duckdb"
    for source, target in (
        (result.out, out), (sidecar_manifest(result.out), sidecar_manifest(out)), (folder / "a.duckdb", harmed),
    ):  # fmt: skip
        shutil.copy(source, target)
    before = both(out)
    last = max(pupil(number) for number in range(10, 200))
    with connect(harmed) as con:
        con.execute(
            "INSERT INTO suspensions VALUES "
            f"('{last}', '8504001', DATE '2026-02-10', 'SUSP', 5000, DATE '2026-10-01', NULL)"
        )
        con.execute("UPDATE absence_risk_store SET value = 'another' WHERE name = 'fingerprint'")
    with pytest.raises(InputError, match=r"suspension_sessions_this_year.* 1 of \d+ rows") as refused:
        run_score(harmed, folder / "bundle", AS_OF, out, parts=2, today=TODAY)
    assert both(out) == before and last[:8] not in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.duckdb",
        "scores.parquet",
        "scores.parquet.manifest.json",
    ]


def test_a_store_without_the_autumn_census_is_refused_before_any_part_is_worked_through(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="autumn School Census"):
        run_features(folder / "tables", "2029-10-31", tmp_path / "features.parquet", parts=200)
    assert not list(tmp_path.iterdir())


def test_work_that_does_not_fit_into_the_memory_says_what_to_do_and_writes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"--parts 2"):
        run_features(folder / "a.duckdb", AS_OF, tmp_path / "f.parquet", memory_limit="2MB", parts=1)
    assert not list(tmp_path.iterdir())


def test_features_are_written_as_parquet_only(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.parquet"):
        run_features(folder / "a.duckdb", AS_OF, tmp_path / "features.csv")


def test_a_large_store_is_worked_through_in_as_many_parts_as_its_rows_ask_for(folder: Path) -> None:
    with Store(folder / "a.duckdb") as store:
        parts = [store.suggested_parts(memory) for memory in (10**12, 10**6, 10**5, 1)]
    assert parts[0] == 1 and parts == sorted(parts) and parts[-1] == 256


def test_features_are_scored_and_explained_without_a_store_and_a_manifest_says_by_what(
    features: FeaturesResult, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "explained.parquet"
    result = run_score_features(features.out, folder / "bundle", out)
    first = both(out)
    assert run_score_features(features.out, folder / "bundle", out) == result and both(out) == first
    said = json.loads(sidecar_manifest(out).read_text(encoding="utf-8"))
    assert said["features_sha256"] == read_about(features.out)["sha256"] and said["rows"] == result.rows
    assert said["counts"] == features.counts and said["warnings"] == list(result.warnings)
    assert said["model_label"] == f"bundle{FROM_A_FOLDER}" and "read from a folder" in result.in_words()
    held = pq.read_table(out, columns=["pupil_id"])["pupil_id"].to_pylist()
    assert held == pq.read_table(features.out, columns=["pupil_id"])["pupil_id"].to_pylist()


def test_features_whose_manifest_does_not_vouch_for_them_are_not_scored(
    features: FeaturesResult, folder: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "features.parquet"
    shutil.copy(features.out, alone)
    with pytest.raises(InputError, match="no manifest"):
        run_score_features(alone, folder / "bundle", tmp_path / "explained.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["features.parquet"]
