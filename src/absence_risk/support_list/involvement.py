"""Who is already involved with a pupil, as the records known on the as-of date show it.

An open plan means that a lead practitioner comes first: a list must not start a second approach to a family.
A closed spell is said with its month; where a return is not held, that is said, and nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ..domain.academic_year import day_from_number, day_number
from ..features.known import known_on
from ..features.phrasing import day_words, month_of
from ..tables.frames import open_table, to_pandas

if TYPE_CHECKING:
    import pandas as pd

#: Kinds in the order a reader needs them: (table, kind, words, the return that carries it).
KINDS = (
    ("social_care", "cp_plan", "Child protection plan", "cin_census"),
    ("social_care", "cin_plan", "Child in need plan", "cin_census"),
    ("social_care", "cin", "Child in need spell", "cin_census"),
    ("social_care", "looked_after", "Looked after", "ssda903"),
    ("alternative_provision", "ap_school", "On roll at an alternative provision school", "school_census"),
    (
        "alternative_provision",
        "school_arranged",
        "Alternative provision arranged by a school",
        "school_census",
    ),
    ("alternative_provision", "la_funded", "Alternative provision funded by the authority", "ap_census"),
)
LEAD_FIRST = "Speak first to the lead practitioner; this is not a new case."
VIRTUAL_SCHOOL_FIRST = "Speak first to the virtual school."


def known_spells(tables: Mapping[str, Any], name: str, pupils: Collection[str], as_of: int) -> pd.DataFrame:
    """Spells of these pupils as known on the date; one that ends before it starts is not used."""
    import narwhals as nw

    start, end = nw.col("start_date"), nw.col("end_date")
    known = known_on(open_table(tables, name), as_of).filter(
        nw.col("pupil_id").is_in(list(pupils)), start <= as_of
    )
    return to_pandas(
        known.filter(end.is_null() | (end >= start)).select("pupil_id", "kind", "start_date", "end_date")
    )


def _line(words: str, spells: pd.DataFrame, latest: str | None) -> str:
    """One kind's line: open since, or closed in."""
    opened = spells[spells["end_date"].isna()]
    at = f" (as at {day_words(date.fromisoformat(latest))})" if latest else ""
    if len(opened):
        return f"{words}, open since {month_of(day_from_number(opened['start_date'].max()))}{at}"
    return f"{words}, closed in {month_of(day_from_number(spells['end_date'].max()))}"


def _lines_of(spells: pd.DataFrame, latest: Mapping[str, str | None]) -> list[str]:
    lines = []
    open_kinds = set(spells.loc[spells["end_date"].isna(), "kind"])
    for _, kind, words, source in KINDS:
        found = spells[spells["kind"] == kind]
        if len(found):
            lines.append(_line(words, found, latest.get(source)))
    if open_kinds & {"cp_plan", "cin_plan", "cin"}:
        lines.append(LEAD_FIRST)
    if "looked_after" in open_kinds:
        lines.append(VIRTUAL_SCHOOL_FIRST)
    return lines


def _not_held(latest: Mapping[str, str | None]) -> list[str]:
    said = (
        ("cin_census", "Child in need and child protection: not held"),
        ("ssda903", "Looked-after children: not held"),
    )
    return [words for source, words in said if latest.get(source) is None]


def involvement(
    tables: Mapping[str, Any], pupils: Collection[str], as_of: date, sources: Collection[Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Each pupil's lines on who is involved; "none recorded" only where the returns are held.

    Parameters
    ----------
    tables : mapping of str to native frame
        Canonical tables ``social_care`` and ``alternative_provision``, dates as day numbers.
    pupils : collection of str
        pupil_id of the pupils on the list.
    sources : collection of mapping
        ``kind`` and ``latest`` reference date of each return, as in a scored table's manifest.
    """
    import pandas as pd

    latest = {source["kind"]: source["latest"] for source in sources}
    day = day_number(as_of)
    spells = pd.concat(
        [known_spells(tables, name, pupils, day) for name in ("social_care", "alternative_provision")]
    )
    by_pupil = dict(tuple(spells.groupby("pupil_id")))
    missing = _not_held(latest)
    none = ["No open or earlier involvement recorded"] if not missing else []
    return {
        pupil: [*(_lines_of(by_pupil[pupil], latest) if pupil in by_pupil else none), *missing]
        for pupil in pupils
    }
