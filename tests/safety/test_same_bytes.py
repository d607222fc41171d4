"""Same input, same bytes: threads, order of files, rows and columns, place, language and clock change no output.

What differs on purpose: the ids of MLflow's runs, the days in the store's logbook, the day on which a list is made (it
is an argument, and part of the list), and the store itself, whose file is a database; its rows are the same.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from one_whole_path import hashes, make_everything
from shuffled_returns import shuffled_returns
from small_authority import Authority, fit_bundle, write_store

from absence_risk.models.boosting import TreeShape, fit_boosting
from absence_risk.store import Store, connect, create_store, lookup_path
from absence_risk.tables.canonical import CANONICAL_TABLES

Counted = Callable[[str, int, int], None]
Hashes = dict[str, str]

SUITE = "same bytes"
SCRIPT = Path(__file__).with_name("one_whole_path.py")

#: Another clock, language, order of hashes, rights of new files, and width of the terminal.
ELSEWHERE = {
    "TZ": "Pacific/Auckland", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7", "COLUMNS": "40",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with write_store(tmp_path_factory.mktemp("small") / "a.duckdb") as store:
        bundle = fit_bundle(store)
        bundle.save(store.path.parent / "model")
        yield Authority(store, bundle)


@pytest.fixture(scope="module")
def expected(small: Authority, tmp_path_factory: pytest.TempPathFactory) -> Hashes:
    """What two threads make of the small store here."""
    folder = tmp_path_factory.mktemp("here")
    make_everything(small.store.path, folder, small.store.path.parent / "model")
    return hashes(small.store.path, folder)


def told(
    given: Path, out: Path, threads: int, model: Path | str = "", **how: Any
) -> subprocess.CompletedProcess[str]:
    """Every step in a process of its own."""
    command = [sys.executable, str(SCRIPT), str(given), str(out), str(threads), str(model)]
    env = {**os.environ, **how.pop("env", {})}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, **how)


def made(*given: Any, **how: Any) -> Hashes:
    run = told(*given, **how)
    assert run.returncode == 0, run.stderr[-2_000:]
    found: Hashes = json.loads(run.stdout)
    return found


def count_same(counted: Counted, found: Hashes, expected: Hashes) -> None:
    differ = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    print("differ:", differ)
    counted(SUITE, len(expected.keys() | found.keys()), len(expected.keys() | found.keys()) - len(differ))


def filled_in_another_order(store: Path, other: Path) -> Path:
    """A store with the same rows in another order, its lookup beside it."""
    with create_store(other, {"key_id": "k"}) as con:
        con.execute(f"ATTACH '{store}' AS first (READ_ONLY)")
        for name in CANONICAL_TABLES:
            con.execute(
                f'INSERT INTO "{name}" SELECT * FROM first."{name}" AS t ORDER BY hash(t), hash(t, 7)'
            )
        con.execute("DETACH first")
    shutil.copy(lookup_path(store), lookup_path(other))
    return other


def test_rows_in_another_order_on_one_thread_elsewhere_make_the_same_bytes(
    small: Authority, expected: Hashes, tmp_path: Path, counted: Counted
) -> None:
    other = filled_in_another_order(small.store.path, tmp_path / "a.duckdb")
    with connect(small.store.path, read_only=True) as one, connect(other, read_only=True) as two:
        first, second = (con.execute("SELECT pupil_id FROM pupils").fetchall() for con in (one, two))
    assert first != second and sorted(first) == sorted(second)
    model = small.store.path.parent / "model"
    found = made(other, tmp_path / "out", 1, model, env=ELSEWHERE, cwd=tmp_path, umask=0)
    count_same(counted, found, expected)


def test_one_two_and_four_threads_grow_the_same_trees_and_explain_alike(
    small: Authority, counted: Counted
) -> None:
    rng = np.random.default_rng(1)
    features = small.bundle.features
    X = pd.DataFrame({f.name: rng.integers(0, 2, 2_000).astype(float) for f in features})
    y = (rng.random(2_000) < 0.2 + 0.4 * X.iloc[:, 0]).astype(int)
    found = []
    for threads in (1, 2, 4):
        trees = fit_boosting(X, y, features, TreeShape(trees=10, smallest_leaf=20), num_threads=threads)
        parts, base, margin = small.bundle.model.explained(X.to_numpy(), num_threads=threads)
        found.append((trees.files(), parts.tobytes(), base, margin.tobytes()))
    counted(SUITE, len(found), sum(one == found[0] for one in found))


# The whole path from returns: one authority, made once, told in many ways.


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from absence_risk.workflows.simulate import run_simulate

    folder = tmp_path_factory.mktemp("authority") / "returns"
    run_simulate(folder, pupils=300, years=5, seed=1)
    return folder


@pytest.fixture(scope="module")
def from_returns(returns: Path, tmp_path_factory: pytest.TempPathFactory) -> Hashes:
    return made(returns, tmp_path_factory.mktemp("first") / "out", 2)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_no_byte_from_returns_to_list(
    returns: Path, from_returns: Hashes, tmp_path: Path, counted: Counted, threads: int
) -> None:
    count_same(counted, made(returns, tmp_path / "out", threads), from_returns)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_files_rows_and_columns_in_another_order_change_no_byte_from_returns_to_list(
    returns: Path, from_returns: Hashes, tmp_path: Path, counted: Counted, seed: int
) -> None:
    other = shuffled_returns(returns, tmp_path / "returns", seed)
    count_same(counted, made(other, tmp_path / "out", 2), from_returns)


@pytest.mark.slow
def test_clock_language_hashes_rights_and_folder_change_no_byte_from_returns_to_list(
    returns: Path, from_returns: Hashes, tmp_path: Path, counted: Counted
) -> None:
    found = made(returns, tmp_path / "out", 2, env=ELSEWHERE, cwd=tmp_path, umask=0)
    count_same(counted, found, from_returns)


@pytest.mark.slow
def test_a_killed_run_changes_no_byte_of_the_next_one(
    returns: Path, from_returns: Hashes, tmp_path: Path, counted: Counted
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, str(SCRIPT), str(returns), str(out), "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        while not (out / "tables").is_dir() and killed.poll() is None:
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
    assert not (out / "list").exists()
    count_same(counted, made(returns, out, 2), from_returns)
    with Store(out / "a.duckdb") as store:
        assert store.fingerprint == from_returns["store"]
