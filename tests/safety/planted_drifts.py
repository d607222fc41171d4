"""Sixty drifts, each planted where it would happen: in the features, in what the returns say, or in the tables.

The second part of each says what must come of it: ``refused``, or ``either``, refused or reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

Facts = pd.DataFrame
Tables = dict[str, Any]


def _swap(one: str, other: str) -> Callable[[Facts], Facts]:
    return lambda facts: facts.assign(**{one: facts[other], other: facts[one]})


def _set(name: str, value: float) -> Callable[[Facts], Facts]:
    return lambda facts: facts.assign(**{name: value})


def _times(factor: float, *names: str) -> Callable[[Facts], Facts]:
    return lambda facts: facts.assign(**{name: facts[name] * factor for name in names})


def _starting(facts: Facts, *beginnings: str) -> list[str]:
    return [name for name in facts.columns if name.startswith(beginnings)]


def _nothing_of(*beginnings: str) -> Callable[[Facts], Facts]:
    """Nobody has any: noughts, and no time since anything."""

    def empty(facts: Facts) -> Facts:
        names = _starting(facts, *beginnings)
        return facts.assign(**{name: np.nan if "days_since" in name else 0.0 for name in names})

    return empty


def _half_unknown(facts: Facts) -> Facts:
    names = _starting(
        facts, "unauthorised_", "sessions_", "illness", "holiday", "no_reason", "late_", "other_"
    )
    return facts.assign(**{name: facts[name].where(np.arange(len(facts)) % 2 == 0) for name in names})


def _half_the_schools(facts: Facts) -> Facts:
    kept = sorted(facts["school_id"].unique())[::2]
    return facts[facts["school_id"].isin(kept)].reset_index(drop=True)


IN_FEATURES: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "free meals now and ever swapped": (_swap("fsm_now", "fsm_ever_six"), "refused"),
    "autumn and spring swapped": (_swap("unauthorised_rate_autumn", "unauthorised_rate_spring"), "refused"),
    "autumn and summer swapped": (_swap("unauthorised_rate_autumn", "unauthorised_rate_summer"), "refused"),
    "unauthorised and illness swapped": (_swap("unauthorised_rate", "illness_rate"), "refused"),
    "open and closed spells swapped": (_swap("cin_current", "cin_previous"), "refused"),
    "moves of one year and of three swapped": (
        _swap("school_moves_this_year", "school_moves_three_years"), "refused",
    ),
    "holidays and illness swapped": (_swap("holiday_rate", "illness_rate"), "either"),
    "late before and after close swapped": (_swap("late_before_close_rate", "late_after_close_rate"), "either"),
    "suspensions and their sessions swapped": (
        _swap("suspensions_this_year", "suspension_sessions_this_year"), "either",
    ),
    "columns in another order": (lambda facts: facts[facts.columns[::-1]], "refused"),
    "a column renamed": (lambda facts: facts.rename(columns={"fsm_now": "fsm"}), "refused"),
    "a column lost": (lambda facts: facts.drop(columns="illness_rate"), "refused"),
    "numbers as text": (lambda facts: facts.assign(fsm_now=facts["fsm_now"].astype(str)), "refused"),
    "single precision": (lambda facts: facts.assign(illness_rate=facts["illness_rate"].astype("float32")), "refused"),
    "percentages for shares": (_times(100, "illness_rate"), "refused"),
    "sessions per ten": (_times(10, "illness_rate"), "either"),
    "half-days counted as days": (
        lambda facts: facts.assign(sessions_possible=(facts["sessions_possible"] / 2).round()), "either",
    ),
    "sessions counted twice": (_times(2, "sessions_possible"), "either"),
    "weeks for days": (
        lambda facts: facts.assign(days_since_suspension=(facts["days_since_suspension"] / 7).round()), "either",
    ),
    "negative counts": (lambda facts: facts.assign(cin_spells=-facts["cin_spells"]), "refused"),
    "infinity": (_set("illness_rate", np.inf), "refused"),
    "a birth year for a year group": (_set("year_group", 2015.0), "refused"),
    "not known as 999": (lambda facts: facts.fillna({"unauthorised_rate_previous_year": 999.0}), "refused"),
    "not known as -1": (lambda facts: facts.fillna({"unauthorised_rate_previous_year": -1.0}), "refused"),
    "no event as today": (lambda facts: facts.fillna({"cin_days_since_end": 0.0}), "refused"),
    "a column known for nobody": (_set("fsm_now", np.nan), "refused"),
    "attendance known for one half": (_half_unknown, "either"),
    "one value for everybody": (_set("illness_rate", 0.02), "either"),
    "one year group for everybody": (_set("year_group", 8.0), "either"),
    "a year group lost": (lambda facts: facts[facts["year_group"] != 7].reset_index(drop=True), "either"),
    "year groups a year on": (lambda facts: facts.assign(year_group=facts["year_group"] + 1), "either"),
    "free meals for everybody": (
        lambda facts: facts.assign(fsm_now=1.0, fsm_ever_six=1.0, fsm_share_of_time=1.0), "either",
    ),
    "free meals turned round": (lambda facts: facts.assign(fsm_now=1 - facts["fsm_now"]), "refused"),
    "absent for present": (
        lambda facts: facts.assign(unauthorised_rate=1 - facts["unauthorised_rate"]), "refused",
    ),
    "no free meals at all": (_nothing_of("fsm_"), "refused"),
    "no child in need": (_nothing_of("cin_"), "either"),
    "a code that stopped": (_set("other_unauthorised_rate", 0.0), "either"),
    "events a year too long ago": (
        lambda facts: facts.assign(days_since_suspension=(facts["days_since_suspension"] + 365).clip(upper=1096)),
        "either",
    ),
    "a join that doubled rows": (lambda facts: pd.concat([facts, facts], ignore_index=True), "refused"),
    "half of the schools lost": (_half_the_schools, "refused"),
}  # fmt: skip


def _without(**chosen: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The returns without those of a kind, and where it is given, of a year or a term."""

    def lose(returns: pd.DataFrame) -> pd.DataFrame:
        gone = np.ones(len(returns), dtype=bool)
        for name, value in chosen.items():
            gone &= (returns[name] == value).fillna(False).to_numpy(dtype=bool)
        return returns[~gone].reset_index(drop=True)

    return lose


