"""Put the figures of the last full run of the suites into docs/safety.md.

    python -m pytest -m slow tests/safety --suites docs/safety.json && python tests/safety/page.py

No figure of its table is typed: ``<!--kills: score-->60 of 60<!--end-->`` is filled from the suite of that name,
or from all suites whose names begin so.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, KEPT = DOCS / "safety.md", DOCS / "safety.json"

_PLACE = re.compile(r"<!--(?P<suite>[^>]+?)-->(?P<held>[^<]*)<!--end-->")


def filled(page: str, found: dict[str, list[int]]) -> str:
    """The page with every figure written anew; a suite that did not run says so."""

    def figure(place: re.Match[str]) -> str:
        suite = place["suite"]
        chosen = [counts for name, counts in found.items() if name == suite or name.startswith(f"{suite}:")]
        cases, held = (sum(counts[i] for counts in chosen) for i in (0, 1))
        words = f"{held:,} of {cases:,}" if chosen else "not run"
        return f"<!--{suite}-->{words}<!--end-->"

    return _PLACE.sub(figure, page)


def suites_of(page: str) -> list[str]:
    """The suites that the page names, in order."""
    return [place["suite"] for place in _PLACE.finditer(page)]


if __name__ == "__main__":
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
