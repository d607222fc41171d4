"""One command's work: simulate an authority and write its statutory returns to a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..domain.academic_year import AcademicYear
from ..errors import UsageError

FEWEST_PUPILS, MOST_PUPILS = 200, 500_000
#: Earlier returns had other layouts, and absence in 2019/20 and 2020/21 was another measure.
FIRST_START = 2021
_LAST = AcademicYear(2025)


@dataclass(frozen=True)
class SimulateResult:
    """What was written: the folder, rows by return, and sizes."""

    folder: Path
    pupils: int  # everyone in them, over all the years
    schools: int
    years: tuple[int, int]
    rows: dict[str, int]

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())

    def in_words(self) -> str:
        """What was written and where."""
        return (
            f"Wrote {self.total_rows:,} rows of a made-up authority's returns ({self.pupils:,} pupils over the years, "
            f"{self.schools} schools) to {self.folder}"
        )


def _refuse_impossible(pupils: int, years: int, seed: int, last_year: AcademicYear) -> None:
    if not FEWEST_PUPILS <= pupils <= MOST_PUPILS:
        raise UsageError(
            f"expected {FEWEST_PUPILS:,} to {MOST_PUPILS:,} pupils, found {pupils:,}; give another number"
        )
    most = last_year.start_year - FIRST_START + 1
    if not 1 <= years <= most:
        raise UsageError(
            f"expected 1 to {most} academic years ending with {last_year}, found {years}: none before 2021/22 is "
            "written, since the returns had other layouts and absence another measure; give another number"
        )
    if seed < 0:
        raise UsageError("expected a seed of 0 or more, found a negative one; give another number")


def simulate(
    folder: Path,
    *,
    pupils: int = 12_000,
    years: int = 5,
    seed: int = 1,
    last_year: AcademicYear = _LAST,
    progress: Callable[[str], None] | None = None,
) -> SimulateResult:
    """A made-up authority's returns stand in ``folder``; the same arguments give the same bytes.

    Parameters
    ----------
    folder : Path
        Where the returns go; files of the same names are replaced, others stay.
    pupils : int
        About how many pupils are on roll at any time (Reception to Year 11), 200 to 500,000.
    years : int
        Whole academic years with attendance, ending with ``last_year``, none before 2021/22; the censuses run from
        the autumn of the first to the autumn after the last (sixteen for five years).
    seed : int
        0 or more.
    progress : callable, optional
        Told in words what is being done.

    Raises
    ------
    UsageError
        If a number lies outside its bounds.
    OutputError
        If a file cannot be written.
    """
    _refuse_impossible(pupils, years, seed, last_year)
    from .ap_census_file import write_ap_census
    from .census_files import write_census
    from .census_rows import censuses
    from .identity import make_identities
    from .life import live
    from .social_care_files import write_social_care
    from .truth_file import write_truth

    first, last = last_year.start_year - years + 1, last_year.start_year
    authority = live(pupils, first, last, seed, progress)
    identities = make_identities(authority)
    rows: dict[str, int] = {}
    for census in censuses(first, last):
        if progress:
            progress(f"school census, {census.term} {census.year}")
        written = write_census(folder / "school_census", authority, identities, census)
        rows[f"school_census/{census.name}"] = sum(written.values())
    if progress:
        progress("social care and alternative provision returns")
    rows.update(write_social_care(folder, authority, identities))
    rows.update(write_ap_census(folder / "ap_census", authority, identities))
    write_truth(folder / "_truth", authority, identities)
    return SimulateResult(folder, len(authority.pupils), len(authority.schools), (first, last), rows)
