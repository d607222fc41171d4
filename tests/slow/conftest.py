"""The browser that the tests of pages use, and the folder of the benchmarks, as running one has it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "browser"))
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from real_browser import browser, opened

__all__ = ["browser", "opened"]
