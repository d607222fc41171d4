"""What stands of each command's output, read by its own reader, in hashes; and the next writer, who tidies up."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from absence_risk.decisions.register import Register
from absence_risk.files import settled, sha256_of, sidecar_manifest, whole_file, whole_files, whole_folder
from absence_risk.models.bundle import Bundle
from absence_risk.returns.quality import quality_paths
from absence_risk.scored_file import read_scores
from absence_risk.store import Store, lookup_path
from absence_risk.workflows.list_at_hand import read_list_manifest

#: What an output is, in hashes; empty where there is none.
Signature = dict[str, str]


class Stop(Exception):
    """The next writer begins, and gives up at once."""


def ingested(root: Path) -> Signature:
    store = settled(root / "a.duckdb")
    beside = {
        path.name: sha256_of(path) for path in (lookup_path(store), *quality_paths(store)) if path.exists()
    }
    if not store.exists():
        return beside
    with Store(store) as opened:
        assert opened.rows()["pupils"]
        return {**beside, store.name: opened.fingerprint}


def scored(root: Path) -> Signature:
    path = settled(root / "scores.parquet")
    beside = sidecar_manifest(path)
    found = {name.name: sha256_of(name) for name in (path, beside) if name.exists()}
    return found if not found or len(read_scores(path).frame) else {}


def _tree(folder: Path) -> Signature:
    return {p.relative_to(folder).as_posix(): sha256_of(p) for p in folder.rglob("*") if p.is_file()}


def listed(root: Path) -> Signature:
    folder = settled(root / "list")
    if folder.exists():
        name = str(read_list_manifest(folder)["list_id"])
        with Register(root / "decisions.sqlite", must_exist=True) as register:
            assert register.entry(name) is not None, "a list that the register does not know of"
    return _tree(folder)


def decided(root: Path) -> Signature:
    with Register(root / "decisions.sqlite", must_exist=True) as register:
        (entry,) = register.lists()
        return {ref: str(found) for ref, found in register.standing(entry.list_id).items()}


def trained(root: Path) -> Signature:
    folder = settled(root / "model")
    if folder.exists():
        Bundle.load(folder)
    return _tree(folder)


READERS = {"ingest": ingested, "score": scored, "list": listed, "decisions": decided, "train": trained}


def next_writer(command: str, root: Path) -> None:
    """Take the turn as the next run would, and give it back: what a killed run left must be gone."""
    sets: dict[str, Any] = {
        "ingest": lambda: whole_files(root / "a.duckdb"),
        "score": lambda: whole_files(root / "scores.parquet"),
        "list": lambda: whole_folder(root / "list"),
        "train": lambda: whole_folder(root / "model"),
    }
    if command in sets:
        # The register beside a list and the logbook of a training have writers of their own, who take their turns too.
        beside = {"train": "a.logbook.jsonl", "list": "decisions.sqlite"}
        own = [lambda: whole_file(root / beside[command])] if command in beside else []
        for writer in (sets[command], *own):
            with contextlib.suppress(Stop), writer():
                raise Stop
        assert not hidden(root)


def hidden(root: Path) -> list[str]:
    """What a run has left in a folder under names of its own."""
    return sorted(path.name for path in root.iterdir() if path.name.startswith("."))


def everything(root: Path, command: str) -> Signature:
    """Every file under its name, but what a run may leave on purpose: locks, and lines of the logbook and MLflow."""
    tree = _tree(root)
    kept = (".lock", "-journal", ".logbook.jsonl")
    return {
        name: found
        for name, found in tree.items()
        if not name.endswith(kept) and not name.startswith("mlflow/")
    }
