"""A list of five hundred pupils is made and opened within seconds, on a computer like the maintainers'.

These bars are of one computer's speed, so no other run of the tests depends on them; the tests of page and workbook
hold the bytes, and the page's work beside that of a plain table.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from made_contents import GATES, MANIFEST, PLAN, TERMS, made_contents
from real_browser import work_of_opening

from absence_risk.support_list.page.page import page
from absence_risk.support_list.workbook.workbook import workbook_bytes


def test_the_page_opens_in_less_than_a_second_of_the_browsers_work(opened: Callable[..., Any]) -> None:
    seen = opened(page(MANIFEST, TERMS, PLAN, made_contents(500), GATES, list_id="5c0ffee5"))
    assert min(work_of_opening(seen.page) for _ in range(3)) < 1.0


def test_the_workbook_takes_less_than_three_seconds() -> None:
    contents = made_contents(500)
    start = time.process_time()
    workbook_bytes(MANIFEST, TERMS, PLAN, contents, list_id="5c5c5c5c", gates=GATES)
    assert time.process_time() - start < 3
