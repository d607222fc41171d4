"""What a command finds done already, before it begins: the model, the evidence, the store."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from small_authority import Authority

from absence_risk.files import whole_folder, write_manifest
from absence_risk.returns.identity import new_key_file
from absence_risk.returns.pupil_files import NOBODY
from absence_risk.settings import Settings, read_settings
from absence_risk.tracking import Tracking
from absence_risk.workflows.already_there import MADE_OF, MADE_OF_FILE, name_of_work
from absence_risk.workflows.ingest import name_of_returns, run_ingest
from absence_risk.workflows.nothing_to_do import backtested_already, ingested_already, trained_already
from absence_risk.workflows.shipped_configs import config_path
from absence_risk.workflows.tracked import tracking_for
from absence_risk.workflows.train import origin_of

TODAY = date(2026, 11, 2)
ALREADY = "Already there, nothing written"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return read_settings(config_path("four_factors"))


@pytest.fixture(scope="module")
def tracking(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Tracking]:
    """A tracking store of this file's own, and its address."""
    address = f"sqlite:///{(tmp_path_factory.mktemp('mlflow') / 'mlflow.db').as_posix()}"
    return address, tracking_for(authority.store.path, address)


def test_a_model_is_trained_again_until_it_is_saved_whole_and_registered_and_champion(
    authority: Authority, settings: Settings, tracking: tuple[str, Tracking], tmp_path: Path
) -> None:
    address, registry = tracking
    out, store = tmp_path / "model", authority.store.path
    how: dict[str, Any] = {"out": out, "tracking": address, "exclusions": None, "today": TODAY}
    assert trained_already(store, settings, **how) is None
    name = name_of_work("model", origin_of(authority.store, NOBODY), settings)
    authority.bundle.save(out, extras={MADE_OF_FILE: f"{name}\n".encode("ascii")})
    assert trained_already(store, settings, **how) is None
    run = registry.log_training("small", params={}, measures={}, bundle=authority.bundle)
    version = registry.register(run, authority.bundle)
    assert trained_already(store, settings, **how) is None
    registry.promote(version)
    said = trained_already(store, settings, **how)
    assert said is not None and ALREADY in said and f"version {version}" in said
    other = settings.model_copy(update={"capacity": settings.capacity + 1})
    assert trained_already(store, other, **how) is None
    (out / "bundle.json").write_bytes(b"{}")
    assert trained_already(store, settings, **how) is None


def test_a_model_registered_again_keeps_its_version_unless_its_files_are_lost(
    authority: Authority, tracking: tuple[str, Tracking], tmp_path: Path
) -> None:
    _, registry = tracking
    bundle = replace(authority.bundle, name="another")
    versions = []
    for _ in range(2):
        run = registry.log_training("small", params={}, measures={}, bundle=bundle)
        versions.append(registry.register(run, bundle))
    assert versions[0] == versions[1] == registry.version_of(bundle.hash)
    assert registry.version_of("0" * 64) is None
    shutil.rmtree(registry.folder / "fetched" / bundle.hash)
    shutil.rmtree(_artefacts(registry, versions[0]))
    assert registry.version_of(bundle.hash) is None
    assert registry.register(run, bundle) > versions[0]


def _artefacts(registry: Tracking, version: int) -> Path:
    """Where the files of a registered version stand."""
    place = registry.client.get_model_version_download_uri("absence-risk", str(version))
    return Path(unquote(urlsplit(place).path))


def test_evidence_is_made_again_until_it_stands_whole_and_its_run_is_recorded(
    authority: Authority, settings: Settings, tracking: tuple[str, Tracking], tmp_path: Path
) -> None:
    address, registry = tracking
    out, store = tmp_path / "evidence", authority.store.path
    how: dict[str, Any] = {
        "out": out, "tracking": address, "model": None, "keep_final_closed": False, "exclusions": None, "today": TODAY,
    }  # fmt: skip
    origin = origin_of(authority.store, NOBODY)
    name = name_of_work("evidence", origin, settings, keep_final_closed=False)
    assert backtested_already(store, settings, **how) is None
    with whole_folder(out) as folder:
        (folder / "report.html").write_text("a report", encoding="utf-8")
        write_manifest(folder, {MADE_OF: name})
    assert backtested_already(store, settings, **how) is None
    tags = {MADE_OF: name}
    run = registry.log_backtest(
        "small", params={}, tables={}, files={}, children={"2024/25 logistic": {"roc_auc": 0.8}}, tags=tags
    )
    said = backtested_already(store, settings, **how)
    assert said is not None and ALREADY in said and run in said
    assert backtested_already(store, settings, **{**how, "keep_final_closed": True}) is None
    assert backtested_already(store, settings, **{**how, "model": "models:/absence-risk/1"}) is None
    (out / "report.html").write_text("another report", encoding="utf-8")
    assert backtested_already(store, settings, **how) is None


def _census(folder: Path) -> Path:
    """One census with one pupil on one school's roll."""
    head = "NativeId,schoolcensustableid"
    files = {
        "schoolcensus": f"{head},term,year,referencedate,lea,estab,urn,collectiondate\n"
        "s,h,AUT,2024,2024-Oct-03 00:00:00,901,2001,100001,\n",
        "pupilonroll": f"{head},pupilonrolltableid,pupilonrollorderseqcolumn,upn,formerupn,dob,sex,entrydate,"
        "enrolstatus,ncyearactual,surname,forename\n"
        "s,h,p,1,P901000120001,,2013-Mar-05 00:00:00,F,2020-Sep-01 00:00:00,C,7,Doe,A\n",
    }
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"2024_autumn_{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_returns_are_read_again_where_one_byte_or_name_the_store_or_the_key_is_another(
    tmp_path: Path,
) -> None:
    returns, store, key = tmp_path / "returns", tmp_path / "out" / "a.duckdb", tmp_path / "key"
    _census(returns / "2024_autumn")
    new_key_file(key)
    new_key_file(tmp_path / "other key")
    assert ingested_already(returns, store, key_file=key) is None
    run_ingest(returns, store, key_file=key)
    said = ingested_already(returns, store, key_file=key)
    assert said is not None and ALREADY in said and "a.quality.html" in said
    assert ingested_already(returns, store, key_file=tmp_path / "other key") is None
    file = returns / "2024_autumn" / "2024_autumn_pupilonroll.csv"
    file.rename(file.with_name("2024_autumn_b.csv"))
    assert ingested_already(returns, store, key_file=key) is None
    file.with_name("2024_autumn_b.csv").rename(file)
    assert ingested_already(returns, store, key_file=key) is not None
    file.write_text(file.read_text(encoding="utf-8").replace(",7,", ",8,"), encoding="utf-8")
    assert ingested_already(returns, store, key_file=key) is None
    file.write_text(file.read_text(encoding="utf-8").replace(",8,", ",7,"), encoding="utf-8")
    lookup = tmp_path / "out" / "a.upn-lookup.parquet"
    lookup.write_bytes(lookup.read_bytes() + b" ")
    assert ingested_already(returns, store, key_file=key) is None


def test_returns_that_cannot_be_read_have_no_name(tmp_path: Path) -> None:
    assert name_of_returns(tmp_path / "nowhere", "k") == ""
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns" / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    assert name_of_returns(tmp_path / "returns", "k") == ""
