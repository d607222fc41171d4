"""What a judgement on drift rests on: counts of rows, of values not known and at or below each cut, and of schools.

Counts of parts add up to those of the whole, so a cohort is judged as one however it is worked through.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from .met_in_training import Training

Array = np.ndarray[Any, np.dtype[Any]]

#: Chance of any false alarm among all shares of one cohort that are compared, if nothing but chance is at work.
FALSE_ALARM = 0.001

#: A share matters if its odds are so many times as high, or as low, as in training. Three is more than a medium effect:
#: an odds ratio of r is a difference of ln(r) * sqrt(3) / pi standard deviations (Chinn, Statistics in Medicine 2000),
#: here 0.6; Cohen (1988) calls 0.5 medium and 0.8 large.
ODDS_THAT_MATTER = 3.0

#: Fewer pupils than this, expected on one side of a comparison, say nothing.
EXPECTED = 5


@dataclass(frozen=True)
class DriftCounts:
    """Counts over some rows.

    Attributes
    ----------
    rows : int
    missing : array of int, shape (p,)
        Rows in which each of ``Training.columns`` is not known.
    at_most : array of int, shape (sum of cuts,)
        Rows in which it is at or below each of its cuts, column after column.
    schools : Counter
        Rows by school.
    """

    rows: int
    missing: Array
    at_most: Array
    schools: Counter[str]

    @classmethod
    def of(cls, columns: Mapping[str, Any], schools: Mapping[str, int], training: Training) -> DriftCounts:
        """The counts of some rows.

        Parameters
        ----------
        columns : mapping of str to array of float64, shape (n,)
            A frame will do; the columns of ``training``, NaN where not known.
        schools : mapping of str to int
            Rows by school; they sum to n.
        """
        missing, at_most = [], []
        for met in training.columns:
            values = np.asarray(columns[met.name], dtype=np.float64)
            missing.append(np.count_nonzero(np.isnan(values)))
            # What is not known is neither below nor above anything.
            at_most += [np.count_nonzero(values <= cut) for cut in met.cuts]
        by_school = Counter({str(school): int(n) for school, n in schools.items()})
        whole = np.array(missing, dtype=np.int64), np.array(at_most, dtype=np.int64)
        return cls(sum(by_school.values()), *whole, by_school)

    @classmethod
    def of_facts(cls, facts: Any, training: Training) -> DriftCounts:
        """The counts of ``scoring.facts_of``, a pandas frame."""
        return cls.of(facts, facts["school_id"].value_counts().to_dict(), training)

    def __add__(self, other: DriftCounts) -> DriftCounts:
        return DriftCounts(
            self.rows + other.rows,
            self.missing + other.missing,
            self.at_most + other.at_most,
            self.schools + other.schools,
        )

    def plain(self) -> dict[str, Any]:
        """The counts as numbers and lists, for JSON; :meth:`of_plain` reads them."""
        arrays = {"missing": self.missing.tolist(), "at_most": self.at_most.tolist()}
        return {"rows": self.rows, **arrays, "schools": dict(sorted(self.schools.items()))}

    @classmethod
    def of_plain(cls, said: Mapping[str, Any]) -> DriftCounts:
        """What :meth:`plain` said."""
        missing, at_most = (np.array(said[name], dtype=np.int64) for name in ("missing", "at_most"))
        return cls(said["rows"], missing, at_most, Counter(said["schools"]))


@dataclass(frozen=True)
class Share:
    """A share among ``of`` pupils, with its design effect."""

    share: float
    of: float
    spread: float = 1.0


def surprise(alarms: int) -> float:
    """How many standard errors a share must have moved if so many are compared (Bonferroni)."""
    return NormalDist().inv_cdf(1 - FALSE_ALARM / (2 * max(1, alarms)))


def moved(trained: Share, now: Share, standard_errors: float) -> float:
    """By how much a share moved, as the logarithm of the odds ratio; 0 unless chance is ruled out and it matters.

    A share has moved if both hold: the difference is more standard errors than chance gives among pupils clustered in
    schools (variances of two independent shares, each widened by the design effect: Rao and Scott, Annals of
    Statistics 1984), and the odds are ``ODDS_THAT_MATTER`` times as high or as low. Half a pupil is added to each
    side, so that a share of nobody has odds (Haldane 1956). Of nobody at all, chance is asked as a Poisson count is,
    each cluster counted once.
    """
    if not trained.of or not now.of:
        return 0.0
    if not now.share:
        expected = trained.share * now.of / trained.spread
        return _change(trained, now) if math.exp(-expected) < 2 * NormalDist().cdf(-standard_errors) else 0.0
    both = (trained.share * trained.of + now.share * now.of) / (trained.of + now.of)
    if min(both, 1 - both) * min(trained.of, now.of) < EXPECTED:
        return 0.0
    variance = both * (1 - both) * (trained.spread / trained.of + now.spread / now.of)
    if abs(now.share - trained.share) <= standard_errors * math.sqrt(variance):
        return 0.0
    return _change(trained, now)


def _change(trained: Share, now: Share) -> float:
    change = _log_odds(now) - _log_odds(trained)
    return change if abs(change) >= math.log(ODDS_THAT_MATTER) else 0.0


def _log_odds(found: Share) -> float:
    return math.log((found.share * found.of + 0.5) / ((1 - found.share) * found.of + 0.5))
