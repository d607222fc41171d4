"""Detectors that look at one build of the data: columns that know too much, and pupils who are there twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from ..domain.academic_year import TERMS
from ..domain.attendance_codes import AUTHORISED_CODES, UNAUTHORISED_CODES
from ..evaluation.ranking import roc_auc
from ..features.known import known_on
from ..tables.frames import beside, open_table, sum_by, to_pandas
from .alarm import SINGLE_COLUMN, TWICE_IN_A_YEAR, TWO_IDS, Alarm

if TYPE_CHECKING:
    import pandas as pd

    from ..dataset import Dataset, PupilYears

#: A single column that ranks the outcome this well is refused. In made-up authorities of 6,000 to 50,000 pupils the
#: best honest column (last year's own code O) reaches 0.83, and 0.85 for the outcome of code O alone; a copy of the
#: outcome reaches 1, and one with noise of a quarter 0.997. A copy with a tenth of its values turned reaches 0.90
#: only, which an honest column of a real authority may come near: the poisoned future finds that one.
HIGHEST_AUC = 0.95

#: With fewer pupils of either outcome one column of many may rank them well by chance alone.
FEWEST_OF_EACH = 10

#: Two ids share a history when their counts agree, in the same school and years, in at least this many places (a term
#: and a code), in years of at least `_FEWEST_IN_A_YEAR` places each. In made-up authorities of 6,000 to 50,000 pupils
#: no two different pupils agree in more than 6.
FEWEST_PLACES = 10
_FEWEST_IN_A_YEAR = 4

_TOLD_BY = (*UNAUTHORISED_CODES, *AUTHORISED_CODES, "L")


def can_be_judged(y: np.ndarray) -> bool:
    """Whether there are enough pupils of each outcome to say that a column knows too much."""
    met = int(y.sum())
    return min(met, len(y) - met) >= FEWEST_OF_EACH


def columns_that_know_too_much(data: Dataset, *, highest: float = HIGHEST_AUC) -> tuple[Alarm, ...]:
    """An alarm for each column of ``X`` that alone ranks the outcome better than any honest one could.

    Either direction counts, and so does a value that is missing just where the outcome was met: missing stands once
    below and once above all values. Nothing is said with fewer than ``FEWEST_OF_EACH`` pupils of either outcome.

    Parameters
    ----------
    data : Dataset
        Rows of training years only: the test year's outcomes stay closed.
    highest : float
        The highest area under the ROC curve that is let pass.
    """
    if not can_be_judged(data.y):
        return ()
    found = {name: _best_auc(data.y, data.X[name].to_numpy(dtype="float64")) for name in data.X.columns}
    return tuple(
        Alarm(
            SINGLE_COLUMN, name, f"{name} alone ranks the outcome with ROC AUC {auc:.2f}, over {highest:.2f}"
        )
        for name, auc in found.items()
        if auc > highest
    )


def _best_auc(y: np.ndarray, values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.5
    missing = np.isnan(values)
    fills = (known.min() - 1, known.max() + 1) if missing.any() else (0.0,)
    areas = [roc_auc(y, np.where(missing, fill, values)) for fill in fills]
    return max(max(area, 1 - area) for area in areas)


def pupils_twice_in_a_year(rows: PupilYears | Dataset) -> tuple[Alarm, ...]:
    """An alarm if a pupil has more than one row in a feature year."""
    keys = list(zip(rows.academic_year.tolist(), rows.pupil_id.tolist(), strict=True))
    again = len(keys) - len(set(keys))
    if not again:
        return ()
    words = f"{again:,} of {len(keys):,} rows repeat a pupil within a feature year"
    return (Alarm(TWICE_IN_A_YEAR, "pupil_id", words),)


def histories_under_two_ids(tables: Mapping[str, Any], day: int) -> tuple[Alarm, ...]:
    """An alarm if two pupil ids hold one history of absence: the same counts in the same school and years.

    A child under two ids stands among those who train and those who test, and is learned by heart. Only counts that
    tell one pupil from another are compared (absences and lateness by term and code), as known on a day.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers.
    day : int
        Day number of the cut-off.
    """
    years = _histories(tables, day)
    same = ["school_id", "academic_year", "mark_1", "mark_2", "places"]
    again = years[years.duplicated(same, keep=False)]
    pairs = again.merge(again, on=same, suffixes=("", "_other"))
    pairs = pairs[pairs["pupil_id"] < pairs["pupil_id_other"]]
    agreeing = pairs.groupby(["pupil_id", "pupil_id_other"])["places"].sum()
    count = int((agreeing >= FEWEST_PLACES).sum())
    if not count:
        return ()
    words = (
        f"{count:,} pairs of pupil ids hold the same counts of absence in the same school and years, in "
        f"{FEWEST_PLACES} or more places"
    )
    return (Alarm(TWO_IDS, "pupil_id", words),)


def _histories(tables: Mapping[str, Any], day: int) -> pd.DataFrame:
    """One row per pupil, school and year: two marks that equal histories share, and the places they rest on."""
    held = known_on(open_table(tables, "attendance"), day).filter(nw.col("sessions") > 0)
    joined = held.join(beside(tables, _weights()), on=["term", "reason_code"], how="inner")
    marks = [(nw.col("sessions").cast(nw.Int64) * nw.col(w)).alias(f"mark_{w[-1]}") for w in ("w_1", "w_2")]
    marked = joined.with_columns(*marks, nw.lit(1).alias("places"))
    sums = sum_by(marked, ["pupil_id", "school_id", "academic_year"], ["mark_1", "mark_2", "places"])
    return to_pandas(sums.filter(nw.col("places") >= _FEWEST_IN_A_YEAR))


def _weights() -> pd.DataFrame:
    """Two large whole numbers for each term and code: histories that differ have other sums, all but surely."""
    import pandas as pd

    places = [(term, code) for term in TERMS for code in _TOLD_BY]
    rng = np.random.default_rng(20_231)
    frame = pd.DataFrame(places, columns=["term", "reason_code"])
    return frame.assign(w_1=rng.integers(1, 2**40, len(frame)), w_2=rng.integers(1, 2**40, len(frame)))
