"""One real browser for the tests of pages, and how a page is opened in it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What stands on the pages is made by the module that the other tests of lists use.
sys.path.append(str(Path(__file__).parents[1] / "unit" / "support_list"))

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Opened(NamedTuple):
    """A page in the browser, what its console said, and the addresses it asked for."""

    page: Page
    said: list[str]
    asked: list[str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on this computer; looked for {', '.join(NAMES)}")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open HTML from a file in a fresh window: ``opened(html, width, height, **how)``."""
    windows = []

    def open_page(html: str, width: int = 1280, height: int = 900, **how: Any) -> Opened:
        path = tmp_path / f"{len(windows)}.html"
        path.write_text(html, encoding="utf-8")
        window = browser.new_context(viewport={"width": width, "height": height}, **how)
        windows.append(window)
        page = window.new_page()
        seen = Opened(page, [], [])
        page.on("console", lambda message: seen.said.append(message.text))
        page.on("pageerror", lambda fault: seen.said.append(str(fault)))
        page.on("request", lambda request: seen.asked.append(request.url))
        page.goto(path.as_uri())
        return seen

    yield open_page
    for window in windows:
        window.close()


def work_of_opening(page: Page) -> float:
    """Seconds of the browser's own work, not of the clock, for opening the page afresh."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.reload()
    measured = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(measured["TaskDuration"])
