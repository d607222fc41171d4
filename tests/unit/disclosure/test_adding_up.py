"""Sets of counts that add up, and what must be hidden with a hidden one."""

from __future__ import annotations

import numpy as np
import pytest
from made_evidence import made_evidence

from absence_risk.disclosure.adding_up import Cell, Sum, hide_singles, sums_of
from absence_risk.evidence.tables import EVIDENCE_TABLES


def cells(number: int) -> tuple[Cell, ...]:
    return tuple(Cell(row, "n", (f"row {row}",)) for row in range(number))


def hide(values: list[float], hidden: list[bool], sums: list[Sum], least: float = 0) -> list[bool]:
    """Which rows of one column are hidden in the end."""
    held = {"n": np.array(hidden)}
    hide_singles({"n": np.array(values, dtype=float)}, held, sums, least=least)
    return [bool(one) for one in held["n"]]


@pytest.mark.parametrize(
    ("values", "hidden", "expected"),
    [
        ([3, 20, 50], [True, False, False], [True, True, False]),  # the next smallest joins
        ([3, 4, 50], [True, True, False], [True, True, False]),  # two hide each other
        ([30, 20, 50], [False, False, False], [False, False, False]),  # nothing to hide
        ([3, 0, 50], [True, False, False], [True, False, True]),  # a nought hides nothing
        ([3, 0, 0], [True, False, False], [True, False, False]),  # nobody is left to join
    ],
)
def test_a_hidden_count_is_not_left_alone(
    values: list[float], hidden: list[bool], expected: list[bool]
) -> None:
    assert hide(values, hidden, [Sum(cells(3))]) == expected


def test_the_total_is_hidden_only_where_no_part_is_left() -> None:
    *parts, total = cells(3)
    assert hide([3, 20, 23], [True, False, False], [Sum(tuple(parts), total)]) == [True, True, False]
    assert hide([30, 0, 30], [True, False, False], [Sum(tuple(parts), total)]) == [True, False, True]


def test_hiding_goes_on_from_set_to_set_until_none_is_alone() -> None:
    a, b, c, d = cells(4)
    # b joins a in the first set, so c joins b in the second, and d is never needed.
    sums = [Sum((b, c, d)), Sum((a, b))]
    assert hide([3, 20, 30, 40], [True, False, False, False], sums) == [True, True, True, False]


def test_hidden_counts_of_a_set_come_to_enough_together() -> None:
    assert hide([1, 1, 20, 50], [True, True, False, False], [Sum(cells(4))], least=10) == [
        True,
        True,
        True,
        False,
    ]


def test_every_pair_is_a_set_at_each_level_of_either_attribute() -> None:
    frame = made_evidence().tables["groups"]
    final = frame[frame["year"] == "2024/25"].reset_index(drop=True)
    found = sums_of(EVIDENCE_TABLES["groups"], final, within_rows=False)
    totals = {
        (one.total.key[1:3], len(one.parts))
        for one in found
        if one.total is not None and one.total.column == "n"
    }
    assert (("free school meals", "eligible"), 3) in {(key, n) for key, n in totals}  # by SEN, and by sex
    assert (("sen", "EHC plan"), 2) in {(key, n) for key, n in totals}  # by free school meals


def test_parts_add_up_to_their_total_in_exact_tables() -> None:
    """What is taken for a sum is one: otherwise hiding would protect nothing."""
    for name in ("groups", "views", "flow"):
        frame = made_evidence().tables[name].reset_index(drop=True)
        for one in sums_of(EVIDENCE_TABLES[name], frame, within_rows=True):
            if one.total is not None:
                parts = sum(float(frame[cell.column].iloc[cell.row]) for cell in one.parts)
                assert parts == pytest.approx(float(frame[one.total.column].iloc[one.total.row])), one


def test_a_year_in_which_nobody_is_out_has_no_sum_of_reasons() -> None:
    table = EVIDENCE_TABLES["flow"]
    steps = {"seen": 40, "eligible": 40, "left during year": 4, "used": 36}
    frame = table.frame({"year": "2024/25", "step": step, "n": n} for step, n in steps.items())
    (one,) = sums_of(table, frame, within_rows=False)
    assert [cell.row for cell in one.parts] == [2, 3] and one.total is not None and one.total.row == 1


def test_a_group_that_no_pair_holds_is_the_total_of_no_pair() -> None:
    table = EVIDENCE_TABLES["groups"]
    groups = [
        ("overall", "overall", 40), ("sex", "female", 25), ("sex", "male", 15), ("sen", "none", 40),
        ("sex and sen", "female, none", 25),
    ]  # fmt: skip
    blank = dict.fromkeys(table.column_names, 0)
    frame = table.frame(
        {**blank, "year": "2024/25", "attribute": a, "group": g, "n": n} for a, g, n in groups
    )
    found = sums_of(table, frame, within_rows=False)
    totals = [
        one.total.key[1:3]
        for one in found
        if one.total is not None and one.total.column == "n" and any(cell.row == 4 for cell in one.parts)
    ]
    assert sorted(totals) == [("overall", "overall"), ("sen", "none"), ("sex", "female")]
    assert all(one.parts for one in found)
