"""Every notebook runs from top to bottom, on a small made-up authority, and defines no function of its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_from_top_to_bottom(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jupytext
    from nbclient import NotebookClient

    monkeypatch.setenv("ABSENCE_RISK_NOTEBOOK_PUPILS", "1500")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    notebook = jupytext.read(path)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    printed = "".join(o.get("text", "") for cell in notebook.cells for o in cell.get("outputs", []))
    assert "Wrote" in printed and re.search(r"ight(ly listed)? of \d+", printed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_defines_no_function_and_closes_with_what_may_be_concluded(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Lambda))
    ]
    assert "may and may not conclude" in text.rpartition("# %% [markdown]")[2]
