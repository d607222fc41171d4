"""Whether a long command has anything to do: asked by the command line before it begins.

A recipe called from Python always does its work, since whoever calls it wants what it returns. Where a command's output
stands whole, made of the same, and everything after it was done too, the command ends here: nothing is read twice, no
test year is opened again, and no second run stands in MLflow.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AbsenceRiskError
from .already_there import MADE_OF, MADE_OF_FILE, in_words, name_of_work, stands
from .exclusions import exclusions_of, notes_on
from .tracked import tracking_for
from .train import bundle_folder, origin_of

if TYPE_CHECKING:
    from ..returns.pupil_files import Exclusions
    from ..settings import Settings


def ingested_already(returns: Path, store: Path, *, key_file: Path | None) -> str | None:
    """What is told where these returns stand in the store already, beside its lookup; None where they are to be read.

    Parameters are those of ``ingest.run_ingest``.
    """
    from ..files import settled, sha256_of
    from ..returns.identity import read_key
    from ..returns.quality import quality_paths
    from ..store import Store, lookup_path
    from .ingest import name_of_returns

    page, record = quality_paths(store)
    key = read_key(key_file)
    try:
        said = json.loads(settled(store).with_name(record.name).read_bytes())
        name = name_of_returns(returns, key.key_id)
        if not page.is_file() or not said["ingested"] or not name or said[MADE_OF] != name:
            return None
        with Store(store) as opened:
            whole = opened.fingerprint == said["store_fingerprint"]
        if not whole or sha256_of(lookup_path(store)) != said["lookup_sha256"]:
            return None
    except (AbsenceRiskError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return f"{in_words(store)}; what was read is in {page}"


def trained_already(
    store: Path,
    settings: Settings,
    *,
    out: Path | None,
    tracking: str | None,
    exclusions: Path | None,
    today: date,
) -> str | None:
    """What is told where the very model asked for stands saved and registered; None where it is to be trained.

    Parameters are those of ``train.run_train``.
    """
    from ..models.bundle import Bundle

    folder = bundle_folder(store, settings, out)
    beside = folder / MADE_OF_FILE
    if not beside.is_file():
        return None
    left_out = exclusions_of(store, exclusions, today)
    try:
        if beside.read_text(encoding="ascii").strip() != _name("model", store, left_out, settings):
            return None
        registry, bundle = tracking_for(store, tracking), Bundle.load(folder)
        version = registry.version_of(bundle.hash)
        if version is None or registry.champion() is None:
            return None
    except (AbsenceRiskError, OSError, ValueError):
        return None
    return _told(left_out, f"{in_words(folder)}; registered as absence-risk version {version}")


def backtested_already(
    store: Path,
    settings: Settings,
    *,
    out: Path,
    tracking: str | None,
    model: str | None,
    keep_final_closed: bool,
    exclusions: Path | None,
    today: date,
) -> str | None:
    """What is told where the evidence asked for stands whole and recorded; None where it is to be made.

    Parameters are those of ``backtest.run_backtest``.
    """
    if model is not None:  # whether the evidence is about that very model is for the backtest to say
        return None
    left_out = exclusions_of(store, exclusions, today)
    name = _name("evidence", store, left_out, settings, keep_final_closed=keep_final_closed)
    if stands(out, name) is None:
        return None
    run_id = tracking_for(store, tracking).finished_run(MADE_OF, name)
    return None if run_id is None else _told(left_out, f"{in_words(out)}; recorded as run {run_id} in MLflow")


def _name(kind: str, store: Path, left_out: Exclusions, settings: Settings, **more: bool) -> str:
    from ..store import Store

    with Store(store) as opened:
        return name_of_work(kind, origin_of(opened, left_out), settings, **more)


def _told(left_out: Exclusions, words: str) -> str:
    return "\n".join((*notes_on(left_out), words))
