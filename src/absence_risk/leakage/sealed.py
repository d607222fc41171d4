"""Build and fit twice, from what is held and from a poisoned future: every byte must be the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dataset import Dataset, PupilYears
from ..domain.academic_year import day_number
from ..domain.outcome import Outcome
from .alarm import POISONED_FUTURE, Alarm
from .poison import poison_after

if TYPE_CHECKING:
    from ..splits import Split

#: Cohort and features from tables, outcomes not looked at (``dataset.gather_years`` with its settings given).
Gather = Callable[[Mapping[str, Any]], PupilYears]

#: Everything that is learned from the rows that train and those that calibrate, as bytes by the part's name.
Fit = Callable[[Dataset, Dataset], Mapping[str, bytes]]


@dataclass(frozen=True)
class BuiltTwice:
    """The same years built from what is held, and from tables whose future after ``cut_off`` is noise.

    Attributes
    ----------
    split : Split
        Which years train, calibrate and test.
    cut_off : datetime.date
        The test year's as-of date.
    tables, poisoned_tables : mapping of str to frame
        What is held, and the same with everything not known on the cut-off overwritten.
    clean, poisoned : PupilYears
        Built from the one and from the other.
    """

    split: Split
    cut_off: date
    tables: Mapping[str, Any]
    poisoned_tables: Mapping[str, Any]
    clean: PupilYears
    poisoned: PupilYears


def build_twice(
    tables: Mapping[str, Any],
    split: Split,
    gather: Gather,
    *,
    as_of: tuple[int, int] = (10, 31),
    seed: int = 1,
) -> BuiltTwice:
    """Cohort and features of a split's years from clean and from poisoned tables.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers.
    split : Split
        Its test year's as-of date is the cut-off.
    gather : callable
        Builds the rows of every year of the split from tables.
    as_of : tuple of int
        Month and day of the as-of date.
    seed : int
        Seed of the noise.

    Raises
    ------
    UsageError, InputError
        As ``gather`` does.
    """
    cut_off = split.test_year.as_of(*as_of)
    poisoned = poison_after(tables, day_number(cut_off), seed)
    return BuiltTwice(split, cut_off, tables, poisoned, gather(tables), gather(poisoned))


def train_is_sealed(built: BuiltTwice, outcome: Outcome, fit: Fit) -> tuple[Alarm, ...]:
    """Alarms where anything that teaches, or is scored, depends on what was not known on the cut-off; none is sound.

    The pupils, the features of every year, the outcomes that train and calibrate (as known on the cut-off) and each
    part that ``fit`` gives must be the same bytes from both. The outcomes of the test year are not looked at.

    Parameters
    ----------
    built : BuiltTwice
        From ``build_twice``.
    outcome : Outcome
        What is foreseen.
    fit : callable
        Trains on the first dataset and calibrates on the second.

    Raises
    ------
    InputError
        If no pupil has an outcome known on the cut-off.
    """
    alarms = changed_features(built.clean, built.poisoned)
    clean = _taught(built, built.clean, built.tables, outcome)
    poisoned = _taught(built, built.poisoned, built.poisoned_tables, outcome)
    alarms += _changed_outcomes(clean, poisoned)
    learned, other = fit(*clean), fit(*poisoned)
    changed = sorted(name for name in {*learned, *other} if learned.get(name) != other.get(name))
    return alarms + tuple(
        Alarm(POISONED_FUTURE, name, f"{name} is not the same, byte for byte, when the future is overwritten")
        for name in changed
    )


def changed_features(clean: PupilYears, poisoned: PupilYears) -> tuple[Alarm, ...]:
    """An alarm for each column that differs between two builds of the same years, or one if the pupils differ."""
    if not _same_rows(clean, poisoned):
        words = f"found {len(clean):,} rows of pupils, and {len(poisoned):,} (or others) when the future is overwritten"
        return (Alarm(POISONED_FUTURE, "the pupils chosen", words),)
    counts = {name: _differing(clean, poisoned, name) for name in clean.X.columns}
    return tuple(
        Alarm(
            POISONED_FUTURE,
            name,
            f"{name} changed in {count:,} of {len(clean):,} rows when the future is overwritten",
        )
        for name, count in counts.items()
        if count
    )


def _same_rows(clean: PupilYears, poisoned: PupilYears) -> bool:
    return all(
        np.array_equal(getattr(clean, key), getattr(poisoned, key))
        for key in ("pupil_id", "school_id", "academic_year")
    )


def _differing(clean: PupilYears, poisoned: PupilYears, name: str) -> int:
    if name not in poisoned.X:
        return len(clean)
    one, other = clean.X[name].to_numpy(dtype="float64"), poisoned.X[name].to_numpy(dtype="float64")
    return int((~((one == other) | (np.isnan(one) & np.isnan(other)))).sum())


def _taught(
    built: BuiltTwice, pupils: PupilYears, tables: Mapping[str, Any], outcome: Outcome
) -> tuple[Dataset, Dataset]:
    """The rows that train and those that calibrate, with the outcomes known on the cut-off."""
    years = (built.split.train_years, (built.split.calibration_year,))
    train, calibrate = (
        pupils.in_years(part).with_outcomes(tables, outcome, known_by=built.cut_off) for part in years
    )
    return train, calibrate


def _changed_outcomes(clean: tuple[Dataset, Dataset], poisoned: tuple[Dataset, Dataset]) -> tuple[Alarm, ...]:
    alarms = []
    for part, one, other in zip(("train", "calibrate"), clean, poisoned, strict=True):
        same = all(
            np.array_equal(getattr(one, key), getattr(other, key))
            for key in ("y", "pupil_id", "academic_year")
        )
        if not same:
            where, words = (
                f"the outcomes that {part}",
                f"{len(one):,} known outcomes, and {len(other):,} (or others)",
            )
            alarms.append(Alarm(POISONED_FUTURE, where, f"{words} when the future is overwritten"))
    return tuple(alarms)
