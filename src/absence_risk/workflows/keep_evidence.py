"""Write the evidence as one folder, record it in MLflow, and enter the gates in the store's logbook."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import canonical_json, whole_folder, write_manifest
from .already_there import MADE_OF

if TYPE_CHECKING:
    import pandas as pd

    from ..disclosure import DisclosurePolicy
    from ..evidence.refits import Refit
    from ..evidence.result import Evidence
    from ..models.bundle import Bundle
    from ..settings import Settings
    from ..tracking import Tracking

#: Said in the folder itself, for whoever is asked to send it on.
INSIDE_NOTE = """\
What stands in this folder stays inside the authority: models trained on its pupils, and draws of whole schools
from which small numbers could be worked back. The report, the model card and the tables beside it were made under
the disclosure policy that they state.
"""


def write_evidence(
    out: Path,
    evidence: Evidence,
    policy: DisclosurePolicy,
    bundle: Bundle,
    refits: Sequence[Refit],
    made_of: str = "",
) -> None:
    """Report, card, tables, draws and refits appear as one folder, whole or not at all; the manifest comes last.

    ``made_of`` names what it was made of (``already_there.made_of``).
    """
    from ..evidence.refits import INSIDE, write_refits
    from ..reports.briefing.page import evidence_files
    from .evidence_folder import ABOUT_FILE, DRAWS_FILE, FORMAT, KIND

    files = {
        **evidence_files(evidence, policy, bundle),
        ABOUT_FILE: canonical_json(dict(evidence.about)).encode("utf-8"),
        DRAWS_FILE: _parquet(evidence.draws),
        f"{INSIDE}/README.txt": INSIDE_NOTE.encode("utf-8"),
    }
    with whole_folder(out) as folder:
        for name, content in sorted(files.items()):
            (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        if refits:
            write_refits(folder, refits, bundle.hash)
        about = {"kind": KIND, "format": FORMAT, "bundle_sha256": bundle.hash, MADE_OF: made_of}
        write_manifest(folder, about)


def enter_gates(store: Path, evidence: Evidence, day: date) -> None:
    """Enter in the store's logbook how the model stood at each gate, so that `promote` and every list can read it."""
    from ..logbook import Logbook

    about = evidence.about
    Logbook(store).record_judged(
        str(about["bundle_sha256"]),
        model=str(about["name"]),
        capacity=int(about["capacity"]),
        outcome=str(about["outcome"]["name"]),
        gates=[{str(k): v for k, v in row.items()} for row in evidence.tables["gates"].to_dict("records")],
        evidence_sha256=digest_of(evidence),
        on=day,
    )


def digest_of(evidence: Evidence) -> str:
    """SHA-256 of the facts and every exact table: it names what the gates were judged on."""
    digest = hashlib.sha256(canonical_json(dict(evidence.about)).encode("utf-8"))
    for name, table in sorted(evidence.tables.items()):
        digest.update(f"{name}\n{table.to_csv(index=False, lineterminator=chr(10))}".encode())
    return digest.hexdigest()


def record_evidence(
    evidence: Evidence,
    policy: DisclosurePolicy,
    folder: Path,
    settings: Settings,
    tracking: Tracking,
    tags: Mapping[str, str] | None = None,
) -> str:
    """One parent run with a child per year and rival; every count goes through the disclosure policy first."""
    from ..evidence.tables import EVIDENCE_TABLES
    from ..reports.briefing.words import verdict
    from ..settings import flat_settings
    from .evidence_folder import recorded_files

    shown = {name: policy.apply(EVIDENCE_TABLES[name], table) for name, table in evidence.tables.items()}
    about = evidence.about
    return tracking.log_backtest(
        f"backtest {settings.name}",
        params=flat_settings(settings) | _stamps(about),
        tables=shown,
        files=recorded_files(folder),
        children=_children(shown["measures"]),
        tags={
            "bundle_sha256": str(about["bundle_sha256"]),
            "made_up": "yes" if about["made_up"] else "no",
            "verdict": verdict(evidence, policy).headline,
            "gates": "passed" if evidence.gates_passed else "failed",
            **(tags or {}),
        },
    )


def _stamps(about: Mapping[str, Any]) -> dict[str, object]:
    chosen = {} if about["leaves"] is None else {"leaves_chosen": about["leaves"]}
    return {"store_fingerprint": about["store_fingerprint"], **chosen}


def _children(measures: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for row in measures.to_dict("records"):
        value = row["value"]
        name = f"{row['year']} {row['rival']}"
        found.setdefault(name, {})[str(row["measure"])] = None if math.isnan(value) else float(value)
    return found


def _parquet(draws: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    draws.to_parquet(held, engine="pyarrow", compression="zstd", index=False)
    return held.getvalue()
