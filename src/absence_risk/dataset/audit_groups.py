"""Groups of pupils for measures by group, and for nothing else: no column of this module can be a feature.

What is missing is "not recorded": a group is never guessed, and nobody is put with the most usual one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..features.known import AsOf, known_on
from ..tables.frames import open_table, to_pandas

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

AUDIT_COLUMNS = (
    "sex",
    "ethnicity",
    "sen",
    "free_school_meals",
    "social_care",
    "year_group",
    "phase_of_schooling",
    "school_type",
)

NOT_RECORDED = "not recorded"

#: U (unknown) is not recorded.
SEXES = {"F": "female", "M": "male"}

#: Major group by the first letter of the four-letter code; an extended code keeps the first letter of its main code.
#: Source: DfE, Find a school census code (applicable from August 2024), ethnicity: WBRI WIRI WIRT WROM WOTH White,
#: MWBC MWBA MWAS MOTH Mixed, AIND APKN ABAN AOTH Asian, BCRB BAFR BOTH Black, CHNE Chinese, OOTH any other. REFU
#: (refused) and NOBT (not yet obtained) name no group.
ETHNIC_GROUPS = {
    "W": "White",
    "M": "Mixed",
    "A": "Asian",
    "B": "Black",
    "C": "Chinese or any other",
    "O": "Chinese or any other",
}
_NO_ETHNIC_GROUP = ("REFU", "NOBT")

SEN_GROUPS = {"N": "none", "K": "SEN support", "E": "EHC plan"}

#: The first that holds is given. It is an order of asking, not a ladder of severity.
SOCIAL_CARE_GROUPS = (
    ("looked_after_current", "looked after"),
    ("cp_plan_current", "child protection plan"),
    ("cin_current", "child in need"),
)

#: Phase codes (DfE, Find a school census code, school phase): a middle school counts as what it is deemed to be.
SCHOOL_TYPES = {
    "PS": "primary",
    "MP": "primary",
    "SS": "secondary",
    "MS": "secondary",
    "AT": "all-through",
    "SP": "special",
    "PR": "pupil referral unit or AP school",
}


def audit_groups(
    tables: Mapping[str, Any], cohort_frame: pd.DataFrame, features: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """The groups each pupil of a cohort belongs to, in words.

    Parameters
    ----------
    tables : mapping of str to frame
        Canonical tables, dates as day numbers.
    cohort_frame : pandas.DataFrame
        ``Cohort.frame``: ``pupil_id``, ``school_id``, ``year_group``; one row per pupil.
    features : pandas.DataFrame
        ``collect_features`` of that cohort and day, in the same order of pupils: free school meals and social care
        are read from it, so that a group means what the feature of that name means.
    as_of : datetime.date
        SEN and the type of school are as known on this date. Sex and ethnicity do not describe a moment: the
        latest record counts, as the autumn census does not ask for ethnicity.

    Returns
    -------
    pandas.DataFrame
        ``AUDIT_COLUMNS``, all text, in the order of the cohort; "not recorded" where the returns do not say.

    Raises
    ------
    ValueError
        If the features are not of the cohort's pupils in their order (a fault of the caller).
    """
    import pandas as pd

    pupils, schools = cohort_frame["pupil_id"], cohort_frame["school_id"]
    if features["pupil_id"].tolist() != pupils.tolist():
        raise ValueError("the features and the cohort must hold the same pupils in the same order")
    people, moment = _people(tables, pupils), AsOf(as_of)
    year_group = cohort_frame["year_group"].to_numpy()
    columns = {
        "sex": _in_words(people["sex"], SEXES),
        "ethnicity": [ethnic_group(code) for code in people["ethnicity"]],
        "sen": _in_words(_sen_codes(tables, cohort_frame, moment), SEN_GROUPS),
        "free_school_meals": _free_school_meals(features["fsm_now"].to_numpy()),
        "social_care": _social_care(features),
        "year_group": [f"Year {group}" for group in year_group],
        "phase_of_schooling": [phase_of_schooling(int(group)) for group in year_group],
        "school_type": _school_types(tables, schools, moment),
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype="str") for name in AUDIT_COLUMNS})


def ethnic_group(code: object) -> str:
    """The major group of a School Census ethnicity code.

    >>> ethnic_group("WIRT"), ethnic_group("refu"), ethnic_group(None)
    ('White', 'not recorded', 'not recorded')
    """
    written = code.strip().upper() if isinstance(code, str) else ""
    if len(written) != 4 or written in _NO_ETHNIC_GROUP:
        return NOT_RECORDED
    return ETHNIC_GROUPS.get(written[0], NOT_RECORDED)


def phase_of_schooling(year_group: int) -> str:
    """The band of year groups used where groups are crossed in pairs.

    >>> phase_of_schooling(6), phase_of_schooling(7), phase_of_schooling(10)
    ('Years 1 to 6', 'Years 7 to 9', 'Years 10 and 11')
    """
    if year_group <= 6:
        return "Years 1 to 6"
    return "Years 7 to 9" if year_group <= 9 else "Years 10 and 11"


def _in_words(codes: pd.Series, words: Mapping[str, str]) -> list[str]:
    written = [code.strip().upper() if isinstance(code, str) else "" for code in codes]
    return [words.get(code, NOT_RECORDED) for code in written]


def _people(tables: Mapping[str, Any], pupils: pd.Series) -> pd.DataFrame:
    """Sex and ethnicity as last recorded, one row per pupil in order."""
    latest = open_table(tables, "audit").filter(nw.col("superseded_from").is_null())
    held = to_pandas(latest.select("pupil_id", "sex", "ethnicity")).astype({"pupil_id": "str"})
    one_each = held.sort_values(["pupil_id", "sex", "ethnicity"], kind="stable").drop_duplicates("pupil_id")
    return pupils.to_frame().merge(one_each, on="pupil_id", how="left", validate="one_to_one")


def _sen_codes(tables: Mapping[str, Any], cohort_frame: pd.DataFrame, as_of: AsOf) -> pd.Series:
    """SEN on the autumn census that places the pupil: the same school's row, as known on the day."""
    rows = open_table(tables, "pupils").filter(
        nw.col("academic_year") == as_of.label_year, nw.col("census_term") == "autumn", nw.col("on_roll")
    )
    held = to_pandas(known_on(rows, as_of.day).select("pupil_id", "school_id", "sen"))
    one_each = held.astype({"pupil_id": "str", "school_id": "str"}).drop_duplicates(["pupil_id", "school_id"])
    placed = cohort_frame[["pupil_id", "school_id"]]
    return placed.merge(one_each, on=["pupil_id", "school_id"], how="left", validate="one_to_one")["sen"]


