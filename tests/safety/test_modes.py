"""Whatever a command writes, only its owner may open: in the end, and at every moment on the way."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_authority import fit_bundle, write_store
from watching import made_below, open_to_others

from absence_risk.cli import main
from absence_risk.returns.identity import new_key_file
from absence_risk.workflows.simulate import run_simulate

pytestmark = pytest.mark.skipif(os.name != "posix", reason="on Windows a folder's rights decide")


def run(monkeypatch: pytest.MonkeyPatch, umask: int, *arguments: object) -> None:
    """A command as its process begins: with the rights that the system gives to new files."""
    monkeypatch.setattr(sys, "argv", ["absence-risk", *map(str, arguments)])
    monkeypatch.setenv("ABSENCE_RISK_TODAY", "2026-11-02")
    before = os.umask(umask)
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
    finally:
        os.umask(before)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its lookup and model, returns, and a key."""
    folder = tmp_path_factory.mktemp("given")
    with write_store(folder / "a.duckdb") as store:
        fit_bundle(store).save(folder / "model")
    run_simulate(folder / "returns", pupils=200, years=1, seed=2)
    for path in sorted((folder / "returns").glob("school_census/*"))[:-1]:
        shutil.rmtree(path)
    new_key_file(folder / "keys" / "a.key")
    return folder


def commands(given: Path, made: Path) -> Iterator[tuple[object, ...]]:
    store, day = ("--store", given / "a.duckdb"), ("--as-of", "2026-10-31")
    scores, listed = made / "deep" / "scores.parquet", made / "lists" / "one"
    yield "key", "new", made / "a" / "key"
    yield "simulate", made / "returns", "--pupils", 200, "--years", 1
    yield (
        "ingest",
        given / "returns",
        "--store",
        made / "b" / "a.duckdb",
        "--key-file",
        given / "keys" / "a.key",
    )
    yield "score", "--model", given / "model", *store, *day, "--out", scores
    yield "features", *store, *day, "--out", made / "features.parquet"
    yield (
        "score-features", "--features", made / "features.parquet", "--model", given / "model", "--out",
        made / "explained.parquet",
    )  # fmt: skip
    yield "export-tables", *store, "--out", made / "tables", "--buckets", 2
    yield (
        "list", "--scores", scores, *store, "--capacity", 8, "--owner", "Early Help", "--expires", "2027-02-12",
        "--out", listed,
    )  # fmt: skip
    yield "decisions", listed
    yield (
        "statement",
        "A-001",
        "--scores",
        scores,
        *store,
        "--list",
        listed,
        "--out",
        made / "s" / "statement.html",
    )
    yield "impact", *store, "--decisions", made / "lists" / "decisions.sqlite", "--out", made / "impact"
    yield (
        "key", "rotate", made / "a" / "key", *store, "--decisions", made / "lists" / "decisions.sqlite", "--out",
        made / "lists" / "new.sqlite",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_its_owner_may_open_what_a_command_makes_then_and_on_the_way(
    umask: int,
    given: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counted: Callable[[str, int, int], None],
) -> None:
    faulty: list[str] = []
    ran = 0
    for arguments in commands(given, tmp_path):
        with made_below(tmp_path) as exposed:
            run(monkeypatch, umask, *arguments)
        found = {*exposed, *open_to_others(tmp_path)}
        faulty += [f"{arguments[0]}: {name}" for name in sorted(found)]
        ran += 1
    assert not faulty, faulty
    counted("modes: commands", ran, ran)


@pytest.mark.slow
def test_called_from_python_the_writers_themselves_keep_others_out(given: Path, tmp_path: Path) -> None:
    """No command line stands before a notebook, so nothing may rest on what it sets."""
    from absence_risk.models.bundle import Bundle
    from absence_risk.workflows.export_tables import run_export_tables
    from absence_risk.workflows.ingest import run_ingest
    from absence_risk.workflows.score import run_score

    made, before = tmp_path, os.umask(0)
    try:
        with made_below(made) as exposed:
            run_ingest(given / "returns", made / "b" / "c" / "a.duckdb", key_file=given / "keys" / "a.key")
            run_score(given / "a.duckdb", given / "model", "2026-10-31", made / "d" / "scores.parquet")
            run_export_tables(given / "a.duckdb", made / "e" / "tables", 2)
            Bundle.load(given / "model").save(made / "f" / "model")
    finally:
        os.umask(before)
    assert not exposed and not open_to_others(made)


def test_the_watch_sees_what_is_open_for_a_moment_and_not_what_stands_in_a_closed_folder(
    tmp_path: Path,
) -> None:
    before = os.umask(0)
    try:
        with made_below(tmp_path) as exposed:
            (tmp_path / "closed").mkdir(mode=0o700)
            (tmp_path / "closed" / "inside").write_text("x", encoding="utf-8")
            (tmp_path / "open").write_text("x", encoding="utf-8")
            (tmp_path / "open").chmod(0o600)
            (tmp_path / "closed" / "last").write_text("x", encoding="utf-8")
    finally:
        os.umask(before)
    assert set(exposed) == {"open"}
    assert [line.split()[0] for line in open_to_others(tmp_path)] == ["closed/inside", "closed/last"]
