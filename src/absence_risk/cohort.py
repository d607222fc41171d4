"""Who is eligible on the as-of date, and why each other pupil is not.

The cohort is the pupils on an authority school's roll at the autumn census after the feature year, in Years 1 to 11
there, as known on the as-of date. Training and scoring select it by the same lines, so that the pupils a model
learns from are the pupils it is used for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from .domain.academic_year import AcademicYear, day_number
from .domain.pupil import SCORED_YEAR_GROUPS
from .errors import InputError
from .features.known import AsOf, known_on
from .tables.frames import flag, open_table, to_pandas

if TYPE_CHECKING:
    import pandas as pd

#: Why a pupil who was seen is out, in the order in which they are asked; the first that holds is given.
REASONS = (
    "year_11_in_feature_year",
    "past_compulsory_age",
    "not_on_roll",
    "below_year_1",
    "year_group_not_recorded",
    "excluded",
)

#: Registrations in order of preference: current and main, then unknown, then subsidiary, college and other.
_STATUS_RANK = {"C": 0, "M": 0, "S": 2, "F": 2, "O": 2}
_UNKNOWN_STATUS_RANK = 1

#: Attendance is collected, and schooling compulsory, from the year after the fifth birthday to that of the sixteenth
#: (age on 31 August; DfE, School Census guides).
_FIRST_AGE, _LAST_AGE = 5, 15


@dataclass(frozen=True)
class Cohort:
    """The eligible pupils of one feature year, with an account of everybody else.

    Attributes
    ----------
    frame : pandas.DataFrame
        Sorted by ``pupil_id``, one row per pupil: ``pupil_id``, ``school_id`` and ``year_group`` (main registration
        at the autumn census), ``academic_year`` (start of the feature year).
    counts : dict of str to int
        ``seen``, ``eligible``, then each of ``REASONS``; ``seen`` is the sum of the others.
    reasons : pandas.DataFrame
        ``pupil_id`` and ``reason`` of those who are out, sorted by ``pupil_id``.
    """

    frame: pd.DataFrame
    counts: dict[str, int]
    reasons: pd.DataFrame


def select_cohort(tables: Mapping[str, Any], as_of: date, *, excluded: Collection[str] = ()) -> Cohort:
    """The cohort of the feature year that an as-of date belongs to.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables (``Store.tables()``), dates as day numbers.
    as_of : datetime.date
        The as-of date; the autumn census of the year under way must be known on it.
    excluded : collection of str
        ``pupil_id`` of pupils who are left out on request or for protection: counted here, where nothing is worked
        out, and in no table that features are built from (``tables.frames.without_pupils``).

    Raises
    ------
    InputError
        If that census is not known on the as-of date.
    """
    moment = AsOf(as_of)
    census = _still_here(_autumn_census(tables, moment), tables, moment)
    before = _year_before(_still_here(_feature_year(tables, moment), tables, moment))
    seen = _one_row_each(census, before, _ap_schools(tables, moment))
    seen = seen.assign(reason=_why_out(seen, moment, excluded))
    eligible = seen[seen["reason"] == ""]
    frame = eligible[["pupil_id", "school_id"]].assign(
        year_group=eligible["year_group"].astype("int64"), academic_year=moment.feature_year
    )
    out = seen[seen["reason"] != ""][["pupil_id", "reason"]].reset_index(drop=True)
    by_reason = out["reason"].value_counts()
    counts = {"seen": len(seen), "eligible": len(frame)} | {r: int(by_reason.get(r, 0)) for r in REASONS}
    assert counts["seen"] == sum(counts.values()) - counts["seen"], "the counts of the cohort do not balance"
    return Cohort(frame.reset_index(drop=True), counts, out)


def _autumn_census(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    rows = open_table(tables, "pupils").filter(
        nw.col("academic_year") == as_of.label_year, nw.col("census_term") == "autumn"
    )
    columns = ("pupil_id", "school_id", "on_roll", "year_group", "enrol_status", "birth_month")
    known = to_pandas(known_on(rows, as_of.day).select(*columns))
    if known.empty:
        held = to_pandas(rows.select(nw.col("known_from").min()))["known_from"]
        raise InputError(_no_census(as_of, bool(held.notna().any())))
    return known


def _no_census(as_of: AsOf, held_later: bool) -> str:
    census = f"the autumn School Census of {AcademicYear(as_of.label_year)} (October {as_of.label_year})"
    found = "it is known only from a later day" if held_later else "the store does not hold it"
    act = "choose a later as-of date" if held_later else "ingest its on-roll and no-longer-on-roll tables"
    return f"expected {census} known on {as_of.date.isoformat()}, but {found}; {act}, or choose another year"


def _feature_year(tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    # The leavers of the feature year's own autumn census left in the year before it.
    rows = open_table(tables, "pupils").filter(
        nw.col("academic_year") == as_of.feature_year, nw.col("on_roll") | (nw.col("census_term") != "autumn")
    )
    return to_pandas(known_on(rows, as_of.day).select("pupil_id", "on_roll", "year_group", "birth_month"))


def _still_here(rows: pd.DataFrame, tables: Mapping[str, Any], as_of: AsOf) -> pd.DataFrame:
    """Census rows without those of leavers who were gone before the feature year began.

    A census returns a leaver's suspensions two terms late, so a pupil can stand on its table of leavers in the
    spring after the year in which they left.
    """
    gone = nw.col("end_date") < as_of.year()[0]
    enrolments = known_on(open_table(tables, "enrolments"), as_of.day).select(
        "pupil_id", flag(gone).alias("gone")
    )
    left = to_pandas(enrolments.group_by("pupil_id").agg(nw.col("gone").min()))
    before = set(left.loc[left["gone"] == 1, "pupil_id"])
    return rows[rows["on_roll"].astype("bool") | ~rows["pupil_id"].isin(before)]


def _year_before(rows: pd.DataFrame) -> pd.DataFrame:
    """Pupils of the feature year's censuses: ``pupil_id``, ``year_group_before``, ``birth_month_before``."""
    latest = rows.groupby("pupil_id", as_index=False)[["year_group", "birth_month"]].max()
    return latest.rename(columns={"year_group": "year_group_before", "birth_month": "birth_month_before"})


