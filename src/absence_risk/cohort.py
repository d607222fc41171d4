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

    LazyFrame = nw.LazyFrame[Any]

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
_FIRST_CHOICE, _LAST_CHOICE = ("C", "M"), ("S", "F", "O")

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


def seen_pupils(tables: Mapping[str, Any], as_of: date, excluded: Collection[str] = ()) -> LazyFrame:
    """Everybody seen in the feature year or at the autumn census after it, and why each who is out is out; lazily.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables (``Store.tables()``), dates as day numbers, on any engine.
    as_of : datetime.date
        The as-of date. Whether the autumn census is known on it is not asked here (``check_census``): a part of a
        large store may hold no pupil of it.
    excluded : collection of str
        ``pupil_id`` of pupils who are left out on request or for protection.

    Returns
    -------
    narwhals.LazyFrame
        One row per pupil, in no order, on the engine of the tables: ``pupil_id``; ``school_id`` and ``year_group``
        (Int64) of the main registration at the autumn census, missing for pupils who are not on roll; ``reason``, one
        of ``REASONS``, empty for an eligible pupil.
    """
    moment = AsOf(as_of)
    gone = _gone(tables, moment)
    census = _main_registration(_still_here(_autumn_census(tables, moment), gone), tables, moment)
    before = _year_before(_still_here(_feature_year(tables, moment), gone))
    seen = _beside_each_other(census, before).with_columns(_why_out(moment, excluded).alias("reason"))
    return seen.select("pupil_id", "school_id", nw.col("year_group").cast(nw.Int64), "reason")


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
    seen = to_pandas(seen_pupils(tables, as_of, excluded)).astype(
        {"pupil_id": "str", "school_id": "str", "reason": "str"}
    )
    seen = seen.sort_values("pupil_id", kind="stable", ignore_index=True)
    here = (seen["reason"] == "").to_numpy(dtype=bool)
    if not here.any():
        # Without the census nobody is on roll, so it need be asked for only then.
        check_census(tables, as_of)
    eligible = seen.loc[here, ["pupil_id", "school_id", "year_group"]].reset_index(drop=True)
    frame = eligible.assign(
        year_group=eligible["year_group"].astype("int64"), academic_year=AsOf(as_of).feature_year
    )
    out = seen.loc[~here, ["pupil_id", "reason"]].reset_index(drop=True)
    by_reason = {str(reason): int(n) for reason, n in out["reason"].value_counts().items()}
    return Cohort(frame, counts_of({"": len(frame), **by_reason}), out)


def counts_of(by_reason: Mapping[str, int]) -> dict[str, int]:
    """``Cohort.counts`` from the number of pupils with each reason of ``seen_pupils``, the empty one included."""
    counts = {"seen": sum(map(int, by_reason.values())), "eligible": int(by_reason.get("", 0))}
    counts |= {reason: int(by_reason.get(reason, 0)) for reason in REASONS}
    assert counts["seen"] == sum(counts.values()) - counts["seen"], "the counts of the cohort do not balance"
    return counts


def check_census(tables: Mapping[str, Any], as_of: date) -> None:
    """Refuse an as-of date on which the autumn census of the year under way is not known.

    Raises
    ------
    InputError
        Saying whether the store holds that census at all.
    """
    moment = AsOf(as_of)
    if not len(to_pandas(_autumn_census(tables, moment).select("pupil_id").head(1))):
        held = to_pandas(_census_rows(tables, moment).select("known_from").head(1))
        raise InputError(_no_census(moment, bool(len(held))))


