"""A row counts as decided once it holds what its decision asks for; what lacks is said by the sheet's own headers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_copies import LIST_ID, MADE_ON, NO_ACTION, OFFER, TODAY, as_text, entry

from absence_risk.decisions.checks import check_belongs, check_record
from absence_risk.decisions.declaration import DECISIONS, FIELDS
from absence_risk.decisions.returned import Returned
from absence_risk.errors import InputError


def _lacks(filled: dict[str, Any]) -> tuple[str, ...]:
    return check_record(as_text(filled), made_on=MADE_ON, today=TODAY)


def test_complete_rows_lack_nothing() -> None:
    assert _lacks(OFFER) == _lacks(NO_ACTION) == ()


@pytest.mark.parametrize("name", [f.name for f in FIELDS if f.required])
def test_every_required_field_is_asked_for_by_its_header(name: str) -> None:
    header = next(f.header for f in FIELDS if f.name == name)
    assert f"fill in “{header}”" in _lacks({k: v for k, v in OFFER.items() if k != name})


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda d: d.key)
def test_who_goes_to_a_family_has_spoken_to_the_school_and_looks_again(decision: Any) -> None:
    lacks = _lacks({**NO_ACTION, "final_decision": decision.words, "data_error_reported": "Yes"})
    assert (len(lacks) == 2) is decision.offers_contact
    if decision.offers_contact:
        assert "speak to the school" in lacks[0] and lacks[1].startswith("fill in “Review on”")
    else:
        assert lacks == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reviewed_on": MADE_ON - timedelta(1)}, "“Looked at on” is before the day the list was made"),
        ({"reviewed_on": TODAY + timedelta(1)}, "“Looked at on” is still to come"),
        ({"help_offered_on": TODAY + timedelta(1)}, "“Help offered on” is still to come"),
        ({"school_contacted_on": TODAY + timedelta(1)}, "“School spoken to on” is still to come"),
        ({"review_date": date(2026, 11, 10)}, "“Review on” must be after “Looked at on”"),
        ({"help_offered_on": date(2026, 11, 9)}, "“Help offered on” is before “Looked at on”"),
        ({"family_response": "Accepted"}, "fill in “Help offered on”: the family's answer is recorded"),
        ({"family_response": "Declined"}, "fill in “Help offered on”: the family's answer is recorded"),
    ],
)
def test_days_and_answers_must_fit_together(changed: dict[str, Any], said: str) -> None:
    assert _lacks({**OFFER, **changed}) == (said,)


@pytest.mark.parametrize(
    "changed",
    [
        {"reviewed_on": MADE_ON},
        {"reviewed_on": TODAY},
        {"review_date": date(2026, 11, 11)},
        {"help_offered_on": date(2026, 11, 10), "family_response": "Accepted"},
        {"family_response": "Not reached"},
    ],
)
def test_the_very_days_that_are_allowed_are(changed: dict[str, Any]) -> None:
    assert _lacks({**OFFER, **changed}) == ()


def test_wrong_data_must_be_said_to_be_reported_or_not() -> None:
    wrong = {**NO_ACTION, "final_decision": "Data wrong"}
    assert _lacks(wrong) == ("fill in “Wrong data reported?”: the decision is that the data are wrong",)
    assert _lacks({**wrong, "data_error_reported": "No"}) == ()


def test_a_day_at_the_school_needs_the_answer_yes() -> None:
    said = _lacks({**NO_ACTION, "school_contacted_on": date(2026, 11, 9)})
    assert said == ("“School spoken to on” is filled in, but “School spoken to?” says No",)


def _copy(refs: tuple[str, ...], list_id: str = LIST_ID) -> Returned:
    return Returned(Path("b.xlsx"), list_id, "aa", (), refs, ())


def test_a_copy_of_another_list_or_with_unknown_references_is_refused() -> None:
    with pytest.raises(InputError, match="belongs to list ffffffff, and the folder to list 0badcafe"):
        check_belongs(_copy((), "ffffffff"), entry())
    with pytest.raises(InputError, match="does not have: A-009, L-001;"):
        check_belongs(_copy(("A-001", "L-001", "A-009")), entry())


def test_rows_that_the_copy_lacks_are_said() -> None:
    every = ("A-001", "A-002", "A-003")
    assert check_belongs(_copy(every), entry()) == ()
    assert check_belongs(_copy(every[:2]), entry()) == ("1 row to be decided is not in this copy: A-003",)
    (said,) = check_belongs(_copy(()), entry(refs=[f"A-{n:03d}" for n in range(40)]))
    assert said.startswith("40 rows to be decided are not in this copy: A-000, ") and said.endswith(
        "and 10 more"
    )
