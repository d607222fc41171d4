"""Which columns of a cohort lie otherwise than in training, and which families of records are empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..features.catalogue import CATALOGUE, Family
from .drift_counts import DriftCounts, Share, moved, surprise
from .drift_words import column_words, in_hundred, label_of, nobody_words
from .met_in_training import ColumnMet, Training

#: Families whose records come from returns: if nobody has any of all its columns, the return was empty or did not join.
_RETURN_OF = {
    Family.SUSPENSIONS: "the School Census's tables of suspensions",
    Family.SOCIAL_CARE: "the CIN census and the SSDA903 return",
    Family.ALTERNATIVE_PROVISION: "the School Census's and the AP census's placements",
    Family.FREE_SCHOOL_MEALS: "the School Census's periods of eligibility",
    Family.ATTENDANCE: "the School Census's tables of attendance",
}


class Finding(NamedTuple):
    """One thing that was found, in words, and whether it is refused."""

    words: str
    refused: bool = False


def columns_moved(training: Training, found: DriftCounts) -> Iterator[Finding]:
    """What is to be said of the columns of a cohort, whole families of records that are empty first."""
    usual, enough = training.usual_spread, surprise(training.comparisons)
    a_school = found.rows / max(1, len(found.schools))
    place, said, none_now = 0, dict[str, Finding](), set[str]()
    for number, met in enumerate(training.columns):
        cuts = found.at_most[place : place + len(met.cuts)].tolist()
        place += len(met.cuts)
        # Of what is one number for a whole school, a school's pupils are one observation and not many.
        at_least = max(usual, a_school) if CATALOGUE[met.name].topic == "school" else usual
        one = _Column(met, training.rows, found.rows, int(found.missing[number]), cuts, at_least, enough)
        if (words := one.not_known() or one.changed()) is not None:
            said[met.name] = words
        if one.nobody():
            none_now.add(met.name)
    empty = _empty_families(training, none_now, set(said))
    yield from empty.values()
    yield from (words for name, words in said.items() if CATALOGUE[name].family not in empty)


def _empty_families(training: Training, none_now: set[str], moved_now: set[str]) -> dict[Family, Finding]:
    """Families of records of which nobody has anything, where somebody had each in training and chance is ruled out."""
    empty = {}
    for family, source in _RETURN_OF.items():
        had = [m.name for m in training.columns if CATALOGUE[m.name].family is family and _some_had(m)]
        if had and set(had) <= none_now and moved_now & set(had):
            empty[family] = Finding(
                f"{label_of(family)}: no pupil has any record, though some had in training; the returns hold it as "
                f"empty. Were {source} read, and do they join?",
                True,
            )
    return empty


def _some_had(met: ColumnMet) -> bool:
    """Whether it is something that one may have or not, and somebody had."""
    unit = CATALOGUE[met.name].unit
    if unit not in ("0 or 1", "count", "share 0-1", "sessions") or not met.cuts:
        return False
    return met.at_most[met.cuts.index(0.0)] < 1 if 0.0 in met.cuts else False


class _Column(NamedTuple):
    """One column, as it was met and as it is now."""

    met: ColumnMet
    trained: int
    rows: int
    missing: int
    at_most: list[int]
    usual: float
    enough: float

    def not_known(self) -> Finding | None:
        """What is to be said if it is not known for many more pupils than in training."""
        met = self.met
        trained = Share(met.missing, self.trained, max(self.usual, met.spread[0]))
        now = Share(self.missing / self.rows, self.rows, trained.spread)
        if now.share <= trained.share or not moved(trained, now, self.enough):
            return None
        words = f"not known for {in_hundred(now.share)} of the pupils; {in_hundred(met.missing)} in training"
        return Finding(
            f"{label_of(met.name)}: {words}", refused=self.missing == self.rows and met.missing < 0.5
        )

    def changed(self) -> Finding | None:
        """What is to be said of the share that moved most, if any did."""
        known, trained = self.rows - self.missing, self.trained * (1 - self.met.missing)
        most, words = 0.0, ""
        for low, high, then, now, effect in self._shares(known):
            change = abs(moved(Share(then, trained, effect), Share(now, known, effect), self.enough))
            if change > most:
                most, words = change, column_words(self.met.name, low, high, then, now)
        if words and self.nobody():
            words = nobody_words(self.met.name, 1 - self.met.at_most[self.met.cuts.index(0.0)])
        return Finding(words) if words else None

    def _shares(self, known: int) -> Iterator[tuple[float | None, float, float, float, float]]:
        """Each share that is compared, with its design effect: at or below a cut, or for a year group, in that year."""
        if not known:
            return
        one_by_one = CATALOGUE[self.met.name].unit == "year"
        then, now, below = 0.0, 0.0, self.met.cuts[0] - 1 if one_by_one and self.met.cuts else None
        for cut, trained, count, spread in zip(
            self.met.cuts, self.met.at_most, self.at_most, self.met.spread[1:], strict=True
        ):
            effect = spread if one_by_one else max(self.usual, spread)
            yield below, cut, trained - then, count / known - now, effect
            if one_by_one:
                then, now, below = trained, count / known, cut

    def nobody(self) -> bool:
        """Whether it is 0 for everybody of whom it is known."""
        if 0.0 not in self.met.cuts or self.missing == self.rows:
            return False
        return self.at_most[self.met.cuts.index(0.0)] == self.rows - self.missing
