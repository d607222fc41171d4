"""A backtest is one run with a child per year and rival; nothing of it is left half-recorded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_folders import about_with, draws_of, write_folder

from absence_risk.errors import OutputError, RefusedError, UsageError
from absence_risk.tracking import Tracking
from absence_risk.workflows.compare import run_compare
from absence_risk.workflows.evidence_folder import recorded_files

SENTINEL = "Z987654321098"
CHILDREN = {
    "2024/25 boosting": {"roc_auc": 0.81, "brier": None, "calibration_slope": float("nan")},
    "2024/25 logistic": {"roc_auc": 0.79},
}
FILES = {"evidence/about.json": b"{}\n", "evidence/tables/measures.csv": b"year\n"}


def _log(tracking: Tracking, **changed: Any) -> str:
    asked: dict[str, Any] = {
        "params": {"capacity": 150, "gates.precision_at_capacity": 0.65},
        "tables": {"gates": pd.DataFrame({"gate": ["beats_best_rule"], "state": ["passed"]})},
        "files": FILES,
        "children": CHILDREN,
        "tags": {"made_up": "yes"},
    }
    return tracking.log_backtest("four_factors", **(asked | changed))


def _runs(tracking: Tracking) -> list[Any]:
    return list(tracking.client.search_runs([tracking.experiment_id]))


def test_a_parent_run_holds_settings_tables_and_files_and_each_child_its_measures(tracking: Tracking) -> None:
    parent = _log(tracking)
    run = tracking.client.get_run(parent)
    assert run.info.status == "FINISHED" and run.data.tags["made_up"] == "yes"
    assert run.data.params == {"capacity": "150", "gates.precision_at_capacity": "0.65"}
    children = [r for r in _runs(tracking) if r.data.tags.get("mlflow.parentRunId") == parent]
    found = {r.info.run_name: r.data.metrics for r in children}
    assert found == {"2024/25 boosting": {"roc_auc": 0.81}, "2024/25 logistic": {"roc_auc": 0.79}}
    assert {r.info.status for r in children} == {"FINISHED"} and len(_runs(tracking)) == 3
    kept = tracking.folder / "artifacts" / parent / "artifacts"
    assert {p.relative_to(kept).as_posix() for p in kept.rglob("*") if p.is_file()} == {
        "tables/gates.csv",
        *FILES,
    }
    assert (kept / "tables" / "gates.csv").read_bytes() == b"gate,state\nbeats_best_rule,passed\n"


def test_files_of_a_run_are_fetched_as_one_folder(tracking: Tracking) -> None:
    folder = tracking.fetch_run_files(_log(tracking), "evidence")
    assert (folder / "about.json").read_bytes() == b"{}\n" and (folder / "tables" / "measures.csv").is_file()


@pytest.mark.parametrize("name", ["0" * 32, "../../outside", "nothing"])
def test_a_run_that_is_not_there_is_said_so(tracking: Tracking, name: str) -> None:
    with pytest.raises(UsageError, match="has no run"):
        tracking.fetch_run_files(name, "evidence")
    assert not (tracking.folder / "fetched").exists()


def test_a_run_without_evidence_is_said_so(tracking: Tracking) -> None:
    with pytest.raises(UsageError, match="keeps no evidence"):
        tracking.fetch_run_files(_log(tracking, files={}), "evidence")


def test_rows_about_pupils_are_refused_and_leave_no_run(tracking: Tracking) -> None:
    with pytest.raises(RefusedError, match="rows about pupils") as caught:
        _log(tracking, tables={"missed": pd.DataFrame({"pupil_id": [SENTINEL]})})
    assert SENTINEL not in str(caught.value) and _runs(tracking) == []


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyboardInterrupt()])
def test_a_fault_half_way_marks_the_parent_and_every_child_as_failed(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def stopped(*_: object) -> None:
        raise fault

    monkeypatch.setattr(tracking.client, "log_artifacts", stopped)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        _log(tracking)
    assert [r.info.status for r in _runs(tracking)] == ["FAILED"] * 3


@pytest.mark.parametrize("name", ["../outside", "/outside", "a//b", "C:/a", "a\\b", ""])
def test_a_file_that_would_land_outside_the_run_is_never_written(tracking: Tracking, name: str) -> None:
    with pytest.raises(ValueError, match="a name inside it"):
        _log(tracking, files={name: b""})
    assert _runs(tracking) == []


def test_runs_that_a_killed_process_left_running_are_marked_as_failed_by_the_next(tracking: Tracking) -> None:
    ours = tracking.client.create_run(_experiment(tracking), tags={"absence_risk.recorded": "yes"})
    theirs = tracking.client.create_run(_experiment(tracking))
    _log(tracking)
    assert tracking.client.get_run(ours.info.run_id).info.status == "FAILED"
    assert tracking.client.get_run(theirs.info.run_id).info.status == "RUNNING"


def _experiment(tracking: Tracking) -> str:
    assert tracking.client is not None
    return tracking.experiment_id


def test_each_run_is_written_in_three_calls_however_many_measures_it_has(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tracking.client._tracking_client.store
    calls: Counter[str] = Counter()
    for name in ("create_run", "update_run_info", "log_batch", "log_metric", "log_param", "set_tag"):
        write = getattr(store, name)

        def counted(*given: Any, _name: str = name, _write: Any = write, **named: Any) -> Any:
            calls[_name] += 1
            return _write(*given, **named)

        monkeypatch.setattr(store, name, counted)
    measures = {f"measure_{n}": n / 40 for n in range(40)}
    parent = _log(tracking, children={f"2024/25 rival {n}": measures for n in range(5)})
    assert calls == {"create_run": 6, "log_batch": 6, "update_run_info": 6}
    children = [r for r in _runs(tracking) if r.data.tags.get("mlflow.parentRunId") == parent]
    assert [len(child.data.metrics) for child in children] == [40] * 5


def test_tags_can_be_set_on_a_registered_version(tracking: Tracking) -> None:
    tracking.client.create_registered_model("absence-risk")
    tracking.client.create_model_version("absence-risk", (tracking.folder / "artifacts").as_uri())
    tracking.tag_version(1, {"override_name": "Ann Example", "override_reason": "x" * 9_000})
    tags = tracking.client.get_model_version("absence-risk", "1").tags
    assert tags["override_name"] == "Ann Example" and len(tags["override_reason"]) == 5_000


def test_a_recorded_backtest_is_compared_by_its_run_id_with_a_folder(
    tracking: Tracking, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "evidence", about_with(), draws_of())
    run_id = _log(tracking, files=recorded_files(folder))
    compared = run_compare(run_id, folder, store=tmp_path / "authority.duckdb")
    assert compared.years == ("2024/25",) and compared.table["difference"].tolist() == [0.0]
