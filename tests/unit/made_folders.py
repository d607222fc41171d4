"""Small folders of evidence, as a backtest leaves them, with draws that can be reckoned by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from absence_risk.files import canonical_json, whole_folder, write_manifest

FOUND = [90.0, 95.0, 100.0, 105.0, 110.0]


def about_with(**changed: Any) -> dict[str, Any]:
    """The facts of a run, some of them changed."""
    plain: dict[str, Any] = {
        "name": "four_factors", "candidate": "boosting", "families": ["suspensions", "social_care"],
        "outcome": {"name": "unauthorised", "threshold": "1/10"}, "as_of": {"month": 10, "day": 31}, "capacity": 150,
        "rounds": 5, "seed": 1, "store_fingerprint": "a" * 64,
    }  # fmt: skip
    return plain | changed


def draws_of(**columns: Any) -> pd.DataFrame:
    """Draws by ``year|rival|measure``, written here as ``y2024__boosting__found_at_capacity``."""
    frame = pd.DataFrame(
        {"2024/25|boosting|found_at_capacity": FOUND, "2024/25|logistic|found_at_capacity": FOUND}
    )
    for name, values in columns.items():
        year, rival, measure = name.removeprefix("y").split("__")
        frame[f"{year}/{int(year) % 100 + 1}|{rival}|{measure}"] = np.asarray(values, dtype="float64")
    return frame


def write_folder(
    folder: Path, about: dict[str, Any], draws: pd.DataFrame, *, kind: str = "evidence", values: Any = "100.0"
) -> Path:
    """A folder with facts, draws, the printed measures and a manifest."""
    rows = [
        dict(zip(("year", "rival", "measure"), str(name).split("|"), strict=True)) for name in draws.columns
    ]
    with whole_folder(folder) as partial:
        (partial / "tables").mkdir()
        (partial / "inside" / "refits").mkdir(parents=True)
        (partial / "inside" / "refits" / "01.txt").write_bytes(b"tree\n")
        (partial / "about.json").write_bytes(canonical_json(about).encode("utf-8"))
        draws.to_parquet(partial / "inside/draws.parquet", index=False)
        table = pd.DataFrame(rows).assign(value=values, low=1.0, part="c")
        (partial / "tables" / "measures.csv").write_bytes(table.to_csv(index=False).encode("utf-8"))
        write_manifest(partial, {"kind": kind, "format": 1})
    return folder
