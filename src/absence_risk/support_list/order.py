"""In which order pupils stand on a page: by school and year group, never by estimate, each with a review reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def school_names(tables: Mapping[str, Any]) -> dict[str, str]:
    """The latest name held of each school that has one."""
    from ..tables.frames import open_table, to_pandas

    frame = to_pandas(open_table(tables, "schools")).sort_values(["known_from", "name"], kind="stable")
    named = frame[frame["name"].notna() & (frame["name"].str.strip() != "")]
    return dict(zip(named["school_id"], named["name"].str.strip(), strict=True))


def in_list_order(rows: pd.DataFrame, schools: Mapping[str, str], letter: str) -> pd.DataFrame:
    """Rows by school name, school number, year group and pupil_id, with ``school`` and ``review_ref`` (A-001)."""
    named = rows.assign(school=[schools.get(s) or f"School {s}" for s in rows["school_id"]])
    ordered = named.sort_values(
        ["school", "school_id", "year_group", "pupil_id"], kind="stable", ignore_index=True
    )
    return ordered.assign(review_ref=[f"{letter}-{place:03d}" for place in range(1, len(ordered) + 1)])
