"""Every step from returns to list in a process of its own, and the hash of every output, for tests of same bytes.

Called as ``python one_whole_path.py RETURNS FOLDER THREADS``; RETURNS may be a store, which is then not ingested.
Prints one line of JSON: the name of each output and its hash.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

AS_OF, TODAY, EXPIRES = date(2026, 10, 31), date(2026, 11, 2), date(2027, 2, 12)

#: A key that is nobody's: the same pseudonyms in every case.
KEY = hashlib.sha256(b"a key of tests").hexdigest()


def with_threads(threads: int) -> None:
    """Give the database, the loops and OpenMP this many threads, before any of them is loaded."""
    import os

    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    import duckdb

    plain = duckdb.connect

    def connect(*given: Any, **named: Any) -> Any:
        return plain(*given, **{**named, "config": {**named.get("config", {}), "threads": threads}})

    duckdb.connect = connect  # type: ignore[assignment]


def small_settings() -> Any:
    """Settings of a model that a few hundred pupils can teach."""
    from absence_risk.settings import read_settings
    from absence_risk.workflows.shipped_configs import config_path

    settings = read_settings(config_path("with_attendance"))
    trees = settings.boosting.model_copy(update={"leaves": 4, "trees": 20, "smallest_leaf": 20})
    return settings.model_copy(update={"capacity": 20, "boosting": trees})


def ingested(returns: Path, folder: Path) -> Path:
    """The store of a folder of returns."""
    from absence_risk.workflows.ingest import run_ingest

    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(KEY, encoding="ascii")
    store = folder / "a.duckdb"
    run_ingest(returns, store, key_file=key)
    return store


def make_everything(store: Path, folder: Path, model: Path | None) -> None:
    """Scores and list of a store; without a model, the model first, and all that can be made beside them."""
    from absence_risk.workflows.score import run_score
    from absence_risk.workflows.support_list import run_list

    if model is None:
        model = made_besides(store, folder)
    run_score(store, model, AS_OF, folder / "scores.parquet", today=TODAY)
    terms = {"capacity": 20, "owner": "Early Help", "expires": EXPIRES, "today": TODAY}
    run_list(folder / "scores.parquet", store, folder / "list", **terms)


def made_besides(store: Path, folder: Path) -> Path:
    """Tables, a model, features, rows explained, and scores as CSV; returns the model."""
    from absence_risk.workflows.export_tables import run_export_tables
    from absence_risk.workflows.features import run_features
    from absence_risk.workflows.score import run_score
    from absence_risk.workflows.score_features import run_score_features
    from absence_risk.workflows.train import run_train

    run_export_tables(store, folder / "tables", 3)
    model = run_train(store, small_settings(), out=folder / "model", today=TODAY).bundle
    facts = run_features(store, AS_OF, folder / "features.parquet", today=TODAY).out
    run_score_features(facts, model, folder / "explained.parquet")
    run_score(store, model, AS_OF, folder / "scores.csv", today=TODAY)
    return model


def hashes(store: Path, folder: Path) -> dict[str, str]:
    """The hash of every output; of the store, which is a database, the fingerprint of its rows."""
    from absence_risk.files import sha256_of
    from absence_risk.store import Store, lookup_path

    found = {"lookup": sha256_of(lookup_path(store))}
    with Store(store) as opened:
        found["store"] = opened.fingerprint
    for top in ("tables", "model", "list", "features.*", "explained.*", "scores.*"):
        for place in sorted(folder.glob(top)):
            files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
            found |= {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    return found


def main(given: str, out: str, threads: str, model: str = "") -> None:
    with_threads(int(threads))
    folder, source = Path(out), Path(given)
    folder.mkdir(parents=True, exist_ok=True)
    store = ingested(source, folder) if source.is_dir() else source
    make_everything(store, folder, Path(model) if model else None)
    print(json.dumps(hashes(store, folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