def _census_rows(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    return open_table(tables, "pupils").filter(
        nw.col("academic_year") == as_of.label_year, nw.col("census_term") == "autumn"
    )


def _autumn_census(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    columns = ("pupil_id", "school_id", "on_roll", "year_group", "enrol_status", "birth_month")
    return known_on(_census_rows(tables, as_of), as_of.day).select(*columns)


def _no_census(as_of: AsOf, held_later: bool) -> str:
    census = f"the autumn School Census of {AcademicYear(as_of.label_year)} (October {as_of.label_year})"
    found = "it is known only from a later day" if held_later else "the store does not hold it"
    act = "choose a later as-of date" if held_later else "ingest its on-roll and no-longer-on-roll tables"
    return f"expected {census} known on {as_of.date.isoformat()}, but {found}; {act}, or choose another year"


def _feature_year(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    # The leavers of the feature year's own autumn census left in the year before it.
    rows = open_table(tables, "pupils").filter(
        nw.col("academic_year") == as_of.feature_year, nw.col("on_roll") | (nw.col("census_term") != "autumn")
    )
    return known_on(rows, as_of.day).select("pupil_id", "on_roll", "year_group", "birth_month")


def _gone(tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """Pupils whose every known enrolment ended before the feature year: ``pupil_id`` and ``gone``, which is 1."""
    gone = nw.col("end_date") < as_of.year()[0]
    enrolments = known_on(open_table(tables, "enrolments"), as_of.day).select(
        "pupil_id", flag(gone).alias("gone")
    )
    return enrolments.group_by("pupil_id").agg(nw.col("gone").min()).filter(nw.col("gone") == 1)


def _still_here(rows: LazyFrame, gone: LazyFrame) -> LazyFrame:
    """Census rows without those of leavers who were gone before the feature year began.

    A census returns a leaver's suspensions two terms late, so a pupil can stand on its table of leavers in the
    spring after the year in which they left.
    """
    marked = rows.join(gone, on="pupil_id", how="left")
    return marked.filter(nw.col("on_roll") | nw.col("gone").is_null()).drop("gone")


def _year_before(rows: LazyFrame) -> LazyFrame:
    """Pupils of the feature year's censuses: ``pupil_id``, ``year_group_before``, ``birth_month_before``."""
    latest = rows.group_by("pupil_id").agg(nw.col("year_group").max(), nw.col("birth_month").max())
    return latest.rename({"year_group": "year_group_before", "birth_month": "birth_month_before"})


def _main_registration(census: LazyFrame, tables: Mapping[str, Any], as_of: AsOf) -> LazyFrame:
    """The main registration of each pupil on the autumn census: one row per pupil."""
    schools = known_on(open_table(tables, "schools"), as_of.day).filter(nw.col("is_ap"))
    status = nw.col("enrol_status")
    choice = nw.when(status.is_in(_FIRST_CHOICE)).then(0).otherwise(flag(status.is_in(_LAST_CHOICE)) + 1)
    ranked = census.join(
        schools.select("school_id", flag(nw.col("is_ap")).alias("in_ap")), on="school_id", how="left"
    )
    ranked = ranked.with_columns(
        flag(~nw.col("on_roll")).alias("leaver"), choice.alias("choice"), nw.col("in_ap").fill_null(0)
    )
    return ranked.unique("pupil_id", keep="first", order_by=["leaver", "choice", "in_ap", "school_id"])


def _beside_each_other(census: LazyFrame, before: LazyFrame) -> LazyFrame:
    """Everybody seen, one row per pupil: the main registration on the autumn census beside the year before."""
    both = census.join(before, on="pupil_id", how="full").with_columns(
        nw.coalesce("pupil_id", "pupil_id_right").alias("pupil_id"), nw.col("on_roll").fill_null(False)
    )
    here, group = nw.col("on_roll"), nw.col("year_group")
    return both.with_columns(
        nw.coalesce("birth_month", "birth_month_before").alias("birth_month"),
        # A leaver's row of the autumn census still says the old year group, so it counts with the year before.
        nw.coalesce(nw.col("year_group_before"), nw.when(~here).then(group)).alias("year_group_before"),
        nw.when(here).then(group).alias("year_group"),
    )


def _born_after(as_of: AsOf, age: int) -> int:
    """First month (as a day number) of those who have not reached ``age`` on 31 August before the label year."""
    return day_number(date(as_of.label_year - age, 9, 1))


def _why_out(as_of: AsOf, excluded: Collection[str]) -> nw.Expr:
    """The first of ``REASONS`` that holds, or nothing; a comparison with what is not known does not hold."""
    group, before = nw.col("year_group"), nw.col("year_group_before")
    first, last = SCORED_YEAR_GROUPS[0], SCORED_YEAR_GROUPS[-1]
    too_old = nw.col("birth_month") < _born_after(as_of, _LAST_AGE + 1)
    too_young = group.is_null() & (nw.col("birth_month") >= _born_after(as_of, _FIRST_AGE))
    holds = {
        "year_11_in_feature_year": before == last,
        "past_compulsory_age": (group > last) | (before > last) | too_old,
        "not_on_roll": ~nw.col("on_roll"),
        "below_year_1": (group < first) | too_young,
        "year_group_not_recorded": group.is_null(),
        "excluded": nw.col("pupil_id").is_in(sorted(excluded)),
    }
    found = nw.lit("")
    for reason in reversed(REASONS):
        found = nw.when(holds[reason]).then(nw.lit(reason)).otherwise(found)
    return found
