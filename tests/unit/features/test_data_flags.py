from datetime import date

import pandas as pd
import pytest

from absence_risk.domain.academic_year import day_number
from absence_risk.features.data_flags import (
    earliest_year,
    first_seen_years,
    flags_from,
    source_flags,
    sources_known,
)
from absence_risk.tables.frames import to_pandas

AS_OF = date(2026, 10, 31)
NOT_KNOWN = float("nan")
COLUMNS = [
    "kind",
    "year",
    "term",
    "reference_date",
    "covers_from",
    "covers_to",
    "schools",
    "records",
    "known_from",
]


def returns_table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Rows of (kind, reference date, known from)."""
    days = [(k, day_number(date.fromisoformat(r)), day_number(date.fromisoformat(f))) for k, r, f in rows]
    return pd.DataFrame([(k, 2026, None, r, r, r, None, 1, f) for k, r, f in days], columns=COLUMNS)


def pupils_table(*rows: tuple[str, int]) -> pd.DataFrame:
    """Rows of (pupil, academic year seen), known on 1 October of that year."""
    columns = [
        "pupil_id",
        "school_id",
        "academic_year",
        "census_term",
        "on_roll",
        "year_group",
        "enrol_status",
        "sen",
    ]
    columns += ["young_carer", "birth_month", "known_from", "superseded_from"]
    return pd.DataFrame(
        [
            (p, "1", y, "autumn", True, 7, "C", "N", None, None, day_number(date(y, 10, 1)), None)
            for p, y in rows
        ],
        columns=columns,
    )


@pytest.mark.parametrize(
    ("kind", "reference", "stale"),
    [
        ("cin_census", "2026-03-31", False),
        ("cin_census", "2025-03-31", True),
        ("ssda903", "2025-03-31", True),
        ("ap_census", "2026-01-15", False),
        ("ap_census", "2025-01-16", True),
        ("school_census", "2026-10-01", False),
        ("school_census", "2026-05-21", True),
    ],
)
def test_a_source_older_than_the_latest_that_was_due_is_stale(kind: str, reference: str, stale: bool) -> None:
    sources = sources_known({"returns": returns_table((kind, reference, reference))}, AS_OF)
    assert {s.kind: s.stale for s in sources}[kind] is stale


def test_a_return_not_yet_known_on_the_day_is_not_held() -> None:
    table = returns_table(
        ("cin_census", "2025-03-31", "2025-03-31"), ("cin_census", "2026-03-31", "2026-11-05")
    )
    flags = source_flags(sources_known({"returns": table}, AS_OF))
    assert flags == [
        "no School Census is held",
        "no CIN census known since 31 March 2025",
        "no SSDA903 return is held",
        "no alternative provision census is held",
    ]


def test_what_is_lacking_is_said_of_each_pupil_and_a_stores_first_year_is_nobodys_arrival() -> None:
    facts = pd.DataFrame(
        {
            "pupil_id": ["old", "new", "little"],
            "sessions_possible": [380.0, NOT_KNOWN, 100.0],
            "sessions_possible_previous_year": [370.0, NOT_KNOWN, 0.0],
        }
    )
    pupils = pupils_table(("old", 2025), ("old", 2026), ("new", 2026), ("little", 2025), ("later", 2027))
    tables = {"pupils": pupils}
    facts = facts.merge(to_pandas(first_seen_years(tables, AS_OF)), on="pupil_id", how="left")
    assert facts["first_seen"].tolist() == [2025, 2026, 2025]
    assert flags_from(facts, AS_OF, [], earliest_year(tables, AS_OF)) == [
        [],
        [
            "attendance not held for 2025/26",
            "attendance not held for 2024/25",
            "first seen on a school's roll here in 2026/27",
        ],
        ["fewer than 95 days of attendance held for 2025/26"],
    ]


def test_a_year_first_seen_that_is_not_known_is_not_flagged_and_an_empty_store_has_none() -> None:
    facts = pd.DataFrame(
        {
            "first_seen": pd.array([None], dtype="Int64"),
            "sessions_possible": [380.0],
            "sessions_possible_previous_year": [370.0],
        }
    )
    assert flags_from(facts, AS_OF, [], None) == [[]]
    assert earliest_year({"pupils": pupils_table()}, AS_OF) is None
