"""Pupils who could not be looked at: on a roll here in the feature year, on none at the autumn census after it.

No estimate is made of them, and another service looks for them, or nobody does: that is why they are named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..cohort import select_cohort
from ..domain.academic_year import day_from_number, day_number
from ..features.known import AsOf, known_on
from ..features.phrasing import day_words
from ..tables.canonical import CENSUS_TERMS
from ..tables.frames import open_table, to_pandas
from .card import OFF_ROLL, OffRollRow
from .further_lists import FurtherList
from .order import in_list_order

if TYPE_CHECKING:
    import pandas as pd

#: The cohort's reason; it is asked after Year 11 and after those past compulsory age.
NOT_ON_ROLL = "not_on_roll"
NOT_STATED = "not stated"
WHY = (
    "Not on a school's roll here at the autumn census. The records do not say where the child is: moved away, "
    "home educated or missing from education."
)
#: Schooling is compulsory from the year after the fifth birthday (age on 31 August): nursery need not be attended.
FIRST_AGE = 5
_OF_ENTRY = ("school_id", "year_group", "enrol_status", "birth_month")


def off_roll_list(
    tables: Mapping[str, Any], as_of: date, excluded: Collection[str], schools: Mapping[str, str], limit: int
) -> FurtherList:
    """Pupils of compulsory age who were on a roll here in the feature year and are on none at the autumn census.

    Parameters
    ----------
    tables : mapping of str to native frame
        The canonical tables, dates as day numbers.
    as_of : date
        Leaving dates not known on it are not stated.
    excluded : collection of str
        pupil_id of pupils left out of every list.
    schools : mapping of str to str
        Names by ``school_id``.
    limit : int
        How many are named: those whose last day is not stated first, then the latest to leave, ties by pupil_id.

    Raises
    ------
    InputError
        If the autumn census is not known on the as-of date.
    """
    moment = AsOf(as_of)
    out = select_cohort(tables, as_of).reasons
    gone = sorted(set(out.loc[out["reason"] == NOT_ON_ROLL, "pupil_id"]) - set(excluded))
    if not gone:
        return FurtherList((), 0, {})
    last = _last_entries(tables, moment, gone)
    dated = last.merge(_last_days(tables, moment, gone), on="pupil_id", how="left")
    first = dated.sort_values(
        ["last_day", "pupil_id"], ascending=[False, True], kind="stable", na_position="first"
    ).head(limit)
    shown = in_list_order(first, schools, OFF_ROLL)
    rows = tuple(
        OffRollRow(ref, school, _year_group(group), _day(day), WHY)
        for ref, school, group, day in zip(
            shown["review_ref"], shown["school"], shown["year_group"], shown["last_day"], strict=True
        )
    )
    return FurtherList(rows, len(dated), dict(zip(shown["pupil_id"], shown["review_ref"], strict=True)))


def _last_entries(tables: Mapping[str, Any], as_of: AsOf, pupils: list[str]) -> pd.DataFrame:
    """Of each pupil of compulsory age the latest census entry: ``pupil_id``, ``school_id``, ``year_group``.

    A row among a census's leavers says as well that the pupil was on a roll here. A year group is left empty only where
    no entry gives one and the month of birth says that the child is of compulsory age.
    """
    rows = known_on(open_table(tables, "pupils"), as_of.day).filter(
        nw.col("pupil_id").is_in(pupils),
        nw.col("academic_year").is_between(as_of.feature_year, as_of.label_year),
    )
    entries = to_pandas(rows.select("pupil_id", "on_roll", "academic_year", "census_term", *_OF_ENTRY))
    ordered = entries.assign(
        term=entries["census_term"].map({term: place for place, term in enumerate(CENSUS_TERMS)}),
        leaver=~entries["on_roll"].astype("bool"),
        subsidiary=~entries["enrol_status"].fillna("C").isin(["C", "M"]),
    ).sort_values(
        ["pupil_id", "academic_year", "term", "leaver", "subsidiary", "school_id"],
        ascending=[True, False, False, True, True, True],
        kind="stable",
    )
    # The first value that is there: an entry without a year group takes it from the one before.
    latest = ordered.groupby("pupil_id", as_index=False)[["school_id", "year_group", "birth_month"]].first()
    born_before = day_number(date(as_of.label_year - FIRST_AGE, 9, 1))
    of_age = latest["year_group"].notna() | (latest["birth_month"] < born_before).fillna(value=False)
    return latest.loc[of_age.astype("bool"), ["pupil_id", "school_id", "year_group"]]


def _last_days(tables: Mapping[str, Any], as_of: AsOf, pupils: list[str]) -> pd.DataFrame:
    """The last day on any roll (day number); missing where an enrolment is still open on record."""
    known = known_on(open_table(tables, "enrolments"), as_of.day).filter(nw.col("pupil_id").is_in(pupils))
    spells = to_pandas(known.select("pupil_id", "start_date", "end_date"))
    spells = spells[~(spells["end_date"] < spells["start_date"]).fillna(value=False).astype("bool")]
    still_open = set(spells.loc[spells["end_date"].isna(), "pupil_id"])
    ended = (
        spells[~spells["pupil_id"].isin(still_open)].groupby("pupil_id", as_index=False)[["end_date"]].max()
    )
    return ended.rename(columns={"end_date": "last_day"})


def _year_group(group: Any) -> str:
    import pandas as pd

    if pd.isna(group):
        return NOT_STATED
    return str(int(group)) if int(group) else "Reception"


def _day(number: Any) -> str:
    import pandas as pd

    return NOT_STATED if pd.isna(number) else day_words(day_from_number(int(number)))
