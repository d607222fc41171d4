"""What the front page says of the records behind a list: how far each source reaches, what is foreseen, by what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from ...features.phrasing import day_words, listed
from ...reports.outcome_words import OUT_WORDS, outcome_words
from ..words import HEADER

#: Counts that are no reason for being left out, or whose reasons are told apart elsewhere on the page.
_NO_REASON = {"seen", "eligible", "excluded"}


class Source(NamedTuple):
    """One source, the date it reaches in words, and whether it is older than it should be."""

    words: str
    held: str
    stale: bool


class OutOfCohort(NamedTuple):
    """One reason why pupils were not looked at, and how many."""

    words: str
    pupils: str


def from_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of the scored table's manifest, in words, by the names the template reads."""
    return {
        "header": HEADER.format(dates=_dates(manifest)),
        "outcome": outcome_words(manifest["outcome"]),
        "rule_wins": bool(manifest.get("best_rule_wins")),
        "made_up": bool(manifest.get("made_up")),
        "as_of": day_words(date.fromisoformat(manifest["as_of"])),
        "feature_year": manifest["feature_year"],
        "outcome_year": manifest["outcome_year"],
        "model": str(manifest["model"])[:12],
        "model_label": manifest.get("model_label") or manifest["model_name"],
        "sources": _sources(manifest),
        "out_of_cohort": _out_of_cohort(manifest),
        "looked_at": f"{manifest['counts']['eligible']:,}",
        "accepted": list(manifest.get("drift", {}).get("accepted", ())),
        "unlike": list(manifest.get("drift", {}).get("reported", ())),
    }


def _sources(manifest: Mapping[str, Any]) -> list[Source]:
    rows = []
    for source in manifest["sources"]:
        latest = source["latest"]
        held = day_words(date.fromisoformat(latest)) if latest else "not held"
        name = source["words"]
        rows.append(Source(name[:1].upper() + name[1:], held, bool(latest and source["stale"])))
    return rows


def _dates(manifest: Mapping[str, Any]) -> str:
    dates = sorted({source["latest"] for source in manifest["sources"] if source["latest"]})
    said = [day_words(date.fromisoformat(day)) for day in dates]
    return listed(said) or "no stated date"


def _out_of_cohort(manifest: Mapping[str, Any]) -> list[OutOfCohort]:
    counts = manifest["counts"]
    return [
        OutOfCohort(OUT_WORDS.get(name, name.replace("_", " ")), f"{counts[name]:,}")
        for name in manifest["counts_order"]
        if name not in _NO_REASON and counts[name]
    ]
