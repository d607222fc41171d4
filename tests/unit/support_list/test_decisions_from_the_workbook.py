"""The workbook that is sent out comes back as it was filled in, also by way of another office program."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from made_contents import PLAN, made_contents
from returned_copies import LIST_ID, returned_copy

from absence_risk.decisions.checks import check_record
from absence_risk.decisions.returned import read_returned

_FILLED = {
    "reviewer_role": "Early Help manager",
    "reviewed_on": date(2026, 11, 10),
    "school_contacted": "Yes",
    "already_known": "No",
    "final_decision": "Offer early help",
    "reason_code": PLAN.reasons[0].upper(),
    "review_date": date(2027, 1, 11),
    "reason_text": "at home",
    "minutes_spent": 20,
}


@pytest.mark.parametrize("office", [False, True])
def test_what_a_reviewer_fills_in_is_what_is_read_back(tmp_path: Path, office: bool) -> None:
    filled = {"A-003": _FILLED, "R-001": _FILLED, "B-001": {"already_known": "Yes"}}
    found = read_returned(returned_copy(tmp_path, filled, office=office))
    assert found.list_id == LIST_ID and not found.notes
    assert set(found.refs) == {card.review_ref for card in made_contents().cards} | {"B-001"}
    records = {one.review_ref: one.values for one in found.records}
    assert set(records) == set(filled)
    assert records["A-003"]["reason_code"] == PLAN.reasons[0] and records["A-003"]["minutes_spent"] == "20"
    assert records["A-003"]["reviewed_on"] == "2026-11-10" and records["A-003"]["reason_text"] == "at home"
    days = {"made_on": date(2026, 11, 2), "today": date(2026, 11, 20)}
    assert check_record(records["R-001"], **days) == () and check_record(records["B-001"], **days)
