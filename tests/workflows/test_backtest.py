"""The evidence as a user gets it: one command on the demonstration, and what it leaves behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from command_line import Demonstration, Ran, run_command

from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.files import sha256_of

#: Backtests take minutes: CI runs them after the normal tests.
pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[2] / "configs"
QUICK = {"rounds": 200, "refits": 4, "seed": 1, "additive": False}


#: Two sizes of trees are enough to see that one is chosen.
CHOSEN: dict[str, object] = {"leaves": "by_evidence", "leaf_choices": [4, 8], "trees": 80}
GIVEN: dict[str, object] = {"leaves": 8, "trees": 80}


def quick_config(folder: Path, name: str, boosting: dict[str, object] = CHOSEN, **changes: object) -> Path:
    """Shipped settings with fewer draws, refits and sizes of trees, so that a test takes seconds."""
    import yaml

    values = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))
    values |= {"evidence": QUICK, "boosting": {**values["boosting"], **boosting}, **changes}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An MLflow store beside the demonstration's, so that its runs stay as they are; the first to use it makes it."""
    return f"sqlite:///{tmp_path_factory.mktemp('runs') / 'm.db'}"


@pytest.fixture(scope="module")
def backtested(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    folder = tmp_path_factory.mktemp("evidence")
    config = quick_config(folder, "four_factors")
    ran = run_command(
        "backtest", "--store", str(demonstration.store), "--config", str(config), "--capacity", "40",
        "--out", str(folder / "evidence"), own_process=True,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return folder / "evidence", ran


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)


def test_the_command_says_first_whether_the_rule_is_beaten_and_last_what_was_written(backtested) -> None:
    folder, ran = backtested
    made_up, first, *_, last = [line for line in ran.out.splitlines() if line]
    assert made_up.startswith("Made-up authority")
    assert "rule" in first and re.search(r"\d", first)
    assert str(folder / "report.html") in ran.out and "MLflow" in last


def test_every_declared_table_stands_beside_the_report_with_the_declared_columns(backtested) -> None:
    folder, _ = backtested
    assert {path.stem for path in (folder / "tables").glob("*.csv")} == set(EVIDENCE_TABLES)
    for name, declared in EVIDENCE_TABLES.items():
        assert tuple(table(folder, name).columns) == declared.column_names


def test_every_later_year_was_tested_and_the_others_say_why_not(backtested) -> None:
    years = table(backtested[0], "years").set_index("year")
    assert years.loc["2024/25", ["role", "trained", "calibrated"]].tolist() == [
        "tested",
        "2021/22, 2022/23",
        "2023/24",
    ]
    assert years.loc["2023/24", "role"] == "tested"
    assert "2019/20 or 2020/21" in years.loc["2020/21", "why"]


def test_every_test_chose_the_size_of_its_trees_on_its_own_year_before(backtested) -> None:
    folder, _ = backtested
    shape = table(folder, "model_shape")
    assert list(zip(shape["year"], shape["measured_on"], shape["leaves"], strict=True)) == [
        (year, before, leaves)
        for year, before in (("2023/24", "2022/23"), ("2024/25", "2023/24"))
        for leaves in ("4", "8")
    ]
    assert (shape.groupby("year")[["chosen", "best"]].agg(lambda said: list(said).count("True")) == 1).all(
        axis=None
    )
    chosen = shape[shape["chosen"] == "True"].set_index("year")["leaves"]
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert about["leaves"] == int(chosen["2024/25"])
    assert "How large the trees may grow" in (folder / "report.html").read_text(encoding="utf-8")


def test_no_number_of_pupils_from_one_to_nine_is_in_any_table(backtested) -> None:
    folder, _ = backtested
    for name, declared in EVIDENCE_TABLES.items():
        counts = [c.name for c in declared.columns if c.role == "count"]
        for cell in table(folder, name)[counts].to_numpy().ravel():
            assert cell in {"", "c"} or int(cell) % 5 == 0


def test_the_folder_is_whole_and_its_manifest_names_every_file(backtested) -> None:
    folder, _ = backtested
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    found = {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    assert set(files) == found
    assert all(sha256_of(folder / name) == digest for name, digest in files.items())
    assert {"report.html", "model_card.md", "about.json", "inside/draws.parquet"} <= found


def test_no_pupil_and_no_school_is_named_in_anything_written(backtested, demonstration) -> None:
    from absence_risk.store import Store

    folder, ran = backtested
    with Store(demonstration.store) as store:
        pupils = set(store.table("pupils").df()["pupil_id"])
        schools = set(store.table("schools").df()["school_id"])
    written = [p.read_bytes().decode("utf-8", "replace") for p in folder.rglob("*") if p.is_file()]
    for text in [*written, ran.out, ran.err]:
        tokens = set(re.findall(r"[0-9a-f]{32}|\d{7}", text))
        assert not tokens & pupils
        assert not tokens & schools


def test_the_evidence_is_about_the_very_model_that_training_registered(
    backtested, demonstration, runs, tmp_path
) -> None:
    # Same store, settings and capacity: the same bytes, so that gates judged here hold for that version.
    folder, _ = backtested
    config = quick_config(tmp_path, "four_factors")
    ran = run_command(
        "train", "--store", str(demonstration.store), "--config", str(config), "--capacity", "40",
        "--out", str(tmp_path / "model"), "--tracking", runs,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert sha256_of(tmp_path / "model" / "bundle.json") == about["bundle_sha256"]
    assert "How large the trees may grow, measured on 2023/24" in ran.out
    card = (folder / "model_card.md").read_text(encoding="utf-8")
    assert re.search(r"\| \d \(taken\) \|", card)


def test_a_second_backtest_writes_the_same_and_counts_one_more_opening(
    backtested, demonstration, runs, tmp_path
) -> None:
    folder, _ = backtested
    config = quick_config(tmp_path, "four_factors")
    ran = run_command(
        "backtest", "--store", str(demonstration.store), "--config", str(config), "--capacity", "40",
        "--out", str(tmp_path / "again"), "--tracking", runs,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    for path in sorted((folder / "tables").glob("*.csv")):
        assert path.read_bytes() == (tmp_path / "again" / "tables" / path.name).read_bytes(), path.name
    first, second = (
        json.loads((place / "about.json").read_text(encoding="utf-8"))
        for place in (folder, tmp_path / "again")
    )
    assert second["openings"] > first["openings"]
    changing = {"openings", "opened_with"}
    assert {k: v for k, v in first.items() if k not in changing} == {
        k: v for k, v in second.items() if k not in changing
    }


@pytest.fixture(scope="module")
def other(demonstration: Demonstration, runs: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backtest of the other settings that leaves the final year closed."""
    folder = tmp_path_factory.mktemp("other")
    config = quick_config(folder, "with_attendance", GIVEN)
    ran = run_command(
        "backtest", "--store", str(demonstration.store), "--config", str(config), "--capacity", "40",
        "--out", str(folder / "evidence"), "--tracking", runs, "--keep-final-closed",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return folder / "evidence"


def test_keeping_the_final_year_closed_looks_at_no_outcome_of_it(other) -> None:
    years = table(other, "years").set_index("year")
    assert years.loc["2024/25", ["role", "n", "events"]].tolist() == ["kept closed", "", ""]
    assert set(table(other, "measures")["year"]) == {"2023/24"}


def test_two_runs_are_compared_draw_by_draw_on_the_years_they_share(backtested, other) -> None:
    compared = run_command("compare", str(backtested[0]), str(other))
    assert compared.code == 0, compared.err
    assert "2023/24" in compared.out


@pytest.mark.parametrize(
    ("changes", "arguments", "code", "words"),
    [
        ({}, ("--capacity", "100000"), 2, "is not below the"),
        (
            {"outcome": "unauthorised_other"},
            ("--capacity", "40", "--model", "models:/absence-risk/1"),
            5,
            "foresees the outcome",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(
    changes, arguments, code, words, demonstration, tmp_path
) -> None:
    config = quick_config(tmp_path, "four_factors", **changes)
    ran = run_command(
        "backtest",
        "--store",
        str(demonstration.store),
        "--config",
        str(config),
        "--out",
        str(tmp_path / "e"),
        *arguments,
    )
    assert ran.code == code, ran.err
    assert words in ran.err
    assert not (tmp_path / "e").exists()
