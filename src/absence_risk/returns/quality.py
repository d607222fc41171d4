"""The quality report: what came in, what was used, what was not and why, and what an analyst should look at.

Internal to the authority: counts are exact. It names files, columns, codes and counts, never a pupil's value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..files import canonical_json, whole_files
from ..pages import asset, render_page
from .ledger import Ledger

_TEMPLATE = "returns/quality.html"


def quality_paths(store: Path) -> tuple[Path, Path]:
    """Where the report of a store stands: HTML for reading, JSON for counting."""
    return store.with_name(f"{store.stem}.quality.html"), store.with_name(f"{store.stem}.quality.json")


def quality_record(ledger: Ledger, *, ingested: bool, key_id: str) -> dict[str, Any]:
    """The report as plain values, in a fixed order."""
    files = [
        {
            "file": f.name,
            "table": f.table,
            "rows_in": f.rows_in,
            "rows_used": f.kept,
            "rows_not_used": dict(sorted(f.not_used.items())),
            "balances": f.balances,
        }
        for f in sorted(ledger.files, key=lambda f: (f.name, f.table))
    ]
    return {
        "ingested": ingested,
        "key_id": key_id,
        "faults": sorted(ledger.faults),
        "sums_balance": ingested and not ledger.unbalanced,
        "rows_in": sum(f.rows_in for f in ledger.files),
        "rows_used": sum(f.kept for f in ledger.files),
        "tables": ledger.tables,
        "censuses": ledger.censuses,
        "joining": ledger.joining,
        "findings": [
            {"where": w, "what": what, "count": n}
            for (what, w), n in sorted(ledger.findings.items(), key=lambda i: (i[0][1], i[0][0]))
        ],
        "codes": [
            {"kind": kind, "code": code, "count": n} for (kind, code), n in sorted(ledger.codes.items())
        ],
        "notes": sorted(ledger.notes),
        "files": files,
    }


def write_quality_report(store: Path, ledger: Ledger, *, ingested: bool, key_id: str) -> tuple[Path, Path]:
    """Write both forms of the report beside the store, as one; the same accounts give the same bytes."""
    paths = quality_paths(store)
    with whole_files(*paths) as (html, json):
        fill_quality_report(html, json, ledger, ingested=ingested, key_id=key_id)
    return paths


def fill_quality_report(
    html: Path,
    json: Path,
    ledger: Ledger,
    *,
    ingested: bool,
    key_id: str,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write both forms of the report at places that the caller publishes (``files.whole_files``).

    ``about`` goes into the form for counting alone: what was read, and the hashes of what was made.
    """
    record = quality_record(ledger, ingested=ingested, key_id=key_id)
    page = render_page(_TEMPLATE, style=asset("returns/quality.css"), report=record)
    html.write_bytes(page.encode("utf-8"))
    json.write_bytes(canonical_json({**record, **(about or {})}).encode("utf-8"))
