"""The support-offer list as one self-contained page: no network, no asset, no colour that ranks a child.

The page's script and style are named by their hashes in its content security policy, so that nothing else can run
in it, whatever stands in a school's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from ..features.phrasing import counted, day_words
from ..pages import asset, content_hash, render
from ..reports.gate_statement import GateStatement
from ..reports.outcome_words import OUT_WORDS, outcome_words
from . import words
from .cards import Card, ListContents
from .terms import Terms


def _sources(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each source with the date it reaches, in words; a stale one says so."""
    rows = []
    for source in manifest["sources"]:
        latest = source["latest"]
        held = day_words(date.fromisoformat(latest)) if latest else "not held"
        note = "older than it should be; since then we know nothing" if latest and source["stale"] else ""
        rows.append({"words": _capital(source["words"]), "held": held, "note": note})
    return rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _dates(manifest: Mapping[str, Any]) -> str:
    dates = sorted({source["latest"] for source in manifest["sources"] if source["latest"]})
    said = [day_words(date.fromisoformat(day)) for day in dates]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said) or "no stated date"


def _out_of_cohort(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    counts = manifest["counts"]
    return [
        {"words": OUT_WORDS.get(name, name.replace("_", " ")), "count": f"{counts[name]:,}"}
        for name in manifest["counts_order"]
        if name not in {"seen", "eligible"} and counts[name]
    ]


def _by_school(cards: Sequence[Card]) -> list[dict[str, Any]]:
    groups = groupby(cards, key=lambda card: (card.school, card.school_id))
    return [
        {"school": school, "school_id": school_id, "cards": list(found)}
        for (school, school_id), found in groups
    ]


def _year_groups(cards: Sequence[Card]) -> list[str]:
    return sorted({card.year_group for card in cards}, key=int)


def page(manifest: Mapping[str, Any], terms: Terms, contents: ListContents, gates: GateStatement) -> str:
    """The page's HTML, the same for the same input.

    Parameters
    ----------
    manifest : mapping
        The scored table's manifest: as-of date, outcome, sources, counts, model.
    terms : Terms
        Purpose, length, owner and last day of use.
    contents : ListContents
        What stands on the page, in order.
    gates : GateStatement
        What is said of the gates of the model, in the first lines if it did not pass them.
    """
    style, script = asset("support_list/page.css"), asset("support_list/page.js")
    return render(
        "support_list/page.html",
        style=style,
        script=script,
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        words=words,
        counted=counted,
        terms=terms,
        expires=day_words(terms.expires),
        list_id=terms.list_id(manifest["sha256"]),
        purpose=words.purpose_words(terms.purpose),
        contents=contents,
        schools=_by_school(contents.cards),
        year_groups=_year_groups(contents.cards),
        listed=len(contents.cards),
        near_edge=sum(card.near_edge for card in contents.cards),
        firmness=_firmness(contents),
        gates=gates,
        **_from_manifest(manifest),
    )


def _firmness(contents: ListContents) -> str:
    """How many are firm and how many borderline; nothing where no evidence was at hand."""
    borderline = sum(card.near_edge for card in contents.cards)
    if not contents.refits:
        return ""
    return words.firmness(len(contents.cards) - borderline, borderline, contents.refits)


def _from_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "header": words.HEADER.format(dates=_dates(manifest)),
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
    }
