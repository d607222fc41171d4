"""Rows of pupils: before outcomes are looked at, and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from ..cohort import REASONS
from ..domain.academic_year import AcademicYear
from ..domain.outcome import Outcome
from ..errors import InputError, UsageError
from ..labels import UNKNOWN_REASONS, label_outcomes, on_the_line

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """Rows of pupils with a known outcome, in order of feature year and then pupil_id.

    Attributes
    ----------
    X : pandas.DataFrame
        Every catalogue feature, float64, missing as NaN; index 0 to n-1.
    y : numpy.ndarray of int64
        1 where the outcome was met.
    pupil_id, school_id : numpy.ndarray of object
        Whose row it is, and the school on the autumn census after the feature year.
    academic_year : numpy.ndarray of int64
        Start of the feature year.
    flow : tuple of dict
        Per year: ``academic_year``, ``seen``, each reason out, ``eligible``, each reason unknown, ``used``,
        ``outcome_met`` and ``on_the_line``.
    audit : pandas.DataFrame or None
        The columns of ``audit_groups.AUDIT_COLUMNS`` by row, in words, for measures by group only.
    """

    X: pd.DataFrame
    y: np.ndarray
    pupil_id: np.ndarray
    school_id: np.ndarray
    academic_year: np.ndarray
    flow: tuple[dict[str, int], ...]
    audit: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.y)

    def in_years(self, years: Collection[AcademicYear]) -> Dataset:
        """The rows of some feature years, and their part of the flow."""
        rows, starts = _rows_of(self.academic_year, years)
        flow = tuple(step for step in self.flow if step["academic_year"] in starts)
        return replace(self, y=self.y[rows], flow=flow, **_taken(self, rows))


@dataclass(frozen=True)
class PupilYears:
    """Every eligible pupil of some feature years with features, before any outcome is looked at.

    Rows in order of feature year and then pupil_id; ``X``, ``pupil_id``, ``school_id``, ``academic_year`` and
    ``audit`` are those of ``Dataset``.

    Attributes
    ----------
    counts : tuple of dict
        Per year: ``academic_year`` and ``Cohort.counts``.
    """

    X: pd.DataFrame
    pupil_id: np.ndarray
    school_id: np.ndarray
    academic_year: np.ndarray
    counts: tuple[dict[str, int], ...]
    audit: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.pupil_id)

    def in_years(self, years: Collection[AcademicYear]) -> PupilYears:
        """The rows of some feature years, and their part of the counts."""
        rows, starts = _rows_of(self.academic_year, years)
        counts = tuple(step for step in self.counts if step["academic_year"] in starts)
        return replace(self, counts=counts, **_taken(self, rows))

    def with_outcomes(
        self, tables: Mapping[str, Any], outcome: Outcome, *, known_by: date | None = None
    ) -> Dataset:
        """The rows whose outcome is known, and the flow of all; the features are not built again.

        Parameters
        ----------
        tables : mapping of str to frame
            The tables the features were built from.
        outcome : Outcome
            What is foreseen.
        known_by : datetime.date, optional
            Outcomes as known on this day (``labels.label_outcomes``): for what trains and calibrates, the test
            year's as-of date, so that a later correction does not teach the past. By default the latest version.

        Raises
        ------
        UsageError
            If there is no feature year among the rows.
        InputError
            If no pupil has a known outcome.
        """
        import numpy as np
        import pandas as pd

        if not self.counts:
            raise UsageError(
                "expected at least one feature year that was gathered, found none of those named"
            )
        labelled, flow = [], []
        for counts in self.counts:
            pupils = self._pupils(counts["academic_year"])
            year = AcademicYear(counts["academic_year"])
            found = label_outcomes(tables, pupils, outcome, year, known_by=known_by)
            assert found["pupil_id"].tolist() == pupils["pupil_id"].tolist(), (
                "outcomes are out of step with rows"
            )
            labelled.append(found)
            flow.append(_flow(counts, found, outcome))
        outcomes = pd.concat(labelled, ignore_index=True)
        used = np.flatnonzero(outcomes["unknown_reason"].isna())
        if not len(used):
            raise InputError(_no_outcome(self.counts, known_by))
        y = outcomes["y"].iloc[used].to_numpy(dtype="int64")
        return Dataset(y=y, flow=tuple(flow), **_taken(self, used))

    def _pupils(self, start_year: int) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"pupil_id": self.pupil_id[self.academic_year == start_year]}, dtype="str")


def _rows_of(academic_year: np.ndarray, years: Collection[AcademicYear]) -> tuple[np.ndarray, set[int]]:
    import numpy as np

    starts = {year.start_year for year in years}
    return np.flatnonzero(np.isin(academic_year, sorted(starts))), starts


def _taken(data: Dataset | PupilYears, rows: np.ndarray) -> dict[str, Any]:
    """What both kinds of rows hold, at some rows."""
    audit = None if data.audit is None else data.audit.iloc[rows].reset_index(drop=True)
    whose = {name: getattr(data, name)[rows] for name in ("pupil_id", "school_id", "academic_year")}
    return {"X": data.X.iloc[rows].reset_index(drop=True), "audit": audit, **whose}


def _no_outcome(counts: Sequence[Mapping[str, int]], known_by: date | None) -> str:
    years = ", ".join(str(AcademicYear(step["academic_year"])) for step in counts)
    when = "" if known_by is None else f" on {known_by.isoformat()}"
    return f"no pupil has a known outcome{when} in {years}; see the flow of pupils"


def _flow(counts: Mapping[str, int], labelled: pd.DataFrame, outcome: Outcome) -> dict[str, int]:
    unknown = labelled["unknown_reason"].value_counts()
    used = int(labelled["unknown_reason"].isna().sum())
    step = {name: counts[name] for name in ("academic_year", "seen", *REASONS, "eligible")}
    step |= {reason: int(unknown.get(reason, 0)) for reason in UNKNOWN_REASONS}
    step |= {
        "used": used,
        "outcome_met": int(labelled["y"].sum()),
        "on_the_line": on_the_line(labelled, outcome),
    }
    assert step["eligible"] == used + sum(step[reason] for reason in UNKNOWN_REASONS), (
        "the flow does not balance"
    )
    return step
