"""Rows and small authorities that stand beside the tests of other rooms."""

import sys
from pathlib import Path

for folder in ("unit", "unit/returns", "unit/decisions", "unit/support_list", "spec", "browser", "fuzz"):
    if (path := str(Path(__file__).parents[1] / folder)) not in sys.path:
        sys.path.append(path)
