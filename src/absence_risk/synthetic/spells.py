"""Spells with a first and a last day, and the draws that every kind of spell shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Spells:
    """Spells of one kind: pupil, first day, last day (``OPEN`` while open), and a mark whose meaning the kind gives."""

    pupil: np.ndarray
    start: np.ndarray
    end: np.ndarray
    mark: np.ndarray

    @classmethod
    def empty(cls) -> Spells:
        return cls(*(np.empty(0, np.int64) for _ in range(4)))

    def add(self, pupil: np.ndarray, start: np.ndarray, end: np.ndarray, mark: np.ndarray | int = 0) -> None:
        """Append spells."""
        self.pupil = np.concatenate([self.pupil, pupil])
        self.start = np.concatenate([self.start, start])
        self.end = np.concatenate([self.end, end])
        self.mark = np.concatenate([self.mark, np.broadcast_to(np.asarray(mark, np.int64), len(pupil))])

    def open_on(self, day: int, pupils: int) -> np.ndarray:
        """Whether each pupil has a spell open on a day."""
        return self._any((self.start <= day) & (self.end >= day), pupils)

    def ended_by(self, day: int, pupils: int) -> np.ndarray:
        """Whether each pupil has a spell that ended before a day."""
        return self._any(self.end < day, pupils)

    def _any(self, which: np.ndarray, pupils: int) -> np.ndarray:
        found = np.zeros(pupils, bool)
        found[self.pupil[which]] = True
        return found


def banded_lengths(
    rng: np.random.Generator, n: int, bounds: tuple[int, ...], shares: tuple[float, ...]
) -> np.ndarray:
    band = rng.choice(len(shares), n, p=shares)
    low, high = np.array(bounds[:-1])[band], np.array(bounds[1:])[band]
    return (low + rng.random(n) * (high - low)).astype(np.int64)


def drawn_by_score(rng: np.random.Generator, score: np.ndarray, mean: float, slope: float) -> np.ndarray:
    """True with a chance that rises with the score and averages ``mean`` over those given."""
    if not len(score):
        return np.zeros(0, bool)
    raw = np.exp(slope * score)
    chance = np.minimum(raw * mean / raw.mean(), 0.92)
    chance = np.minimum(chance * mean / chance.mean(), 0.97)
    return rng.random(len(score)) < chance
