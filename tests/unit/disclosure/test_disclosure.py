"""No count from 1 to the threshold is printed, and none can be had by taking the others from a total."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_evidence import made_evidence

from absence_risk.disclosure import HIDDEN, DisclosurePolicy
from absence_risk.disclosure.adding_up import OVERALL
from absence_risk.disclosure.columns import Role
from absence_risk.errors import UsageError
from absence_risk.evidence.tables import EVIDENCE_TABLES

POLICY = DisclosurePolicy()
UNROUNDED = DisclosurePolicy(round_to=1)
MISSED = EVIDENCE_TABLES["missed"]


def missed_table(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """The table ``missed``: level, met the outcome, found."""
    return MISSED.frame(
        {
            "year": "2024/25",
            "description": "social care",
            "level": level,
            "events": events,
            "found": found,
            "missed": events - found,
            "miss_rate": (events - found) / events if events else float("nan"),
        }
        for level, events, found in rows
    )


def shown(rows: list[tuple[str, float, float]], policy: DisclosurePolicy = POLICY) -> dict[str, list[Any]]:
    return policy.apply(MISSED, missed_table(rows)).to_dict("list")


def test_counts_below_ten_become_c_and_others_go_to_the_nearest_five() -> None:
    # level      events found missed ->  events found missed
    # none         103    52     51       105     50     50
    # in need       41    38      3        40      c      c   <- 38 joins 3 in missed; found is 9 and 38
    # looked        12     9      3        10      c      c
    found = shown([("none", 103, 52), ("child in need", 41, 38), ("looked after", 12, 9)])
    assert found["events"] == [105, 40, 10]
    assert found["found"] == [50, "c", "c"]
    assert found["missed"] == [50, "c", "c"]


def test_a_true_nought_stays_nought_and_hides_nothing() -> None:
    found = shown([("none", 100, 100), ("child in need", 40, 40), ("looked after", 0, 0)])
    assert found["missed"] == [0, 0, 0] and found["events"] == [100, 40, 0]


def test_rates_are_worked_out_again_from_what_is_printed() -> None:
    found = shown([("none", 103, 52), ("child in need", 41, 20)])
    assert found["miss_rate"] == [50 / 105, 20 / 40]


def test_a_rate_goes_where_a_count_beneath_it_is_hidden() -> None:
    found = shown([("none", 103, 52), ("child in need", 41, 38), ("looked after", 12, 9)])
    assert np.isnan(found["miss_rate"][1]) and np.isnan(found["miss_rate"][2])
    assert found["miss_rate"][0] == 50 / 105


def test_a_hidden_count_is_joined_by_the_next_smallest_of_its_set() -> None:
    found = shown([("a", 500, 0), ("b", 40, 0), ("d", 3, 0)])
    assert found["events"] == [500, "c", "c"]
    alone = DisclosurePolicy(secondary=False).apply(
        MISSED, missed_table([("a", 500, 0), ("b", 40, 0), ("d", 3, 0)])
    )
    assert list(alone["events"]) == [500, 40, "c"]


def test_two_ones_are_not_left_with_a_total_of_two_where_counts_are_not_rounded() -> None:
    found = shown([("a", 500, 0), ("b", 40, 0), ("d", 1, 0), ("e", 1, 0)], UNROUNDED)
    assert found["events"] == [500, "c", "c", "c"]


def test_without_rounding_a_part_cannot_be_had_from_the_whole_of_its_row() -> None:
    found = shown([("a", 500, 4), ("b", 400, 40), ("d", 300, 40)], UNROUNDED)
    for events, part, other in zip(found["events"], found["found"], found["missed"], strict=True):
        assert [events, part, other].count(HIDDEN) != 1


def test_half_way_goes_up_and_fractions_of_ties_are_counted() -> None:
    found = shown([("a", 12.5, 0), ("b", 17.5, 0), ("d", 9.5, 0), ("e", 1e-12, 0)])
    assert found["events"] == ["c", 20, "c", 0]


def test_a_count_that_is_not_known_is_left_empty_and_joins_nothing() -> None:
    found = shown([("a", float("nan"), float("nan")), ("b", 40, 20)])
    assert found["events"] == [None, 40] and np.isnan(found["miss_rate"][0])


@pytest.mark.parametrize("policy", [POLICY, UNROUNDED, DisclosurePolicy(6, 5), DisclosurePolicy(8, 10)])
@pytest.mark.parametrize("name", EVIDENCE_TABLES)
def test_no_small_count_survives_in_any_table(name: str, policy: DisclosurePolicy) -> None:
    table, exact = EVIDENCE_TABLES[name], made_evidence().tables[name]
    printed = policy.apply(table, exact)
    assert tuple(printed.columns) == table.column_names and len(printed) == len(exact)
    for column in table.columns:
        if column.role is Role.COUNT and not (name == "measures" and column.name == "of"):
            values = printed[column.name]
            assert all(
                v is None or v in (HIDDEN, 0) or v >= policy.suppress_below - policy.round_to for v in values
            )
            small = exact[column.name].between(0, policy.suppress_below, inclusive="neither")
            assert set(values[small]) <= {HIDDEN}


def _alone_somewhere(printed: pd.DataFrame, within: tuple[str, ...], columns: list[str]) -> bool:
    """Some set of rows holds exactly one hidden count, so that a known total gives it away."""
    for _, rows in printed.groupby(list(within)):
        for column in columns:
            if list(rows[column]).count(HIDDEN) == 1 and any(v not in (HIDDEN, 0) for v in rows[column]):
                return True
    return False


@pytest.mark.parametrize("policy", [POLICY, UNROUNDED])
@pytest.mark.parametrize("name", ["calibration", "missed", "odds_ratios", "groups", "views"])
def test_no_hidden_count_stands_alone_in_a_set_that_adds_up(name: str, policy: DisclosurePolicy) -> None:
    table = EVIDENCE_TABLES[name]
    printed = policy.apply(table, made_evidence().tables[name])
    if "attribute" in table.groups_within:
        printed = printed[printed["attribute"] != OVERALL]
    counts = [column.name for column in table.columns if column.role is Role.COUNT]
    assert HIDDEN in printed[counts].to_numpy()
    assert not _alone_somewhere(printed, table.groups_within, counts)


def test_no_cell_of_a_pair_can_be_had_from_the_groups_it_crosses() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["groups"], made_evidence().tables["groups"])
    pairs = printed[printed["attribute"] == "sex and sen"]
    split = pairs["group"].str.split(", ", expand=True)
    for side, attribute in ((0, "sex"), (1, "sen")):
        for (year, level), rows in pairs.groupby([pairs["year"], split[side]]):
            total = printed[
                (printed["year"] == year) & (printed["attribute"] == attribute) & (printed["group"] == level)
            ]
            for column in ("n", "events", "listed", "found", "missed"):
                together = [*rows[column], *total[column]]
                assert together.count(HIDDEN) != 1, (year, level, column)


def test_the_flow_of_pupils_hides_no_step_alone() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["flow"], made_evidence().tables["flow"])
    final = printed[printed["year"] == "2024/25"].set_index("step")["n"]
    assert final["not on roll"] == HIDDEN and final["excluded"] == HIDDEN
    assert HIDDEN not in (final["seen"], final["eligible"], final["used"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6), st.randoms())
def test_the_order_of_rows_makes_no_difference(counts: list[tuple[int, int]], random: Any) -> None:
    rows = [(f"level {place}", float(a + b), float(b)) for place, (a, b) in enumerate(counts)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    for policy in (POLICY, UNROUNDED):
        one = policy.apply(MISSED, missed_table(rows)).set_index("level")
        other = policy.apply(MISSED, missed_table(shuffled)).set_index("level").loc[one.index]
        pd.testing.assert_frame_equal(one, other)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
def test_subtraction_from_the_exact_total_never_gives_one_small_count(counts: list[int]) -> None:
    """An attacker who knows the exact total of a set learns a sum of two or more hidden counts, or nothing."""
    rows = [(f"level {place}", float(number), 0.0) for place, number in enumerate(counts)]
    found = shown(rows, UNROUNDED)["events"]
    hidden = [number for number, said in zip(counts, found, strict=True) if said == HIDDEN]
    free = [number for number, said in zip(counts, found, strict=True) if said not in (HIDDEN, 0)]
    assert all(number == said for number, said in zip(counts, found, strict=True) if said != HIDDEN)
    assert not any(0 < number < 10 for number in free)
    assert not hidden or not free or (len(hidden) >= 2 and sum(hidden) >= 10)


def test_the_length_of_a_list_is_no_number_of_pupils_to_be_kept() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["measures"], made_evidence().tables["measures"])
    half = printed[printed["measure"] == "precision_at_half_capacity"]
    assert set(half["of"]) == {75}


def test_reviews_and_finds_say_no_more_than_the_precision_beside_them() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["measures"], made_evidence().tables["measures"])
    rows = printed[(printed["year"] == "2024/25") & (printed["rival"] == "boosting")].set_index("measure")
    assert (
        rows.loc["reviews_per_find_at_capacity", "value"] == 150 / rows.loc["precision_at_capacity", "part"]
    )
    assert rows.loc["found_at_capacity", "value"] == rows.loc["precision_at_capacity", "part"]
    lot = printed[
        (printed["rival"] == "random") & (printed["measure"] == "reviews_per_find_at_half_capacity")
    ]
    assert lot[["value", "low", "high"]].isna().all(axis=None)


def test_a_list_never_shows_more_right_than_it_is_long() -> None:
    table = EVIDENCE_TABLES["list_lengths"]
    labels = {"year": "2024/25", "rival": "r", "words": "r", "kind": "rule", "candidate": False}
    frame = table.frame([{**labels, "k": 18, "found": 18, "events": 60, "precision": 1.0, "recall": 0.3}])
    printed = POLICY.apply(table, frame).iloc[0]
    assert printed["found"] == 15 and printed["precision"] == 15 / 18


def test_the_gap_of_a_small_group_goes_with_the_small_count() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["groups"], made_evidence().tables["groups"])
    exact = made_evidence().tables["groups"]
    small = exact["found"].between(0, 10, inclusive="neither")
    assert small.any() and printed.loc[small, ["precision", "precision_gap", "precision_gap_low"]].isna().all(
        axis=None
    )
    white = (printed["group"] == "White").to_numpy()
    assert printed.loc[white, "precision_gap"].notna().all()


def test_the_lowest_and_the_highest_chance_of_all_are_one_pupils_and_are_not_printed() -> None:
    printed = POLICY.apply(EVIDENCE_TABLES["calibration"], made_evidence().tables["calibration"])
    model = printed[(printed["year"] == "2024/25") & (printed["rival"] == "boosting")].sort_values("bin")
    assert model["lowest"].isna().tolist() == [True] + [False] * 9
    assert model["highest"].isna().tolist() == [False] * 9 + [True]


def test_an_odds_ratio_of_a_small_level_is_not_printed() -> None:
    table, exact = EVIDENCE_TABLES["odds_ratios"], made_evidence().tables["odds_ratios"]
    printed = POLICY.apply(table, exact)
    small = exact["events"].between(0, 10, inclusive="neither")
    assert small.any() and printed.loc[small, ["unadjusted", "adjusted_low"]].isna().all(axis=None)
    assert printed.loc[~small, "unadjusted"].notna().all()


def test_exact_counts_are_printed_as_they_are_and_every_page_must_say_so() -> None:
    exact = DisclosurePolicy(suppress_below=0, round_to=1)
    assert exact.exact and exact.words.startswith("Exact counts: this stays inside the authority")
    frame = missed_table([("a", 3, 1), ("b", 104, 52)])
    printed = exact.apply(MISSED, frame)
    assert list(printed["events"]) == [3, 104]
    assert list(printed["miss_rate"]) == list(frame["miss_rate"])
    assert not POLICY.exact and not DisclosurePolicy(0, 5).exact


def test_the_words_follow_the_policy() -> None:
    assert "1 to 9 are printed as c" in POLICY.words and "nearest 5" in POLICY.words
    assert "next smallest" not in DisclosurePolicy(secondary=False).words
    assert "rounded" not in UNROUNDED.words
    for hides_none in (DisclosurePolicy(0, 5), DisclosurePolicy(1, 5)):
        assert hides_none.words.startswith("Other numbers of pupils are rounded to the nearest 5. Nought")
    assert "1 to 5 are printed as c" in DisclosurePolicy(6, 5).words
    assert "1 to 1 are printed as c" in DisclosurePolicy(2, 5).words
    assert "next smallest" in DisclosurePolicy(2, 5).words
    assert "rounded to the nearest 2." in DisclosurePolicy(10, 2).words


@pytest.mark.parametrize(("below", "to"), [(-1, 5), (10, 0)])
def test_a_policy_that_makes_no_sense_is_refused(below: int, to: int) -> None:
    with pytest.raises(UsageError, match="suppress_below must be 0 or more"):
        DisclosurePolicy(below, to)


def test_a_frame_with_other_columns_is_a_fault_of_ours() -> None:
    for other in (pd.DataFrame({"year": ["2024/25"]}), missed_table([("a", 30, 10)]).assign(zone="north")):
        with pytest.raises(ValueError, match="columns of the table missed"):
            POLICY.apply(MISSED, other)


@pytest.mark.parametrize(
    ("below", "to", "blurs"),
    [(10, 5, True), (11, 5, False), (10, 4, False), (6, 5, True), (600, 300, True), (0, 1, True)],
)
def test_rounding_blurs_a_difference_where_twice_the_step_reaches_the_threshold(
    below: int, to: int, blurs: bool
) -> None:
    assert DisclosurePolicy(below, to).blurs is blurs


@pytest.mark.parametrize(
    ("below", "to", "exact"), [(0, 1, True), (1, 1, True), (2, 1, False), (0, 2, False), (1, 5, False)]
)
def test_counts_are_exact_where_none_is_hidden_and_none_rounded(below: int, to: int, exact: bool) -> None:
    assert DisclosurePolicy(below, to).exact is exact


def test_a_rate_without_one_of_its_counts_is_a_statistic_and_stays() -> None:
    frame = missed_table([("a", float("nan"), 0), ("b", 40, 20)]).assign(missed=[30.0, 20.0], miss_rate=0.25)
    assert list(POLICY.apply(MISSED, frame)["miss_rate"]) == [0.25, 0.5]


def drawn(name: str, *rows: dict[str, float], policy: DisclosurePolicy = POLICY) -> pd.DataFrame:
    """Rows of a declared table as printed; what is not drawn is a word, 100 pupils or 0.5."""
    table = EVIDENCE_TABLES[name]
    usual = {c.name: {Role.LABEL: "x", Role.COUNT: 100}.get(c.role, 0.5) for c in table.columns}
    return policy.apply(table, table.frame(usual | row for row in rows))


def test_no_odds_ratio_is_printed_where_any_count_beneath_it_is_small() -> None:
    sizes = [(8, 3), (40, 3), (8, 0), (40, 20), (40, 0)]
    printed = drawn("odds_ratios", *({"n": n, "events": met} for n, met in sizes))
    for name in ("unadjusted", "unadjusted_low", "adjusted", "adjusted_high"):
        assert list(printed[name].isna()) == [True, True, True, False, False]


def test_no_gap_of_a_rate_is_printed_where_any_count_beneath_it_is_small() -> None:
    sizes = [(8, 3), (40, 3), (8, 0), (40, 20), (40, 0)]
    printed = drawn("views", *({"listed": listed, "found": found} for listed, found in sizes))
    for name in ("precision_gap", "precision_gap_low", "precision_gap_high"):
        assert list(printed[name].isna()) == [True, True, True, False, False]
    assert printed["calibration_gap_gap"].notna().all()


def test_a_difference_of_two_lists_goes_with_a_small_count_where_rounding_does_not_blur_it() -> None:
    sizes = [(20, 3), (3, 20), (3, 3), (20, 12), (20, 0)]
    rows = [{"candidate_found": one, "rival_found": other} for one, other in sizes]
    for name in ("difference", "low", "high"):
        found = drawn("uplift", *rows, policy=UNROUNDED)[name]
        assert list(found.isna()) == [True, True, True, False, False]
        assert drawn("uplift", *rows)[name].notna().all()


def test_the_frame_given_is_not_changed() -> None:
    frame = missed_table([("a", 3, 1), ("b", 104, 52)])
    before = frame.copy(deep=True)
    POLICY.apply(MISSED, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_row_without_a_tables_columns_is_a_fault_that_names_columns_and_no_count() -> None:
    with pytest.raises(
        ValueError, match=r"missed and a row of it differ in the columns .*found.*guess"
    ) as fault:
        MISSED.frame([{"year": "2024/25", "guess": 7654321}])
    assert "7654321" not in str(fault.value)


def test_a_frame_of_other_columns_is_refused_before_anything_is_printed() -> None:
    frame = missed_table([("none", 103, 52)])
    with pytest.raises(ValueError, match="expected the columns of the table missed"):
        POLICY.apply(MISSED, frame.drop(columns="found"))


def test_the_foot_of_a_page_says_what_was_done_and_nothing_else() -> None:
    assert DisclosurePolicy(suppress_below=0, round_to=1).words == (
        "Exact counts: this stays inside the authority. Nothing here may be published or sent outside it."
    )
    assert "from 1 to 9 are printed as c" in POLICY.words and "nearest 5" in POLICY.words
    rounded = DisclosurePolicy(suppress_below=0, round_to=5).words
    assert "printed as" not in rounded and rounded.startswith("Other numbers of pupils are rounded")


def test_one_count_on_its_own_is_printed_hidden_or_said_not_to_be_known() -> None:
    counts = [0, 1, 9, 10, 12, 13, None, float("nan")]
    assert [POLICY.count(value) for value in counts] == [0, "c", "c", 10, 10, 15, None, None]
    assert [UNROUNDED.count(value) for value in (0, 9, 12)] == [0, "c", 12]
