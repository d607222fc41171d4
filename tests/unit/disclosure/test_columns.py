"""How a table is declared: what each column holds, and rows that fit it."""

from __future__ import annotations

import pytest

from absence_risk.disclosure.columns import Column, EvidenceTable, Role, count, label, plain, rate, setting

TABLE = EvidenceTable("drawn", "A drawn table.", (label("year", "the year"), count("n", "pupils")), ("year",))


def test_a_frame_has_the_declared_columns_in_their_order() -> None:
    frame = TABLE.frame([{"n": 3, "year": "2024/25"}, {"year": "2025/26", "n": 4}])
    assert list(frame.columns) == list(TABLE.column_names) == ["year", "n"]
    assert frame.to_dict("list") == {"year": ["2024/25", "2025/26"], "n": [3, 4]}
    assert list(TABLE.frame([]).columns) == ["year", "n"]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"year": "2024/25"}, "n"),
        ({"year": "2024/25", "n": 3, "found": 1}, "found"),
        ({"year": "2024/25", "found": 1}, "found, n"),
        ({}, "n, year"),
    ],
)
def test_a_row_that_lacks_a_column_or_has_another_is_refused_with_its_name(
    row: dict[str, object], wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"^the table drawn and a row of it differ in the columns {wrong}$"):
        TABLE.frame([{"year": "2023/24", "n": 5}, row])


def test_each_column_says_what_it_holds() -> None:
    made = (label("a", "w"), count("b", "w"), setting("c", "w"))
    assert [column.role for column in made] == [Role.LABEL, Role.COUNT, Role.SETTING]
    middle, *ends = plain("ratio", "odds ratio")
    assert middle == Column("ratio", Role.STATISTIC, "odds ratio", bounds=("ratio_low", "ratio_high"))
    assert [(end.name, end.role, end.bounds) for end in ends] == [
        ("ratio_low", Role.STATISTIC, None),
        ("ratio_high", Role.STATISTIC, None),
    ]


def test_a_rate_names_its_counts_and_the_ends_of_its_interval() -> None:
    middle, *ends = rate("share", "share found", "found", "events")
    assert middle == Column("share", Role.RATE, "share found", "found", "events", ("share_low", "share_high"))
    assert [(end.name, end.role) for end in ends] == [
        ("share_low", Role.STATISTIC),
        ("share_high", Role.STATISTIC),
    ]


def test_what_is_declared_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        TABLE.name = "another"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        TABLE.columns[1].role = Role.LABEL  # type: ignore[misc]
