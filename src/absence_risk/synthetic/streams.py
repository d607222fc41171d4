"""Random streams: one seeded generator for each purpose."""

from __future__ import annotations

import numpy as np


def streams(seed: int, *name: int) -> np.random.Generator:
    """A generator of its own for each purpose, so that one more draw here changes nothing there."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *name])))
