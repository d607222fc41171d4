"""Every hostile text at once on one list, in a browser: nothing runs, nothing is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_contents import GATES, MANIFEST, PLAN, TERMS

from absence_risk.support_list.page.page import page

sys.path.append(str(Path(__file__).parents[1] / "safety"))


@pytest.mark.slow
def test_hostile_words_run_nothing_and_ask_for_nothing(
    opened: Callable[..., Any], counted: Callable[[str, int, int], None]
) -> None:
    from hostile_strings import HOSTILE
    from test_hostile_text import contents_with

    html = page(MANIFEST, TERMS, PLAN, contents_with(HOSTILE), GATES, list_id="5c0ffee5")
    seen = opened(html)
    assert seen.said == []
    assert seen.asked == [seen.page.url]
    assert seen.page.locator("script").count() == 1
    counted("hostile text: Chromium", len(HOSTILE), len(HOSTILE))
