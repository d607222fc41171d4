"""Counts of what was done, by hand, and what the disclosure policy leaves of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from made_two_years import NO_OFFER, OFFER, made_entry, made_records, standing

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.impact.done import done_table, pace_table
from absence_risk.impact.groups import ListRecords
from absence_risk.impact.tables import DONE, PACE, printed

EXACT = DisclosurePolicy(suppress_below=0, round_to=1, secondary=False)
STRICT = DisclosurePolicy(suppress_below=5, round_to=1)


def drawn(*records: Mapping[str, str] | None) -> ListRecords:
    """A list of so many pupils, with the record of each; None is undecided."""
    entry = made_entry([f"p{n}" for n in range(len(records))], [])
    return standing(entry, {n: one for n, one in enumerate(records) if one is not None})


def counts(table: pd.DataFrame, attribute: str) -> dict[str, object]:
    rows = table[table["attribute"] == attribute]
    return dict(zip(rows["group"], rows["n"], strict=True))


DECLINED = {**OFFER, "family_response": "Declined", "agrees_with_listing": "", "data_error_reported": "Yes"}
FIVE = drawn(OFFER, DECLINED, NO_OFFER, NO_OFFER, None)


def test_every_way_of_grouping_counts_every_pupil_once() -> None:
    table = done_table([FIVE], EXACT)
    assert counts(table, "overall") == {"overall": 5}
    assert counts(table, "decision") == {"Offer early help": 2, "No action": 2, "not decided yet": 1}
    assert counts(table, "help") == {
        "accepted": 1,
        "declined": 1,
        "no offer recorded": 2,
        "not decided yet": 1,
    }
    assert counts(table, "known before") == {"already known": 2, "newly known": 2, "not decided yet": 1}
    assert counts(table, "agreement") == {"Agree": 1, "Disagree": 2, "not said": 1, "not decided yet": 1}
    assert counts(table, "wrong data reported") == {"Yes": 1, "not said": 3, "not decided yet": 1}
    assert counts(table, "situation") == {"early help open": 1, "none of these": 4}
    by_attribute = table.groupby("attribute")["n"].sum()
    assert (by_attribute == 5).all()


def test_why_people_disagree_is_counted_beside_that_they_do() -> None:
    assert counts(done_table([FIVE], EXACT), "agreement and reason") == {
        "Agree, School and family would welcome it": 1,
        "Disagree, Already in place": 2,
        "not said, School and family would welcome it": 1,
        "not decided yet, not decided yet": 1,
    }


def test_a_reason_that_few_gave_is_not_printed_in_its_own_words() -> None:
    rare = {**NO_OFFER, "reason_code": "The family of one child"}
    table = done_table([drawn(*[NO_OFFER] * 6, rare)], STRICT)
    assert counts(table, "reason") == {"Already in place": 6, "other reasons": 1}
    assert "one child" not in table.to_csv()


def test_days_are_counted_from_the_list_being_made_and_minutes_only_in_all() -> None:
    later = {**OFFER, "reviewed_on": "2025-11-30", "minutes_spent": "41", "help_offered_on": ""}
    table = pace_table([drawn(OFFER, OFFER, NO_OFFER, later, None)]).set_index("step")
    # Made on 10 November: looked at on the 14th three times and on the 30th once.
    assert table.loc["looked at", ["n", "half_within", "nine_in_ten_within"]].tolist() == [4, 4, 20]
    assert table.loc["help offered", ["n", "half_within", "nine_in_ten_within"]].tolist() == [2, 10, 10]
    assert table.loc["minutes spent", ["n", "minutes"]].tolist() == [3, 81]
    assert table.loc["school spoken to", "n"] == 0 and math.isnan(
        table.loc["school spoken to", "half_within"]
    )


def test_small_numbers_are_hidden_and_what_rests_on_them_goes_too() -> None:
    records = drawn(*[OFFER] * 3, *[NO_OFFER] * 20, None)
    shown = printed(DONE, done_table([records], STRICT), STRICT)
    # Two hidden decisions of 24: the third would give the others away only by their sum, which reaches the least.
    assert counts(shown, "decision")["Offer early help"] == "c"
    assert counts(shown, "decision")["not decided yet"] == "c"
    pace = printed(PACE, pace_table([records]), STRICT).set_index("step")
    assert pace.loc["help offered", "n"] == "c" and math.isnan(pace.loc["help offered", "half_within"])
    assert pace.loc["minutes spent", "n"] == "c" and math.isnan(pace.loc["minutes spent", "minutes"])
    assert pace.loc["looked at", "half_within"] == 4


@pytest.mark.parametrize("policy", [STRICT, DisclosurePolicy()])
def test_no_hidden_number_stands_alone_in_a_set_that_adds_up(policy: DisclosurePolicy) -> None:
    entry = made_entry([f"p{n}" for n in range(97)], [])
    shown = printed(DONE, done_table([standing(entry, made_records(entry))], policy), policy)
    for attribute, rows in shown[shown["attribute"] != "overall"].groupby("attribute"):
        hidden = (rows["n"] == "c").sum()
        assert hidden != 1 or (rows["n"] == 0).sum() == len(rows) - 1, attribute


def test_no_reviewer_is_counted_by() -> None:
    table = done_table([FIVE], EXACT).to_csv() + pace_table([FIVE]).to_csv()
    assert "Xq" not in table and "reviewer" not in table


def test_lists_counted_together_take_each_list_from_its_own_day() -> None:
    entry = made_entry(["p"], [], list_id="99999999", made_on=date(2025, 11, 13))
    both = [drawn(OFFER), replace(standing(entry, {0: OFFER}))]
    assert pace_table(both).set_index("step").loc[
        "looked at", ["n", "half_within", "nine_in_ten_within"]
    ].tolist() == [2, 1, 4]
