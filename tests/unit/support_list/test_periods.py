"""Sessions by period and year: every period stands there, the parts add up, and unknown is not zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_pupil import AS_OF, NOTHING, attended, plain, whole_year
from small_authority import PUPILS, Authority, pupil

from absence_risk.cohort import select_cohort
from absence_risk.domain.academic_year import TERMS
from absence_risk.features.build import collect_features
from absence_risk.support_list.card import Period
from absence_risk.support_list.cards.gathered import gather
from absence_risk.support_list.cards.periods import missed_of, periods_of, summed
from absence_risk.support_list.cards.periods import whole_year as is_whole
from absence_risk.support_list.cards.records import Records, TermSessions


def _period(records: Records, year: str, words: str) -> Period:
    return next(p for p in periods_of(records, AS_OF) if (p.year, p.words) == (year, words))


def test_three_years_of_four_periods_stand_there_whatever_is_held() -> None:
    periods = periods_of(Records(sessions=(attended(2025, "spring"),)), AS_OF)
    assert [p.year for p in periods] == ["2023/24"] * 4 + ["2024/25"] * 4 + ["2025/26"] * 4
    assert [p.words for p in periods[:4]] == [
        "Autumn",
        "Spring",
        "Summer to half-term",
        "Summer after half-term",
    ]
    held = [p for p in periods if p.possible is not None]
    assert [(p.year, p.words, p.unauthorised) for p in held] == [("2025/26", "Spring", 0)]
    assert all(part is None for p in periods if p not in held for part in p[2:])


def test_a_period_is_summed_over_schools_and_late_stands_apart() -> None:
    rows = (
        attended(2025, "autumn", 60, unauthorised=9, late=4, illness=3, absent=14),
        attended(2025, "autumn", 40, unauthorised=1, late=1, illness=0, absent=1, school="s2"),
    )
    assert _period(Records(sessions=rows), "2025/26", "Autumn")[2:] == (100, 5, 5, 3, 2)


def test_totals_without_codes_keep_late_and_illness_unknown_and_still_add_up() -> None:
    by_code = attended(2025, "autumn", unauthorised=9, late=4, illness=3)
    totals = attended(2025, "autumn", unauthorised=2, late=None, illness=None, absent=7, school="s2")
    both = _period(Records(sessions=(by_code, totals)), "2025/26", "Autumn")
    assert both[2:] == (200, 11, None, None, 8)
    assert missed_of(Records(sessions=(totals,)), AS_OF)[0][1:] == (
        "1 day, late arrivals among them in the terms held",
        "not held",
        "not held",
    )


def test_a_return_that_gives_possible_sessions_alone_says_nothing_of_absence() -> None:
    silent = attended(2025, "autumn", unauthorised=None, late=None, illness=None)
    assert _period(Records(sessions=(silent,)), "2025/26", "Autumn")[2:] == (100, None, None, None, None)


@pytest.mark.parametrize(("year", "exceeds"), [(2025, 1), (2020, 0), (2019, 0)])
def test_absence_above_possible_and_the_years_of_another_measure_are_not_used(
    year: int, exceeds: int
) -> None:
    sums = summed([attended(year, "autumn", unauthorised=9, exceeds=exceeds), attended(year, "spring")])
    assert sums.possible == 200
    assert sums[1:] == (None,) * 5


@given(st.data())
def test_the_parts_add_up_to_what_was_missed(data: st.DataObject) -> None:
    rows = []
    for place in range(data.draw(st.integers(1, 5))):
        late, only, ill, other = (data.draw(st.integers(0, 30)) for _ in range(4))
        codes = data.draw(st.booleans())
        rows.append(
            TermSessions(
                2025,
                data.draw(st.sampled_from(TERMS)),
                f"s{place}",
                130,
                0,
                late + only,
                late + only + ill + other,
                late if codes else None,
                ill if codes else None,
            )
        )
    sums = summed(rows)
    assert sums.absent == sum(row.absent or 0 for row in rows)
    assert sums.absent == sum(part or 0 for part in (sums.unauthorised, sums.late, sums.illness, sums.other))
    assert sums.unauthorised_and_late == sum(row.unauthorised or 0 for row in rows)
    assert (sums.late is None) == any(row.late is None for row in rows)


def test_missed_says_days_none_and_not_held_apart() -> None:
    this_year, before = missed_of(
        Records(sessions=whole_year(2025, unauthorised=5, late=2, illness=0)), AS_OF
    )
    assert this_year == ("2025/26", "6 days", "8 sessions (4 days)", "none")
    assert before == ("2024/25", "not held", "not held", "not held")
    assert plain([*this_year, *before])


def test_a_year_that_came_in_part_says_so() -> None:
    rows = tuple(row for row in whole_year(2025, unauthorised=5, late=0) if row.term != "spring")
    this_year, _ = missed_of(Records(sessions=rows), AS_OF)
    assert this_year[1:] == (
        "7 and a half days in the terms held",
        "none in the terms held",
        "none in the terms held",
    )
    assert not is_whole(rows) and is_whole(whole_year(2025))


def test_nothing_held_is_said_for_both_years() -> None:
    assert {text for year in missed_of(NOTHING, AS_OF) for text in year[1:]} == {"not held"}


def test_the_sums_are_those_of_the_features(authority: Authority) -> None:
    tables = authority.store.tables()
    cohort = select_cohort(tables, AS_OF.date).frame
    facts = collect_features(tables, cohort, AS_OF.date).set_index("pupil_id")
    pupils = [pupil(n) for n in range(4, PUPILS, 7)]
    gathered = gather(tables, pupils, AS_OF.date, [], {})
    for pupil_id in pupils:
        fact = facts.loc[pupil_id]
        for year, suffix in ((2025, ""), (2024, "_previous_year")):
            rows = [row for row in gathered.records[pupil_id].sessions if row.year == year]
            sums = summed(rows)
            if not rows:
                assert fact[f"sessions_unauthorised{suffix}"] != fact[f"sessions_unauthorised{suffix}"]
                continue
            assert sums.unauthorised_and_late == fact[f"sessions_unauthorised{suffix}"]
            assert sums.possible == fact[f"sessions_possible{suffix}"]
        if gathered.records[pupil_id].sessions:
            this_year = summed([row for row in gathered.records[pupil_id].sessions if row.year == 2025])
            assert (this_year.late, this_year.illness, this_year.absent) == (
                fact["sessions_late_after_close"],
                fact["sessions_illness"],
                fact["sessions_absent"],
            )
