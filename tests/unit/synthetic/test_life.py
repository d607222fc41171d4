from __future__ import annotations

import numpy as np

from absence_risk.synthetic import parameters as par
from absence_risk.synthetic.attendance import sigmoid
from absence_risk.synthetic.life import Authority
from absence_risk.synthetic.population import PRU, day_number_of
from absence_risk.synthetic.registers import INDEX, NOT_POSSIBLE


def test_main_places_of_a_pupil_never_overlap(authority: Authority) -> None:
    rolls = authority.rolls
    main = np.flatnonzero(~rolls.dual)
    order = main[np.lexsort((rolls.start[main], rolls.pupil[main]))]
    same = rolls.pupil[order][1:] == rolls.pupil[order][:-1]
    assert np.all(rolls.start[order][1:][same] > rolls.end[order][:-1][same])


def test_a_subsidiary_place_lies_within_a_main_one_at_another_school(authority: Authority) -> None:
    rolls = authority.rolls
    duals = np.flatnonzero(rolls.dual)
    assert len(duals)
    for dual in duals:
        main = np.flatnonzero(
            ~rolls.dual & (rolls.pupil == rolls.pupil[dual]) & (rolls.start <= rolls.start[dual])
        )
        holder = main[np.argmax(rolls.start[main])]
        assert rolls.end[dual] <= max(rolls.end[holder], rolls.start[dual])
        assert authority.schools.phase[rolls.school[dual]] == PRU
        assert rolls.school[holder] != rolls.school[dual] or rolls.start[holder] > rolls.start[dual] - 400


def test_a_placement_that_a_school_arranged_ends_when_the_pupil_leaves_it(authority: Authority) -> None:
    arranged, rolls = authority.arranged, authority.rolls
    holder = rolls.main_spell_on(arranged.pupil, arranged.start)
    assert len(holder)
    assert np.all(rolls.pupil[holder] == arranged.pupil)
    assert np.all(arranged.end <= np.maximum(rolls.end[holder], arranged.start))


def test_those_on_roll_next_autumn_are_this_autumns_less_leavers_and_more_joiners(
    authority: Authority,
) -> None:
    rolls = authority.rolls

    def on_roll(year: int) -> set[int]:
        day = day_number_of(year) + 40
        return set(rolls.pupil[~rolls.dual & (rolls.start <= day) & (rolls.end >= day)].tolist())

    for year in (2023, 2024, 2025):
        before, after = on_roll(year), on_roll(year + 1)
        group = authority.pupils.year_group(year)
        leavers = before - after
        assert {p for p in before if group[p] == 11} <= leavers
        assert all(group[p] + 1 <= 11 for p in before & after)
        # The roll stays about the same size, and more than Reception alone replaces those who left.
        assert abs(len(after) - len(before)) < 0.05 * len(before)
        assert any(group[p] + 1 > 0 for p in after - before)


def test_nobody_has_more_sessions_missed_than_possible(authority: Authority) -> None:
    for register in authority.registers.values():
        assert register.counts.min() >= 0
        absent = register.counts[:, [INDEX[c] for c in "GNOUIEM"]].sum(axis=1)
        assert np.all(absent <= register.possible)


def test_a_full_year_holds_about_three_hundred_and_seventy_sessions(authority: Authority) -> None:
    register = authority.registers[2024]
    possible = np.bincount(register.pupil, register.possible, len(authority.pupils))
    stayed = (authority.drivers[2024].group >= 1) & (authority.drivers[2024].group <= 10) & (possible > 300)
    assert 355 < np.median(possible[stayed]) < 385


def test_the_register_year_is_the_one_simulated_and_the_last_autumn_has_none(authority: Authority) -> None:
    assert sorted(authority.registers) == [2022, 2023, 2024, 2025]
    assert 2026 in authority.drivers and 2026 in authority.expected


def test_codes_that_are_not_possible_include_dual_registration_only_where_a_place_is_dual(
    authority: Authority,
) -> None:
    register, rolls = authority.registers[2024], authority.rolls
    with_d = register.counts[:, INDEX["D"]] > 0
    dual_pupils = set(rolls.pupil[rolls.dual].tolist())
    assert set(register.pupil[with_d].tolist()) <= dual_pupils
    assert INDEX["D"] in NOT_POSSIBLE


def test_each_of_the_four_factors_goes_with_more_absence_the_year_after(authority: Authority) -> None:
    drivers, register = authority.drivers[2025], authority.registers[2025]
    n = len(authority.pupils)
    possible = np.bincount(register.pupil, register.possible, n)
    missed = np.bincount(register.pupil, register.counts[:, [INDEX[c] for c in "GNOU"]].sum(axis=1), n)
    secondary = (possible > 0) & (drivers.group >= 7) & (drivers.group <= 11)

    def rate(who: np.ndarray) -> float:
        return float(missed[who & secondary].sum() / possible[who & secondary].sum())

    everyone = rate(np.ones(n, bool))
    assert rate(drivers.suspensions > 0) > 3 * everyone
    assert rate(drivers.cp | drivers.cin) > 2 * everyone
    assert rate(drivers.fsm) > 1.4 * everyone
    assert rate(drivers.arranged | drivers.dual) > 2 * everyone


def test_effects_stand_in_the_order_of_the_study() -> None:
    assert all(cp > cin for cp, cin in zip(par.EFFECT_CP, par.EFFECT_CIN, strict=True))
    assert par.EFFECT_CIN[0] > par.EFFECT_FSM > 0
    assert par.EFFECT_LOOKED_AFTER_PRIMARY < 0 < par.EFFECT_LOOKED_AFTER_SECONDARY < par.EFFECT_CIN[1]


def test_log_odds_and_shares_agree() -> None:
    assert sigmoid(np.array([0.0]))[0] == 0.5
    assert abs(sigmoid(np.array([-2.1972246]))[0] - 0.1) < 1e-6
