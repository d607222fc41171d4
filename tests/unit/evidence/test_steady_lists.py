"""How much of a list stays between refits, and who is firmly on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from absence_risk.evidence.firmness import firm_pupils, is_firm
from absence_risk.evidence.refits import Refit
from absence_risk.evidence.stability import stability_of
from absence_risk.evidence.tables import EVIDENCE_TABLES
from absence_risk.models.calibration import LinearCalibration
from absence_risk.models.logistic import Logistic, Term

#: Five pupils by four refits; the list holds two.
Y = np.array([1, 1, 0, 0, 0])
RISK = np.array([0.9, 0.8, 0.7, 0.2, 0.1])
REFITS = np.array(
    [
        [0.9, 0.8, 0.1, 0.2, 0.3],  # first two, as the candidate
        [0.9, 0.8, 0.1, 0.2, 0.3],
        [0.9, 0.1, 0.8, 0.2, 0.3],  # the third instead of the second
        [0.1, 0.2, 0.3, 0.8, 0.9],  # none of the candidate's list
    ]
)


def test_shares_jaccard_and_finds_by_refit_are_those_of_the_drawn_lists() -> None:
    found = stability_of(Y, RISK, REFITS, capacity=2)
    table = found.tables["stability"]
    assert table["refit"].tolist() == [1, 2, 3, 4]
    assert table["share_that_stays"].tolist() == [1.0, 1.0, 0.5, 0.0]
    assert table["jaccard"].tolist() == pytest.approx([1.0, 1.0, 1 / 3, 0.0])
    assert table["found"].tolist() == [2.0, 2.0, 1.0, 0.0]
    assert found.inclusion.tolist() == [0.75, 0.5, 0.25, 0.25, 0.25]
    assert found.median_inclusion == 0.5  # of the two listed: 0.75 and 0.5
    assert found.largest_swing == pytest.approx(0.8)


def test_inclusion_bands_count_listed_and_others_and_hold_every_pupil_some_refit_lists() -> None:
    table = stability_of(Y, RISK, REFITS, capacity=2).tables["inclusion"].set_index("inclusion")
    assert table.loc[table["listed"] > 0, "listed"].to_dict() == {"0.5 to 0.6": 1.0, "0.7 to 0.8": 1.0}
    assert table.loc[table["not_listed"] > 0, "not_listed"].to_dict() == {"0.2 to 0.3": 3.0}
    assert len(table) == 10


def test_refits_that_are_the_model_itself_keep_the_whole_list() -> None:
    found = stability_of(Y, RISK, np.vstack([RISK] * 5), capacity=2)
    assert found.tables["stability"][["share_that_stays", "jaccard"]].to_numpy().tolist() == [[1.0, 1.0]] * 5
    assert found.median_inclusion == 1.0 and found.largest_swing == found.swing_95 == 0.0
    assert found.tables["inclusion"].set_index("inclusion").loc["0.9 to 1.0", "listed"] == 2.0


def test_ties_at_the_edge_are_shares_of_a_place() -> None:
    tied = np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    found = stability_of(Y, tied, np.vstack([tied] * 3), capacity=2)
    assert found.inclusion.tolist() == pytest.approx([1.0, 1 / 3, 1 / 3, 1 / 3, 0.0])
    assert found.tables["inclusion"]["listed"].sum() == pytest.approx(2.0)
    assert found.tables["stability"]["share_that_stays"].tolist() == pytest.approx([1.0] * 3)


def test_a_year_smaller_than_the_list_is_listed_whole() -> None:
    assert stability_of(Y, RISK, REFITS, capacity=99).median_inclusion == 1.0


def test_the_tables_have_the_columns_declared() -> None:
    for name, table in stability_of(Y, RISK, REFITS, capacity=2).tables.items():
        assert tuple(table.columns) == EVIDENCE_TABLES[name].column_names


@pytest.mark.parametrize(
    ("lists", "of", "firm"), [(24, 30, True), (23, 30, False), (4, 5, True), (7, 9, False)]
)
def test_firm_is_eight_in_ten_of_the_refits_counted_in_lists(lists: int, of: int, firm: bool) -> None:
    share = np.array([sum([1 / of] * lists)])  # float noise on purpose
    assert is_firm(share, of).tolist() == [firm]


def _by(name: str) -> Refit:
    """A model that ranks by one feature alone."""
    names = ("suspensions_this_year", "fsm_share_of_time")
    terms = tuple(Term(n, False, 0.0, 1.0, float(n == name), 0.0, 0.0) for n in names)
    return Refit(Logistic(0.0, terms), LinearCalibration(-1.0, 1.0))


def test_who_is_firm_is_who_stands_on_most_lists() -> None:
    facts = pd.DataFrame(
        {
            "pupil_id": ["both", "suspended", "meals", "neither"],
            "suspensions_this_year": [3.0, 2.0, 0.0, 0.0],
            "fsm_share_of_time": [0.9, 0.0, 1.0, 0.0],
        }
    )
    most, other = _by("suspensions_this_year"), _by("fsm_share_of_time")
    assert firm_pupils((most,) * 4 + (other,), facts, 2) == {
        "both": True,
        "suspended": True,  # on four lists of five
        "meals": False,
        "neither": False,
    }
    assert firm_pupils((most,) * 3 + (other,) * 2, facts, 2)["suspended"] is False
    assert firm_pupils((most,) * 5, facts, 1)["suspended"] is False  # a shorter list
    assert all(firm_pupils((most,), facts, 9).values())  # everybody is listed
