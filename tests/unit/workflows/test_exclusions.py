"""Children left out are as if they had never been there: no row, no feature, no byte of theirs in any output."""

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_authority import AS_OF, PUPILS, SCHOOLS, Authority, made_up_upn, pupil

from absence_risk.dataset import gather_years
from absence_risk.domain.academic_year import AcademicYear
from absence_risk.errors import InputError
from absence_risk.files import sidecar_manifest
from absence_risk.returns.pupil_files import NOBODY
from absence_risk.store import Store, connect, lookup_path
from absence_risk.tables.canonical import CANONICAL_TABLES
from absence_risk.workflows.backtest import run_backtest
from absence_risk.workflows.canaries import run_canaries
from absence_risk.workflows.exclusions import about_exclusions, exclusions_of, notes_on
from absence_risk.workflows.score import ScoreResult, run_score
from absence_risk.workflows.train import origin_of, run_train

TODAY = date(2026, 11, 2)
CONFIG = Path(__file__).parents[3] / "configs" / "four_factors.yaml"
#: Pupils with much absence, a suspension or a plan, all at one school, so that its averages move with them.
LEFT_OUT = [10, 13, *range(22, 82, 3)]


@pytest.fixture(scope="module")
def folder(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store as it is, and beside it one in which the pupils never were; a bundle; a file of exclusions."""
    made = tmp_path_factory.mktemp("exclusions")
    source = authority.store.path
    for name in ("with", "never"):
        shutil.copy(source, made / f"{name}.duckdb")
        shutil.copy(lookup_path(source), lookup_path(made / f"{name}.duckdb"))
    ids = ", ".join(f"'{pupil(number)}'" for number in LEFT_OUT)
    with connect(made / "never.duckdb") as con:
        for table in CANONICAL_TABLES.values():
            if "pupil_id" in table.column_names:
                con.execute(f"DELETE FROM {table.name} WHERE pupil_id IN ({ids})")
    authority.bundle.save(made / "bundle")
    rows = "".join(
        f"{made_up_upn(number)},{'adoption' if number == 10 else 'objected'}\n" for number in LEFT_OUT
    )
    (made / "exclusions.csv").write_text("upn,reason\n" + rows, encoding="utf-8")
    return made


@dataclass(frozen=True)
class Runs:
    """Scores of the same day: with the pupils left out (written to ``out``), never there, and with everybody."""

    left_out: ScoreResult
    never: ScoreResult
    everybody: ScoreResult
    out: Path


@pytest.fixture(scope="module")
def runs(folder: Path) -> Runs:
    out, bundle, file = folder / "scores.csv", folder / "bundle", folder / "exclusions.csv"
    return Runs(
        left_out=run_score(folder / "with.duckdb", bundle, AS_OF, out, exclusions=file, today=TODAY),
        never=run_score(folder / "never.duckdb", bundle, AS_OF, today=TODAY),
        everybody=run_score(folder / "with.duckdb", bundle, AS_OF, today=TODAY),
        out=out,
    )


def test_scores_are_bit_for_bit_those_of_a_store_in_which_they_never_were(runs: Runs) -> None:
    pd.testing.assert_frame_equal(runs.left_out.frame, runs.never.frame, check_exact=True)
    everybody = runs.everybody.frame
    others = everybody[~everybody["pupil_id"].isin([pupil(number) for number in LEFT_OUT])]
    moved = others["log_odds"].to_numpy() != runs.left_out.frame["log_odds"].to_numpy()
    assert moved.any(), "the school's averages should have held them, or this test shows nothing"
    assert set(others["school_id"][moved]) == {SCHOOLS[1]}


def test_they_are_counted_among_those_seen_and_the_counts_balance(runs: Runs) -> None:
    found = runs.left_out.counts
    assert found["seen"] == PUPILS == sum(number for name, number in found.items() if name != "seen")
    assert found["excluded"] == len(LEFT_OUT)


def test_no_output_holds_them_and_the_manifest_counts_them_coarsely(runs: Runs) -> None:
    for path in (runs.out, sidecar_manifest(runs.out)):
        text = path.read_text(encoding="utf-8")
        assert pupil(11) in text or path != runs.out
        for number in LEFT_OUT:
            assert pupil(number) not in text and made_up_upn(number) not in text
    said = json.loads(sidecar_manifest(runs.out).read_text(encoding="utf-8"))["exclusions"]
    assert said["by_reason"] == {"on request": "about 20", "for protection": "fewer than 10"}
    first = runs.left_out.in_words().splitlines()[0]
    assert "on request, about 20; for protection, fewer than 10" in first


def test_cohort_and_features_for_training_are_as_if_they_had_never_been_there(folder: Path) -> None:
    excluded = {pupil(number) for number in LEFT_OUT}
    with Store(folder / "with.duckdb") as store, Store(folder / "never.duckdb") as never:
        found = gather_years(store.tables(), [AcademicYear(2025)], excluded=excluded, with_audit=True)
        same = gather_years(never.tables(), [AcademicYear(2025)], with_audit=True)
    pd.testing.assert_frame_equal(found.X, same.X, check_exact=True)
    assert found.audit is not None and found.audit.equals(same.audit)
    assert found.pupil_id.tolist() == same.pupil_id.tolist()
    assert found.counts[0]["excluded"] == len(LEFT_OUT) and same.counts[0]["excluded"] == 0


def test_a_manifest_says_nothing_of_exclusions_where_there_is_no_file(folder: Path) -> None:
    nobody = exclusions_of(folder / "with.duckdb", None, TODAY)
    assert about_exclusions(nobody) == {} and notes_on(nobody) == () and not nobody.pupils


def test_a_bad_file_of_exclusions_stops_everything_before_a_score_is_written(
    folder: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "exclusions.csv"
    bad.write_text("upn,reason\nnobody,objected\n", encoding="utf-8")
    out = tmp_path / "scores.parquet"
    with pytest.raises(InputError, match=r"1 row \(row 2\)"):
        run_score(folder / "with.duckdb", folder / "bundle", AS_OF, out, exclusions=bad, today=TODAY)
    assert not out.exists()


@pytest.mark.parametrize("recipe", [run_train, run_backtest, run_canaries])
def test_a_bad_file_of_exclusions_stops_every_recipe_at_once(
    folder: Path, tmp_path: Path, recipe: Any
) -> None:
    bad = tmp_path / "exclusions.csv"
    bad.write_text("upn,reason\nnobody,objected\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"1 row \(row 2\)"):
        recipe(folder / "with.duckdb", CONFIG, exclusions=bad, today=TODAY)


def test_children_left_out_make_other_data_in_a_models_record(folder: Path) -> None:
    left_out = exclusions_of(folder / "with.duckdb", folder / "exclusions.csv", TODAY)
    with Store(folder / "with.duckdb") as store:
        with_them, without = origin_of(store, NOBODY), origin_of(store, left_out)
    assert without == with_them | {"exclusions_sha256": left_out.sha256}
