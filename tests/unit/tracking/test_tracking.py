"""Runs and registered models in a SQLite store made once and copied."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_matrix import logistic_bundle, parts, trees_bundle

from absence_risk.errors import BundleError, OutputError, RefusedError, UsageError
from absence_risk.models.bundle import Bundle
from absence_risk.tracking import Tracking
from absence_risk.tracking.names import HASH_TAG, parse_model
from absence_risk.tracking.quiet import quiet_mlflow

SENTINEL = "Z987654321098"


@pytest.fixture(autouse=True)
def _own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)


def _run(tracking: Tracking) -> str:
    return tracking.log_training(
        "four_factors",
        params={"outcome": "unauthorised", "capacity": 60},
        measures=trees_bundle().measures,
        tables={"flow": pd.DataFrame({"reason": ["eligible"], "pupils": [1200]})},
        figures={"calibration.svg": b"<svg/>"},
        bundle=trees_bundle(),
        extras={"card.md": "# A card\n"},
        tags={"made_up": "yes"},
    )


def test_a_run_holds_settings_measures_tables_figures_and_the_bundle(tracking: Tracking) -> None:
    run_id = _run(tracking)
    run = tracking.client.get_run(run_id)
    assert run.info.status == "FINISHED" and run.data.params == {"outcome": "unauthorised", "capacity": "60"}
    assert run.data.tags[HASH_TAG] == trees_bundle().hash and run.data.tags["made_up"] == "yes"
    assert run.data.metrics["model/roc_auc"] == pytest.approx(trees_bundle().measures["model"]["roc_auc"])
    assert "school_rate/precision_at_capacity" in run.data.metrics
    artefacts = tracking.folder / "artifacts" / run_id / "artifacts"
    kept = {p.relative_to(artefacts).as_posix() for p in artefacts.rglob("*") if p.is_file()}
    assert {"tables/flow.csv", "figures/calibration.svg", "bundle/bundle.json", "bundle/model.txt"} <= kept
    assert Bundle.load(artefacts / "bundle").hash == trees_bundle().hash


def test_nothing_is_written_where_one_happens_to_stand(
    tracking: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    tracking.register(_run(tracking), trees_bundle())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_table_with_rows_about_pupils_is_refused_and_leaves_no_run(tracking: Tracking) -> None:
    for table in (
        pd.DataFrame({"pupil_id": [SENTINEL], "risk": [0.1]}),
        pd.DataFrame({"risk": [0.1]}, index=pd.Index([SENTINEL], name="UPN")),
    ):
        with pytest.raises(RefusedError, match="rows about pupils") as caught:
            tracking.log_training(
                "x", params={}, measures={}, tables={"scores": table}, bundle=trees_bundle()
            )
        assert SENTINEL not in str(caught.value)
    assert (
        tracking.client.search_runs([tracking.client.get_experiment_by_name("absence_risk").experiment_id])
        == []
    )


def test_a_registered_model_is_found_by_version_and_alias_and_is_the_same(tracking: Tracking) -> None:
    run_id = _run(tracking)
    assert tracking.champion() is None
    first = tracking.register(run_id, trees_bundle())
    second = tracking.register(run_id, logistic_bundle())
    assert (first, second) == (1, 2)
    assert tracking.resolve("models:/absence-risk@challenger").load().hash == logistic_bundle().hash
    assert tracking.promote(1) is None and tracking.promote(2) == 1 and tracking.champion() == 2
    tracking.promote(1)
    folder, expected, label = tracking.resolve("models:/absence-risk@champion")
    assert expected == trees_bundle().hash and label == "absence-risk version 1"
    found, X = Bundle.load(folder, expected_hash=expected), parts().later
    assert np.array_equal(found.risk(X), trees_bundle().risk(X))
    # Fetched once, it is found again without the artefacts.
    shutil.rmtree(tracking.folder / "artifacts" / "models")
    assert tracking.resolve("models:/absence-risk/1").load().hash == expected


def test_the_copy_kept_here_is_fetched_again_if_it_was_damaged(tracking: Tracking) -> None:
    tracking.register(_run(tracking), trees_bundle())
    folder = tracking.resolve("models:/absence-risk/1").folder
    (folder / "model.txt").write_bytes(b"tree\n")
    assert tracking.resolve("models:/absence-risk/1").load().hash == trees_bundle().hash


def test_an_artefact_altered_in_the_registry_is_refused_before_it_is_parsed(
    tracking: Tracking, tmp_path: Path
) -> None:
    tracking.register(_run(tracking), trees_bundle())
    [kept] = (tracking.folder / "artifacts" / "models").rglob("artifacts/bundle")
    other = replace(trees_bundle(), name="another").save(tmp_path / "another")
    shutil.rmtree(kept)
    shutil.copytree(other, kept)
    with pytest.raises(BundleError, match="not the model that was registered"):
        tracking.resolve("models:/absence-risk/1")
    assert not (tracking.folder / "fetched" / trees_bundle().hash).exists()
    with pytest.raises(BundleError):
        tracking.promote(1)


@pytest.mark.parametrize(
    "place", ["http://store.example:9/m", "file://store.example/m", "mlflow-artifacts://a:9/m"]
)
def test_a_record_that_leads_elsewhere_is_refused_before_anything_is_asked(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    tracking.register(_run(tracking), trees_bundle())
    with sqlite3.connect(tracking.database) as con:
        con.execute("UPDATE model_versions SET source = ?, storage_location = ?", (place, place))
    con.close()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(BundleError, match="nothing was fetched"):
        tracking.resolve("models:/absence-risk/1")
    assert not list((tracking.folder / "fetched").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="pipes and links are POSIX here")
def test_pipes_and_links_among_the_artefacts_are_neither_waited_for_nor_followed(tracking: Tracking) -> None:
    tracking.register(_run(tracking), trees_bundle())
    [kept] = (tracking.folder / "artifacts" / "models").rglob("artifacts/bundle")
    (kept / "tables.bin").rename(tracking.folder / "outside")
    for trap in (os.mkfifo, lambda path: path.symlink_to(tracking.folder / "outside")):
        trap(kept / "tables.bin")
        with pytest.raises(BundleError, match="no ordinary file"):
            tracking.resolve("models:/absence-risk/1")
        (kept / "tables.bin").unlink()


def test_a_run_keeps_the_bundle_it_is_about_whatever_lies_where_that_was_saved(
    tracking: Tracking, tmp_path: Path
) -> None:
    saved = trees_bundle().save(tmp_path / "saved", extras={"card.md": "# A card\n"})
    run_id = _run(tracking)
    artefacts = tracking.folder / "artifacts" / run_id / "artifacts" / "bundle"
    assert {p.name: p.read_bytes() for p in artefacts.iterdir()} == {
        p.name: p.read_bytes() for p in saved.iterdir()
    }


def test_mlflow_itself_opens_no_pickle_in_our_process(tracking: Tracking, tmp_path: Path) -> None:
    """Whoever loads a model with MLflow after us meets the closed switch; what was planted does not run."""
    assert tracking.client is not None
    import cloudpickle
    import mlflow.pyfunc

    mark = tmp_path / "mark"

    class Sprung:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (mark,))

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "python_model.pkl").write_bytes(cloudpickle.dumps(Sprung()))
    (tmp_path / "model" / "MLmodel").write_text(
        "flavors:\n  python_function:\n    cloudpickle_version: 3.1.2\n    loader_module: mlflow.pyfunc.model\n"
        "    python_model: python_model.pkl\n    python_version: 3.11.0\nmlflow_version: 3.17.2\n",
        encoding="utf-8",
    )
    with pytest.raises(Exception, match=r"(?i)pickle|deserializ"):
        mlflow.pyfunc.load_model(str(tmp_path / "model"))
    assert not mark.exists()


@pytest.mark.parametrize("tag", ["", "../../outside", "0" * 63])
def test_a_version_without_a_hash_cannot_be_trusted(tracking: Tracking, tag: str) -> None:
    tracking.register(_run(tracking), trees_bundle())
    tracking.client.set_model_version_tag("absence-risk", "1", HASH_TAG, tag)
    with pytest.raises(BundleError, match="recorded no hash"):
        tracking.resolve("models:/absence-risk/1")


@pytest.mark.parametrize(
    "model", ["models:/absence-risk@champion", "models:/absence-risk/7", "models:/other/1"]
)
def test_a_model_that_is_not_registered_is_said_so(tracking: Tracking, model: str) -> None:
    with pytest.raises(UsageError, match="has no models:/"):
        tracking.resolve(model)
    with pytest.raises(UsageError):
        tracking.promote(7)


@pytest.mark.parametrize(
    "model", ["models:/", "models:/absence-risk", "models:/a/b", "models:/@x", "models:/a/1/2"]
)
def test_a_name_of_another_form_is_refused_with_the_right_forms(model: str) -> None:
    with pytest.raises(UsageError, match="champion or models:/absence-risk/3"):
        parse_model(model)


def test_a_folder_is_resolved_without_any_registry(tmp_path: Path) -> None:
    tracking = Tracking(None, tmp_path / "mlflow")
    assert tracking.resolve(str(tmp_path / "bundle")) == (tmp_path / "bundle", None, "bundle")
    assert not (tmp_path / "mlflow").exists()


def test_the_registered_model_gives_the_same_risks_with_reasons_in_mlflow(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking.register(_run(tracking), trees_bundle())
    quiet_mlflow()
    import mlflow.pyfunc

    [place] = (tracking.folder / "artifacts" / "models").glob("*/artifacts")
    loaded = mlflow.pyfunc.load_model(str(place))
    X = parts().later[:40]
    found = loaded.predict(X.iloc[:, ::-1], params={"as_of": "2026-10-31"})
    assert np.array_equal(found["risk"].to_numpy(), trees_bundle().risk(X))
    assert found["band"].tolist() == trees_bundle().band(trees_bundle().risk(X)).tolist()
    assert list(found.columns) == ["risk", "band", "reasons_up", "reasons_down", "data_flags"]
    assert found["reasons_up"].str.len().gt(0).any() and "2025/26" in " ".join(found["reasons_up"])
    unknown = X[:1].assign(**{name: np.nan for name in X.columns if "suspension" in name})
    unknown["permanent_exclusions"] = np.nan
    assert loaded.predict(unknown)["data_flags"].tolist() == ["no records of suspensions held"]


def test_the_stored_model_holds_no_pickle_and_no_example(tracking: Tracking) -> None:
    tracking.register(_run(tracking), trees_bundle())
    files = [p for p in (tracking.folder / "artifacts").rglob("*") if p.is_file()]
    assert not [p for p in files if p.suffix in (".pkl", ".joblib", ".skops") or "example" in p.name]
    for path in files:
        if path.name == "tables.bin":  # a line of JSON, then numbers alone
            assert path.read_bytes().startswith(b'{"about":"absence_risk compiled trees"')
        else:
            path.read_bytes().decode("utf-8")
    about = next(p for p in files if p.name == "MLmodel").read_text(encoding="utf-8")
    assert "unauthorised_rate" in about and '"type": "double"' in about


@pytest.mark.parametrize("address", ["mlruns", "./mlruns", "file:///somewhere"])
def test_a_plain_folder_is_no_tracking_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sqlite:///FILE"):
        Tracking(address, tmp_path)


def test_the_environments_address_is_respected_and_the_stated_one_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://tracking.example")
    assert Tracking(None, tmp_path).uri == "https://tracking.example"
    assert Tracking("sqlite:///a.db", tmp_path).uri == "sqlite:///a.db"


def test_a_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    tracking = Tracking(f"postgresql://ann:{SENTINEL}@host/db", tmp_path)
    assert tracking.shown == "postgresql://host/db"


def test_a_file_that_is_no_store_is_one_of_our_faults(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(SENTINEL.encode() * 1000)
    with pytest.raises(OutputError, match="MLflow could not open its store") as caught:
        Tracking(None, tmp_path).client  # noqa: B018
    assert SENTINEL not in str(caught.value) and caught.value.__suppress_context__
    assert (tmp_path / "mlflow.db").read_bytes().startswith(SENTINEL.encode())
