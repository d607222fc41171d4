"""How often lists of this model were right in past years, in sentences, from a folder of evidence."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..domain.academic_year import AcademicYear


def past_lists(evidence: Path | None, capacity: int) -> tuple[str, ...]:
    """A sentence per year that was tested, oldest first, and one on onset; none where no evidence was given.

    The shares are the evidence's own printed ones: what may not be printed there is not said here.

    Parameters
    ----------
    evidence : Path, optional
        The folder of a backtest.
    capacity : int
        Places of the list at hand; if the backtest judged another length, a sentence says so.

    Raises
    ------
    InputError
        If the folder is not what a backtest wrote.
    """
    if evidence is None:
        return ()
    from ..reports.outcome_words import outcome_words
    from .evidence_folder import read_evidence_folder

    found = read_evidence_folder(Path(evidence))
    judged_at, outcome = int(found.about["capacity"]), outcome_words(found.about["outcome"])
    said = []
    for year in sorted(set(found.measures["year"])):
        share = found.printed(year, "precision_at_capacity")
        if not math.isnan(share):
            of_whom = f"every 100 pupils on a list of {judged_at:,} places"
            said.append(_sentence(year, share, of_whom, outcome))
    if said and judged_at != capacity:
        said.append(
            f"Those lists had {judged_at:,} places and this one has {capacity:,}; the further down a list goes, the "
            "fewer of those on it are rightly there."
        )
    return (*said, *_of_onset(Path(evidence), found.about, outcome))


def _of_onset(evidence: Path, about: dict[str, Any], outcome: str) -> tuple[str, ...]:
    """The latest year's list of pupils not yet persistently absent, if the evidence has judged one."""
    from .evidence_folder import read_printed_table

    table = read_printed_table(evidence, "onset_list")
    if table is None:
        return ()
    rows = table[(table["rival"] == about["candidate"]) & (table["precision"] != "")].sort_values("year")
    of_whom = "every 100 pupils on a list drawn only from those not yet persistently absent"
    return tuple(
        _sentence(row["year"], float(row["precision"]), of_whom, outcome)
        for row in rows.tail(1).to_dict("records")
    )


def _sentence(year: str, share: float, of_whom: str, outcome: str) -> str:
    later, many = AcademicYear.parse(year).next, math.floor(100 * share + 0.5)
    return f"From the records of {year}, of {of_whom}, about {many} {outcome} in {later}; about {100 - many} did not."
