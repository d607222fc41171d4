"""Past years train, a later year tests. A random split cannot be asked for: it would let the future teach the past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from .domain.academic_year import AcademicYear
from .errors import InputError, UsageError

if TYPE_CHECKING:
    import numpy as np

FEWEST_PAIRS = 3


class Rows(Protocol):
    """What can be split: outcomes, and the rows of some feature years (``dataset.Dataset``)."""

    @property
    def y(self) -> np.ndarray: ...

    def in_years(self, years: Collection[AcademicYear]) -> Self: ...


@dataclass(frozen=True)
class Split:
    """Feature years that train, the one that calibrates and the one that tests, each after the one before."""

    train_years: tuple[AcademicYear, ...]
    calibration_year: AcademicYear
    test_year: AcademicYear

    @property
    def years(self) -> tuple[AcademicYear, ...]:
        """Every feature year of the split, in order."""
        return (*self.train_years, self.calibration_year, self.test_year)


def temporal_split(years: Sequence[AcademicYear]) -> Split:
    """The last year tests, the one before it calibrates, all earlier ones train.

    Parameters
    ----------
    years : sequence of AcademicYear
        Feature years with a complete outcome (``dataset.usable_years``), in any order.

    Raises
    ------
    UsageError
        If a year is named twice, or there are fewer than three.

    Examples
    --------
    >>> split = temporal_split([AcademicYear(2023), AcademicYear(2021), AcademicYear(2022)])
    >>> str(split.calibration_year), str(split.test_year)
    ('2022/23', '2023/24')
    """
    ordered = sorted(set(years))
    if len(ordered) != len(years):
        raise UsageError("each feature year may be named once only")
    if len(ordered) < FEWEST_PAIRS:
        raise UsageError(_too_few(ordered))
    return Split(tuple(ordered[:-2]), ordered[-2], ordered[-1])


def rolling_origin(years: Sequence[AcademicYear]) -> tuple[Split, ...]:
    """Every later year tests once: the year before it calibrates and all earlier ones train, first test first.

    The last split is that of :func:`temporal_split`, whose test year is the final one. Raises as it does.

    Examples
    --------
    >>> [str(split.test_year) for split in rolling_origin([AcademicYear(y) for y in (2021, 2022, 2023, 2024)])]
    ['2023/24', '2024/25']
    """
    final = temporal_split(years)
    ordered = [*final.train_years, final.calibration_year, final.test_year]
    return tuple(temporal_split(ordered[:end]) for end in range(FEWEST_PAIRS, len(ordered) + 1))


def _too_few(years: list[AcademicYear]) -> str:
    found = ", ".join(map(str, years)) or "none"
    return (
        f"expected at least {FEWEST_PAIRS} feature years with a complete next-year outcome (one or more to train, one "
        f"to calibrate, one to test), found {len(years)} ({found}); {FEWEST_PAIRS - len(years)} more needed: "
        "ingest the School Censuses of earlier years, or those that complete the latest year"
    )


def require_both_outcomes(dataset: Rows, years: Collection[AcademicYear]) -> None:
    """Refuse a year in which everybody met the outcome, or nobody did: it can neither teach nor test.

    Raises
    ------
    InputError
        Naming the first such year, with its counts.
    """
    for year in sorted(years):
        y = dataset.in_years([year]).y
        if not 0 < int(y.sum()) < len(y):
            raise InputError(
                f"feature year {year}: expected pupils who met the outcome and pupils who did not, found "
                f"{int(y.sum()):,} who did among {len(y):,}; leave the year out, or check its attendance codes"
            )