def _free_school_meals(fsm_now: np.ndarray) -> list[str]:
    words = {1.0: "eligible", 0.0: "not eligible"}
    return [words.get(float(value), NOT_RECORDED) for value in fsm_now]


def _social_care(features: pd.DataFrame) -> Any:
    """The first kind that is open; "none" only where every kind is known not to be."""
    import numpy as np

    columns = [features[name].to_numpy() for name, _ in SOCIAL_CARE_GROUPS]
    known = ~np.isnan(np.column_stack(columns)).any(axis=1)
    otherwise = np.where(known, "none", NOT_RECORDED)
    return np.select([c == 1 for c in columns], [words for _, words in SOCIAL_CARE_GROUPS], otherwise)


def _school_types(tables: Mapping[str, Any], schools: pd.Series, as_of: AsOf) -> list[str]:
    held = to_pandas(known_on(open_table(tables, "schools"), as_of.day).select("school_id", "phase", "is_ap"))
    words = dict(zip(held["school_id"].astype("str"), _in_words(held["phase"], SCHOOL_TYPES), strict=True))
    ap = held["is_ap"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    words |= dict.fromkeys(held["school_id"].astype("str")[ap], SCHOOL_TYPES["PR"])
    return [words.get(school, NOT_RECORDED) for school in schools]
