"""Leaks planted on purpose: a detector that does not find these proves nothing by its silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from ..dataset import PupilYears
from ..domain.academic_year import AcademicYear, day_number
from ..domain.outcome import Outcome
from ..labels import label_outcomes
from ..tables.canonical import CANONICAL_TABLES
from ..tables.frames import beside, open_table, to_pandas
from .alarm import POISONED_FUTURE, SINGLE_COLUMN

if TYPE_CHECKING:
    import pandas as pd

#: Values of a planted column, one per row of the pupils, from tables and every row's latest outcome.
MakeColumn = Callable[[Mapping[str, Any], PupilYears, np.ndarray], np.ndarray]

_FLIPPED = 0.1  #: share of outcomes turned in the noisy copy
_SPREAD = 0.25  #: standard deviation of the noise in the other one
_SEED = 20_231


@dataclass(frozen=True)
class Plant:
    """A column that no honest model could have, and the detectors that must find it."""

    name: str
    words: str
    column: MakeColumn
    caught_by: tuple[str, ...]


def outcomes_of(tables: Mapping[str, Any], pupils: PupilYears, outcome: Outcome) -> np.ndarray:
    """The latest outcome of every row, 0 or 1, NaN where unknown: what no feature may know."""
    import pandas as pd

    found = np.full(len(pupils), np.nan)
    for start in np.unique(pupils.academic_year):
        rows = np.flatnonzero(pupils.academic_year == start)
        ids = pd.DataFrame({"pupil_id": pupils.pupil_id[rows]}, dtype="str")
        labelled = label_outcomes(tables, ids, outcome, AcademicYear(int(start))).set_index("pupil_id")["y"]
        found[rows] = labelled.loc[ids["pupil_id"]].to_numpy(dtype="float64", na_value=np.nan)
    return found


def _copy(tables: Mapping[str, Any], pupils: PupilYears, known: np.ndarray) -> np.ndarray:
    return known


def _with_some_flipped(tables: Mapping[str, Any], pupils: PupilYears, known: np.ndarray) -> np.ndarray:
    turned = np.random.default_rng(_SEED).random(len(pupils)) < _FLIPPED
    return np.where(turned, 1 - known, known)


def _with_noise(tables: Mapping[str, Any], pupils: PupilYears, known: np.ndarray) -> np.ndarray:
    return known + np.random.default_rng(_SEED).normal(0, _SPREAD, len(pupils))


def _schools_average(tables: Mapping[str, Any], pupils: PupilYears, known: np.ndarray) -> np.ndarray:
    import pandas as pd

    by_school = pd.Series(known).groupby(pd.Series(pupils.school_id))
    return by_school.transform("mean").to_numpy(dtype="float64")


def _suspensions_since(tables: Mapping[str, Any], pupils: PupilYears, known: np.ndarray) -> np.ndarray:
    """Suspensions of the year whose outcome is foreseen: they begin after the year that features describe."""
    import pandas as pd

    latest = open_table(tables, "suspensions").filter(nw.col("superseded_from").is_null())
    held = to_pandas(latest.select("pupil_id", "start_date")).astype({"pupil_id": "str"})
    found = np.zeros(len(pupils))
    for start in np.unique(pupils.academic_year):
        year = AcademicYear(int(start)).next
        inside = held["start_date"].between(day_number(year.first_day), day_number(year.last_day))
        counts = held.loc[inside.fillna(False), "pupil_id"].value_counts()
        rows = np.flatnonzero(pupils.academic_year == start)
        found[rows] = pd.Series(pupils.pupil_id[rows]).map(counts).fillna(0).to_numpy(dtype="float64")
    return found


_BOTH = (SINGLE_COLUMN, POISONED_FUTURE)

PLANTED_COLUMNS: tuple[Plant, ...] = (
    Plant("copy_of_the_outcome", "a copy of the outcome", _copy, _BOTH),
    Plant(
        "copy_with_a_tenth_turned",
        "a copy of the outcome with a tenth of its values turned",
        _with_some_flipped,
        (POISONED_FUTURE,),
    ),
    Plant("copy_with_noise", "a copy of the outcome with noise added", _with_noise, _BOTH),
    Plant(
        "suspensions_next_year",
        "a future-dated column: suspensions in the year whose outcome is foreseen",
        _suspensions_since,
        (POISONED_FUTURE,),
    ),
    Plant(
        "school_average_all_years",
        "a school's average outcome over all years, those to come included",
        _schools_average,
        (POISONED_FUTURE,),
    ),
)


def with_planted_columns(tables: Mapping[str, Any], pupils: PupilYears, outcome: Outcome) -> PupilYears:
    """The same pupils, with every planted column as their only features.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, clean or poisoned: the columns are made from these.
    pupils : PupilYears
        Whose rows they are.
    outcome : Outcome
        What the columns give away.
    """
    import pandas as pd

    known = outcomes_of(tables, pupils, outcome)
    columns = {p.name: p.column(tables, pupils, known).astype("float64") for p in PLANTED_COLUMNS}
    return replace(pupils, X=pd.DataFrame(columns), audit=None)


DUPLICATE_PUPILS = "pupils whose every row is copied under another id"


def duplicate_pupils(tables: Mapping[str, Any], *, count: int = 20, seed: int = 1) -> dict[str, Any]:
    """The same tables, with the rows of some pupils there a second time under another id.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables; they are left as they are.
    count : int
        How many pupils with attendance are copied (all, if there are fewer).
    seed : int
        Which ones.
    """
    names = ["pupil_id"]
    held = to_pandas(open_table(tables, "attendance").select(*names).unique())["pupil_id"]
    ids = sorted(held.astype("str"))
    chosen = np.random.default_rng([seed, _SEED]).choice(ids, min(count, len(ids)), replace=False)
    return {
        name: _with_copies(tables, name, chosen) if "pupil_id" in table.column_names else tables[name]
        for name, table in CANONICAL_TABLES.items()
    }


def _with_copies(tables: Mapping[str, Any], name: str, chosen: np.ndarray) -> Any:
    frame = open_table(tables, name)
    columns = CANONICAL_TABLES[name].column_names
    other = frame.join(beside(tables, _other_ids(chosen)), on="pupil_id", how="inner")
    renamed = other.with_columns(nw.col("other_id").cast(nw.String).alias("pupil_id")).select(*columns)
    return nw.concat([frame.select(*columns), renamed], how="vertical").to_native()


def _other_ids(chosen: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    ids = [str(pupil) for pupil in chosen]
    other = [sha256(f"another id of {pupil}".encode()).hexdigest()[:32] for pupil in ids]
    return pd.DataFrame({"pupil_id": ids, "other_id": other}, dtype="str")
