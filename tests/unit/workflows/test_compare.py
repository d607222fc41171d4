"""Two backtests are compared draw by draw, or refused with what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_folders import FOUND, about_with, draws_of, write_folder

from absence_risk.errors import InputError, UsageError
from absence_risk.workflows.compare import Compared, run_compare
from absence_risk.workflows.evidence_folder import recorded_files

NAN = float("nan")


def _pair(tmp_path: Path, first: pd.DataFrame, second: pd.DataFrame, **about: Any) -> Compared:
    one = write_folder(tmp_path / "a", about_with(), first)
    other = write_folder(tmp_path / "b", about_with(name="with_attendance", **about), second)
    return run_compare(one, other)


def _found(tmp_path: Path, draws: list[float], **about: Any) -> Compared:
    return _pair(tmp_path, draws_of(), draws_of(y2024__boosting__found_at_capacity=draws), **about)


def test_draws_are_paired_by_number_so_what_is_common_falls_out(tmp_path: Path) -> None:
    compared = _found(tmp_path, [value - 10 for value in FOUND])
    [row] = compared.table.to_dict("records")
    assert (row["difference"], row["low"], row["high"]) == (10.0, 10.0, 10.0)
    assert row["verdict"] == "the first is better" and (row["first"], row["second"]) == (100.0, 100.0)
    assert "2024/25: the first finds about 10 more pupils at capacity" in compared.in_words()


def test_the_interval_is_that_of_the_paired_differences(tmp_path: Path) -> None:
    differences = np.array([-4.0, -1.0, 2.0, 3.0, 8.0])
    compared = _found(tmp_path, list(np.array(FOUND) - differences))
    [row] = compared.table.to_dict("records")
    assert row["difference"] == 2.0
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(differences, [0.025, 0.975]))
    assert row["verdict"] == "may be chance" and "That may be chance." in compared.in_words()


def test_a_model_beside_itself_differs_by_nothing(tmp_path: Path) -> None:
    compared = _found(tmp_path, FOUND)
    assert compared.table[["difference", "low", "high"]].to_numpy().tolist() == [[0.0, 0.0, 0.0]]
    assert "both find about as many" in compared.in_words()


@pytest.mark.parametrize(
    ("measure", "verdict"),
    [
        ("roc_auc", "the first is better"),
        ("brier", "the second is better"),
        ("calibration_slope", "they differ; neither way is better in itself"),
    ],
)
def test_which_is_better_follows_the_direction_of_the_measure(
    tmp_path: Path, measure: str, verdict: str
) -> None:
    high, low = ({f"y2024__boosting__{measure}": [value] * 5} for value in (0.9, 0.5))
    table = _pair(tmp_path, draws_of(**high), draws_of(**low)).table.set_index("measure")
    assert table.verdict[measure] == verdict


def test_draws_that_are_mostly_undefined_say_nothing(tmp_path: Path) -> None:
    compared = _found(tmp_path, [NAN, NAN, NAN, 90.0, 90.0])
    assert compared.table.verdict.tolist() == ["cannot be said"]
    assert "no interval could be drawn" in compared.in_words()


def test_only_the_judged_models_and_the_common_years_are_compared(tmp_path: Path) -> None:
    compared = _pair(
        tmp_path,
        draws_of(y2023__boosting__roc_auc=[0.8] * 5, y2022__boosting__roc_auc=[0.7] * 5),
        draws_of(y2021__logistic__found_at_capacity=FOUND, y2024__logistic__roc_auc=[0.7] * 5),
        candidate="logistic",
    )
    assert compared.years == ("2024/25",) and compared.left_out == ("2021/22", "2022/23", "2023/24")
    assert compared.table[["year", "measure"]].to_numpy().tolist() == [["2024/25", "found_at_capacity"]]
    assert compared.second == "with_attendance, logistic (suspensions, social care)"
    assert "Only one of them tested 2021/22, 2022/23, 2023/24" in compared.in_words()


def test_a_value_that_was_suppressed_is_not_printed(tmp_path: Path) -> None:
    one = write_folder(tmp_path / "a", about_with(), draws_of(), values="")
    assert "not printed and not printed" in run_compare(one, one).in_words()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"store_fingerprint": "b" * 64}, "the store"),
        ({"exclusions_sha256": "b" * 64}, "the children left out"),
        ({"outcome": {"name": "overall", "threshold": "1/10"}}, "the outcome"),
        ({"as_of": {"month": 11, "day": 1}}, "the day on which features are looked at"),
        ({"capacity": 100, "seed": 2}, "the capacity, the seed of the draws"),
    ],
)
def test_runs_on_other_pupils_or_draws_are_refused_with_all_that_differs(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=f"they differ in {words};"):
        _found(tmp_path, FOUND, **changed)


def test_runs_without_a_common_year_are_refused_with_the_years_of_each(tmp_path: Path) -> None:
    other = draws_of(y2023__boosting__roc_auc=[0.8] * 5)[["2023/24|boosting|roc_auc"]]
    with pytest.raises(UsageError, match="no test year in common: 2024/25 and 2023/24"):
        _pair(tmp_path, draws_of(), other)


@pytest.mark.parametrize("name", ["about.json", "inside/draws.parquet", "tables/measures.csv"])
def test_an_altered_or_absent_file_is_refused_before_it_is_parsed(tmp_path: Path, name: str) -> None:
    folder = write_folder(tmp_path / "a", about_with(), draws_of())
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + b"#")
    with pytest.raises(InputError, match="its hash differs"):
        run_compare(folder, folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match="absent or cannot be read"):
        run_compare(folder, folder)


@pytest.mark.parametrize(
    ("about", "draws", "words"),
    [
        ({"rounds": 6}, draws_of(), "expected 6 draws"),
        ({}, pd.DataFrame({"plain": FOUND}), "columns|draws of year"),
    ],
)
def test_draws_that_do_not_fit_their_facts_are_refused(
    tmp_path: Path, about: dict[str, Any], draws: pd.DataFrame, words: str
) -> None:
    folder = write_folder(tmp_path / "a", about_with(), draws_of())
    (folder / "inside/draws.parquet").unlink()
    draws.to_parquet(folder / "inside/draws.parquet", index=False)
    from absence_risk.files import canonical_json, write_manifest

    (folder / "about.json").write_bytes(canonical_json(about_with(**about)).encode("utf-8"))
    (folder / "manifest.json").unlink()
    write_manifest(folder, {"kind": "evidence", "format": 1})
    with pytest.raises(InputError, match=words):
        run_compare(folder, folder)


def test_a_folder_that_is_no_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"manifest\.json is absent"):
        run_compare(tmp_path / "empty", tmp_path / "empty")
    other = write_folder(tmp_path / "list", about_with(), draws_of(), kind="support_list")
    with pytest.raises(InputError, match="found support_list of format 1"):
        run_compare(other, other)


def test_a_run_that_is_neither_folder_nor_id_is_refused_with_both_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UsageError, match="a folder made by: absence-risk backtest --out, or the id"):
        run_compare(tmp_path / "none", tmp_path / "none")
    with pytest.raises(UsageError, match="--store, --tracking or MLFLOW_TRACKING_URI"):
        run_compare("0" * 32, "0" * 32)


def test_what_is_recorded_is_everything_but_the_refits(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a", about_with(), draws_of())
    assert set(recorded_files(folder)) == {
        "evidence/manifest.json",
        "evidence/about.json",
        "evidence/inside/draws.parquet",
        "evidence/tables/measures.csv",
    }
