"""Five bands of risk, each with what came of pupils like these: "about 38 in 100", never a bare percentage.

The edges are fixed when the model is made, on a year it was not trained on, so that a band means the same next year.
Natural frequencies: Gigerenzer et al. (2007), doi:10.1111/j.1539-6053.2008.00033.x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import RefusedError

Array = np.ndarray[Any, np.dtype[Any]]

#: Shares of the held-out pupils below each edge: half are in band 1, three in a hundred in band 5.
BAND_SHARES = (0.50, 0.80, 0.90, 0.97)

#: With fewer pupils in a band, "n in 100" would be said of too few.
FEWEST_TO_SAY = 30


@dataclass(frozen=True)
class Band:
    """One band: risks from ``lower`` (included) to ``upper`` (not included, but for the last), and what came of them.

    ``n`` pupils of held-out years were in it and ``events`` of them met the outcome. ``index`` 1 is the lowest.
    """

    index: int
    lower: float
    upper: float
    n: int
    events: int

    @property
    def per_100(self) -> int | None:
        """How many in 100 met the outcome, to the nearest whole child; None if the band held too few to say."""
        if self.n < FEWEST_TO_SAY:
            return None
        return (200 * self.events + self.n) // (2 * self.n)

    @property
    def words(self) -> str:
        """The frequency for a sentence."""
        if self.per_100 is None:
            return "too few to say"
        return f"about {self.per_100} in 100" if self.per_100 else "fewer than 1 in 100"


def fit_bands(edge_risk: Array, risk: Array, y_true: Array) -> tuple[Band, ...]:
    """Five bands with edges from one held-out year and frequencies from all of them.

    Parameters
    ----------
    edge_risk : array of float
        Calibrated risks (0-1) of the year that fixes the edges: the calibration year.
    risk, y_true : arrays, shape (n,)
        Calibrated risks and outcomes of every year not trained on.

    Raises
    ------
    RefusedError
        If there is no pupil to fix the edges on.
    """
    if not len(edge_risk):
        raise RefusedError("bands need pupils of a year the model was not trained on; found none")
    inner = [float(np.quantile(edge_risk, share, method="higher")) for share in BAND_SHARES]
    lowers = [0.0, *inner]
    places = np.searchsorted(np.asarray(inner), risk, side="right")
    return tuple(
        Band(
            index=place + 1,
            lower=lowers[place],
            upper=[*inner, 1.0][place],
            n=int((places == place).sum()),
            events=int(y_true[places == place].sum()),
        )
        for place in range(len(lowers))
    )


def band_of(risk: Array, bands: tuple[Band, ...]) -> Array:
    """The band (1-5) of each risk.

    >>> bands = tuple(Band(i, low, low + 0.2, 0, 0) for i, low in enumerate((0.0, 0.2, 0.4, 0.6, 0.8), start=1))
    >>> band_of(np.array([0.1, 0.2, 0.95]), bands).tolist()
    [1, 2, 5]
    """
    inner = np.asarray([band.lower for band in bands[1:]])
    return np.searchsorted(inner, risk, side="right").astype(np.int64) + 1
