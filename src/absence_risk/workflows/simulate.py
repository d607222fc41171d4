"""Write a made-up authority's statutory returns."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import Progress, silent

if TYPE_CHECKING:
    from ..synthetic.simulate import SimulateResult


def run_simulate(
    returns: Path | str, *, pupils: int = 12_000, years: int = 5, seed: int = 1, progress: Progress = silent
) -> SimulateResult:
    """Write the returns of a made-up authority; nothing in them is about a real child.

    Parameters
    ----------
    returns : Path
        Folder to write into; made when absent. The same arguments give the same bytes.
    pupils : int
        Pupils on roll at a time.
    years : int
        Academic years, the last being 2025/26.
    seed : int
        Another seed is another authority.
    """
    from ..synthetic.simulate import simulate

    # Each year is lived and then written as three censuses, with a few steps around them.
    done, total = itertools.count(), 4 * years + 6
    return simulate(
        Path(returns),
        pupils=pupils,
        years=years,
        seed=seed,
        progress=lambda step: progress(step, next(done), total),
    )
