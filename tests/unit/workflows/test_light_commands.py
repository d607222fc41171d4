"""The commands that run every week load what they use and no more: each of these costs a second or two to load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from small_authority import Authority

#: Neither scoring from a bundle's folder nor the list needs any of them. Models are fitted and judged with them.
UNNEEDED = (
    "absence_risk.tracking",
    "interpret",
    "lightgbm",
    "matplotlib",
    "mlflow",
    "pyspark",
    "scipy.stats",
    "shap",
    "sklearn",
    "statsmodels",
)
RUN = """
import sys
from absence_risk.cli import app
for command in sys.argv[2].split("; "):
    app(command.split(), standalone_mode=False)
    print("loaded:", [name for name in sys.argv[1].split() if name in sys.modules])
"""
COMMANDS = (
    "score --store STORE --model bundle --as-of 2026-10-31 --out scores.parquet",
    "list --scores scores.parquet --store STORE --out list --capacity 20 --owner Team --expires 2099-02-12",
)


def test_scoring_from_a_bundles_folder_and_the_list_load_nothing_that_only_training_needs(
    authority: Authority, tmp_path: Path
) -> None:
    authority.bundle.save(tmp_path / "bundle")
    asked = "; ".join(COMMANDS).replace("STORE", authority.store.path.as_posix())
    command = [sys.executable, "-c", RUN, " ".join(UNNEEDED), asked]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    said = [line for line in ran.stdout.splitlines() if line.startswith("loaded:")]
    assert said == ["loaded: []"] * len(COMMANDS)
    assert (tmp_path / "list" / "index.html").is_file()
