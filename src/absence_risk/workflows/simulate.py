"""Write a made-up authority's statutory returns."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..progress import Progress, silent

if TYPE_CHECKING:
    from ..synthetic.simulate import SimulateResult

#: The file that only a simulation leaves.
MADE_UP_MARK = "_truth/README.txt"


def run_simulate(
    returns: Path | str, *, pupils: int = 12_000, years: int = 5, seed: int = 1, progress: Progress = silent
) -> SimulateResult:
    """Write the returns of a made-up authority; nothing in them is about a real child.

    Parameters
    ----------
    returns : Path
        A new or empty folder, or that of an earlier simulation, which is replaced as a whole. The same arguments give
        the same bytes.
    pupils : int
        Pupils on roll at a time.
    years : int
        Academic years, the last being 2025/26.
    seed : int
        Another seed is another authority.

    Raises
    ------
    UsageError
        If the folder holds anything but an earlier simulation, or a number is out of bounds.
    """
    from ..files import whole_folder
    from ..synthetic.simulate import simulate

    folder = Path(returns)
    _refuse_to_mix(folder)
    # Each year is lived and then written as three censuses, with a few steps around them.
    done, total = itertools.count(), 4 * years + 6
    with whole_folder(folder, own=True) as partial:
        result = simulate(
            partial,
            pupils=pupils,
            years=years,
            seed=seed,
            progress=lambda step: progress(step, next(done), total),
        )
    return replace(result, folder=folder)


def _refuse_to_mix(folder: Path) -> None:
    # Made-up pupils among real returns would be read as children; only an earlier simulation is replaced.
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MADE_UP_MARK).is_file():
        raise UsageError(
            f"expected an empty or new folder for the made-up returns; {folder} holds other files"
        )