def _records(kind: str, factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(returns: pd.DataFrame) -> pd.DataFrame:
        latest = returns["reference_date"] == returns.loc[returns["kind"] == kind, "reference_date"].max()
        here = latest & (returns["kind"] == kind)
        return returns.assign(
            records=returns["records"].where(~here, (returns["records"] * factor).round().astype("Int64"))
        )

    return change


IN_RETURNS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "no CIN census": (_without(kind="cin_census"), "refused"),
    "no SSDA903 return": (_without(kind="ssda903"), "refused"),
    "no AP census": (_without(kind="ap_census"), "refused"),
    "no summer census this year": (_without(kind="school_census", year=2026, term="summer"), "refused"),
    "no spring census this year": (_without(kind="school_census", year=2026, term="spring"), "refused"),
    "last year's CIN census": (_without(kind="cin_census", year=2026), "either"),
    "last year's SSDA903 return": (_without(kind="ssda903", year=2026), "either"),
    "last year's AP census": (_without(kind="ap_census", year=2026), "either"),
    "a CIN census without a record": (_records("cin_census", 0), "refused"),
    "a CIN census read twice": (_records("cin_census", 2), "either"),
    "half of the autumn census": (_records("school_census", 0.5), "either"),
}


def _emptied(name: str) -> Callable[[Tables], Tables]:
    return lambda tables: {**tables, name: tables[name].iloc[:0]}


def _code_renamed(tables: Tables) -> Tables:
    codes = tables["attendance"]["reason_code"]
    return {**tables, "attendance": tables["attendance"].assign(reason_code=codes.replace({"O": "O9"}))}


def _one_year_only(tables: Tables) -> Tables:
    """The feature year's attendance never came: the files of the year before stand in its place."""
    names = ("attendance_terms", "attendance")
    return {**tables, **{name: tables[name][tables[name]["academic_year"] != 2025] for name in names}}


def _another_key(tables: Tables) -> Tables:
    ids = tables["social_care"]["pupil_id"]
    return {**tables, "social_care": tables["social_care"].assign(pupil_id=ids.str[::-1])}


def _days_for_sessions(tables: Tables) -> Tables:
    terms, reasons = tables["attendance_terms"], tables["attendance"]
    return {
        **tables,
        "attendance_terms": terms.assign(sessions_possible=terms["sessions_possible"] // 2),
        "attendance": reasons.assign(sessions=reasons["sessions"] // 2),
    }


def _ends_lost(tables: Tables) -> Tables:
    return {
        **tables,
        "social_care": tables["social_care"].assign(end_date=pd.NA).astype({"end_date": "Int64"}),
    }


def _schools_recoded(tables: Tables) -> Tables:
    """Attendance under the schools' numbers from before a reorganisation."""
    names = ("attendance_terms", "attendance")
    return {
        **tables,
        **{name: tables[name].assign(school_id="7" + tables[name]["school_id"].str[1:]) for name in names},
    }


def _suspensions_a_year_off(tables: Tables) -> Tables:
    begun = tables["suspensions"]["start_date"]
    return {**tables, "suspensions": tables["suspensions"].assign(start_date=begun - 365)}


IN_TABLES: dict[str, tuple[Callable[[Tables], Tables], str]] = {
    "an empty social-care feed": (_emptied("social_care"), "refused"),
    "an empty table of suspensions": (_emptied("suspensions"), "refused"),
    "a renamed code": (_code_renamed, "either"),
    "last year's attendance": (_one_year_only, "refused"),
    "social care under another key": (_another_key, "refused"),
    "days for sessions": (_days_for_sessions, "either"),
    "ends of spells lost": (_ends_lost, "either"),
    "schools recoded in one table": (_schools_recoded, "either"),
    "suspensions dated a year too early": (_suspensions_a_year_off, "either"),
}

PLANTED: Mapping[str, int] = {
    "features": len(IN_FEATURES),
    "returns": len(IN_RETURNS),
    "tables": len(IN_TABLES),
}
assert sum(PLANTED.values()) == 60
