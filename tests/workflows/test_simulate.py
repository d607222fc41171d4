"""Made-up returns never mix with others, and an earlier simulation is replaced as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from absence_risk.errors import UsageError
from absence_risk.store import create_store
from absence_risk.workflows.demo import run_demo
from absence_risk.workflows.simulate import run_simulate


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_with_other_files_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "returns"
    folder.mkdir()
    (folder / "2025_spring_pupilonroll.csv").write_text("real", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other files"):
        run_simulate(folder, pupils=300, years=1)
    assert files_of(folder) == {"2025_spring_pupilonroll.csv": b"real"}


def test_a_demonstration_never_replaces_a_real_store(tmp_path: Path) -> None:
    store = tmp_path / "authority.duckdb"
    with create_store(store, {"key_id": "k", "made_up": "no"}):
        pass
    before = files_of(tmp_path)
    with pytest.raises(UsageError, match="give another --out"):
        run_demo(tmp_path)
    assert files_of(tmp_path) == before


def test_a_second_simulation_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    run_simulate(tmp_path / "again", pupils=300, years=2, seed=5)
    result = run_simulate(tmp_path / "again", pupils=300, years=1, seed=6)
    run_simulate(tmp_path / "once", pupils=300, years=1, seed=6)
    assert files_of(tmp_path / "again") == files_of(tmp_path / "once")
    assert result.folder == tmp_path / "again"