def _ap_schools(tables: Mapping[str, Any], as_of: AsOf) -> set[str]:
    schools = known_on(open_table(tables, "schools"), as_of.day).filter(nw.col("is_ap"))
    return set(to_pandas(schools.select("school_id"))["school_id"])


def _one_row_each(census: pd.DataFrame, before: pd.DataFrame, ap_schools: set[str]) -> pd.DataFrame:
    """Everybody seen, one row per pupil: the main registration on the autumn census beside the year before."""
    ranked = census.assign(
        rank=census["enrol_status"].map(_STATUS_RANK).fillna(_UNKNOWN_STATUS_RANK).astype("int64"),
        in_ap=census["school_id"].isin(ap_schools),
        leaver=~census["on_roll"].astype("bool"),
    )
    order = ["pupil_id", "leaver", "rank", "in_ap", "school_id"]
    main = ranked.sort_values(order, kind="stable").drop_duplicates("pupil_id")
    merged = main.merge(before, on="pupil_id", how="outer", validate="one_to_one")
    birth = merged["birth_month"].fillna(merged["birth_month_before"])
    on_roll = merged["on_roll"].astype("boolean").fillna(False).astype("bool")
    # A leaver's row of the autumn census still says the old year group, so it counts with the year before.
    old_group = merged["year_group_before"].fillna(merged["year_group"].where(~on_roll))
    whole = merged.assign(
        pupil_id=merged["pupil_id"].astype("str"),
        school_id=merged["school_id"].astype("str"),
        on_roll=on_roll,
        year_group=merged["year_group"].where(on_roll).astype("Float64"),
        year_group_before=old_group.astype("Float64"),
        birth_month=birth.astype("Float64"),
    )
    return whole.sort_values("pupil_id", kind="stable", ignore_index=True)


def _born_after(as_of: AsOf, age: int) -> int:
    """First month (as a day number) of those who have not reached ``age`` on 31 August before the label year."""
    return day_number(date(as_of.label_year - age, 9, 1))


def _why_out(seen: pd.DataFrame, as_of: AsOf, excluded: Collection[str]) -> Any:
    import numpy as np

    group, before = seen["year_group"], seen["year_group_before"]
    first, last = SCORED_YEAR_GROUPS[0], SCORED_YEAR_GROUPS[-1]
    too_old = seen["birth_month"] < _born_after(as_of, _LAST_AGE + 1)
    too_young = group.isna() & (seen["birth_month"] >= _born_after(as_of, _FIRST_AGE))
    holds = {
        "year_11_in_feature_year": before == last,
        "past_compulsory_age": (group > last) | (before > last) | too_old,
        "not_on_roll": ~seen["on_roll"],
        "below_year_1": (group < first) | too_young,
        "year_group_not_recorded": group.isna(),
        "excluded": seen["pupil_id"].isin(set(excluded)),
    }
    conditions = [holds[reason].astype("boolean").fillna(False).to_numpy(dtype=bool) for reason in REASONS]
    return np.select(conditions, list(REASONS), default="")
