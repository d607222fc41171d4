"""Make the README's picture of a support list, from a list of made-up records, in the computer's own Chromium.

    python docs/pictures/make.py demo/list --card A-003

Opens the folder's ``index.html``, goes to the card and writes ``docs/pictures/support_list.png``. Refuses a page that
does not say its records are made up: no picture of a real list may stand in a repository.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
WIDTH, HEIGHT = 1120, 1400
MOST_BYTES = 250_000


def main() -> int:
    """Write the picture; 1 if there is no browser, no such card, or the records are not made up."""
    asked = argparse.ArgumentParser(description="Make the picture of a support list for the README.")
    asked.add_argument("folder", type=Path, help="folder of a list made from made-up records")
    asked.add_argument("--card", default="A-003", help="reference of the card to show (default: A-003)")
    given = asked.parse_args()
    page_file, out = given.folder / "index.html", Path(__file__).with_name("support_list.png")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return _refuse(f"no browser found; looked for {', '.join(BROWSERS)}")
    if not page_file.is_file():
        return _refuse(f"expected a list's index.html in {given.folder}")
    if "Made-up records." not in page_file.read_text(encoding="utf-8"):
        return _refuse("this list does not say that its records are made up; no picture is made of it")
    with sync_playwright() as started:
        running = started.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(page_file.resolve().as_uri())
        link = page.locator(f"#to-{given.card}")
        if not link.count():
            return _refuse(f"no card {given.card} on this list")
        link.click()
        page.evaluate("document.activeElement.blur()")
        below = page.evaluate(
            "ref => document.getElementById(ref).getBoundingClientRect().bottom", given.card
        )
        picture = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": min(below + 16, HEIGHT)})
        running.close()
    if len(picture) > MOST_BYTES:
        return _refuse(f"the picture has {len(picture):,} bytes, more than {MOST_BYTES:,}")
    out.write_bytes(picture)
    print(f"Wrote {out} ({len(picture):,} bytes)")
    return 0


def _refuse(why: str) -> int:
    print(f"No picture: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
