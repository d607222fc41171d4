"""The browser and how a page is opened in it, for the tests of pages."""

from real_browser import browser, opened

__all__ = ["browser", "opened"]
