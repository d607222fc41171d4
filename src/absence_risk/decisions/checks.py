"""Whether a row is complete: what each decision asks for beside itself. What lacks is said, never filled in.

Source: the users' reference, section 2.3; the school is spoken to and a review date stands before anybody goes to a
family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ..errors import InputError
from .declaration import DECISION_BY_WORDS, FIELD_BY_NAME, FIELDS
from .entries import ListEntry
from .returned import Returned

NOT_REACHED = "Not reached"
DATA_WRONG = "Data wrong"


def check_record(values: Mapping[str, str], *, made_on: date, today: date) -> tuple[str, ...]:
    """What a row lacks before it counts as decided, in words; empty if it is complete.

    Parameters
    ----------
    values : mapping of str to str
        Filled fields as the register keeps them, dates as 2026-10-31.
    made_on, today : date
        The day the list was made, and the day on which this is asked: nothing was looked at before the one or after
        the other.
    """
    days = {
        name: date.fromisoformat(said)
        for name, said in values.items()
        if FIELD_BY_NAME[name].kind == "date" and said
    }
    return (
        *(f"fill in “{f.header}”" for f in FIELDS if f.required and not values.get(f.name)),
        *_of_decision(values),
        *_of_days(days, made_on, today),
        *_of_family(values),
    )


def _header(name: str) -> str:
    return f"“{FIELD_BY_NAME[name].header}”"


def _of_decision(values: Mapping[str, str]) -> Iterator[str]:
    decision = DECISION_BY_WORDS.get(values.get("final_decision", ""))
    if decision is None:
        return
    if decision.offers_contact:
        if values.get("school_contacted") == "No":
            yield f"speak to the school before anybody goes to the family; {_header('school_contacted')} says No"
        if not values.get("review_date"):
            yield f"fill in {_header('review_date')}: somebody goes to the family"
    if decision.words == DATA_WRONG and not values.get("data_error_reported"):
        yield f"fill in {_header('data_error_reported')}: the decision is that the data are wrong"
    if values.get("school_contacted_on") and values.get("school_contacted") == "No":
        yield f"{_header('school_contacted_on')} is filled in, but {_header('school_contacted')} says No"


def _of_days(days: Mapping[str, date], made_on: date, today: date) -> Iterator[str]:
    looked = days.get("reviewed_on")
    if looked is not None and looked < made_on:
        yield f"{_header('reviewed_on')} is before the day the list was made"
    for name in ("reviewed_on", "school_contacted_on", "help_offered_on"):
        if name in days and days[name] > today:
            yield f"{_header(name)} is still to come"
    if looked is None:
        return
    if "review_date" in days and days["review_date"] <= looked:
        yield f"{_header('review_date')} must be after {_header('reviewed_on')}"
    if "help_offered_on" in days and days["help_offered_on"] < looked:
        yield f"{_header('help_offered_on')} is before {_header('reviewed_on')}"


def _of_family(values: Mapping[str, str]) -> Iterator[str]:
    answered = values.get("family_response", "")
    if answered and answered != NOT_REACHED and not values.get("help_offered_on"):
        yield f"fill in {_header('help_offered_on')}: the family's answer is recorded"


def check_belongs(returned: Returned, entry: ListEntry) -> tuple[str, ...]:
    """Refuse a copy of another list, or with references the list does not have; says which rows it lacks.

    Raises
    ------
    InputError
        If it belongs to another list or holds unknown references.
    """
    if returned.list_id != entry.list_id:
        raise InputError(
            f"{returned.path} belongs to list {returned.list_id}, and the folder to list {entry.list_id}; give the "
            "folder the workbook came from"
        )
    known = [pupil.review_ref for pupil in entry.pupils]
    unknown = sorted(set(returned.refs) - set(known))
    if unknown:
        raise InputError(
            f"{returned.path} holds references that list {entry.list_id} does not have: {some(unknown)}; put back "
            "the references sent out"
        )
    absent = [p.review_ref for p in entry.pupils if p.must_decide and p.review_ref not in set(returned.refs)]
    if not absent:
        return ()
    rows = "1 row" if len(absent) == 1 else f"{len(absent):,} rows"
    return (f"{rows} to be decided {'is' if len(absent) == 1 else 'are'} not in this copy: {some(absent)}",)


def some(refs: Sequence[str], most: int = 30) -> str:
    """References in a row, and how many more there are.

    >>> some(["A-001", "A-002", "A-003"], most=2)
    'A-001, A-002 and 1 more'
    """
    more = f" and {len(refs) - most:,} more" if len(refs) > most else ""
    return ", ".join(refs[:most]) + more
