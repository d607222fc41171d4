"""How many were left out is said coarsely, and never so that a child could be named by it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from absence_risk.disclosure import DisclosurePolicy
from absence_risk.reports.exclusion_words import exclusion_counts, exclusion_words
from absence_risk.returns.pupil_files import COARSE


@given(st.dictionaries(st.sampled_from(COARSE), st.integers(0, 60)))
def test_no_count_under_ten_and_no_exact_count_is_printed(by_reason: dict[str, int]) -> None:
    said = exclusion_counts(by_reason)
    assert set(said) == {reason for reason, number in by_reason.items() if number}
    for reason, words in said.items():
        assert (words == "fewer than 10") == (by_reason[reason] < 10)
        assert all(int(number) % 5 == 0 for number in re.findall(r"\d+", words))


def test_an_authority_may_print_exact_counts_inside() -> None:
    exact = DisclosurePolicy(0, 1, secondary=False)
    assert exclusion_counts({"on request": 3}, exact) == {"on request": "3"}
    assert exclusion_words({}, exact).endswith("none.")
